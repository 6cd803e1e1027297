"""Small manners that the services of the loop share: the row that is held, who acts how, texts that are not too long."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from alliances import clock
from alliances.enums import MEMBER_ROLES, Role, Via
from alliances.errors import OfficeError
from alliances.models import Member, Person
from alliances.policies import Rule
from alliances.selectors import directory
from alliances.services import outbox
from demands.models import Demand

# What stands between two names in one cell of a list (unmasked lists are imported again), and what masks one.
BETWEEN_NAMES = "、,，;；/"
NOT_IN_NAMES = f"{BETWEEN_NAMES}／*＊"
NOBODY = ("匿名", "无名", "不愿透露", "未留名", "无")


def hold(demand: Demand) -> Demand:
    """Take the demand's row for this transaction and read it anew: whatever changes claims, offers or the state of one
    demand happens one after the other. PostgreSQL locks the row; on SQLite every transaction is the only writer from its
    beginning (``transaction_mode`` IMMEDIATE in the settings).
    """
    rows = Demand.objects.select_for_update(of=("self",))
    return rows.select_related("alliance__organisation", "shared_to", "station", "category").get(pk=demand.pk)


def own_or_recorded(rule: Rule, actor: Any, obj: Any, via: str) -> str:
    """How an act of a unit or station is recorded: on screen by itself; secretary and staff only write down what was
    done on paper or by telephone, and say which. Returns ``via``; raises OfficeError.
    """
    role = rule.capacity(actor, obj)
    if role in MEMBER_ROLES or role == Role.STATION:
        return Via.SCREEN
    if via not in (Via.PAPER, Via.PHONE):
        raise OfficeError("代单位或站点登记时，请选择纸质或电话。")
    return via


def text(value: str, most: int, *, missing: str = "") -> str:
    """``value`` stripped; refused when empty and ``missing`` says so, or when longer than ``most`` characters."""
    value = value.strip()
    if missing and not value:
        raise OfficeError(missing)
    if len(value) > most:
        raise OfficeError(f"“{value[:10]}……”太长，最多{most}字。")
    return value


def resident_name(value: str) -> str:
    """How a resident is called: one name, with nothing that lists put between names or stars put over them."""
    name = " ".join(text(value, 40).split())
    if any(letter in NOT_IN_NAMES for letter in name):
        raise OfficeError("姓名里不要写顿号、逗号、分号、斜杠和星号，只写怎么称呼；住哪里请写在需求内容里。")
    return "" if name in NOBODY else name


def not_after_today(day: date, what: str) -> date:
    if day > clock.today():
        raise OfficeError(f"{what}不能晚于今天。")
    return day


def liaisons(member: Member) -> list[Person]:
    """Whoever acts for ``member`` today; nobody when the post is empty."""
    post = directory.holder(member, Role.LIAISON)
    return [post.person] if post else []


def tell(
    people: Iterable[Person], obj: Any, kind: str, subject: str, body: str, path: str, *, key: str = ""
) -> None:
    """One message a person about ``obj``, in the transaction of the change it tells of. ``key`` tells apart a second one
    of the same kind about the same thing. Never a resident's words or name: messages leave the house."""
    outbox.post(
        people,
        kind=kind,
        subject=subject,
        body=body,
        path=path,
        dedupe_key=f"{kind}:{obj.pk}{f':{key}' if key else ''}",
        alliance=obj.alliance,
    )
