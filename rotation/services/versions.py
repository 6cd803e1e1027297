"""Versions of a table kept and brought back, so that no draft of the planner loses what was arranged by hand."""

from __future__ import annotations

from django.db import transaction

from alliances.errors import OfficeError
from alliances.models import Member, User
from rotation.models import Plan, PlanVersion
from rotation.selectors import tables
from rotation.services import plans


def keep_if_changed(plan: Plan, *, actor: User) -> PlanVersion | None:
    """Save the table as it stands unless the last version is the same or the table is still empty."""
    standing = tables.snapshot(plan)
    if not any(row["members"] for row in standing):
        return None
    last = PlanVersion.objects.filter(plan=plan).order_by("-number").first()
    if last and last.months == standing:
        return None
    return plans.save_version(plan, actor=actor)


def restore(version: PlanVersion, *, actor: User) -> int:
    """Bring chairs and themes of ``version`` back; what stood is kept as a version. Returns the months changed.

    Locked months stay. Units that have left since are refused with the sentence of ``plans.set_chairs``.
    """
    plan = version.plan
    if not plans.may_edit(actor, plan):
        raise OfficeError("安排表已经通过，只能用调换、代理、顺延来调整。")
    known = {row["month"]: row for row in version.months}
    ids = {pk for row in version.months for pk in row["members"]}
    members = {m.pk: m for m in Member.objects.filter(pk__in=ids).select_related("unit")}
    changed = 0
    with transaction.atomic():
        keep_if_changed(plan, actor=actor)
        for duty in tables.duties_of(plan):
            row = known.get(duty.month)
            if row is None or duty.is_locked:
                continue
            if [chair.member_id for chair in duty.chairs.all()] != row["members"]:
                plans.set_chairs(duty, [members[pk] for pk in row["members"]], actor=actor)
                changed += 1
            if duty.theme != row["theme"]:
                plans.describe(duty, theme=row["theme"], partners=duty.partners, note=duty.note, actor=actor)
    return changed
