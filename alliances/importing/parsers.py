"""What a cell means: pure functions from a cell's value to the value wanted.

Each takes whatever a cell can hold (text, number, date, ``None``) and returns the value, or raises
``ValueError`` with a reason in Chinese. An empty cell gives the empty value of its kind ("" , ``None`` or
``[]``); whether it may be empty is the column's ``required``. Nothing here guesses: what can be read in
two ways is refused.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from alliances.importing.base import clean, shown

V = TypeVar("V")

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " ", 0xA0: " "}
_CHINESE_DIGITS = {
    "〇": 0,
    "零": 0,
    "○": 0,
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}
_NUMERAL = "[〇零○一二三四五六七八九十]"
_EXCEL_DAY_ZERO = dt.date(1899, 12, 30)
_MOST_NAMES = 60


def half_width(text: str) -> str:
    """Full-width letters, digits and signs as ASCII; other characters untouched (unlike NFKC, ² stays
    ²).
    """
    return text.translate(_FULL_WIDTH).strip()


def _quoted(text: str) -> str:
    return f"“{text if len(text) <= 20 else text[:20] + '…'}”"


def text(value: Any) -> str:
    """The cell as text, trimmed; 47.0 becomes "47"."""
    return clean(shown(value))


def _whole(value: Any) -> int | None:
    """The whole number a number cell holds, ``None`` if it is not a number cell; refuses fractions."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if isinstance(value, float):
        if not math.isfinite(value) or not value.is_integer():
            raise ValueError(f"应为整数，现在是{_quoted(shown(value))}")
        value = int(value)
    if abs(value) >= 10**15:
        raise ValueError("数字太大")
    return int(value)


_INTEGER = re.compile(
    r"([+-]?)([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,12})(?:\.0+)?"
    r" ?(?:人次|人|名|个|家|次|户|项|份|岁|年|月|期|处|台|套)?"
)


def integer(value: Any) -> int | None:
    """A whole number: 47, 47.0, "47", "４７", "47人", "1,200". At most 999,999,999 either way."""
    number = _whole(value)
    if number is None:
        typed = half_width(text(value))
        if not typed:
            return None
        found = None if isinstance(value, bool) else _INTEGER.fullmatch(typed)
        if not found:
            raise ValueError(f"应填数字，现在是{_quoted(typed)}")
        number = int(found[1] + found[2].replace(",", ""))
    if abs(number) > 999_999_999:
        raise ValueError("数字太大")
    return number


def _chinese_number(numeral: str) -> int | None:
    """十一 → 11, 三十一 → 31, 二十 → 20, 五 → 5; up to 99, ``None`` when it is no numeral."""
    if "十" in numeral:
        tens, _, ones = numeral.partition("十")
        if (
            len(tens) > 1
            or len(ones) > 1
            or (tens and tens not in _CHINESE_DIGITS)
            or (ones and ones not in _CHINESE_DIGITS)
        ):
            return None
        return (_CHINESE_DIGITS[tens] if tens else 1) * 10 + (_CHINESE_DIGITS[ones] if ones else 0)
    return _CHINESE_DIGITS.get(numeral)


_CLOCK = r"(?:[ T]+[0-9]{1,2}[:时][0-9]{1,2}(?:[:分][0-9]{1,2}(?:\.[0-9]+)?秒?|分)?Z?)?"
_WEEKDAY = r"(?: ?\(?(?:星期|周)[一二三四五六日天]\)?)?"
_DAY = re.compile(
    r"([0-9]{4}) ?(?:年|[-/.]) ?([0-9]{1,2}) ?(?:月|[-/.]) ?([0-9]{1,2}) ?[日号]?" + _WEEKDAY + _CLOCK
)
_EIGHT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_CHINESE_DAY = re.compile(
    rf"([〇零○一二三四五六七八九]{{4}})年({_NUMERAL}{{1,2}})月({_NUMERAL}{{1,3}})[日号]"
)
_SHORT_YEAR = re.compile(r"[0-9]{2} ?[-/.年] ?[0-9]{1,2} ?[-/.月] ?[0-9]{1,2} ?[日号]?")
_NO_DAY = re.compile(r"[0-9]{4} ?[-/.年] ?[0-9]{1,2} ?月?份?")


def _calendar_day(year: int, month_number: int, day_number: int, typed: str) -> dt.date:
    if not 1900 <= year <= 2100:
        raise ValueError(f"{_quoted(typed)}的年份不对")
    try:
        return dt.date(year, month_number, day_number)
    except ValueError:
        raise ValueError(f"{_quoted(typed)}不是有效的日期") from None


