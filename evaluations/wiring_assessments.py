"""What the screens of the quarterly assessment put into the registries; called once from ``wiring.register``."""

from typing import Any

from alliances.enums import MEMBER_ROLES, Role
from alliances.registry import DeskCard, LogCode, NavItem, registries
from evaluations import desk_assessments
from evaluations.services import downloads


def register() -> None:
    registries.log_codes.register(LogCode(downloads.DOWNLOADED, "下载季度考核评议文件"))
    registries.desk_cards.register(DeskCard("evaluations.assessments", desk_assessments.lines), order=22)
    for name, url_name, shown in (
        ("assessments", "evaluations:assessments", _reads_reports),
        ("assessment-own", "evaluations:assessment-own", _reads_own),
    ):
        registries.nav.register(NavItem(name, "季度考核", url_name, shown, on_phone=False), order=45)


def _reads_reports(user: Any) -> bool:
    return user.holds(Role.SECRETARY, Role.STAFF, Role.PRESIDENT)


def _reads_own(user: Any) -> bool:
    return user.holds(*MEMBER_ROLES) and not _reads_reports(user)
