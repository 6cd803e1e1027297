"""``manage.py import_sheet KIND FILE``: the importers of the browser, from the command line."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from alliances.errors import OfficeError
from alliances.importing.importer import NEW, SAME, Outcome
from alliances.models import Alliance
from alliances.registry import registries
from alliances.services import imports

_MOST_LINES = 50


class Command(BaseCommand):
    """Exit 0: nothing was refused; 1: rows were refused; 2: nothing could be read. Always with a sentence."""

    help = (
        "导入表格。KIND："
        "organisations 组织架构、members 成员单位名册、plan 往年安排表、wishes 轮值意愿征集表、"
        "resources 服务资源清单、demands 群众需求清单、claims 认领项目清单、acceptances 验收结果清单。"
        "有不能导入的行时一行也不写入，除非加 --skip-refused。"
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        # argparse complains in English; what is wrong is said in the words of the rest.
        parser.error = lambda message: self._stop(f"参数不对：{message}")  # type: ignore[method-assign]
        return parser

    def add_arguments(self, parser: CommandParser) -> None:
        # Read as plain text and checked in handle, so that every mistake ends with a sentence of ours.
        parser.add_argument("kind", metavar="KIND", nargs="?", default="")
        parser.add_argument("file", metavar="FILE", nargs="?", default="")
        parser.add_argument("--alliance", metavar="CODE", help="只导入这个联盟（编码，如 01-01-01）的行")
        parser.add_argument("--year", metavar="YEAR", help="安排表、征集表的年度；标题里写明的不用填")
        parser.add_argument("--dry-run", action="store_true", help="只看会怎样，不写入")
        parser.add_argument("--skip-refused", action="store_true", help="跳过不能导入的行，导入其余的")
        parser.add_argument(
            "--same", metavar="A=B", action="append", default=[], help="表里的单位 A 就是已登记的单位 B"
        )
        parser.add_argument(
            "--new", metavar="NAME", action="append", default=[], help="名称相近的单位 NAME 是另一家新单位"
        )
        parser.add_argument("--report", metavar="OUT.json", help="把结果写进 JSON 文件")

    def handle(self, *args: Any, **options: Any) -> None:
        self._report: Path | None = None
        try:
            self._check_report(options["report"])
            outcome = self._import(options)
        except OfficeError as problem:
            self._write_report({**Outcome().as_dict(), "error": problem.message})
            self._stop(problem.message)
        except DatabaseError as problem:
            self._stop(f"数据库用不了，没有导入。请先运行 manage.py migrate（{type(problem).__name__}）。")
        self._write_report(outcome.as_dict())
        self._tell(outcome, options)
        if outcome.refused:
            sys.exit(1)

    def _import(self, options: dict[str, Any]) -> Outcome:
        kind = imports.kind_of(options["kind"])
        if kind is None:
            known = "、".join(f"{k.name}（{k.title}）" for k in registries.importers)
            asked = f"没有“{options['kind']}”这种表格" if options["kind"] else "没有写明导入哪种表格"
            raise OfficeError(f"{asked}，可以导入：{known}。")
        if not options["file"]:
            raise OfficeError("没有写明导入哪个文件。")
        path = Path(options["file"])
        if not os.path.isfile(path):  # unlike Path.is_file it never raises
            raise OfficeError(f"没有这个文件：{path.name[:80]}。")
        return imports.run(
            kind,
            path,
            path.name,
            only=_alliance(kind, options["alliance"]),
            year=_year(options["year"]),
            answers=_answers(options["same"], options["new"]),
            dry_run=options["dry_run"],
            skip_refused=options["skip_refused"],
            actor=None,
        )

    def _tell(self, outcome: Outcome, options: dict[str, Any]) -> None:
        kind = imports.kind_of(options["kind"])
        counts = f"新增 {outcome.added}，更改 {outcome.changed}，不变 {outcome.unchanged}"
        self.stdout.write(f"{kind.title if kind else ''}：{counts}，不能导入 {len(outcome.refused)}。")
        if outcome.details:
            self.stdout.write(
                "其中新增：" + "，".join(f"{what} {n}" for what, n in outcome.details.items()) + "。"
            )
        for note in outcome.notes:
            self.stdout.write(note)
        for refusal in outcome.refused[:_MOST_LINES]:
            value = f"“{refusal.value}”" if refusal.value else "（空）"
            where = f"工作表“{refusal.sheet}”第 {refusal.row} 行 {refusal.column}"
            self.stdout.write(f"  {where} {value}：{refusal.reason}")
        if len(outcome.refused) > _MOST_LINES:
            self.stdout.write(f"  还有 {len(outcome.refused) - _MOST_LINES} 处，见 --report 的文件。")
        for question in outcome.open_questions:
            hints = [_hint(question.value, option) for option, _ in question.options]
            self.stdout.write(f"  请回答：{question.words} {' 或 '.join(filter(None, hints))}")
        if options["dry_run"]:
            self.stdout.write("这是预演，没有写入。")
        elif not outcome.committed:
            self.stdout.write("有不能导入的行，全部没有写入。改好再导入，或加 --skip-refused 跳过这些行。")

    def _check_report(self, name: str | None) -> None:
        """Whether the report can be written is known before anything is imported."""
        if not name:
            return
        path = Path(name)
        try:
            with path.open("a"):
                pass
        except OSError:
            raise OfficeError(f"结果文件写不了：{name}。没有导入。") from None
        self._report = path

    def _write_report(self, report: dict[str, Any]) -> None:
        if self._report is not None:
            self._report.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    def _stop(self, sentence: str) -> NoReturn:
        self.stderr.write(sentence)
        sys.exit(2)


def _alliance(kind: Any, code: str | None) -> Alliance | None:
    if code is None:
        return None
    if not kind.by_alliance:
        raise OfficeError(f"导入{kind.title}不用指定联盟。")
    alliance = Alliance.objects.select_related("organisation").filter(code=code).first()
    if alliance is None:
        raise OfficeError(f"没有编码为“{code}”的联盟。")
    return alliance


def _year(typed: str | None) -> int | None:
    if typed is None:
        return None
    if not (typed.isascii() and typed.isdecimal() and 2000 <= int(typed) <= 2100):
        raise OfficeError(f"“{typed}”不是年度，请写四位数字，如 2025。")
    return int(typed)


def _answers(same: list[str], new: list[str]) -> dict[str, str]:
    answers = {name.strip(): NEW for name in new}
    for pair in same:
        left, sign, right = pair.partition("=")
        if not sign or not left.strip() or not right.strip():
            raise OfficeError(f"“{pair}”写得不对，应写成 --same 表里的名称=已登记的名称。")
        answers[left.strip()] = SAME + right.strip()
    return answers


def _hint(value: str, option: str) -> str:
    if option.startswith(SAME):
        return f'--same "{value}={option.removeprefix(SAME)}"'
    return f'--new "{value}"' if option == NEW else ""