def _day_of_number(number: int) -> dt.date:
    """20260305 as digits, 46086 as the serial number of Excel (1950 to 2099, the rest is no date of
    ours).
    """
    if 18264 <= number <= 73050:
        return _EXCEL_DAY_ZERO + dt.timedelta(days=number)
    found = _EIGHT.fullmatch(str(number))
    if found:
        return _calendar_day(int(found[1]), int(found[2]), int(found[3]), str(number))
    raise ValueError(f"{_quoted(str(number))}不像日期，请写成 2026-03-05 的样子")


def day(value: Any) -> dt.date | None:
    """A date: a date cell, a serial number, or text in the ways people type one.

    2026-03-05, 2026/3/5, 2026.3.5, 2026年3月5日, 20260305, 46086, "2026-3-5 00:00:00", 二〇二六年三月五日,
    full-width digits. A time of day is dropped. Years 1900–2100.
    """
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, dt.date):
        return _calendar_day(value.year, value.month, value.day, value.isoformat())
    number = _whole(value) if not isinstance(value, float) or value.is_integer() else None
    if number is None and isinstance(value, float) and math.isfinite(value):
        number = math.floor(value)  # a serial number with a time of day
    if number is not None:
        return _day_of_number(number)
    typed = half_width(text(value))
    if not typed:
        return None
    if re.fullmatch(r"[0-9]{5}|[0-9]{8}", typed):
        return _day_of_number(int(typed))
    found = _DAY.fullmatch(typed)
    if found:
        return _calendar_day(int(found[1]), int(found[2]), int(found[3]), typed)
    found = _CHINESE_DAY.fullmatch(typed)
    if found:
        year = int("".join(str(_CHINESE_DIGITS[digit]) for digit in found[1]))
        return _calendar_day(year, _chinese_number(found[2]) or 0, _chinese_number(found[3]) or 0, typed)
    if _SHORT_YEAR.fullmatch(typed):
        raise ValueError(f"{_quoted(typed)}的年份请写四位，如 2026-03-05")
    if _NO_DAY.fullmatch(typed):
        raise ValueError(f"{_quoted(typed)}没有写到日，请写成 2026-03-05 的样子")
    raise ValueError(f"{_quoted(typed)}不像日期，请写成 2026-03-05 的样子")


_MONTH = re.compile(rf"(?:(?:19|20)[0-9]{{2}} ?[-/.年] ?)?([0-9]{{1,2}}|{_NUMERAL}{{1,2}}) ?(?:月份?)?")


def _month_number(typed: str) -> int | None:
    found = _MONTH.fullmatch(typed)
    if not found:
        return None
    number = int(found[1]) if found[1].isdecimal() else _chinese_number(found[1])
    return number if number and 1 <= number <= 12 else None


def month(value: Any) -> int | None:
    """A month of the year, 1–12: "1月", "一月", "01", 1, "2026年1月", or a date cell (Excel makes one of
    2026年1月).
    """
    if isinstance(value, dt.date):
        return value.month
    number = _whole(value)
    typed = half_width(text(value))
    if number is None:
        if not typed:
            return None
        number = _month_number(typed)
    if number is None or not 1 <= number <= 12:
        raise ValueError(f"{_quoted(typed)}不是月份，请填 1月 至 12月")
    return number


_NO_MONTH = frozenset(
    (
        *(
            "无",
            "没有",
            "暂无",
            "无要求",
            "无意向",
            "不限",
            "均可",
            "都可以",
            "都行",
            "皆可",
            "可以",
            "随意",
            "任意",
        ),
        *(
            "服从",
            "服从安排",
            "服从分配",
            "听从安排",
            "服从调剂",
            "服从统一安排",
            "-",
            "--",
            "—",
            "——",
            "/",
            "\\",
        ),
    )
)
_QUARTER = re.compile(r"第?([1-4一二三四])季度?")
_RANGE = re.compile(
    rf"({_NUMERAL}{{1,2}}|[0-9]{{1,2}})(月份?)?(-|—|–|~|至|到)({_NUMERAL}{{1,2}}|[0-9]{{1,2}})(月份?)?"
)
_HALVES = {"上半年": range(1, 7), "下半年": range(7, 13)}


def _months_of(piece: str) -> Iterable[int]:
    """The months one piece between separators names; ``ValueError`` when it names none."""
    if piece in _HALVES:
        return _HALVES[piece]
    quarter = _QUARTER.fullmatch(piece)
    if quarter:
        number = int(quarter[1]) if quarter[1].isdecimal() else _CHINESE_DIGITS[quarter[1]]
        return range(number * 3 - 2, number * 3 + 1)
    span = _RANGE.fullmatch(piece)
    if span:
        if not span[2] and not span[5] and span[3] not in "至到~":
            raise ValueError(f"{_quoted(piece)}看不出是两个月还是一段时间，请写成“4月、11月”或“4月至11月”")
        first, last = _month_number(span[1]), _month_number(span[4])
        if first and last and first < last:
            return range(first, last + 1)
        raise ValueError(f"{_quoted(piece)}不是从前到后的月份")
    number_or_none = _month_number(piece)
    if number_or_none is None:
        raise ValueError(f"{_quoted(piece)}不是月份，请写成“4月、11月”，没有就写“无”")
    return (number_or_none,)


