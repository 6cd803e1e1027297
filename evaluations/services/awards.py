"""Awards (评选表彰): proposed from the year's record with their basis, decided by the secretary one by one, published with the
basis printed. Nothing is decided by itself; once published, a change is a correction with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from alliances import clock
from alliances.enums import BulletinKind, Visibility
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Alliance, Member, User
from alliances.services import audit, bulletins
from evaluations import paths, policies, yearly
from evaluations.enums import CandidateState, YearPaperState
from evaluations.lifecycles_year import AWARD_LIST, CANDIDATE
from evaluations.models import AwardList, Candidate
from evaluations.selectors import awards as reads
from evaluations.selectors import papers, papers_year, year_end, year_facts
from evaluations.services.year_papers import checked_reason, next_revision

MOST_KINDS = 6
LONGEST_TITLE, LONGEST_NAME, LONGEST_WORDS, LONGEST_REASON = 20, 40, 300, 200
PUBLISHED = "表彰名单已经公布，要改请先点“更正”。"


def begin(alliance: Alliance, year: int, *, actor: User) -> AwardList:
    """The year's first draft, with everybody whom the record proposes."""
    if not policies.can_run_year_end(actor, alliance):
        raise NotAllowed("评选表彰由社区书记和工作人员整理。")
    if not date(year, year_end.FIRST_MONTH, 1) <= clock.today() < date(year + 2, 1, 1):
        raise OfficeError(f"{year}年度的评选表彰在{year}年12月1日到{year + 1}年底之间进行。")
    if AwardList.objects.filter(alliance=alliance, year=year).exists():
        raise OfficeError("这一年的评选表彰已经在整理，请刷新后查看。")
    with transaction.atomic():
        kinds = [{"key": key, "title": title} for key, title in yearly.AWARDS.items()]
        draft: AwardList = next_revision(AwardList, alliance, year, "", kinds=kinds)
        count = _propose(draft, actor)
        audit.record(
            "evaluations.award_list.begin",
            draft,
            actor=actor,
            after=draft.state,
            data={"year": year, "proposed": count},
        )
    return draft


def propose_again(award_list: AwardList, *, actor: User) -> int:
    """Look at the record anew: fresh basis for candidates not yet decided, those added whom it proposes now, those dropped
    whom it does not and nobody has decided. Returns how many it proposes."""
    if not policies.can_run_year_end(actor, award_list):
        raise NotAllowed("评选表彰由社区书记和工作人员整理。")
    with transaction.atomic():
        _hold(award_list)
        count = _propose(award_list, actor)
        audit.record("evaluations.award_list.propose", award_list, actor=actor, data={"proposed": count})
    return count


def _propose(award_list: AwardList, actor: User) -> int:
    facts = year_facts.of_members(award_list.alliance, award_list.year)
    award_list.figures = year_facts.as_json(award_list.alliance, award_list.year, facts)
    award_list.save(update_fields=["figures"])
    used = {kind["key"] for kind in award_list.kinds}
    wanted = {
        (key, member): basis
        for member, one in facts.items()
        for key, basis in yearly.proposals(one).items()
        if key in used
    }
    known = {
        (one.kind, one.member_id): one for one in Candidate.objects.filter(award_list=award_list, name="")
    }
    for (kind, member), basis in wanted.items():
        one = known.pop((kind, member), None)
        if one is None:
            fresh = Candidate.objects.create(
                alliance=award_list.alliance,
                award_list=award_list,
                kind=kind,
                member_id=member,
                is_computed=True,
                basis=basis,
            )
            _log(fresh, "propose", actor)
        elif one.state == CandidateState.PROPOSED:
            Candidate.objects.filter(pk=one.pk).update(basis=basis, is_computed=True)
    for one in known.values():
        if one.is_computed and one.state == CandidateState.PROPOSED and not one.words:
            _log(one, "drop", actor)
            one.delete()
    return len(wanted)


