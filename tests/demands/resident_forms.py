"""Residents' forms as a phone posts them."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

from django.test import Client
from django.urls import reverse

from demands.models import Demand, IntakePoint, Resource
from demands.services import intake, resources
from demands.services.resources import Hours
from tests.cast import Cast
from tests.factories import demands as lists

HIDDEN = re.compile(r'name="(form_key|csrfmiddlewaretoken|which)" value="([^"]+)"')
CODE = re.compile(r"<strong>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){2})</strong>")
WORDS = {"category": "房屋设施/路灯", "content": "三号楼前路灯不亮"}


def door(cast: Cast) -> IntakePoint:
    """The QR on the wall of 清风小区服务站."""
    return intake.open_door(cast.station_place, cast.alliance, actor=cast.staff)


def order_url(point: IntakePoint) -> str:
    return reverse("demands:resident-order", args=[point.code])


def progress_url(code: str) -> str:
    return reverse("demands:resident-progress", args=[code])


def text(answer: Any) -> str:
    return str(answer.content.decode())


def heading(answer: Any) -> str:
    found = re.search(r"<h1>(.*?)</h1>", text(answer))
    assert found, text(answer)
    return found[1]


def hidden(answer: Any) -> dict[str, str]:
    return dict(HIDDEN.findall(text(answer)))


def opened(phone: Client, url: str) -> dict[str, str]:
    """Look at a page; the hidden values of its form."""
    answer = phone.get(url)
    assert answer.status_code == 200, answer.status_code
    return hidden(answer)


def send(phone: Client, url: str, /, **fields: Any) -> Any:
    """Look at an order's page and post it."""
    return phone.post(url, opened(phone, url) | WORDS | fields)


def told(answer: Any) -> str:
    """The code that the answer tells."""
    assert answer.status_code == 200, text(answer)
    found = CODE.search(text(answer))
    assert found, text(answer)
    return found[1]


def ordered(phone: Client, point: IntakePoint, /, **fields: str) -> tuple[Demand, str]:
    """Order once; the demand and its code."""
    code = told(send(phone, order_url(point), **fields))
    return Demand.objects.latest("pk"), code


def deed(phone: Client, url: str, name: str, /, **fields: Any) -> Any:
    """Press one of the buttons of a progress page."""
    return phone.post(url, opened(phone, url) | {"deed": name} | fields)


def open_venue(cast: Cast, **fields: Any) -> Resource:
    """县图书馆's room, open to residents on Saturdays from nine to half past eleven, to others also on Mondays."""
    room = lists.venue(cast.members["县图书馆"], **{"seats": 30, **fields})
    stretches = [Hours(5, time(9), time(11, 30), for_residents=True), Hours(0, time(9), time(17))]
    return resources.set_hours(room, stretches, actor=cast.liaison)


def venue_url(point: IntakePoint, room: Resource) -> str:
    return reverse("demands:resident-venue", args=[point.code, room.pk])


SATURDAY = {
    "day": "2026-03-07",
    "starts": "09:00",
    "ends": "10:30",
    "purpose": "合唱队排练",
    "name": "方小超",
    "phone": "13800003449",
    "consent": "on",
}