def month_list(value: Any) -> list[int]:
    """Months in the order written, none twice: "4月、11月", "4,11", "四月", "1月至3月", "一季度";
    无/服从安排 → [].

    A date cell is refused: the office typed 4-11 and the spreadsheet made the 11th of April of it.
    """
    if isinstance(value, (dt.date, dt.time)):
        raise ValueError("被表格软件改成了日期，请把单元格设为文本后写成“4月、11月”")
    number = _whole(value)
    typed = half_width(text(value))
    if number is not None:
        return [m for m in (month(number),) if m]
    typed = typed.rstrip("。.;")
    if not typed or typed in _NO_MONTH:
        return []
    months: dict[int, None] = {}
    for piece in re.split(r"[、,;/\n\t]|以?及|和|或者?| {1,}(?=[0-9〇一二三四五六七八九十])", typed):
        piece = piece.replace(" ", "").replace("\n", "")
        if piece:
            months.update(dict.fromkeys(_months_of(piece)))
    return list(months)


_LANDLINE = re.compile(
    r"\(?(010|02[0-9]|0[3-9][0-9]{2})\)?-?([2-9][0-9]{6,7})(?:(?:转|-|#|ext)([0-9]{1,6}))?"
)


def phone(value: Any) -> str:
    """A telephone number: an 11-digit mobile as digits, or a landline as "0311-12345678" ("-801" if it
    has an extension).

    Takes number cells, spaces, dashes, full-width digits, +86. Refuses everything else, two numbers in a
    cell too.
    """
    number = _whole(value)
    typed = str(number) if number is not None else re.sub(r"\s", "", half_width(text(value)))
    if not typed:
        return ""
    if isinstance(value, bool) or re.fullmatch(r"[0-9.]+[eE]\+?[0-9]+", typed):
        raise ValueError(f"{_quoted(typed)}不是电话号码，请把单元格设为文本后重新填写")
    typed = re.sub(r"[—–－‐−]", "-", typed)
    local = re.sub(r"^(?:\(?\+86\)?|0086)-?", "", typed)
    digits = local.replace("-", "")
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if re.fullmatch(r"1[3-9][0-9]{9}", digits):
        return digits
    found = _LANDLINE.fullmatch(local)
    if found:
        return "-".join(part for part in found.groups() if part)
    if re.search(r"[、,;/]", typed):
        raise ValueError("一格只填一个电话号码")
    if re.fullmatch(r"[2-9][0-9]{6,7}", digits):
        raise ValueError(f"{_quoted(typed)}没有区号，请写成 0311-12345678 的样子")
    if re.fullmatch(r"1[0-9]*", digits):
        raise ValueError(f"{_quoted(typed)}不是 11 位手机号码")
    raise ValueError(f"{_quoted(typed)}不是电话号码")


def names(value: Any) -> list[str]:
    """Several names in one cell, in order, none twice; split on 、，,;；/ and line breaks, but not inside
    brackets.
    """
    typed = text(value)
    found: dict[str, None] = {}
    depth, start = 0, 0
    for place, letter in enumerate(typed + "\n"):
        if letter in "（(":
            depth += 1
        elif letter in "）)":
            depth = max(0, depth - 1)
        elif (letter in "、，,;；/" and depth == 0) or letter == "\n":
            name = typed[start:place].strip()
            if name:
                found[name] = None
            start, depth = place + 1, 0
    if len(found) > _MOST_NAMES:
        raise ValueError(f"一格里的名称超过 {_MOST_NAMES} 个")
    return list(found)


def choice(options: Mapping[V, str | Iterable[str]]) -> Callable[[Any], V | None]:
    """A parser for a fixed set: ``options`` maps each value to its spellings, the first of which is the
    proper one.

    Spaces, full-width forms and case do not matter. An empty cell gives ``None``. The parser carries
    ``options`` (the proper spellings) for the template's drop-down list.
    """
    spellings: dict[str, V] = {}
    proper: list[str] = []
    for wanted, written in options.items():
        forms = (written,) if isinstance(written, str) else tuple(written)
        proper.append(forms[0])
        spellings.update({_folded(form): wanted for form in forms})

    def parse(value: Any) -> V | None:
        typed = text(value)
        if not typed:
            return None
        try:
            return spellings[_folded(typed)]
        except KeyError:
            raise ValueError(f"不认识{_quoted(typed)}，可填：{'、'.join(proper)}") from None

    parse.options = tuple(proper)  # type: ignore[attr-defined]  # a function may carry attributes
    return parse


def _folded(typed: str) -> str:
    return re.sub(r"\s", "", half_width(typed)).casefold()