def _log(candidate: Candidate, how: str, actor: User) -> None:
    audit.record(
        f"evaluations.candidate.{how}",
        candidate,
        actor=actor,
        after=candidate.state,
        data={"kind": candidate.kind, "member": candidate.member_id},
    )


def _hold(award_list: AwardList) -> None:
    """Take the draft's row, and read again what somebody may have changed since it was read; nothing changes a list that
    is published, or is being published."""
    rows = AwardList.objects.filter(pk=award_list.pk, state=YearPaperState.DRAFT)
    if not rows.update(state=YearPaperState.DRAFT):
        raise OfficeError(PUBLISHED)
    award_list.refresh_from_db(fields=["kinds", "figures"])


def set_kinds(award_list: AwardList, kinds: Sequence[dict[str, Any]], *, actor: User) -> AwardList:
    """Which awards are given, in their order: {"key" (of one that is there) and "title"}, one to six. One that has
    candidates stays."""
    if not policies.can_lead_year_end(actor, award_list):
        raise NotAllowed("奖项由社区书记确定。")
    checked: list[dict[str, str]] = []
    known = {kind["key"] for kind in award_list.kinds} | set(yearly.AWARDS)
    for number, kind in enumerate(kinds, start=1):
        title = str(kind.get("title", "")).strip()
        key = str(kind.get("key") or "")
        if not title or len(title) > LONGEST_TITLE:
            raise OfficeError(f"每个奖项都要有名称，不超过 {LONGEST_TITLE} 个字。")
        if key not in known:
            key = _free_key({*known, *(one["key"] for one in checked)}, number)
        checked.append({"key": key, "title": title})
    if not 1 <= len(checked) <= MOST_KINDS:
        raise OfficeError(f"奖项应有 1 至 {MOST_KINDS} 个。")
    titles = {one["title"] for one in checked}
    if len(titles) != len(checked) or len({one["key"] for one in checked}) != len(checked):
        raise OfficeError("有两个奖项名称相同，请改成不同的名称。")
    with transaction.atomic():
        _hold(award_list)
        rows = Candidate.objects.filter(award_list=award_list)
        left = rows.exclude(kind__in=[one["key"] for one in checked])
        if left.exists():
            raise OfficeError("要去掉的奖项里已有候选，不能去掉；可以改名称，或者把候选都定为不表彰。")
        AwardList.objects.filter(pk=award_list.pk).update(kinds=checked)
        audit.record("evaluations.award_list.kinds", award_list, actor=actor, data={"kinds": len(checked)})
    award_list.kinds = checked
    return award_list


def _free_key(taken: set[str], number: int) -> str:
    while f"own{number}" in taken:
        number += 1
    return f"own{number}"


def add(
    award_list: AwardList, *, kind: str, member: Member | None, name: str = "", words: str, actor: User
) -> Candidate:
    """Propose a unit, or somebody by ``name``, with a written basis. Raises OfficeError for one who is there already."""
    if not policies.can_run_year_end(actor, award_list):
        raise NotAllowed("候选由社区书记和工作人员补充。")
    name, words = name.strip(), words.strip()
    if member is None and not name:
        raise OfficeError("请选择单位，或者填写个人、队伍的名称。")
    if member is not None and member.alliance_id != award_list.alliance_id:
        raise OfficeError("所选的单位不是本联盟的成员单位。")
    if len(name) > LONGEST_NAME:
        raise OfficeError(f"名称不超过 {LONGEST_NAME} 字。")
    if not 1 <= len(words) <= LONGEST_WORDS:
        raise OfficeError(f"请写明依据，不超过 {LONGEST_WORDS} 字。")
    with transaction.atomic():
        _hold(award_list)
        if kind not in {one["key"] for one in award_list.kinds}:
            raise OfficeError("请选择奖项。")
        rows = Candidate.objects.filter(award_list=award_list, kind=kind, member=member, name=name)
        if rows.exists():
            raise OfficeError("这个奖项里已经有这个候选。")
        candidate = Candidate.objects.create(
            alliance=award_list.alliance,
            award_list=award_list,
            kind=kind,
            member=member,
            name=name,
            words=words,
            basis=_facts_of(award_list, member) if not name else [],
        )
        _log(candidate, "add", actor)
    return candidate


