"""An entry of the circle with a file, for every route of the circle; and a town's entries for the ceilings."""

from __future__ import annotations

from typing import Any

from alliances.models import Alliance, Bulletin, User
from alliances.services import bulletins
from tests.cast import Cast
from tests.pictures import png


def furnish_circle(cast: Cast) -> dict[str, dict[str, Any]]:
    """Route → arguments, as ``tests.routes.furnish`` wants them."""
    entry = bulletins.publish(
        cast.alliance,
        kind="news",
        title="读书会",
        body="60 名居民参加。",
        attachments=[("合影.png", png())],
        actor=cast.secretary,
    )
    found: dict[str, dict[str, Any]] = {
        "alliances:circle-public": {"code": "01-01-01"},
        "alliances:circle-file": {"pk": entry.pk, "attachment": entry.attachments.get().pk},
    }
    for name in ("circle-entry", "circle-attach", "circle-withdraw"):
        found[f"alliances:{name}"] = {"pk": entry.pk}
    return found


def town_entries(alliance: Alliance, n: int, actor: User) -> None:
    """For the query ceilings: ``n`` public entries with ``n`` files each."""
    for number in range(n):
        bulletins.publish(
            alliance,
            kind="news",
            title=f"第{number}条",
            body="略",
            visibility="public",
            attachments=[(f"{i}.png", png()) for i in range(n)],
            actor=actor,
        )


def of_town(alliance: Alliance) -> Bulletin:
    return Bulletin.objects.get(alliance=alliance, title="第0条")
