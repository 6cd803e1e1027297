"""Papers of a quarter: the report, the unit's letter, the president's page, the street's digest, from the document alone."""

from __future__ import annotations

import copy
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string

from alliances.documents import Paper, freeze, to_docx, to_pdf, to_text, to_xlsx
from evaluations.selectors import assessments as reads
from evaluations.selectors import papers_quarter_charts as charts
from evaluations.selectors import papers_quarter_words as words
from evaluations.selectors.papers_quarter import UNWRITTEN, report_paper
from evaluations.selectors.papers_quarter_digest import Reported, digest_paper
from evaluations.selectors.papers_quarter_letters import president_summary, unit_letter
from evaluations.selectors.papers_quarter_tables import step_cell
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import reports
from tests.evaluations.quarter_paper import UNITS, document

EMPTY: dict[str, Any] = {"months": [], "activities": [], "results": [], "members": [], "trend": []}


def empty() -> dict[str, Any]:
    """A quarter in which nothing happened, in an alliance of nobody."""
    found = {**document(), **EMPTY, "mean": {}, "tables": {}}
    found["sections"] = [{**one, "figures": []} for one in found["sections"]]
    found["assessment"] = {**found["assessment"], "lines": [], "mean": None, "rated": 0, "grades": {}}
    return found


def digest() -> Paper:
    reported = [
        Reported("同心社区", "已接收", date(2026, 4, 8), document()),
        Reported("广场社区", "逾期未报"),
        Reported("=1+1 社区", "已报送", date(2026, 4, 9), document()),
        Reported("清泉社区", "已报送", date(2026, 4, 9), empty()),
    ]
    return digest_paper("城关街道", "2026年第一季度", reported, date(2026, 4, 10))


PAPERS = {
    "report": lambda: report_paper(document(), contact="联系人：李燕红"),
    "red": lambda: report_paper(document(revision=2, replaces="一号", reason="人数有误"), style="red"),
    "draft": lambda: report_paper(document(number="", filed_on="", problems="", next_steps="")),
    "empty": lambda: report_paper(empty()),
    "letter": lambda: unit_letter(document(), 2),
    "summary": lambda: president_summary(document()),
    "empty summary": lambda: president_summary(empty()),
    "digest": digest,
}


def text_of(paper: Paper) -> str:
    return re.sub(r"\s", "", to_text(paper))


def pages(paper: Paper, folder: Path) -> int:
    if shutil.which("pdfinfo") is None:
        pytest.skip("pdfinfo (poppler-utils) is not installed")
    path = folder / "paper.pdf"
    path.write_bytes(to_pdf(paper))
    told = subprocess.run(["pdfinfo", str(path)], check=True, capture_output=True, text=True).stdout
    return int(re.findall(r"Pages:\s+(\d+)", told)[0])


@pytest.mark.parametrize("name", PAPERS)
def test_every_format_is_made_and_the_same_twice(name: str) -> None:
    paper = PAPERS[name]()
    again = PAPERS[name]()
    assert freeze(paper) == freeze(again)
    assert to_docx(paper) == to_docx(again)
    assert to_pdf(paper) == to_pdf(again)
    assert to_xlsx(paper) == to_xlsx(again)
    html = render_to_string("documents/_paper.html", {"paper": paper})
    assert "<b>县书法家协会</b>" not in html


# --- the report ---------------------------------------------------------------------------------------------------


def test_report_prints_every_rate_with_its_two_numbers() -> None:
    text = text_of(report_paper(document()))
    found = document()
    rates = [one for section in found["sections"] for one in section["figures"] if one["kind"] == "rate"]
    assert len(rates) == 14
    for one in rates:
        expected = (
            f"{one['value']}（{one['numerator']}/{one['denominator']}）"
            if one["denominator"]
            else one["value"]
        )
        assert expected in text, one["key"]
    body = text[: text.index("附件1：")]
    for after in re.findall(r"\d%(.{1,2})", body):
        assert after[0] == "（", after