def _facts_of(award_list: AwardList, member: Member | None) -> list[str]:
    """What the record says of a unit that it has not proposed."""
    units = {unit["member"]: unit for unit in award_list.figures.get("units", [])}
    unit = units.get(member.pk) if member else None
    return [f"{one['words']}。" for one in unit["criteria"]] if unit else []


def decide(candidate: Candidate, *, award: bool, reason: str = "", actor: User) -> Candidate:
    """The secretary's decision, which can be changed until the list is published. Not to award needs a reason."""
    reason = reason.strip()
    if len(reason) > LONGEST_REASON:
        raise OfficeError(f"理由不超过 {LONGEST_REASON} 字。")
    if not award and not reason and policies.can_lead_year_end(actor, candidate):
        raise OfficeError("不表彰请写明理由。")
    with transaction.atomic():
        # The list's row first: nothing is decided while it is being published.
        if policies.can_lead_year_end(actor, candidate):
            _hold(candidate.award_list)
        return CANDIDATE.apply(
            candidate,
            "award" if award else "decline",
            actor=actor,
            data={"kind": candidate.kind, "member": candidate.member_id},
            fields={"reason": reason},
        )


def publish(award_list: AwardList, *, actor: User) -> AwardList:
    """Freeze the list as a paper with every basis, put it into the circle; the list it corrects is superseded."""
    with transaction.atomic():
        if policies.can_lead_year_end(actor, award_list):
            _hold(award_list)
        candidates = list(reads.candidates_of(award_list))
        former = year_end.standing(AwardList, award_list.alliance, award_list.year)
        if former is not None and former.pk != award_list.pk:
            AWARD_LIST.apply(former, "supersede", actor=actor)
        paper, digest = papers.freeze_paper(
            papers_year.award_paper(award_list, candidates, published_on=clock.today())
        )
        AWARD_LIST.apply(
            award_list,
            "publish",
            actor=actor,
            data={"year": award_list.year, "revision": award_list.revision},
            fields={"paper": paper, "paper_hash": digest, "published_by": actor},
        )
        year = award_list.year
        bulletins.publish(
            award_list.alliance,
            kind=BulletinKind.NEWS,
            title=f"{year}年度评选表彰结果{'（更正）' if award_list.revision > 1 else ''}",
            body=papers_year.award_text(award_list, candidates),
            visibility=Visibility.ALLIANCE,
            path=paths.awards(award_list.alliance.code, year),
            source=f"evaluations.award_list:{award_list.pk}",
            actor=actor,
        )
    return award_list


def correct(published: AwardList, *, reason: str, actor: User) -> AwardList:
    """Begin the next revision with the candidates and decisions of the published one, which stands until then."""
    if not policies.can_lead_year_end(actor, published):
        raise NotAllowed("表彰名单由社区书记更正。")
    if published.state != YearPaperState.PUBLISHED:
        raise OfficeError("只有已公布的表彰名单可以更正。")
    reason = checked_reason(reason)
    try:
        with transaction.atomic():
            draft: AwardList = next_revision(
                AwardList,
                published.alliance,
                published.year,
                reason,
                kinds=published.kinds,
                figures=published.figures,
            )
            for one in _carried(published, draft):
                one.save()
                _log(one, "carry", actor)
            audit.record(
                "evaluations.award_list.correct",
                draft,
                actor=actor,
                after=draft.state,
                data={"replaces": published.pk},
            )
    except IntegrityError as problem:
        raise OfficeError("更正已经有人在写，请刷新后查看。") from problem
    return draft


def _carried(published: AwardList, draft: AwardList) -> list[Candidate]:
    names = ("alliance_id", "kind", "member_id", "name", "is_computed", "basis", "words", "state", "reason")
    return [
        Candidate(award_list=draft, **{name: getattr(one, name) for name in names})
        for one in Candidate.objects.filter(award_list=published).order_by("pk")
    ]
