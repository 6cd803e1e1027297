"""The foundation's own part of a member's page: what the unit has promised."""

from __future__ import annotations

from typing import Any

from alliances import clock
from alliances.enums import CommitmentState
from alliances.models import Commitment, Member
from alliances.policies import can_oversee_alliance, can_run_alliance
from alliances.selectors import commitments


def member_commitments(user: Any, member: Member) -> dict[str, Any]:
    """Open promises and those of this year and the last, by their day; older ones stand in the list. One query.

    ``shows`` is false for readers who may not know: other units, stations.
    """
    own = any(post.member_id == member.pk for post in user.current_appointments)
    if not own and not can_oversee_alliance(user, member.alliance):
        return {"shows": False}
    rows = commitments.shown(Commitment.objects.filter(member=member)).order_by("due_on", "pk")
    today = clock.today()
    recent = [row for row in rows if row.state == CommitmentState.OPEN or row.due_on.year >= today.year - 1]
    return {
        "shows": True,
        "rows": [(row, *commitments.state_words(row, today)) for row in recent],
        "older": len(rows) - len(recent),
        "list_url": f"/commitments/?alliance={member.alliance.code}&member={member.pk}",
        "may_add": member.left_on is None and can_run_alliance(user, member.alliance),
    }
