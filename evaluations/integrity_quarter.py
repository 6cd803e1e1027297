"""What must agree in quarterly assessments: what was filed is what is stored, and adds up from what it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from typing import Any

from django.db.models import F, Q

from alliances import clock
from alliances.registry import IntegrityCheck
from evaluations.assessing import MemberFacts, Scheme, assess, parts_as_json
from evaluations.enums import AssessmentState
from evaluations.models import Assessment, AssessmentLine
from evaluations.models.assessment import STANDING
from evaluations.selectors import assessments as reads
from evaluations.selectors.briefs import brief_of

CHUNK = 50  # a document is large


def _filed() -> Iterator[Assessment]:
    rows = Assessment.objects.exclude(state=AssessmentState.DRAFT).select_related("alliance").order_by("pk")
    return rows.iterator(chunk_size=CHUNK)


def documents() -> list[str]:
    """The document of every filed report still has the hash it was filed with, and its printed columns agree with it."""
    found = []
    for assessment in _filed():
        report = assessment.figures.get("report", {})
        if reads.freeze(assessment.figures)[1] != assessment.figures_hash:
            found.append(f"{assessment}第{assessment.revision}版的内容与报送时不同")
        elif (report["number"], report["problems"], report["next_steps"]) != (
            assessment.number,
            assessment.problems,
            assessment.next_steps,
        ):
            found.append(f"{assessment}第{assessment.revision}版的文号或文字与报送时不同")
    return found


def briefs() -> list[str]:
    """What the offices' tables read of a filed report says what its document says."""
    return [
        f"{assessment}第{assessment.revision}版的摘要数据与报告不同"
        for assessment in _filed()
        if assessment.brief != brief_of(assessment.figures)
    ]


def lines() -> list[str]:
    """The rows of a filed report are the lines of its document, and each follows from the facts frozen beside it."""
    found = []
    for assessment in _filed():
        name = f"{assessment}第{assessment.revision}版"
        rows = [reads.line_json(line) for line in reads.lines_of(assessment)]
        stored = assessment.figures["assessment"]
        # A unit that has changed its name since then is still the same line.
        if [{**row, "unit": ""} for row in rows] != [{**row, "unit": ""} for row in stored["lines"]]:
            found.append(f"{name}的单位得分与报送时不同")
        scheme = Scheme(**stored["scheme"])
        facts = {line["member"]: facts_from(line["facts"]) for line in assessment.figures["members"]}
        for row in stored["lines"]:
            outcome = assess(facts[row["member"]], scheme, Decimal(row["adjustment"]))
            again = (
                _number(outcome.raw),
                _number(outcome.score),
                outcome.grade,
                parts_as_json(outcome.parts),
            )
            if again != (_number(row["raw"]), _number(row["score"]), row["grade"], row["parts"]):
                found.append(f"{name}{row['unit']}的得分重新计算不同")
    return found


def facts_from(stored: dict[str, Any]) -> MemberFacts:
    """``MemberFacts`` of a document, where scores are text."""
    values = {field.name: stored[field.name] for field in fields(MemberFacts)}
    for name in ("chair_results", "activity_results"):
        values[name] = tuple(Decimal(score) for score in values[name])
    return MemberFacts(**values)


def _number(value: Decimal | str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def revisions() -> list[str]:
    """A replaced report is replaced by one that was filed, revisions are counted without gaps, drafts get made."""
    found = [
        f"{row}第{row.revision}版已更正，却没有报送的更正稿"
        for row in Assessment.objects.filter(state=AssessmentState.SUPERSEDED)
        .filter(Q(replaced_by__isnull=True) | Q(replaced_by__state=AssessmentState.DRAFT))
        .select_related("alliance")
        .light()
    ]
    wrong = Assessment.objects.filter(replaces__isnull=False).exclude(
        alliance=F("replaces__alliance"),
        year=F("replaces__year"),
        quarter=F("replaces__quarter"),
        revision=F("replaces__revision") + 1,
    )
    found += [f"{row}第{row.revision}版代替的不是上一版" for row in wrong.select_related("alliance").light()]
    standing = Assessment.objects.filter(state__in=STANDING, replaces__state__in=STANDING)
    found += [f"{row}有两版同时有效" for row in standing.select_related("alliance").light()]
    waiting = Assessment.objects.filter(computed_at__isnull=True, due_on__lt=clock.today())
    found += [f"{row}到报送期限还没有起草" for row in waiting.select_related("alliance").light()]
    orphans = AssessmentLine.objects.exclude(member__alliance=F("assessment__alliance"))
    return found + [f"考核结果{line.pk}的单位不属于该联盟" for line in orphans.only("pk")]


CHECKS = (
    IntegrityCheck("evaluations.assessment_documents", "考核评议报告内容", documents),
    IntegrityCheck("evaluations.assessment_briefs", "考核评议报告摘要数据", briefs),
    IntegrityCheck("evaluations.assessment_lines", "考核评议得分", lines),
    IntegrityCheck("evaluations.assessment_revisions", "考核评议报告版本", revisions),
)
