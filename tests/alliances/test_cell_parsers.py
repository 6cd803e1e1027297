"""What a cell means: the ways people type numbers, dates, months, telephones and names."""

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alliances.importing import choice, day, integer, month, month_list, names, phone, text

MODE = choice({"solo": ("单独", "单独轮值"), "collective": ("集体", "集体轮值")})
PARSERS = {
    "text": text,
    "integer": integer,
    "day": day,
    "month": month,
    "month_list": month_list,
    "phone": phone,
    "names": names,
    "choice": MODE,
}
TYPED = st.text(
    alphabet="0123456789０１２年月日号至到、，,-—/. ()（）+Ee一二三四十〇季度上半人无:T\n", max_size=24
)
CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=60),
    TYPED,
    st.datetimes(),
    st.dates(),
    st.times(),
)


@pytest.mark.parametrize("name", PARSERS)
@given(value=CELLS)
def test_parser_never_raises_but_a_reason_in_chinese(name, value):
    reason = None
    try:
        PARSERS[name](value)
    except ValueError as error:
        reason = error
    assert reason is None or (type(reason) is ValueError and re.search("[\u4e00-\u9fff]", str(reason)))


@pytest.mark.parametrize("name", PARSERS)
def test_empty_cell_gives_the_empty_value(name):
    empty = {"text": "", "phone": "", "names": [], "month_list": []}.get(name)
    assert PARSERS[name](None) == empty
    assert PARSERS[name]("") == empty
    assert PARSERS[name](" \u3000\n") == empty


@given(st.dates(dt.date(1950, 1, 1), dt.date(2099, 12, 31)))
def test_day_reads_every_style_of_every_date(wanted):
    year, number, of_month = wanted.year, wanted.month, wanted.day
    serial = (wanted - dt.date(1899, 12, 30)).days
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    for typed in (
        wanted,
        dt.datetime.combine(wanted, dt.time(8, 30)),
        wanted.isoformat(),
        f"{year}-{number}-{of_month}",
        f"{year}/{number}/{of_month}",
        f"{year}.{number}.{of_month}",
        f"{year}年{number}月{of_month}日",
        f"{year} 年 {number} 月 {of_month} 日",
        f"{year}年{number}月{of_month}号",
        f"{year}{number:02}{of_month:02}",
        int(f"{year}{number:02}{of_month:02}"),
        serial,
        float(serial),
        serial + 0.5,
        str(serial),
        f"{year}-{number}-{of_month} 00:00:00",
        f"{wanted.isoformat()}T00:00:00",
        f"{year}年{number}月{of_month}日".translate(wide),
    ):
        assert day(typed) == wanted, typed


@pytest.mark.parametrize(
    "typed",
    [
        "2026-02-29",
        "2026年13月1日",
        "2026-00-10",
        "26-3-5",
        "2026年3月",
        "3月5日",
        "今天",
        20261332,
        5,
        -1,
        True,
    ],
)
def test_day_refuses_what_is_no_date(typed):
    with pytest.raises(ValueError, match=r"日期|年份|没有写到日"):
        day(typed)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        (47, 47),
        (47.0, 47),
        ("４７", 47),
        ("47人", 47),
        (" 47 名 ", 47),
        ("1,200", 1200),
        ("47.0", 47),
        ("-5", -5),
        ("0", 0),
    ],
)
def test_integer_reads(typed, number):
    assert integer(typed) == number


@pytest.mark.parametrize(
    "typed", [4.5, "4.5", "约47人", "四十七", "1,20", "4 7", float("nan"), float("inf"), True, 10**12]
)
def test_integer_refuses(typed):
    with pytest.raises(ValueError, match="数"):
        integer(typed)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1月", 1),
        ("一月", 1),
        ("十二月", 12),
        ("１０月份", 10),
        (3, 3),
        (3.0, 3),
        ("03", 3),
        ("2026年1月", 1),
        ("2026-11", 11),
        (dt.datetime(2026, 4, 1), 4),
    ],
)
def test_month_reads(typed, number):
    assert month(typed) == number


