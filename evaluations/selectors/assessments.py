"""Reading quarterly assessments: the document a report is made of, versions, a unit's own result, the words of a report's state.

The document of an assessment is what the facts of its quarter say (``selectors.quarter``) with two keys more::

    "assessment": {"scheme": {"weights": {sum: points}, "lowest", "highest"}, "mean", "rated", "grades": {grade: n},
                   "lines": [{"member", "unit", "parts", "raw", "adjustment", "applied", "reason", "score", "grade"}]},
    "report": {"number", "revision", "replaces", "reason", "filed_on", "signer", "to", "copy_to",
               "problems", "next_steps"}

Scores are text or None, days ISO. Of a draft it is put together from the rows; filing stores it whole with its hash, and
from then on it is read as it was stored.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet

from alliances.calendars import Quarter
from alliances.documents.paper import normalise
from alliances.models import Alliance, Member
from evaluations import policies
from evaluations.assessing import Scheme, mean_score
from evaluations.enums import AssessmentState
from evaluations.models import Assessment, AssessmentLine
from evaluations.models.assessment import STANDING
from evaluations.selectors import quarter as facts_of
from evaluations.selectors import schemes

Document = dict[str, Any]
STATES_OF_FILING = (*STANDING, AssessmentState.RETURNED)
MISSING = ("", "无")  # label and value of a figure that is not there


def full() -> QuerySet[Assessment]:
    """Assessments with what their page, papers and services look up."""
    return Assessment.objects.select_related(
        "alliance__organisation__parent__parent", "replaces", "filed_by__person"
    )


def lines_of(assessment: Assessment) -> QuerySet[AssessmentLine]:
    return (
        AssessmentLine.objects.filter(assessment=assessment)
        .select_related("member__unit")
        .order_by("order", "pk")
    )


def versions(user: Any, alliance: Alliance, quarter: Quarter) -> QuerySet[Assessment]:
    """All revisions that ``user`` may read, the newest first."""
    rows = Assessment.objects.visible_to(user).of(quarter).filter(alliance=alliance)
    return rows.light().select_related("replaces", "alliance__organisation").order_by("-revision")


def standing(alliance: Alliance, quarter: Quarter) -> Assessment | None:
    """The report that counts: filed and neither returned nor replaced."""
    return full().filter(alliance=alliance, year=quarter.year, quarter=quarter.n, state__in=STANDING).first()


# --- the document ---------------------------------------------------------------------------------------------------


def document(assessment: Assessment) -> Document:
    """See the module. Two queries for a draft, none for what has been filed."""
    if assessment.state != AssessmentState.DRAFT:
        return dict(assessment.figures)
    scheme = schemes.scheme_for(assessment.alliance.organisation, assessment.year)
    return compose(assessment, list(lines_of(assessment)), scheme)


def compose(
    assessment: Assessment,
    lines: Iterable[AssessmentLine],
    scheme: Scheme,
    *,
    number: str = "",
    filed_on: str = "",
    signer: str = "",
) -> Document:
    """The document of a draft from its rows. ``lines`` come with their member's unit, ``assessment`` as of ``full``."""
    rows = list(lines)
    mean = mean_score(line.score for line in rows)
    recipient, copied = policies.recipient_of(assessment.alliance), policies.copied_to(assessment.alliance)
    return {
        **assessment.figures,
        "assessment": {
            "scheme": {"weights": dict(scheme.weights), "lowest": scheme.lowest, "highest": scheme.highest},
            "mean": None if mean is None else str(mean),
            "rated": sum(line.score is not None for line in rows),
            "grades": dict(Counter(line.grade for line in rows)),
            "lines": [line_json(line) for line in rows],
        },
        "report": {
            "number": number,
            "revision": assessment.revision,
            "replaces": assessment.replaces.number if assessment.replaces else "",
            "reason": assessment.reason,
            "filed_on": filed_on,
            "signer": signer,
            "to": recipient.name if recipient else "",
            "copy_to": [copied.name] if copied else [],
            "problems": assessment.problems,
            "next_steps": assessment.next_steps,
        },
    }


def line_json(line: AssessmentLine) -> dict[str, Any]:
    raw, score = _text(line.raw), _text(line.score)
    applied = Decimal(score) - Decimal(raw) if raw is not None and score is not None else Decimal(0)
    return {
        "member": line.member_id,
        "unit": line.member.unit.name,
        "parts": line.parts,
        "raw": raw,
        "adjustment": _text(line.adjustment),
        "applied": _text(applied),
        "reason": line.reason,
        "score": score,
        "grade": line.grade,
    }


