"""Publishing the yearly summary: composed from the quarters' reports that stand, frozen with a hash, corrected by revisions."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from alliances import clock
from alliances.enums import BulletinKind, Visibility
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Alliance, User
from alliances.services import audit, bulletins
from evaluations import paths, policies
from evaluations.lifecycles_year import YEAR_SUMMARY
from evaluations.models import YearSummary
from evaluations.selectors import papers, papers_year, year_end

LONGEST_REASON = 200


def next_revision(model: Any, alliance: Alliance, year: int, reason: str, **fields: Any) -> Any:
    """The draft of the next revision, ``reason`` kept for all but the first. Raises OfficeError when there is one."""
    former = model.objects.filter(alliance=alliance, year=year).order_by("-revision").first()
    try:
        with transaction.atomic():
            return model.objects.create(
                alliance=alliance,
                year=year,
                revision=former.revision + 1 if former else 1,
                replaces=former,
                reason=reason if former else "",
                **fields,
            )
    except IntegrityError as problem:
        raise OfficeError("已经有人在写，请刷新后查看。") from problem


def checked_reason(text: str) -> str:
    text = text.strip()
    if not 1 <= len(text) <= LONGEST_REASON:
        raise OfficeError(f"请写明更正原因，不超过 {LONGEST_REASON} 字。")
    return text


def publish_summary(alliance: Alliance, year: int, *, reason: str = "", actor: User) -> YearSummary:
    """Publish what the reports say today. Where a summary stands, this is its correction: ``reason`` is printed, and the
    former one is superseded. Raises OfficeError before the year is over, or when nothing has changed."""
    if not policies.can_lead_year_end(actor, alliance):
        raise NotAllowed("年度汇总由社区书记公布。")
    former = year_end.standing(YearSummary, alliance, year)
    figures = year_end.summary(alliance, year)
    if former is not None:
        reason = checked_reason(reason)
        if not year_end.differs(former, figures):
            raise OfficeError("各季度报告和公布时一样，没有要更正的。")
    with transaction.atomic():
        draft = next_revision(YearSummary, alliance, year, reason, figures=figures)
        audit.record(
            "evaluations.year_summary.draft", draft, actor=actor, after=draft.state, data={"year": year}
        )
        if former is not None:
            YEAR_SUMMARY.apply(former, "supersede", actor=actor)
        paper, digest = papers.freeze_paper(
            papers_year.summary_paper(
                figures, revision=draft.revision, reason=draft.reason, made_on=clock.today(), is_draft=False
            )
        )
        YEAR_SUMMARY.apply(
            draft,
            "publish",
            actor=actor,
            data={"year": year, "revision": draft.revision, "reports": figures["reports"]},
            fields={"paper": paper, "paper_hash": digest, "published_by": actor},
        )
        bulletins.publish(
            alliance,
            kind=BulletinKind.NEWS,
            title=f"{year}年度汇总{'（更正）' if draft.revision > 1 else ''}",
            body=papers_year.summary_text(figures),
            visibility=Visibility.ALLIANCE,
            path=paths.year_end(alliance.code, year),
            source=f"evaluations.year_summary:{draft.pk}",
            actor=actor,
        )
    return draft