def test_report_prints_what_was_counted() -> None:
    text = text_of(report_paper(document()))
    for expected in (
        "城关街道党工委：",
        "本季度共有成员单位10家，其中机关3家、事业单位3家、非公企业2家、社会组织2家。",  # no 学校0家
        "参加单位17家次，参加人数186人次，受益群众420人次",
        "2月由县图书馆、县家政服务行业协会轮值，主题为“‘悦读同心’志愿阅读月”。举办活动1场，7家成员单位参加；",
        "轮值主席评议：评议未结束。",
        "本季度提出群众需求31件，其中关爱帮扶12件、环境整治9件、文体活动6件、矛盾调解4件。",
        "发放评议票120张，收回评议票112张，有效评议票110张，弃权评议票1张，作废评议票1张。",
        "3月轮值主席（县消防救援大队）评议未结束",
        "加减分1家：县实验小学-2.0分（2月研讨会无故缺席）",
        "一是部分单位参加活动不够经常。",
        "抄送：××县委组织部。",
    ):
        assert expected in text, expected


def test_secretarys_lines_become_paragraphs_and_a_draft_says_where_they_belong() -> None:
    blocks = report_paper(document())["blocks"]
    assert {"type": "para", "text": "二是2月研讨会召开偏晚。"} in blocks
    draft = report_paper(document(number="", filed_on="", problems=" \n ", next_steps=""))
    assert [block for block in draft["blocks"] if block.get("text") == UNWRITTEN] == [
        {"type": "para", "text": UNWRITTEN}
    ] * 2
    assert not [block for block in draft["blocks"] if block["type"] == "imprint"]
    assert [block["date"] for block in draft["blocks"] if block["type"] == "signature"] == [words.DAY_TO_COME]
    assert draft["number"] == ""


def test_correction_names_what_it_replaces_and_why() -> None:
    paper = report_paper(document(revision=2, replaces="同心党建联报〔2026〕1号", reason="2月人数有误。"))
    assert paper["title"].endswith("（更正）")
    assert "本报告为第2版，替代第1版（同心党建联报〔2026〕1号）。更正原因：2月人数有误。按照" in text_of(
        paper
    )


def test_attachments_stand_in_order_with_their_rows() -> None:
    found = [block for block in report_paper(document())["blocks"] if block["type"] == "attachment"]
    assert [block["no"] for block in found] == [1, 2, 3, 4, 5]
    months, activities, lists, scores, members = (
        [b for b in one["blocks"] if b["type"] == "table"] for one in found
    )
    assert [row[0] for row in months[0]["rows"]] == ["1月", "2月", "3月"]
    assert months[0]["rows"][1][4] == "2月16日\n（超期）"
    assert activities[0]["total"] == ["合计", None, "3场", None, 83, 360, 6, None]
    assert [row[:3] for row in lists[0]["rows"]][:2] == [
        ["资源清单", "按类别", 14],
        ["需求清单", "按状态", 31],
    ]
    assert len(scores) == 2
    assert scores[1]["rows"][1][-3:] == ["-2.0", document()["assessment"]["lines"][1]["score"], "一般"]
    assert [row[1] for row in members[0]["rows"]] == list(UNITS)
    assert members[0]["total"][:4] == ["合计", None, sum(n % 4 for n in range(1, 11)), 7]


def test_attachment_of_nothing_says_so() -> None:
    found = [block for block in report_paper(empty())["blocks"] if block["type"] == "attachment"]
    for block in found[:2]:
        assert block["blocks"][0]["rows"][0][0] == "无"