def _text(value: Decimal | None) -> str | None:
    """With one decimal, however the row came to hold it."""
    return None if value is None else str(Decimal(value).quantize(Decimal("0.1")))


def freeze(document: Mapping[str, Any]) -> tuple[Document, str]:
    """``document`` as it is stored, and the sha256 of its canonical JSON. Raises PaperError for what JSON cannot keep."""
    content = normalise(document)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return content, hashlib.sha256(text.encode()).hexdigest()


# --- after filing: has something changed? ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """A printed value of a filed report that the data of today would print differently."""

    what: str
    was: str
    now: str


def changes(assessment: Assessment) -> list[Change]:
    """What a correction (更正) of a filed report would change; empty while its sources stand as they stood. Of figures and
    scores only: trends and offered facts move by themselves. Reads the whole quarter anew."""
    if assessment.state == AssessmentState.DRAFT:
        return []
    facts = facts_of.facts(assessment.alliance, assessment.period)
    was, now = _values(assessment.figures), _values(facts.as_figures())
    both = {key: (was.get(key), now.get(key)) for key in {**was, **now}}
    return [
        Change((then or today or MISSING)[0], (then or MISSING)[1], (today or MISSING)[1])
        for then, today in both.values()
        if then is None or today is None or then[1] != today[1]
    ]


def _values(figures: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Key → (label, printed value)."""
    named = {
        figure["key"]: f"{line['unit']}：{figure['label']}"
        for line in figures["members"]
        for figure in line["figures"].values()
    }
    return {
        figure["key"]: (named.get(figure["key"], figure["label"]), figure["value"])
        for figure in facts_of.every(figures)
    }


# --- a unit's own result ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OwnResult:
    """A unit's line and, beside it, the alliance's mean over ``rated`` units; nobody else's line."""

    line: AssessmentLine
    mean: str | None
    rated: int


def own_results(user: Any, members: Iterable[Member]) -> list[OwnResult]:
    """The results of ``members`` in the reports that stand, the newest first. Two queries."""
    rows = (
        AssessmentLine.objects.visible_to(user)
        .filter(member__in=list(members), assessment__state__in=STANDING)
        .select_related("member__unit", "assessment__alliance")
        .defer("assessment__figures")
        .order_by("-assessment__year", "-assessment__quarter", "pk")
    )
    lines = list(rows)
    means = means_of({line.assessment_id for line in lines})
    return [OwnResult(line, *means[line.assessment_id]) for line in lines]


def means_of(assessments: Iterable[int]) -> dict[int, tuple[str | None, int]]:
    """Assessment id → (mean of the printed scores, how many were rated). One query."""
    scores: dict[int, list[Decimal]] = {pk: [] for pk in assessments}
    rows = AssessmentLine.objects.filter(assessment__in=list(scores))
    for pk, score in rows.order_by().values_list("assessment_id", "score"):
        if score is not None:
            scores[pk].append(score)
    return {pk: (_text(mean_score(found)), len(found)) for pk, found in scores.items()}


# --- the offices ----------------------------------------------------------------------------------------------------

_WORDS = {
    state.value: (
        state.label,
        {AssessmentState.RECEIVED: "done", AssessmentState.RETURNED: "late"}.get(state, "wait"),
    )
    for state in AssessmentState
}


def state_words(state: str | None, *, is_late: bool) -> tuple[str, str]:
    """(word, tone) of the report in hand; ``state`` None: nothing has been filed yet."""
    if state is None:
        return ("逾期未报", "late") if is_late else ("未报送", "wait")
    return _WORDS[state]


@dataclass(frozen=True)
class Progress:
    """Of the drafts of a quarter: how many there are to be, and how many have been made."""

    total: int
    done: int

    @property
    def is_over(self) -> bool:
        return self.done == self.total


def progress(quarter: Quarter, alliances: Iterable[Alliance] | None = None) -> Progress:
    """How far the drafting is, everywhere or in ``alliances``. One query."""
    rows = Assessment.objects.of(quarter).filter(revision=1)
    if alliances is not None:
        rows = rows.filter(alliance__in=list(alliances))
    counted = rows.aggregate(total=Count("pk"), done=Count("pk", filter=Q(computed_at__isnull=False)))
    return Progress(counted["total"], counted["done"])
