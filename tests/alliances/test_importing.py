"""The spreadsheet reader: county files, messy files, hostile files, and what it costs to read them."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pytest

from alliances.importing import (
    Column,
    Unreadable,
    choice,
    day,
    integer,
    month,
    month_list,
    names,
    phone,
    read_tables,
    write_template,
)
from tests import messy, spreadsheets
from tests.hostile import HOSTILE
from tests.messy import MESSY, REFUSED
from tests.spreadsheets import ROSTER

ROOT = Path(__file__).resolve().parents[2]
COUNTY = ROOT / "alliances" / "seeds" / "jingyanhong"
MODES = {"solo": ("单独", "单独轮值"), "collective": ("集体", "集体轮值")}
COLUMNS = [
    Column("no", "序号", ("编号",), parse=integer),
    Column("unit", "单位名称", ("成员单位名称", "单位"), required=True),
    Column("sector", "单位类型", ("类别",)),
    Column("community", "所属社区", ("所在社区", "社区"), required=True),
    Column("branch", "党组织名称", ("党组织",)),
    Column("party_members", "党员数", ("党员人数",), parse=integer),
    Column("mode", "轮值方式", required=True, parse=choice(MODES), hint="单独或集体"),
    Column("leader", "负责人", ("负责人姓名",)),
    Column("liaison", "联络员", ("联络员姓名",)),
    Column("phone", "联络员电话", ("联络员手机", "手机号"), parse=phone),
    Column("joined_on", "加入日期", ("入盟时间", "加入时间"), parse=day),
]
PLAN = [
    Column("month", "月份", required=True, parse=month),
    Column("units", "轮值主席单位", required=True, parse=names),
]
WISHES = [
    Column("unit", "单位名称", required=True),
    Column("wishes", "意向月份", parse=month_list),
    Column("blackout", "不便月份", parse=month_list),
]


def read(data, filename="名册.xlsx", columns=COLUMNS, **options):
    return read_tables(io.BytesIO(data), filename, columns, **options)


def as_lists(tables):
    return [[row.values[column.key] for column in COLUMNS] for row in tables.rows()]


EXPECTED = [
    [*row[:6], {"单独": "solo", "集体": "collective"}[row[6]], *row[7:9], row[9], row[10]] for row in ROSTER
]


# --- what offices send -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MESSY)
def test_messy_roster_says_the_same_six_memberships(name):
    filename, build = MESSY[name]
    tables = read(build(), filename)
    assert list(tables.refusals()) == []
    expected = EXPECTED
    if name == "merged_units":
        expected = [[*row[:3], "同心社区" if row[0] < 6 else "北关社区", *row[4:]] for row in EXPECTED]
    assert as_lists(tables) == expected
    assert len(tables) == 1


@pytest.mark.parametrize("name", REFUSED)
def test_refused_values_are_named_with_sheet_row_column_value_and_reason(name):
    wrong = REFUSED[name]
    tables = read(wrong.build(), wrong.filename)
    refusals = list(tables.refusals())
    assert [(refusal.row, refusal.column) for refusal in refusals] == [
        (row, title) for row, title, _ in wrong.refused
    ]
    for refusal, (_row, _title, words) in zip(refusals, wrong.refused, strict=True):
        assert words in refusal.reason
        assert set(refusal.as_dict()) == {"sheet", "row", "column", "value", "reason"}
    assert len(list(tables.rows())) == len(ROSTER) - len(wrong.refused)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_ends_in_a_sentence(name):
    filename, build, words = HOSTILE[name]
    with pytest.raises(Unreadable) as caught:
        read(build(), filename)
    assert words in caught.value.message
    assert caught.value.message.endswith("。")


def test_row_numbers_are_those_the_user_sees():
    tables = read(messy.header_on_row_seven())
    assert tables[0].header_row == 7
    assert [row.number for row in tables.rows()] == [8, 9, 10, 11, 12, 13]


def test_csv_row_numbers_count_records_not_lines():
    tables = read(MESSY["csv_with_line_breaks"][1](), "名册.csv")
    assert tables[0].header_row == 2
    assert [row.number for row in tables.rows()] == [3, 4, 5, 7, 8, 9]


def test_title_is_the_text_above_the_header():
    assert read(spreadsheets.roster())[0].title == spreadsheets.TITLE


def test_sheet_of_a_csv_is_named_after_the_file():
    assert read(MESSY["csv_gb18030"][1](), "C:\\办公\\同心社区.csv")[0].sheet == "同心社区"


def test_totals_signatures_and_examples_are_listed_as_skipped():
    skipped = read(messy.totals_and_signatures())[0].skipped
    assert [(number, text.split()[0]) for number, text in skipped] == [
        (8, "小计"),
        (11, "合"),
        (12, "填表人：宋振东"),
        (13, "注：两个社区的单位计两次"),
    ]


def test_sheets_left_out_are_told():
    assert read(messy.other_sheets()).notes == [
        "工作表“填报说明”没有找到表头，没有读取。",
        "工作表“统计”没有找到表头，没有读取。",
    ]
    assert read(messy.hidden_twin()).notes == ["工作表“旧名册”是隐藏的，没有读取。"]


def test_sheet_filter_reads_only_what_is_wanted():
    with pytest.raises(Unreadable, match="没有内容"):
        read(spreadsheets.roster(), sheet_filter=lambda name: name == "别的表")
    assert len(read(messy.other_sheets(), sheet_filter=lambda name: name == "成员单位名册").notes) == 0


def test_text_that_looks_like_a_formula_stays_as_it_is():
    assert [row.values["unit"] for row in read(messy.injections()).rows()] == messy.INJECTIONS


def test_column_the_file_lacks_is_absent_and_an_empty_one_is_empty():
    body = [[1, "县民政局", "同心社区", "单独", None]]
    data = spreadsheets.roster(body, header=["序号", "单位名称", "所属社区", "轮值方式", "加入日期"])
    (row,) = read(data).rows()
    assert row.values["joined_on"] is None
    assert "phone" not in row.values


def test_columns_nobody_asked_for_are_told():
    tables = read(spreadsheets.roster([[*row, "x"] for row in ROSTER], header=[*spreadsheets.HEADER, "备注"]))
    assert tables[0].ignored == ["备注"]


def test_one_bad_header_among_good_sheets_is_a_refusal_not_an_end():
    twice = [*spreadsheets.HEADER, "轮值方式"]
    data = spreadsheets.workbook(
        ("甲", [spreadsheets.HEADER, *ROSTER]), ("乙", [twice, *([*row, "集体"] for row in ROSTER)])
    )
    tables = read(data)
    assert [table.is_usable for table in tables] == [True, False]
    (refusal,) = tables.refusals()
    assert (refusal.sheet, refusal.row, refusal.column) == ("乙", 1, "轮值方式")
    assert len(list(tables.rows())) == 6


def test_title_outranks_synonym_when_both_are_there():
    header = [*spreadsheets.HEADER, "单位"]
    (table,) = read(spreadsheets.roster([[*row, "别的"] for row in ROSTER], header=header))
    assert table.rows[0].values["unit"] == "县行政审批局"
    assert table.ignored == ["单位"]


def test_value_hidden_under_a_merged_block_is_not_read():
    """Some programs keep the covered values; the user sees only the first."""
    merge = '<mergeCells count="1"><mergeCell ref="B2:B3"/></mergeCells>'
    tables = read(spreadsheets.raw_roster(after=merge))
    assert [row.values["unit"] for row in tables.rows()][:3] == ["县行政审批局", "县行政审批局", "县实验小学"]


def test_month_twice_reaches_the_importer():
    tables = read(messy.month_twice(), columns=PLAN)
    assert [row.values["month"] for row in tables.rows()] == [1, 2, 3, 3, *range(5, 13)]
    assert tables[0].sheet == "同心社区"


def test_merged_block_tells_where_it_begins():
    rows = list(read(messy.months_in_blocks(), columns=PLAN).rows())
    assert [(row.values["month"], row.values["units"], row.blocks) for row in rows] == [
        (1, ["县民政局"], {}),
        (2, ["县书法家协会"], {"month": 3}),
        (2, ["县家政服务行业协会"], {"month": 3}),
    ]


def test_importer_refuses_in_the_words_of_the_file():
    (row, *_) = read(spreadsheets.roster(header=messy.SYNONYMS)).rows()
    assert row.refuse("unit", "名册里没有这个单位").as_dict() == {
        "sheet": "成员单位名册",
        "row": 3,
        "column": "成员单位名称",
        "value": "县行政审批局",
        "reason": "名册里没有这个单位",
    }


# --- the county's own files --------------------------------------------------------------------------------------


def test_county_roster_has_the_counts_of_its_readme():
    path = COUNTY / "成员单位名册.xlsx"
    (table,) = read_tables(path, path.name, COLUMNS)
    assert (len(table.rows), table.refusals, table.header_row) == (74, [], 3)
    assert len({row.values["unit"] for row in table.rows}) == 70
    assert sum(row.values["party_members"] for row in table.rows) == 2906


def test_county_plan_has_the_counts_of_its_readme():
    path = COUNTY / "年度轮值主席安排表-2025.xlsx"
    tables = read_tables(path, path.name, PLAN)
    rows = list(tables.rows())
    assert (len(tables), len(rows), sum(len(row.values["units"]) for row in rows)) == (8, 96, 131)
    assert not list(tables.refusals())


def test_county_wishes_have_the_counts_of_their_readme():
    path = COUNTY / "轮值意愿征集表-2026.xlsx"
    tables = read_tables(path, path.name, WISHES)
    rows = list(tables.rows())
    assert (len(rows), sum(len(row.values["wishes"]) for row in rows)) == (70, 105)
    assert sum(row.cells["blackout"] == "无" for row in rows) == 28
    assert sum(row.cells["wishes"] == "服从安排" for row in rows) == 2


# --- the template ------------------------------------------------------------------------------------------------

EXAMPLE = {"no": 1, "unit": "县行政审批局", "community": "同心社区", "mode": "单独", "phone": "13800009861"}


def test_template_comes_back_without_its_example():
    (table,) = read(write_template(COLUMNS, "成员单位名册", [EXAMPLE]))
    assert (table.header_row, table.rows, table.refusals) == (3, [], [])
    assert table.skipped[0][1].startswith("示例：1 县行政审批局")


def test_filled_template_is_read_whole():
    book = openpyxl.load_workbook(io.BytesIO(write_template(COLUMNS, "成员单位名册", [EXAMPLE])))
    for number, row in enumerate(ROSTER, 5):
        for place, value in enumerate(row, 1):
            book.active.cell(number, place, value)
    buffer = io.BytesIO()
    book.save(buffer)
    assert as_lists(read(buffer.getvalue())) == EXPECTED


def test_template_marks_required_columns_and_lists_choices():
    data = write_template(COLUMNS, "=1+1", [{**EXAMPLE, "leader": "=1+1"}])
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
    assert sheet["B3"].value == "单位名称（必填）"
    assert [(rule.formula1, str(rule.sqref)) for rule in sheet.data_validations.dataValidation] == [
        ('"单独,集体"', "G5:G504")
    ]
