"""Swaps as their page and list show them: who agreed how, what changes when they are filed."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from alliances import clock
from alliances.enums import Via
from alliances.models import Alliance, Member
from rotation.enums import SlipState, SwapKind, SwapState
from rotation.models import Duty, Slip, Swap
from rotation.selectors import tables

TONES = {
    SwapState.ASKED: "wait",
    SwapState.AGREED: "wait",
    SwapState.FILED: "done",
    SwapState.REFUSED: "off",
    SwapState.CANCELLED: "off",
}


def swaps_seen_by(user: Any, alliance: Alliance) -> QuerySet[Swap]:
    """The alliance's swaps with everything a line of the list needs."""
    return (
        Swap.objects.visible_to(user)
        .filter(alliance=alliance)
        .select_related("plan", "asker__unit", "other__unit", "duty__plan", "other_duty__plan")
    )


def consents(swap: Swap) -> list[dict[str, Any]]:
    """One line a unit: who, whether, when and how it agreed."""
    lines = [_consent(swap.asker, swap.asker_agreed_at, swap.asker_agreed_via, "申请单位")]
    if swap.other is not None:
        lines.append(_consent(swap.other, swap.other_agreed_at, swap.other_agreed_via, "对方单位"))
    return lines


def _consent(member: Member, when: Any, via: str, part: str) -> dict[str, Any]:
    return {
        "member": member,
        "part": part,
        "when": clock.local(when) if when else None,
        "via": Via(via).label if via else "",
    }


def effect(swap: Swap) -> list[dict[str, Any]]:
    """The months before and after: ``month``, ``before``, ``after`` (units, theme, ends_on as texts).

    Of a filed swap what was written then, otherwise what filing it would write now.
    """
    if swap.state == SwapState.FILED:
        return _filed(swap)
    duties = [d for d in (swap.duty, swap.other_duty) if d]
    chairs = {
        d.pk: d for d in Duty.objects.filter(pk__in=[d.pk for d in duties]).prefetch_related(tables.CHAIRS)
    }
    rows = []
    for duty in (chairs[d.pk] for d in duties):
        units = [chair.member for chair in duty.chairs.all()]
        leaving, coming = (swap.asker, swap.other) if duty.pk == swap.duty_id else (swap.other, swap.asker)
        after = units if swap.kind == SwapKind.POSTPONE else [coming if m == leaving else m for m in units]
        theme = duty.theme
        if swap.kind == SwapKind.SWAP and swap.with_theme:
            theme = next(other.theme for pk, other in chairs.items() if pk != duty.pk)
        ends_on = swap.until if swap.kind == SwapKind.POSTPONE else duty.ends_on
        rows.append(
            {
                "month": duty.month,
                "before": _words([m.unit.name for m in units], duty.theme, duty.ends_on.isoformat()),
                "after": _words([m.unit.name for m in after], theme, ends_on.isoformat()),
            }
        )
    return sorted(rows, key=lambda row: row["month"])


def _filed(swap: Swap) -> list[dict[str, Any]]:
    ids = {pk for line in (*swap.before, *swap.after) for pk in line["members"]}
    names = dict(Member.objects.filter(pk__in=ids).values_list("pk", "unit__name"))

    def words(line: dict[str, Any]) -> dict[str, str]:
        return _words([names.get(pk, "") for pk in line["members"]], line["theme"], line["ends_on"])

    after = {line["month"]: line for line in swap.after}
    return [
        {"month": line["month"], "before": words(line), "after": words(after[line["month"]])}
        for line in sorted(swap.before, key=lambda line: line["month"])
    ]


def _words(units: list[str], theme: str, ends_on: str) -> dict[str, str]:
    month, day = ends_on.split("-")[1:]
    return {"units": "、".join(units), "theme": theme, "ends_on": f"{int(month)}月{int(day)}日"}


def standing_slips(swap: Swap) -> list[Slip]:
    """Slips that filing will withdraw and issue anew."""
    duties = [pk for pk in (swap.duty_id, swap.other_duty_id) if pk]
    return list(
        Slip.objects.filter(duty__in=duties)
        .exclude(state=SlipState.WITHDRAWN)
        .select_related("duty")
        .order_by("pk")
    )
