"""What a paper is: plain JSON-able content that is frozen with a hash and rendered only afterwards.

A paper is a dict: ``kind`` (e.g. "rotation.slip"), ``layout`` ("form", "table", "official"), ``title``, ``blocks``
and optionally ``orientation`` ("portrait", "landscape"), ``number``, ``head`` ({"style": "plain" or "red", "issuer",
"signer"}), ``subline`` ([left, right], the line under the title of a table), ``date`` (ISO day, the document's
creation date), ``page_numbers`` (bool) and ``wall`` (bool: a form for a wall, large on its one page). Blocks are dicts with a ``type``; ``BLOCKS`` lists each type's keys.
Texts are strings (line breaks allowed), numbers are ints; floats are refused, because a hash must not depend on them.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

Paper = dict[str, Any]
Block = dict[str, Any]

LAYOUTS = ("form", "table", "official")
ORIENTATIONS = ("portrait", "landscape")
ALIGNMENTS = ("left", "center", "right")
MAX_DEPTH = 12
MOST_QR_BYTES = 300  # a link longer than this makes a code that old phones cannot read from paper
MOST_PICTURES = 3
SHAPES = ("lines", "intervals", "bars")
MOST_LABELS, MOST_SERIES = 40, 3  # of a chart
NO_DATE = "2000-01-01"  # date of a file whose paper has none: never the time of rendering

# What XML 1.0 cannot carry, and lone surrogates, which no encoding can.
_UNPRINTABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_BASE64 = re.compile("[A-Za-z0-9+/]+={0,2}")
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_NOT_IN_FILE_NAMES = re.compile('[\\\\/:*?"<>|\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]')


class PaperError(ValueError):
    """A paper was built wrongly; the message names the place. A programming error, never a user's."""


def clean(text: str) -> str:
    """``text`` as every format can carry it: one kind of line end, no unprintable characters (pasted from Word)."""
    return _UNPRINTABLE.sub("", _LINE_ENDS.sub("\n", text))


def normalise(paper: Mapping[str, Any]) -> Paper:
    """A deep copy with cleaned texts and tuples as lists; raises PaperError for what JSON would not keep."""
    copied: Paper = _plain(paper, "paper", 0)
    return copied


