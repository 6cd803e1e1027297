"""``manage.py describe_states``: writes docs/states.md from the registered lifecycles."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from alliances.enums import Role
from alliances.lifecycle import Lifecycle, Move
from alliances.registry import registries

HEAD = """# States and moves

Written by `python manage.py describe_states` from the tables in each app's `lifecycles.py`; do not edit by hand.
A move's log code is the lifecycle's name, a dot and the move's name. A move marked *system* has no button: the clock
makes it, or it is part of another step.
"""


class Command(BaseCommand):
    help = "由生命周期表生成 docs/states.md"

    def add_arguments(self, parser) -> None:
        parser.add_argument("--check", action="store_true", help="只核对文件是否最新，不写入")

    def handle(self, *args, check: bool = False, **options) -> None:
        path: Path = settings.BASE_DIR / "docs" / "states.md"
        text = describe()
        if check:
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                raise CommandError("docs/states.md 不是最新，请运行 manage.py describe_states。")
            self.stdout.write("docs/states.md 是最新的。")
            return
        path.write_text(text, encoding="utf-8")
        self.stdout.write(f"已写入 {len(registries.lifecycles)} 个生命周期。")


def describe() -> str:
    """The whole document: one diagram and one table per lifecycle, in order of registration."""
    return "\n".join([HEAD, *(_section(lifecycle) for lifecycle in registries.lifecycles)])


def _section(lifecycle: Lifecycle) -> str:
    return "\n".join(
        [
            f"## {lifecycle.title} (`{lifecycle.name}`)",
            "",
            "```mermaid",
            "stateDiagram-v2",
            *(f"    {value}: {value} {label}" for value, label in lifecycle.states.choices),
            f"    [*] --> {lifecycle.initial}",
            *(
                f"    {source} --> {move.target}: {move.label}"
                for move in lifecycle.moves
                for source in move.sources
            ),
            *(f"    {state} --> [*]" for state in _ends(lifecycle)),
            "```",
            "",
            "| move | from | to | who | needs | stamps |",
            "|---|---|---|---|---|---|",
            *(_row(lifecycle, move) for move in lifecycle.moves),
            "",
        ]
    )


def _ends(lifecycle: Lifecycle) -> list[str]:
    """States that no move leaves."""
    left = {source for move in lifecycle.moves for source in move.sources}
    return [state for state in lifecycle.states.values if state not in left]


def _row(lifecycle: Lifecycle, move: Move) -> str:
    labels = dict(lifecycle.states.choices)
    needs = (move.guard.__doc__ or move.guard.__name__).strip() if move.guard else ""
    cells = [
        f"{move.label} `{move.name}`",
        "、".join(labels[source] for source in move.sources),
        labels[move.target],
        "*system*" if move.system else "、".join(Role(role).label for role in _roles(move)),
        needs,
        f"`{move.stamp}`" if move.stamp else "",
    ]
    return f"| {' | '.join(cells)} |"


def _roles(move: Move) -> list[str]:
    """Roles of the move's rule in the order of the enumeration."""
    return [role for role in Role.values if role in move.who.roles]
