"""A planned and a recorded activity of March, for every route of activities; and those of a town for the ceilings."""

from __future__ import annotations

from datetime import date
from typing import Any

from alliances import clock
from alliances.models import Alliance, Member, User
from rotation.models import Activity, Duty, Photo
from rotation.services import activities, photos
from tests.cast import Cast
from tests.pictures import jpeg


def furnish_activities(cast: Cast) -> dict[str, dict[str, Any]]:
    """Route → arguments, as ``tests.routes.furnish`` wants them."""
    activity = activities.plan(
        cast.alliance,
        kind="volunteering",
        title="学雷锋志愿服务",
        planned_on=date(2026, 3, 2),
        duty=cast.duties[3],
        actor=cast.liaison,
    )
    photo = photos.add(activity, jpeg(), actor=cast.liaison)
    found: dict[str, dict[str, Any]] = {
        "rotation:month": {"code": "01-01-01", "year": 2026, "month": 3},
        "rotation:activity-paper": {"pk": activity.pk, "fmt": "pdf"},
        "rotation:activity-photo": {"pk": activity.pk, "photo": photo.pk},
        "rotation:activity-unphoto": {"pk": activity.pk, "photo": photo.pk},
    }
    deeds = ("edit", "join", "leave", "unit", "hold", "record", "cancel", "photos")
    for name in ("activity", *(f"activity-{deed}" for deed in deeds)):
        found[f"rotation:{name}"] = {"pk": activity.pk}
    return found


PLANNED, RECORDED = "计划中的活动", "记录好的活动"


def town_activities(alliance: Alliance, duty: Duty, members: list[Member], actor: User) -> None:
    """For the query ceilings: as many activities as the town has units, each with all of them, and their pictures."""
    for title in (PLANNED, RECORDED):
        for number in range(len(members)):
            activity = activities.plan(
                alliance,
                kind="volunteering",
                title=f"{title}{number}",
                planned_on=clock.today(),
                duty=duty,
                actor=actor,
            )
            for member in members:
                activities.join(activity, member, heads=3, via="phone", actor=actor)
            for order in range(1, len(members) + 1):
                Photo.objects.create(
                    activity=activity,
                    file=f"photos/{order}.jpg",
                    width=4,
                    height=3,
                    order=order,
                    added_by=actor,
                )
            if title == RECORDED:
                activities.record(activity, beneficiaries=9, held_on=clock.today(), actor=actor)


def of_town(alliance: Alliance, title: str) -> Activity:
    return Activity.objects.get(alliance=alliance, title=f"{title}0")
