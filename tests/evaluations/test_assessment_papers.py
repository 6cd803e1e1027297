"""What is filed is what papers are made of: the frozen document alone gives the report, the letters, the workbook."""

from __future__ import annotations

import pytest

from alliances.documents import freeze, to_docx
from evaluations.exports.workbook import to_workbook
from evaluations.models import Assessment
from evaluations.selectors import assessments as reads
from evaluations.selectors.papers_quarter import report_paper
from evaluations.selectors.papers_quarter_letters import president_summary, unit_letter
from evaluations.services import assessments
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import reports


@pytest.fixture
def filed(cast: Cast, frozen: Frozen) -> Assessment:
    reports.quarter(cast)
    return reports.filed(cast, frozen)


def test_a_filed_report_prints_its_number_words_and_scores(cast: Cast, filed: Assessment) -> None:
    text, _ = freeze(report_paper(reads.document(filed)))
    for words in (
        "同心党建联报〔2026〕1号",
        reports.PROBLEMS,
        reports.NEXT_STEPS,
        "县图书馆",
        "86.7",
        "数据不足",
    ):
        assert words in text


def test_papers_of_a_filed_report_do_not_move_with_their_sources(cast: Cast, filed: Assessment) -> None:
    def made() -> tuple[bytes, bytes]:
        document = reads.document(reports.of(cast))
        return to_docx(report_paper(document)), to_workbook(document)

    before = made()
    reports.in_time(cast, "县实验小学")
    cast.members["县图书馆"].unit.name = "县公共图书馆"
    cast.members["县图书馆"].unit.save(update_fields=["name"])
    assert made() == before


def test_a_draft_has_the_same_papers(cast: Cast, frozen: Frozen) -> None:
    reports.quarter(cast)
    draft = reports.drafted(cast, frozen)
    document = reads.document(draft)
    for paper in (report_paper(document), president_summary(document)):
        freeze(paper)


def test_a_unit_letter_names_nobody_else(cast: Cast, filed: Assessment) -> None:
    text, _ = freeze(unit_letter(reads.document(filed), cast.members["县图书馆"].pk))
    assert "县图书馆" in text
    assert not [name for name in cast.members if name != "县图书馆" and name in text]


def test_a_correction_names_what_it_replaces(cast: Cast, filed: Assessment) -> None:
    second = assessments.revise(filed, reason="漏计一项认领", actor=cast.secretary)
    second = assessments.file(second, actor=cast.secretary)
    text, _ = freeze(report_paper(reads.document(second)))
    assert "同心党建联报〔2026〕1号" in text and "漏计一项认领" in text
