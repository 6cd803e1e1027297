"""Running ``import_sheet`` in a test: exit code, words and report; the county's files; what stands in every table."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command

from alliances.models import Alliance, Organisation
from alliances.services import organisations

COUNTY = Path(__file__).resolve().parent.parent / "alliances" / "seeds" / "jingyanhong"
FILES = {
    "organisations": COUNTY / "组织架构.xlsx",
    "members": COUNTY / "成员单位名册.xlsx",
    "plan": COUNTY / "年度轮值主席安排表-2025.xlsx",
    "wishes": COUNTY / "轮值意愿征集表-2026.xlsx",
    "resources": COUNTY / "服务资源清单.xlsx",
    "demands": COUNTY / "群众需求清单.xlsx",
    "claims": COUNTY / "认领项目清单.xlsx",
    "acceptances": COUNTY / "验收结果清单.xlsx",
}
# Those of the first two imports: who there is, and whose turn it was. The four lists follow.
FIRST = ("organisations", "members", "plan", "wishes")
LISTS = ("resources", "demands", "claims", "acceptances")


@dataclass
class Run:
    """One run of the command; ``code`` is its exit code, ``words`` what it said."""

    code: int
    words: str
    report: dict[str, Any]

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """(added, changed, unchanged, refused)"""
        report = self.report
        return report["added"], report["changed"], report["unchanged"], len(report["refused"])

    @property
    def reasons(self) -> list[str]:
        return [f"{r['row']} {r['column']} {r['reason']}" for r in self.report["refused"]]


def import_sheet(kind: str, file: Path | str, folder: Path, *options: str) -> Run:
    """Run the command; its report goes through a file in ``folder``."""
    out, err, target = io.StringIO(), io.StringIO(), folder / "report.json"
    target.unlink(missing_ok=True)
    code: Any = 0
    try:
        call_command("import_sheet", kind, str(file), *options, report=str(target), stdout=out, stderr=err)
    except SystemExit as stop:
        code = stop.code
    report = json.loads(target.read_text(encoding="utf-8")) if target.stat().st_size else {}
    return Run(code, out.getvalue() + err.getvalue(), report)


def import_county(folder: Path, *kinds: str) -> dict[str, Run]:
    """The county's people, units and tables in their order, or the named files."""
    return {kind: import_sheet(kind, FILES[kind], folder) for kind in kinds or FIRST}


def everything() -> dict[str, int]:
    """The number of rows in every table."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def communities(*names: str) -> list[Alliance]:
    """A county with a street and the alliances of these communities."""
    county = organisations.add("某县总站", "county", None, actor=None)
    street = organisations.add("城关街道", "street", county, actor=None)
    places = [organisations.add(name, "community", street, actor=None) for name in names]
    return [organisations.found_alliance(place, actor=None) for place in places]


def place(name: str) -> Organisation:
    return Organisation.objects.get(name=name)
