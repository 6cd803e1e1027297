"""Exporting a list in a test, and reading what came of it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import openpyxl
from django.core.management import call_command


def export(name: str, path: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("export", name, *options, "--out", str(path), stdout=out)
    return out.getvalue()


def sheet(path: Path) -> list[tuple[Any, ...]]:
    return list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))


def table(path: Path) -> list[dict[str, Any]]:
    """Rows below the header as mappings, without the sums and the signatures."""
    rows = sheet(path)
    head = next(number for number, row in enumerate(rows) if row[0] == "序号")
    return [
        dict(zip(rows[head], row, strict=True)) for row in rows[head + 1 :] if isinstance(row[0], int | float)
    ]
