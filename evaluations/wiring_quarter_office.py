"""What the offices' quarter puts into the registries."""

from __future__ import annotations

from typing import Any

from alliances.enums import Role
from alliances.registry import DeskCard, NavItem, registries
from evaluations import desk_office
from evaluations.exports.quarter_office import EXPORTS


def register() -> None:
    for export in EXPORTS:
        registries.exports.register(export())
    registries.desk_cards.register(DeskCard("evaluations.quarter_office", desk_office.lines), order=25)
    registries.nav.register(
        NavItem("quarter-office", "季度汇总", "evaluations:quarter-office", _is_office, on_phone=False),
        order=45,
    )


def _is_office(user: Any) -> bool:
    return user.holds(Role.OFFICE)
