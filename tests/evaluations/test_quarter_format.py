"""The quarterly report in Word against GB/T 9704-2012: every parameter of the list is measured, or said not to be ours."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from alliances.documents import to_docx
from evaluations.selectors.papers_quarter import report_paper
from tests.evaluations.quarter_paper import document
from tests.evaluations.word_format import W, Word

PARAMETERS = Path(__file__).resolve().parent.parent / "data" / "gbt9704_2012_parameters.csv"
CONTACT = "联系人：李燕红，电话：13800000000"
LINE = 28.95
BODY, HEADING, SUBHEADING, TITLE = "仿宋_GB2312", "黑体", "楷体_GB2312", "方正小标宋简体"
NUMBERED = {"problems": "（1）参加活动不够经常。", "next_steps": "1. 逐一走访。"}


@pytest.fixture(scope="module")
def plain() -> Word:
    return Word(to_docx(report_paper(document(), contact=CONTACT)))


@pytest.fixture(scope="module")
def red() -> Word:
    return Word(to_docx(report_paper(document(), style="red")))


def page(word: Word, red: Word) -> None:
    assert word.measure("pgSz", "w") == pytest.approx(210, abs=0.1)
    assert word.measure("pgSz", "h") == pytest.approx(297, abs=0.1)


def top(word: Word, red: Word) -> None:
    assert word.measure("pgMar", "top") == pytest.approx(37, abs=1)


def binding(word: Word, red: Word) -> None:
    assert word.measure("pgMar", "left") == pytest.approx(28, abs=1)


def type_area(word: Word, red: Word) -> None:
    across = [word.measure("pgMar", side) for side in ("left", "right")]
    down = [word.measure("pgMar", side) for side in ("top", "bottom")]
    assert 210 - sum(across) == pytest.approx(156, abs=0.2)
    assert 297 - sum(down) == pytest.approx(225, abs=0.2)


def body_text(word: Word, red: Word) -> None:
    line = word.line("按照轮值主席制度")
    assert (line.font, line.size) == (BODY, 16)


def lines_and_characters(word: Word, red: Word) -> None:
    """22 lines of 28 characters: the pitch is exact, the grid is of that pitch, and both fill the type area."""
    (section,) = word.sections
    grid = section.find(f"{W}docGrid")
    assert grid is not None
    assert grid.attrib == {f"{W}type": "lines", f"{W}linePitch": "579"}
    paragraphs = [line for line in word.lines if line.first == 2 and line.font == BODY]
    assert len(paragraphs) > 15
    assert {line.pitch for line in paragraphs} == {LINE}
    height = 225 / 25.4 * 72
    assert 22 * LINE <= height + 0.1 < 23 * LINE
    run = next(one for one in word.root.iter(f"{W}r") if "按照轮值主席制度" in "".join(one.itertext()))
    tracking = run.find(f"{W}rPr/{W}spacing")
    assert tracking is not None
    character = 16 + int(tracking.attrib[f"{W}val"]) / 20
    assert 28 * character <= 156 / 25.4 * 72 + 0.2 < 29 * character


def title(word: Word, red: Word) -> None:
    line = word.line("关于2026年第一季度")
    assert (line.font, line.size, line.align) == (TITLE, 22, "center")
    widths = [len(part) for part in line.text.split("\n")]
    assert len(widths) == 2
    assert widths[0] > widths[1]  # a trapezium


def recipient(word: Word, red: Word) -> None:
    line = word.line("城关街道党工委：")
    assert (line.font, line.size, line.align) == (BODY, 16, "left")
    assert line.text.endswith("：")
    assert (line.first, line.left) == (0, 0)
    assert line.before == pytest.approx(LINE)


def first_level(word: Word, red: Word) -> None:
    for text in (
        "一、基本情况",
        "二、轮值履职情况",
        "三、四项清单运行情况",
        "四、评议结果",
        "五、存在问题",
        "六、下步打算",
    ):
        line = word.line(text)
        assert (line.font, line.size, line.first) == (HEADING, 16, 2)


def second_level(word: Word, red: Word) -> None:
    for text in ("（一）总体情况", "（二）各月情况", "（四）验收清单"):
        line = word.line(text)
        assert (line.font, line.size, line.first) == (SUBHEADING, 16, 2)


def third_and_fourth_level(word: Word, red: Word) -> None:
    """The report has none of its own; the secretary's numbered sentences are set as they should be."""
    own = Word(to_docx(report_paper(document(**NUMBERED))))
    for text in ("1. 逐一走访", "（1）参加活动"):
        line = own.line(text)
        assert (line.font, line.size, line.first) == (BODY, 16, 2)