def _plain(value: Any, place: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise PaperError(f"{place}: nested too deeply")
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return clean(str(value))
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise PaperError(f"{place}: keys must be strings")
        return {key: _plain(item, f"{place}.{key}", depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{place}[{index}]", depth + 1) for index, item in enumerate(value)]
    raise PaperError(f"{place}: {type(value).__name__} is not paper content")


def freeze(paper: Mapping[str, Any]) -> tuple[str, str]:
    """Canonical JSON (sorted keys, no spaces, no escapes) and its sha256 in hex. Raises PaperError."""
    content = normalise(paper)
    validate(content)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text, hashlib.sha256(text.encode()).hexdigest()


def safe_file_name(stem: str, extension: str) -> str:
    """A name every system accepts: at most 70 characters before the dot, no separators, no hidden files."""
    stem = _NOT_IN_FILE_NAMES.sub("", clean(stem).replace("\n", "")).strip(" .")[:70].strip(" .")
    return f"{stem or '文件'}.{extension.lstrip('.')}"


def file_name(paper: Mapping[str, Any], extension: str) -> str:
    """E.g. ``轮值主席提醒单（同心党建联提〔2026〕3号）.docx``."""
    number = paper.get("number") or ""
    title = str(paper["title"]).replace("\n", "")
    return safe_file_name(f"{title}（{number}）" if number else title, extension)


def chinese_date(day: date) -> str:
    """``2026年3月2日``: no leading zeros (GB/T 9704)."""
    return f"{day.year}年{day.month}月{day.day}日"


# --- checking -------------------------------------------------------------------------------------------------------

Check = Callable[[Any, str], None]


def _text(value: Any, place: str) -> None:
    if not isinstance(value, str):
        raise PaperError(f"{place}: a text is needed, not {type(value).__name__}")


def _cell(value: Any, place: str) -> None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, str | int)):
        raise PaperError(f"{place}: a cell is a text, a whole number or empty, not {type(value).__name__}")


def _flag(value: Any, place: str) -> None:
    if not isinstance(value, bool):
        raise PaperError(f"{place}: true or false is needed")


def _whole(value: Any, place: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise PaperError(f"{place}: a whole number is needed")


def _level(value: Any, place: str) -> None:
    if value not in (1, 2, 3, 4):
        raise PaperError(f"{place}: heading levels are 1 to 4")


def _list_of(check: Check, *, least: int = 0) -> Check:
    def checked(value: Any, place: str) -> None:
        if not isinstance(value, list) or len(value) < least:
            raise PaperError(f"{place}: a list of at least {least} is needed")
        for index, item in enumerate(value):
            check(item, f"{place}[{index}]")

    return checked


def _field_row(value: Any, place: str) -> None:
    _list_of(_cell)(value, place)
    if len(value) not in (2, 4):
        raise PaperError(f"{place}: a row of fields is label and value, once or twice")


def _column(value: Any, place: str) -> None:
    if not isinstance(value, dict):
        raise PaperError(f"{place}: a column is a dict")
    _keys(value, place, {"title": _text}, {"width": _whole, "align": _text, "in_text": _flag})
    if value.get("align", "center") not in ALIGNMENTS:
        raise PaperError(f"{place}.align: one of {', '.join(ALIGNMENTS)}")
    if value.get("width", 1) < 1:
        raise PaperError(f"{place}.width: at least 1")


def _inner_blocks(value: Any, place: str) -> None:
    _list_of(_block)(value, place)
    if any(block["type"] == "attachment" for block in value):
        raise PaperError(f"{place}: an attachment has no attachments of its own")


def _qr_item(value: Any, place: str) -> None:
    """A QR code of ``link`` with ``lines`` of text beside it."""
    if not isinstance(value, dict):
        raise PaperError(f"{place}: link and lines")
    _keys(value, place, {"link": _text, "lines": _list_of(_text)}, {})
    if not value["link"] or len(value["link"].encode()) > MOST_QR_BYTES:
        raise PaperError(f"{place}.link: 1 to {MOST_QR_BYTES} bytes")


def _qr_columns(value: Any, place: str) -> None:
    if value not in (1, 2):
        raise PaperError(f"{place}: codes stand in one or two columns")


def _qr_size(value: Any, place: str) -> None:
    _whole(value, place)
    if not 20 <= value <= 100:
        raise PaperError(f"{place}: 20 to 100 mm")


def _picture(value: Any, place: str) -> None:
    """A JPEG as base64, its size in pixels, and what it shows."""
    if not isinstance(value, dict):
        raise PaperError(f"{place}: jpeg, width, height and text")
    _keys(value, place, {"jpeg": _text, "width": _whole, "height": _whole, "text": _text}, {})
    if value["width"] < 1 or value["height"] < 1 or not _BASE64.fullmatch(value["jpeg"]):
        raise PaperError(f"{place}: a picture has a size and its bytes in base64")


def _pictures(value: Any, place: str) -> None:
    _list_of(_picture, least=1)(value, place)
    if len(value) > MOST_PICTURES:
        raise PaperError(f"{place}: at most {MOST_PICTURES} pictures in a row")


def _numbers(value: Any, place: str) -> None:
    """Whole tenths, or None where there is no value."""
    if not isinstance(value, list):
        raise PaperError(f"{place}: a list of whole tenths is needed")
    for index, item in enumerate(value):
        if item is not None:
            _whole(item, f"{place}[{index}]")


def _series(value: Any, place: str) -> None:
    if not isinstance(value, dict):
        raise PaperError(f"{place}: name and values")
    _keys(value, place, {"name": _text, "values": _numbers}, {"low": _numbers, "high": _numbers})


def _chart(block: Block, place: str) -> None:
    """What the parts of a chart are to each other."""
    labels = len(block["labels"])
    if not 1 <= labels <= MOST_LABELS or not 1 <= len(block["series"]) <= MOST_SERIES:
        raise PaperError(f"{place}: 1 to {MOST_LABELS} labels and 1 to {MOST_SERIES} series")
    for index, series in enumerate(block["series"]):
        needed = ("values", "low", "high") if block["shape"] == "intervals" else ("values",)
        if any(len(series.get(key, ())) != labels for key in needed):
            raise PaperError(f"{place}.series[{index}]: {', '.join(needed)}, one for each label")
    if block["most"] <= block["least"] or not 0 < block["step"] <= block["most"] - block["least"]:
        raise PaperError(f"{place}: a scale rises from least to most in steps")
    if (block["most"] - block["least"]) // block["step"] > MOST_LABELS:
        raise PaperError(f"{place}.step: too small for its scale")


def _total(value: Any, place: str) -> None:
    if value is not None:
        _list_of(_cell)(value, place)


# type: (required keys, optional keys)
BLOCKS: dict[str, tuple[dict[str, Check], dict[str, Check]]] = {
    "recipient": ({"text": _text}, {}),
    "para": ({"text": _text}, {}),
    "heading": ({"level": _level, "text": _text}, {}),
    "fields": ({"rows": _list_of(_field_row, least=1)}, {}),
    "table": (
        {"columns": _list_of(_column, least=1), "rows": _list_of(_list_of(_cell))},
        {"total": _total, "repeat_header": _flag, "label": _text, "dense": _flag},
    ),
    "note": ({"text": _text}, {}),
    "signature": ({"issuer": _text, "date": _text}, {"sealed": _flag}),
    "receipt": ({"title": _text, "rows": _list_of(_field_row, least=1)}, {"note": _text}),
    "attachment_note": ({"items": _list_of(_text, least=1)}, {}),
    # one_sheet: its tables stand under each other in a workbook, the widest first.
    "attachment": ({"no": _whole, "title": _text, "blocks": _inner_blocks}, {"one_sheet": _flag}),
    "foot": ({"items": _list_of(_text, least=1)}, {}),
    "qr": ({"items": _list_of(_qr_item, least=1)}, {"columns": _qr_columns, "size": _qr_size}),
    "pictures": ({"items": _pictures}, {}),
    # See charts.py; values in whole tenths.
    "chart": (
        {"shape": _text, "title": _text, "text": _text, "unit": _text, "labels": _list_of(_text)}
        | {"series": _list_of(_series), "least": _whole, "most": _whole, "step": _whole},
        {},
    ),
    # 版记, at the foot of the last page: whom copies go to, who printed it, when (GB/T 9704-2012, 7.4).
    "imprint": ({"issuer": _text, "date": _text}, {"copies": _text}),
    "pagebreak": ({}, {"again": _flag}),  # again: the new page begins with the paper's head and title
}


def _keys(value: Mapping[str, Any], place: str, needed: dict[str, Check], optional: dict[str, Check]) -> None:
    for key in needed:
        if key not in value:
            raise PaperError(f"{place}: {key} is missing")
    for key, item in value.items():
        check = needed.get(key) or optional.get(key)
        if check is None:
            raise PaperError(f"{place}: {key} is not known here")
        check(item, f"{place}.{key}")


def _block(value: Any, place: str) -> None:
    if not isinstance(value, dict) or value.get("type") not in BLOCKS:
        raise PaperError(f"{place}: not a block of a known type")
    needed, optional = BLOCKS[value["type"]]
    _keys({key: item for key, item in value.items() if key != "type"}, place, needed, optional)
    if value["type"] == "chart":
        _one_of(SHAPES)(value["shape"], f"{place}.shape")
        _chart(value, place)
    if value["type"] == "table":
        width = len(value["columns"])
        for index, row in enumerate([*value["rows"], *([value["total"]] if value.get("total") else [])]):
            if len(row) != width:
                raise PaperError(f"{place}.rows[{index}]: {len(row)} cells under {width} columns")


def _head(value: Any, place: str) -> None:
    if value is not None:
        if not isinstance(value, dict) or value.get("style") not in ("plain", "red"):
            raise PaperError(f"{place}: a head is plain or red")
        _keys(value, place, {"style": _text, "issuer": _text}, {"signer": _text})


def _one_of(choices: Sequence[str]) -> Check:
    def checked(value: Any, place: str) -> None:
        if value not in choices:
            raise PaperError(f"{place}: one of {', '.join(choices)}")

    return checked


def _iso_day(value: Any, place: str) -> None:
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        raise PaperError(f"{place}: an ISO date is needed") from None


def _subline(value: Any, place: str) -> None:
    _list_of(_text)(value, place)
    if len(value) != 2:
        raise PaperError(f"{place}: left and right text")


def validate(paper: Mapping[str, Any]) -> None:
    """Raise PaperError, naming the place, when ``paper`` is not what the renderers expect."""
    _keys(
        paper,
        "paper",
        {"kind": _text, "layout": _one_of(LAYOUTS), "title": _text, "blocks": _list_of(_block)},
        {
            "orientation": _one_of(ORIENTATIONS),
            "number": _text,
            "head": _head,
            "subline": _subline,
            "date": _iso_day,
            "page_numbers": _flag,
            "wall": _flag,
        },
    )
    if not paper["title"].strip():
        raise PaperError("paper.title: a paper has a title")
