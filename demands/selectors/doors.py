"""The doors by which residents come in (QR codes on a community's and its stations' walls), and their poster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from alliances.documents import Paper
from alliances.enums import Level
from alliances.models import Alliance, Organisation
from alliances.selectors.settings import settings_for
from demands.models import IntakePoint, Resource
from demands.selectors import categories, places


@dataclass(frozen=True)
class Door:
    """A place that can have a QR, and the point that stands open there now."""

    place: Organisation
    point: IntakePoint | None


def doors_of(alliance: Alliance) -> list[Door]:
    """The community first, then its stations by code; two queries."""
    open_points = {
        point.organisation_id: point
        for point in IntakePoint.objects.filter(alliance=alliance, closed_at=None).select_related("alliance")
    }
    rows = Organisation.objects.filter(
        Q(pk=alliance.organisation_id) | Q(parent=alliance.organisation_id, level=Level.STATION)
    ).order_by("path")
    return [Door(place, open_points.get(place.pk)) for place in rows]


def link(point: IntakePoint, *, site: str) -> str:
    """What the QR holds."""
    return site.rstrip("/") + places.of_door(point)


def privacy_sentence(alliance: Alliance, days: int | None = None) -> str:
    """Who handles a contact, why, how long (``days`` where the setting is known already); the same words on the poster and
    on the page."""
    days = days or settings_for(alliance.organisation).anonymise_after
    return (
        f"姓名和电话可以不留。留了的，由{alliance.organisation.name}和承办单位只用来核实、办理和回访，"
        f"加密保存，办结后 {days} 天清除；凭查询码随时可以自己删除。"
    )


def booking_privacy(alliance: Alliance, venue: Resource) -> str:
    """The same for a booking, which needs somebody to answer to."""
    days = settings_for(alliance.organisation).anonymise_after
    return (
        f"姓名和电话由{alliance.organisation.name}和提供场地的{venue.member.unit.name}只用来答复这次预约，"
        f"加密保存，用完 {days} 天后清除。"
    )


def poster(point: IntakePoint, *, site: str) -> Paper:
    """One page for the wall: the QR, what one can ask for, what then happens, the privacy sentence."""
    alliance = point.alliance
    settings = settings_for(alliance.organisation)
    groups = [f"{group}（{'、'.join(names[:2])}）" for group, names in categories.pairs().items()]
    rows: list[list[Any]] = [
        ["能提什么", "；".join(groups)],
        ["怎么提", "扫码，点选一类，写一两句话，不用注册登录。"],
        [
            "提了以后",
            f"页面给一个查询码，请截屏或抄下。社区 {settings.review_within} 个工作日内答复是否受理；"
            "单位认领办理，服务站验收，办完回访。没有解决的，可以要求重新办理一次。",
        ],
        ["怎么查", f"在 {site.rstrip('/')}/q/ 输入查询码，可以看进展、撤回、评价。"],
        ["不用手机", "到社区、服务站当面说，打电话、投意见箱，一样办理。"],
        ["个人信息", privacy_sentence(alliance, settings.anonymise_after)],
    ]
    return {
        "kind": "demands.poster",
        "layout": "form",
        "wall": True,
        "title": f"{point.organisation.name}居民点单",
        "head": {"style": "plain", "issuer": alliance.name},
        "blocks": [
            {
                "type": "qr",
                "size": 98,
                "items": [{"link": link(point, site=site), "lines": ["有困难、有心愿，微信扫一扫告诉我们"]}],
            },
            {"type": "fields", "rows": rows},
        ],
    }