def indent(word: Word, red: Word) -> None:
    line = word.line("本季度共有成员单位")
    assert (line.first, line.left) == (2, 0)


def attachment_note(word: Word, red: Word) -> None:
    first = word.line("附件：1. 2026年第一季度轮值履职一览表")
    assert first.before == pytest.approx(LINE)
    assert (first.font, first.left - first.hang) == (BODY, 2)
    second = word.after(first)
    assert second.text == "2. 2026年第一季度活动一览表"  # no stop behind the name
    assert second.left == first.left
    assert second.left - second.hang == 5  # under the first figure: two characters and 附件：


def attachments(word: Word, red: Word) -> None:
    """On a page of its own; label in 黑体 on the first line, title centred on the third, before the imprint."""
    for no, name in enumerate(("轮值履职", "活动", "四项清单", "评议得分", "各单位认领完成"), 1):
        label = word.line(f"附件{no}")
        assert label.new_page
        assert (label.font, label.size, label.align, label.first, label.left) == (HEADING, 16, "left", 0, 0)
        heading = word.after(label)
        assert heading.text.startswith(f"2026年第一季度{name}")
        assert heading.align == "center"
        assert heading.before == pytest.approx(LINE)
    text = "".join(word.root.itertext())
    assert text.index("附件5") < text.index("抄送：")


def day(word: Word, red: Word) -> None:
    line = word.line("2026年4月8日")
    assert line.text == "2026年4月8日"
    assert (line.align, line.right) == ("right", 4)


def seal(word: Word, red: Word) -> None:
    """Room for it: the issuer is centred above the date, a line below the text."""
    issuer = word.line("同心社区党支部")
    date_line = word.after(issuer)
    middle = [line.right + len(line.text) / 2 for line in (issuer,)]
    # 2026年4月8日: six digits of half a character, three whole ones.
    assert middle[0] == pytest.approx(date_line.right + (6 * 0.5 + 3) / 2, abs=0.01)
    assert issuer.before == pytest.approx(LINE)


def page_number(word: Word, red: Word) -> None:
    assert word.part("word/settings.xml").find(f"{W}evenAndOddHeaders") is not None
    (section,) = word.sections
    kinds = {one.attrib[f"{W}type"] for one in section.findall(f"{W}footerReference")}
    assert kinds == {"default", "even"}
    sides = {}
    for name in sorted(n for n in word.archive.namelist() if n.startswith("word/footer")):
        root = word.part(name)
        assert "".join(one.text or "" for one in root.iter(f"{W}t")) == "— 1 —"
        assert {one.attrib[f"{W}val"] for one in root.iter(f"{W}sz")} == {"28"}
        assert {one.attrib[f"{W}eastAsia"] for one in root.iter(f"{W}rFonts")} == {"宋体"}
        align, ind = root.find(f".//{W}jc"), root.find(f".//{W}ind")
        assert align is not None and ind is not None
        side = align.attrib[f"{W}val"]
        sides[side] = ind.attrib[f"{W}{side}Chars"]
    assert sides == {"right": "100", "left": "100"}
    # 7 mm from the type area's lower edge to the middle of the dashes.
    bottom, footer = word.measure("pgMar", "bottom"), word.measure("pgMar", "footer")
    assert bottom - footer - 14 * 25.4 / 72 / 2 == pytest.approx(7, abs=0.2)


def head(word: Word, red: Word) -> None:
    line = red.line("同心社区党支部文件")
    assert (line.font, line.align, line.color) == (TITLE, "center", "E60012")
    assert line.before == pytest.approx(35 / 25.4 * 72, abs=0.1)