@pytest.mark.parametrize(
    ("step", "cell"),
    [
        (None, "—"),
        ({"due": "", "done": "", "in_time": None}, "—"),
        ({"due": "2026-01-09", "done": "2026-01-09", "in_time": True}, "1月9日"),
        ({"due": "2026-01-09", "done": "2026-01-12", "in_time": False}, "1月12日\n（超期）"),
        ({"due": "2026-01-09", "done": "", "in_time": False}, "未完成"),
        ({"due": "", "done": "2026-01-12", "in_time": None}, "1月12日"),
    ],
)
def test_step_cell(step: dict[str, Any] | None, cell: str) -> None:
    assert step_cell(step) == cell


@pytest.mark.parametrize(
    ("adjustment", "applied", "score", "expected"),
    [
        ("0.0", "0.0", "80.0", ""),
        ("2.0", "2.0", "80.0", "+2.0"),
        ("-10.0", "-4.0", "0.0", "-10.0\n（计-4.0）"),
        ("5.0", "0.0", "100.0", "+5.0\n（计0）"),
        ("-2.0", "0.0", None, "-2.0"),
    ],
)
def test_adjustment_says_what_was_counted(
    adjustment: str, applied: str, score: str | None, expected: str
) -> None:
    line = {"adjustment": adjustment, "applied": applied, "score": score}
    assert words.adjustment_words(line) == expected


@pytest.mark.parametrize(
    ("office", "committee"),
    [
        ("城关街道", "城关街道党工委"),
        ("桥南镇", "桥南镇党委"),
        ("白羊乡", "白羊乡党委"),
        ("××县", "××县"),
        ("", ""),
    ],
)
def test_report_goes_to_the_party_committee(office: str, committee: str) -> None:
    assert words.committee_of(office) == committee


# --- charts -------------------------------------------------------------------------------------------------------


def test_trend_begins_with_the_first_quarter_that_has_anything() -> None:
    chart = charts.trend(document(), 2)
    assert chart is not None
    assert chart["labels"] == ["2025年第三季度", "2025年第四季度", "2026年第一季度"]
    assert [one["values"] for one in chart["series"]] == [[818, 909, 917], [800, 885, 923], [None, 955, 957]]
    assert "2025年第三季度响应率81.8%（9/11）、解决率80.0%（20/25）、满意率无" in chart["text"]
    assert charts.trend({"trend": document()["trend"][:2]}, 2) is None


def test_scores_leave_out_what_is_not_settled() -> None:
    chart = charts.scores(document(), 3)
    assert chart is not None
    assert chart["labels"][-1] == "2月轮值主席"
    assert chart["series"][0]["values"] == [941, 924, 882, 860]
    assert chart["series"][0]["low"] == [922, 900, 849, 819]
    assert charts.scores(empty(), 3) is None


def test_participation_is_rounded_half_up() -> None:
    rows = [{"month": 1, "units": 1, "members": 8}, {"month": 2, "units": 1, "members": 16}]
    chart = charts.participation({"months": rows}, 1)
    assert chart is not None
    assert chart["series"][0]["values"] == [125, 63]
    assert charts.participation({"months": []}, 1) is None


# --- letters ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("member", range(1, len(UNITS) + 1))
def test_a_units_letter_names_nobody_else(member: int) -> None:
    text = to_text(unit_letter(document(), member))
    assert UNITS[member - 1] in text
    assert not [unit for index, unit in enumerate(UNITS, 1) if index != member and unit in text]
    line = document()["assessment"]["lines"][member - 1]
    assert line["grade"] in text
    assert ("2月研讨会无故缺席" in text) == (member == 2)


def test_letter_says_why_a_part_has_no_points_and_shows_the_mean() -> None:
    text = text_of(unit_letter(document(), 2))
    assert "本季度未轮值" in text
    assert f"联盟平均分：{document()['assessment']['mean']}" in text
    assert "会议到会率；本单位：100.0%（4/4）；联盟平均：90.0%（36/40）" in text


def test_letter_of_a_stranger_is_not_made() -> None:
    with pytest.raises(KeyError):
        unit_letter(document(), 99)


