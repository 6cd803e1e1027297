"""``manage.py export NAME --alliance CODE``: the lists and papers of the browser, from the command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, transaction

from alliances import clock
from alliances.errors import OfficeError
from alliances.exporting import Export, Several
from alliances.models import Alliance
from alliances.registry import registries
from alliances.services import audit


class Command(BaseCommand):
    """Exit 0: the file is written; 1: there is nothing to export; 2: asked wrongly. Always with a sentence."""

    help = "导出表格或文书，格式由文件后缀决定（xlsx、csv；安排表和提醒单还有 docx、pdf）。"

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        # argparse complains in English; what is wrong is said in the words of the rest.
        parser.error = lambda message: self._stop(f"参数不对：{message}")  # type: ignore[method-assign]
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        # Read as plain text and checked in handle, so that every mistake ends with a sentence of ours.
        parser.add_argument("name", metavar="NAME", nargs="?", default="")
        parser.add_argument("--alliance", metavar="CODE", default="", help="联盟编码，如 01-01-01")
        parser.add_argument("--below", action="store_true", help="连同这个联盟的组织下面的所有联盟")
        parser.add_argument("--year", metavar="YEAR", help="年度，不写就是今年")
        parser.add_argument("--month", metavar="MONTH", help="月份 1—12，提醒单和台账用，不写就是本月")
        parser.add_argument(
            "--only",
            metavar="KEY=VALUE",
            action="append",
            default=[],
            help="和页面一样筛选，可以写几次，如 --only state=open --only since=2026-01-01 --only place=01-01",
        )
        parser.add_argument("--out", metavar="FILE", default="", help="写到哪个文件")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            export, scope, year, path = self._asked(options)
        except OfficeError as problem:
            self._stop(problem.message)
        except DatabaseError as problem:
            self._stop(f"数据库用不了。请先运行 manage.py migrate（{type(problem).__name__}）。")
        try:
            rows = _write(export, scope, year, path)
        except OfficeError as problem:
            self._stop(problem.message, code=1)
        except OSError as problem:
            self._stop(f"文件写不了：{path}（{problem.strerror or type(problem).__name__}）。")
        self.stdout.write(f"已导出{export.heading(scope, year)}：{rows} 行，{path}。")

    def _asked(self, options: dict[str, Any]) -> tuple[Export, Alliance | Several, int | None, Path]:
        export = registries.exports.get(options["name"])
        if export is None:
            known = "、".join(f"{e.name}（{e.title}）" for e in registries.exports)
            asked = f"没有“{options['name']}”这种表格" if options["name"] else "没有写明导出哪种表格"
            raise OfficeError(f"{asked}，可以导出：{known}。")
        if not options["out"]:
            raise OfficeError("没有写明写到哪个文件（--out）。")
        path = Path(options["out"])
        suffix = path.suffix.lstrip(".").lower()
        if suffix not in export.formats:
            raise OfficeError(f"{export.title}可以导出为 {'、'.join(export.formats)}，文件后缀应是其中一种。")
        if os.path.isdir(path) or not os.path.isdir(path.parent):
            raise OfficeError(f"文件写不了：{path}，文件夹不存在或这是一个文件夹。")
        year, month = _number(options["year"], 2000, 2100, "年度"), _number(options["month"], 1, 12, "月份")
        filters = _filters(options["only"])
        if month is not None:
            filters["month"] = f"{year or clock.today().year}-{month:02d}"
        if filters:
            export = export.narrowed(filters)
        if month is None and export.by_year and year is None:
            year = clock.today().year
        return export, _scope(export, options["alliance"], below=options["below"]), year, path

    def _stop(self, sentence: str, *, code: int = 2) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(code)


def _scope(export: Export, code: str, *, below: bool) -> Alliance | Several:
    if not code:
        raise OfficeError("没有写明哪个联盟（--alliance 编码）。")
    alliance = Alliance.objects.select_related("organisation").filter(code=code).first()
    if alliance is None:
        raise OfficeError(f"没有编码为“{code}”的联盟。")
    if not below:
        return alliance
    if not export.over_many:
        raise OfficeError(f"{export.title}一次只能导出一个联盟的。")
    rows = Alliance.objects.select_related("organisation").filter(
        organisation__path__startswith=alliance.organisation.path
    )
    return Several(alliance.organisation, tuple(rows))


def _filters(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key.strip():
            raise OfficeError(f"“{pair}”写得不对，应写成 --only 条件=值，如 state=open。")
        found[key.strip()] = value.strip()
    return found


def _number(typed: str | None, least: int, most: int, what: str) -> int | None:
    if typed is None:
        return None
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 5 and least <= int(typed) <= most):
        raise OfficeError(f"“{typed}”不是{what}，应在 {least} 到 {most} 之间。")
    return int(typed)


def _write(export: Export, scope: Alliance | Several, year: int | None, path: Path) -> int:
    """Beside the file first, then in its place: a failed export leaves what was there before."""
    suffix = path.suffix.lstrip(".").lower()
    with NamedTemporaryFile(dir=path.parent, prefix=".export-", delete=False) as file:
        part = Path(file.name)
        try:
            with transaction.atomic():
                rows = export.write(suffix, file, scope, year)
                audit.record(
                    "alliances.export.download",
                    scope if isinstance(scope, Alliance) else scope.organisation,
                    actor=None,
                    data={"name": export.name, "format": suffix, "year": year, "rows": rows},
                )
            file.close()
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    return rows