def number(word: Word, red: Word) -> None:
    """An upward report: number on the left, signer on the right, each a character in; no 第, no leading nought."""
    line = red.line("　同心党建联报〔2026〕1号")
    assert line.text == "　同心党建联报〔2026〕1号\t签发人：李燕红　"
    assert (line.font, line.size) == (BODY, 16)


def red_line(word: Word, red: Word) -> None:
    assert red.line("　同心党建联报").rule == "E60012"
    assert not [line for line in word.lines if line.rule]


def imprint(word: Word, red: Word) -> None:
    """The last table: copies, then printer and day; thick lines outside, a thin one between; 4号, a character in."""
    table = list(word.root.iter(f"{W}tbl"))[-1]
    rows = ["".join(text.text or "" for text in row.iter(f"{W}t")) for row in table.iter(f"{W}tr")]
    assert rows == ["抄送：××县委组织部。", "同心社区党支部2026年4月8日印发"]
    borders = table.find(f"{W}tblPr/{W}tblBorders")
    assert borders is not None
    sizes = {one.tag.removeprefix(W): int(one.attrib[f"{W}sz"]) / 8 * 25.4 / 72 for one in borders}
    assert sizes == pytest.approx({"top": 0.35, "bottom": 0.35, "insideH": 0.26}, abs=0.02)
    assert {one.attrib[f"{W}val"] for one in table.iter(f"{W}sz")} == {"28"}
    assert {one.attrib[f"{W}eastAsia"] for one in table.iter(f"{W}rFonts")} == {BODY}
    indents = list(table.iter(f"{W}ind"))
    assert {(one.attrib[f"{W}leftChars"], one.attrib[f"{W}rightChars"]) for one in indents} == {
        ("100", "100")
    }


def remark(word: Word, red: Word) -> None:
    line = word.after(word.line("2026年4月8日"))
    assert (line.text, line.first, line.font) == (f"（{CONTACT}）", 2, BODY)


def colours(word: Word, red: Word) -> None:
    assert word.colors() == set()
    assert red.colors() == {"E60012"}


CHECKS: dict[str, Callable[[Word, Word], None]] = {
    "纸张": page,
    "天头（上白边）": top,
    "订口（左白边）": binding,
    "版心": type_area,
    "正文字体字号": body_text,
    "行数/字数": lines_and_characters,
    "标题": title,
    "主送机关": recipient,
    "层次一": first_level,
    "层次二": second_level,
    "层次三": third_and_fourth_level,
    "层次四": third_and_fourth_level,
    "首行缩进": indent,
    "附件说明": attachment_note,
    "附件": attachments,
    "成文日期": day,
    "印章": seal,
    "页码": page_number,
    "发文机关标志": head,
    "发文字号": number,
    "红色分隔线": red_line,
    "版记": imprint,
    "附注": remark,
    "颜色": colours,
}
NOT_OURS = {
    "“一行”定义": "a definition; the pitch is measured under 行数/字数",
    "印刷": "what the printer does",
}
NAMES = [row["要素"] for row in csv.DictReader(PARAMETERS.read_text(encoding="utf-8").splitlines())]


def test_every_parameter_is_measured_or_said_not_to_be_ours() -> None:
    assert set(NAMES) == {*CHECKS, *NOT_OURS}


@pytest.mark.parametrize("name", list(CHECKS))
def test_report_keeps_the_parameter(name: str, plain: Word, red: Word) -> None:
    CHECKS[name](plain, red)


def test_every_run_names_its_east_asian_font(plain: Word) -> None:
    """Also in the tables: no run is left to the reader's theme."""
    runs = list(plain.root.iter(f"{W}r"))
    assert len(runs) > 400
    for run in runs:
        fonts = run.find(f"{W}rPr/{W}rFonts")
        assert fonts is not None
        assert fonts.attrib[f"{W}eastAsia"] in {BODY, HEADING, SUBHEADING, TITLE}
        assert not [key for key in fonts.attrib if key.endswith("Theme")]
