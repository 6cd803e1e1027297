"""The copyable text of a paper for a WeChat group: short lines, no tables, nothing that only makes sense on paper."""

from collections.abc import Iterator
from typing import Any

from alliances.documents.paper import Block, Paper, normalise, validate


def to_text(paper: Paper, *, link: str = "") -> str:
    """Title, number, key facts and signature as plain lines; ``link`` is the last line. Raises PaperError."""
    paper = normalise(paper)
    validate(paper)
    lines = [f"【{paper['title']}】".replace("\n", "")]
    if paper.get("number"):
        lines.append(f"编号：{paper['number']}")
    lines += [text for text in paper.get("subline") or [] if text]
    for block in paper["blocks"]:
        lines += _lines(block)
    if link:
        lines += ["", link]
    return "\n".join(line.rstrip() for line in lines).replace("\n\n\n", "\n\n").strip() + "\n"


def _lines(block: Block) -> Iterator[str]:
    kind = block["type"]
    if kind in ("recipient", "para", "note"):
        yield block["text"]
    elif kind == "heading":
        yield ""
        yield block["text"]
    elif kind == "fields":
        for row in block["rows"]:
            yield from _facts(row)
    elif kind == "table":
        yield from _table(block)
    elif kind == "signature":
        yield ""
        yield block["issuer"]
        yield block["date"]
    elif kind == "qr":
        for item in block["items"]:
            yield from item["lines"]
            yield item["link"]
    elif kind == "attachment_note":
        for index, item in enumerate(block["items"], start=1):
            yield f"附件{index if len(block['items']) > 1 else ''}：{item}"
    elif kind == "attachment":
        yield ""
        yield f"附件{block['no'] or ''}：{block['title']}"
        for inner in block["blocks"]:
            yield from _lines(inner)
    elif kind == "chart":
        yield f"{block['title']}：{block['text']}"
    elif kind == "imprint" and block.get("copies"):
        yield f"抄送：{block['copies']}"
    # receipt, foot and pagebreak belong to the sheet of paper


def _facts(row: list[Any]) -> Iterator[str]:
    for label, value in zip(row[::2], row[1::2], strict=True):
        if value not in (None, ""):
            text = str(value)
            yield f"{label}：\n{text}" if "\n" in text else f"{label}：{text}"


def _table(block: Block) -> Iterator[str]:
    """Each row as one line: its first cell as the head, the others named; empty cells are left out."""
    shown = [index for index, column in enumerate(block["columns"]) if column.get("in_text", True)]
    titles = [column["title"].replace("\n", "") for column in block["columns"]]
    if block.get("label"):
        yield f"{block['label']}：".replace("\n", "")
    rows = block["rows"] + ([block["total"]] if block.get("total") else [])
    for row in rows:
        cells = [(titles[index], _flat(row[index])) for index in shown if row[index] not in (None, "")]
        if not cells:
            continue
        head, rest = cells[0][1], cells[1:]
        if len(rest) == 1:
            yield f"· {head}：{rest[0][1]}"
        else:
            yield "· " + "；".join([head, *[f"{title}：{value}" for title, value in rest]])


def _flat(value: Any) -> str:
    return "、".join(part for part in str(value).split("\n") if part)