@pytest.mark.parametrize("name", ["letter", "summary", "empty summary", "digest"])
def test_one_page_each(name: str, tmp_path: Path) -> None:
    assert pages(PAPERS[name](), tmp_path) == 1


def test_presidents_page_counts_units_and_names_only_chairs() -> None:
    text = text_of(president_summary(document()))
    assert "单位考核：良好2家、一般4家、差1家、数据不足3家" in text
    assert "县人民医院" not in text
    assert "县图书馆、县家政服务行业协会" in text


# --- the digest ---------------------------------------------------------------------------------------------------


def test_digest_adds_up_what_was_filed() -> None:
    paper = digest()
    (table,) = [block for block in paper["blocks"] if block["type"] == "table"]
    assert [row[1] for row in table["rows"]] == ["同心社区", "广场社区", "=1+1 社区", "清泉社区"]
    assert table["rows"][1][2:] == ["逾期未报", *["—"] * 12]
    assert table["rows"][0][2] == "已接收\n4月8日"
    assert table["total"][:4] == ["合计", "4个社区", "已报3个", "20"]
    titles = [column["title"] for column in table["columns"]]
    assert table["total"][titles.index("响应率")] == "91.7%\n22/24"
    assert table["total"][titles.index("到会率")] == "90.0%\n72/80"
    assert table["total"][-1] == document()["assessment"]["mean"]


def test_digest_of_nothing_filed_has_no_rates() -> None:
    paper = digest_paper("城关街道", "2026年第一季度", [Reported("同心社区", "未报送")], date(2026, 4, 10))
    assert paper["blocks"][0]["total"][3:] == ["0"] * 7 + ["—"] * 5


# --- the real document --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_filed_report_is_printed_as_it_was_frozen_whatever_happens_after(cast: Cast, frozen: Frozen) -> None:
    reports.quarter(cast)
    filed = reports.filed(cast, frozen)
    paper = report_paper(reads.document(filed))
    text = text_of(paper)
    assert filed.number in text
    assert reports.PROBLEMS in text
    assert f"对{filed.lines.count()}家成员单位进行了季度考核评议" in text
    before = to_docx(paper), to_pdf(paper)
    reports.in_time(cast, "县实验小学")
    again = report_paper(reads.document(reports.of(cast)))
    assert freeze(again) == freeze(paper)
    assert (to_docx(again), to_pdf(again)) == before
    for line in filed.lines.select_related("member__unit"):
        assert line.member.unit.name in to_text(unit_letter(reads.document(filed), line.member_id))
    assert to_docx(president_summary(copy.deepcopy(reads.document(filed))))


@pytest.mark.office
def test_report_opens_in_libreoffice_with_each_attachment_on_a_page_of_its_own(tmp_path: Path) -> None:
    soffice = shutil.which("soffice")
    if soffice is None or shutil.which("pdftotext") is None:
        pytest.skip("LibreOffice (soffice) or poppler-utils is not installed")
    (tmp_path / "report.docx").write_bytes(to_docx(report_paper(document())))
    command = [
        soffice,
        f"-env:UserInstallation=file://{tmp_path}/profile",
        "--headless",
        "--convert-to",
        "pdf",
    ]
    subprocess.run([*command, "--outdir", str(tmp_path), str(tmp_path / "report.docx")],
                   check=True, capture_output=True, timeout=180)  # fmt: skip
    told = subprocess.run(
        ["pdftotext", str(tmp_path / "report.pdf"), "-"], check=True, capture_output=True, text=True
    )
    sheets = [re.sub(r"\s", "", sheet) for sheet in told.stdout.split("\f")]
    starts = [index for index, sheet in enumerate(sheets) if re.match(r"附件\d2026年", sheet)]
    assert [sheets[index][:3] for index in starts] == [f"附件{no}" for no in range(1, 6)]
    assert sheets[0].startswith("关于2026年第一季度共驻共建工作专项考核评议情况的报告")
    assert "—2—" in sheets[1]
