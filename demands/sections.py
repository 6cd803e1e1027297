"""What the demand loop adds to other apps' papers and pages: the slip names open demands that suit its units, a seminar's
agenda those that nobody has taken, an activity the claims it served. Never a resident's words: papers are printed and
copied into chats."""

from typing import Any

from demands.enums import DemandState
from demands.models import Demand
from demands.selectors import fitting, places

MOST = 3
NAMED_ON_AGENDA = 5
LONGEST_NAMES = 120  # characters: an item of an agenda is a line or two


def slip_blocks(duty: Any) -> list[dict[str, Any]]:
    """A table of open demands that fit the chair units, read when the slip is issued: number, category, why; empty
    without any. No resident's words: the slip is printed and copied into chats."""
    rows: dict[str, list[str]] = {}
    for chair in duty.chairs.all():
        for row in fitting.demands_for(chair.member, MOST):
            rows.setdefault(
                row.demand.number, [row.demand.number, str(row.demand.category), chair.member.unit.name]
            )
    if not rows:
        return []
    listed = list(rows.values())[: MOST * 2]
    return [
        {
            "type": "table",
            "label": "待认领需求（适合轮值单位的）",
            "columns": [
                {"title": "编号", "width": 46, "align": "left"},
                {"title": "类别", "width": 40, "align": "left"},
                {"title": "适合单位", "width": 40, "align": "left"},
            ],
            "rows": listed,
        }
    ]


def agenda_items(meeting: Any) -> list[str]:
    """A seminar may take up the alliance's demands that no unit has claimed: one item with their number, the oldest by
    name."""
    if meeting.duty is None:
        return []
    rows = Demand.objects.filter(alliance=meeting.alliance_id, state=DemandState.OPEN)
    oldest = list(rows.select_related("category").order_by("raised_on", "pk")[:NAMED_ON_AGENDA])
    if not oldest:
        return []
    many = len(oldest) if len(oldest) < NAMED_ON_AGENDA else rows.count()
    names: list[str] = []
    for demand in oldest:
        name = f"{demand.number} {demand.category}"
        if len("、".join([*names, name])) <= LONGEST_NAMES:
            names.append(name)
    more = "等" if many > len(names) else ""
    return [f"协商认领待领办的群众需求{many}件（{'、'.join(names)}{more}）"]


def served_claims(activity: Any) -> list[tuple[str, str]]:
    """The claims that an activity served: number, kind and unit, with the claim's page."""
    rows = activity.claims.select_related("demand__category", "member__unit").order_by("claimed_on", "pk")
    return [
        (f"{claim.demand.number} {claim.demand.category}（{claim.member.unit.name}）", places.of_claim(claim))
        for claim in rows
    ]
