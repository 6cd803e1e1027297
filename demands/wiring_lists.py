"""What the lists' pages put into the registries: their places in the navigation, columns of the offices' table."""

from typing import Any

from alliances.enums import Role
from alliances.registry import NavItem, OfficeColumns, registries
from demands import office

# Those for whom the lists are daily work have them in the phone's bar; units have the hall there instead.
OFFICE_ROLES = (Role.SECRETARY, Role.STAFF, Role.PRESIDENT, Role.STATION, Role.OFFICE)


def _works_with_lists(user: Any) -> bool:
    return user.holds(*OFFICE_ROLES)


def _reads_as_unit(user: Any) -> bool:
    return user.holds(Role.LIAISON, Role.LEADER) and not user.holds(*OFFICE_ROLES)


def register() -> None:
    registries.office_columns.register(OfficeColumns("demands", office.TITLES, office.cells), order=20)
    registries.nav.register(
        NavItem("hall", "领办大厅", "demands:hall", lambda user: user.holds(Role.LIAISON)), order=26
    )
    registries.nav.register(NavItem("demands", "四项清单", "demands:demands", _works_with_lists), order=28)
    registries.nav.register(
        NavItem("demands-unit", "四项清单", "demands:demands", _reads_as_unit, on_phone=False), order=28
    )