@pytest.mark.parametrize("typed", ["13月", "0月", 13, 0, -1, 46086, "元月节", "一二月", "春节"])
def test_month_refuses(typed):
    with pytest.raises(ValueError, match="不是月份"):
        month(typed)


@pytest.mark.parametrize(
    ("typed", "months"),
    [
        ("4月、11月", [4, 11]),
        ("4,11", [4, 11]),
        ("四月", [4]),
        ("11月，4月；4月", [11, 4]),
        ("4、11月份", [4, 11]),
        ("４月/１１月", [4, 11]),
        ("4月 11月", [4, 11]),
        ("4月和11月", [4, 11]),
        ("4月或者11月", [4, 11]),
        ("1月至3月", [1, 2, 3]),
        ("1-3月", [1, 2, 3]),
        ("10月—12月", [10, 11, 12]),
        ("第一季度", [1, 2, 3]),
        ("下半年", [7, 8, 9, 10, 11, 12]),
        ("2026年3月", [3]),
        (4, [4]),
        ("无", []),
        ("服从安排", []),
        ("服从安排。", []),
        ("—", []),
    ],
)
def test_month_list_reads(typed, months):
    assert month_list(typed) == months


@pytest.mark.parametrize(
    "typed",
    [
        "13月",
        "4月、哪月都行",
        "4-11",
        "11月至2月",
        "除8月外",
        411,
        4.11,
        dt.datetime(2026, 4, 11),
        "4月11月13月",
    ],
)
def test_month_list_refuses_what_can_be_read_in_two_ways(typed):
    with pytest.raises(ValueError, match=r"月|整数"):
        month_list(typed)


@given(st.lists(st.integers(1, 12), unique=True), st.sampled_from("、，,;；/\n"))
def test_month_list_returns_what_was_listed(months, separator):
    assert month_list(separator.join(f"{number}月" for number in months)) == months


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        (13800009861, "13800009861"),
        (13800009861.0, "13800009861"),
        ("138 0000 9861", "13800009861"),
        ("138-0000-9861", "13800009861"),
        ("１３８００００９８６１", "13800009861"),
        ("+86 13800009861", "13800009861"),
        ("8613800009861", "13800009861"),
        ("（+86）138-0000-9861", "13800009861"),
        ("0311-12345678", None),
        ("0311-82345678", "0311-82345678"),
        ("031182345678", "0311-82345678"),
        ("(0311)8234567", "0311-8234567"),
        ("010-62345678转801", "010-62345678-801"),
    ],
)
def test_phone_reads(typed, number):
    if number is None:
        with pytest.raises(ValueError, match="电话"):
            phone(typed)
    else:
        assert phone(typed) == number


@pytest.mark.parametrize(
    "typed", ["82345678", 31182345678, "12800009861", "1380000986", "12345", "无", "1.38E+10", True]
)
def test_phone_refuses(typed):
    with pytest.raises(ValueError, match=r"电话|号码|区号"):
        phone(typed)


@given(
    st.lists(st.text("县局会甲乙丙0", min_size=1, max_size=5), unique=True, max_size=20),
    st.sampled_from("、，,;；/\n"),
)
def test_names_returns_what_was_listed(listed, separator):
    assert names(f" {separator} ".join(listed)) == listed


def test_names_keeps_brackets_whole_and_drops_repeats():
    assert names("县物业协会（东区、西区）、县民政局，县民政局") == ["县物业协会（东区、西区）", "县民政局"]
    assert names("甲（乙、丙\n丁") == ["甲（乙、丙", "丁"]


def test_choice_reads_synonyms_and_names_what_may_be_written():
    assert (MODE("单独"), MODE(" 集 体轮值"), MODE("")) == ("solo", "collective", None)
    with pytest.raises(ValueError, match="可填：单独、集体"):
        MODE("轮流")
