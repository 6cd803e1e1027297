"""check_integrity finds a filed report that was changed, and reports that do not follow from one another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from evaluations import integrity_quarter
from evaluations.models import Assessment, AssessmentLine
from evaluations.selectors import assessments as reads
from evaluations.services import assessments
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import reports


@pytest.fixture
def filed(cast: Cast, frozen: Frozen) -> Assessment:
    """Adjusted, filed, returned; the second revision is filed."""
    reports.quarter(cast)
    draft = reports.drafted(cast, frozen)
    frozen.to(reports.FILED_AT)
    library = reports.line(draft, "县图书馆")
    assessments.adjust(library, adjustment="1.5", reason="承办现场会", actor=cast.secretary)
    assessments.write(draft, problems="甲", next_steps="乙", actor=cast.secretary)
    first = assessments.file(draft, actor=cast.secretary)
    assessments.send_back(first, reason="请补充", actor=cast.street)
    second = assessments.revise(first, actor=cast.secretary)
    return assessments.file(second, actor=cast.secretary)


def found() -> set[str]:
    return {check.name for check in integrity_quarter.CHECKS if check.find()}


def test_what_the_services_leave_has_no_contradiction(cast: Cast, filed: Assessment, frozen: Frozen) -> None:
    assert found() == set()
    # Later changes of the sources, and of a unit's name, are no contradiction.
    reports.in_time(cast, "县实验小学")
    cast.members["县图书馆"].unit.name = "县公共图书馆"
    cast.members["县图书馆"].unit.save(update_fields=["name"])
    assert found() == set()


def change_document(change: Callable[[dict[str, Any]], Any], *, seal: bool = False) -> None:
    """Change the newest document; ``seal``: as somebody would who also writes a new hash."""
    row = Assessment.objects.get(revision=2)
    change(row.figures)
    if seal:
        row.figures_hash = reads.freeze(row.figures)[1]
    row.save(update_fields=["figures", "figures_hash"])


def library(figures: dict[str, Any]) -> dict[str, Any]:
    return next(row for row in figures["assessment"]["lines"] if row["unit"] == "县图书馆")


def facts(figures: dict[str, Any]) -> dict[str, Any]:
    return next(row["facts"] for row in figures["members"] if row["unit"] == "县图书馆")


DOCUMENTS, BRIEFS, LINES, REVISIONS = (
    "evaluations.assessment_documents",
    "evaluations.assessment_briefs",
    "evaluations.assessment_lines",
    "evaluations.assessment_revisions",
)
BREAKS: list[tuple[str, Callable[[], Any]]] = [
    (DOCUMENTS, lambda: Assessment.objects.filter(revision=1).update(figures_hash="0" * 64)),
    (DOCUMENTS, lambda: change_document(lambda figures: figures["report"].update(problems="丙"))),
    (DOCUMENTS, lambda: Assessment.objects.filter(revision=2).update(problems="丙")),
    (DOCUMENTS, lambda: Assessment.objects.filter(revision=2).update(number="同心党建联报〔2026〕9号")),
    (BRIEFS, lambda: Assessment.objects.filter(revision=2).update(brief={})),
    (LINES, lambda: AssessmentLine.objects.filter(adjustment__gt=0).update(score="100.0")),
    (LINES, lambda: AssessmentLine.objects.filter(assessment__revision=2, adjustment__gt=0).delete()),
    (LINES, lambda: change_document(lambda figures: facts(figures).update(claims_on_time=0), seal=True)),
    (LINES, lambda: change_document(lambda figures: library(figures).update(raw="99.0"), seal=True)),
    (REVISIONS, lambda: Assessment.objects.filter(revision=2).update(state="draft")),
    (REVISIONS, lambda: Assessment.objects.filter(revision=2).update(quarter=2)),
    (REVISIONS, lambda: Assessment.objects.filter(revision=2).update(revision=4)),
]


@pytest.mark.parametrize(("check", "damage"), BREAKS)
def test_damage_is_found(filed: Assessment, check: str, damage: Callable[[], Any]) -> None:
    damage()
    assert check in found()


def test_a_draft_that_nobody_makes_is_found(cast: Cast, filed: Assessment) -> None:
    Assessment.objects.create(alliance=cast.alliance, year=2025, quarter=4, due_on=date(2026, 1, 9))
    assert found() == {REVISIONS}
