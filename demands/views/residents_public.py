"""What residents' pages share: nobody is known there (``alliances.middleware.Nameless``), wrong codes are counted, every
refusal is a page with a sentence.

Tracking codes have 60 bits and doors 50: they cannot be found by trying. Wrong ones are answered 429 after a number of
tries from one address; right ones are never refused for what others behind the same address have tried.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from alliances import limits
from alliances.errors import OfficeError
from demands.models import IntakePoint
from demands.services import codes

WRONG_CODES = limits.Tries("resident-code", 30, 600)  # unknown codes and doors of one address in ten minutes
FROM_ADDRESS = limits.Tries("resident-form", 30, 600)  # new orders and bookings of one address in ten minutes
AT_DOOR = limits.Tries("resident-door", 100, 600)  # and at one door

TOO_OFTEN = "请稍等一会儿"
TOO_OFTEN_WORDS = (
    "这里输错的次数太多，请过 10 分钟再试。查询码没有问题的，仍可直接打开；"
    "也可以到社区或小区服务站请工作人员帮您查。"
)
TOO_MANY = "这里提交的次数太多，填写的内容都在，请过 10 分钟再点一次提交；也可以到社区或小区服务站当面说。"
OLD_PAGE = "页面放得太久了，填写的内容都在，请再点一次提交。"


class CodeUnknown(OfficeError):
    def __init__(self) -> None:
        super().__init__("请核对查询码，一共 12 个字母和数字；信息已经删除的，查询码不能再用。")


class LinkUnknown(OfficeError):
    def __init__(self) -> None:
        super().__init__("链接不完整，或者已经评价过了。想再说几句的，请联系社区或小区服务站。")


class DoorUnknown(OfficeError):
    def __init__(self) -> None:
        super().__init__("请重新扫一次墙上的二维码；还是不行，请到社区或小区服务站当面说，一样办理。")


class DoorClosed(OfficeError):
    def __init__(self) -> None:
        super().__init__("这个二维码已经停用。请扫新的二维码，或到社区、小区服务站当面说，一样办理。")


TITLES: dict[type[OfficeError], tuple[str, int]] = {
    CodeUnknown: ("没有查到", 404),
    LinkUnknown: ("这个链接不能用了", 404),
    DoorUnknown: ("二维码不对", 404),
    DoorClosed: ("二维码已停用", 410),
}


def answered(request: HttpRequest, show: Callable[[], HttpResponse]) -> HttpResponse:
    """What ``show`` answers, or a page with the sentence why it did not; wrong codes are counted."""
    try:
        return show()
    except (CodeUnknown, LinkUnknown, DoorUnknown, DoorClosed) as problem:
        title, status = TITLES[type(problem)]
        words = problem.message
        if status == 404 and too_often(request):
            title, status, words = TOO_OFTEN, 429, TOO_OFTEN_WORDS
        context = {"title": title, "sentence": words, "may_type": status == 404}
        return render(request, "demands/public/refused.html", context, status=status)


def too_often(request: HttpRequest) -> bool:
    """Count a wrong code; whether there were too many from the address."""
    address = limits.address(request)
    if WRONG_CODES.used_up(address):
        return True
    WRONG_CODES.note(address)
    return False


def open_point(code: str) -> IntakePoint:
    """The door of a QR's code. Raises DoorUnknown, DoorClosed."""
    rows = IntakePoint.objects.select_related("alliance__organisation", "organisation")
    point = rows.filter(code=codes.normal(code[:100])).first()
    if point is None:
        raise DoorUnknown
    if point.closed_at is not None:
        raise DoorClosed
    return point


def refusal_of_new(request: HttpRequest, point: IntakePoint) -> str:
    """Why nothing more is taken now from this address or at this door; empty while there is room."""
    if FROM_ADDRESS.used_up(limits.address(request)) or AT_DOOR.used_up(point.code):
        return TOO_MANY
    return ""


def note_new(request: HttpRequest, point: IntakePoint) -> None:
    FROM_ADDRESS.note(limits.address(request))
    AT_DOOR.note(point.code)


def about(point: IntakePoint) -> dict[str, Any]:
    return {"point": point, "place": point.organisation, "alliance": point.alliance}
