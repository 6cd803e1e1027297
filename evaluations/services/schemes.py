"""Changing the scheme of the assessment. What has been filed keeps the scheme it was filed with."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from alliances import clock
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Alliance, Organisation, User
from alliances.services import audit
from evaluations import policies
from evaluations.assessing import FULL, SUM_TITLES, Scheme
from evaluations.models import AssessmentScheme


def save(
    organisation: Organisation,
    year: int,
    *,
    weights: Mapping[str, int],
    lowest: int,
    highest: int,
    actor: User,
) -> AssessmentScheme:
    """Keep the scheme of ``organisation`` from ``year`` on. ``weights``: sum (``assessing.DEFAULT_WEIGHTS``) → whole points, 100
    together, 0 for what is not assessed. Drafts follow when they are next computed. Raises OfficeError, NotAllowed."""
    if not policies.can_edit_scheme(actor, organisation):
        raise NotAllowed("只有社区书记和本级办公室可以修改考核方案。")
    if year < clock.today().year:
        raise OfficeError("往年的考核方案不再修改。")
    _check(weights, lowest, highest)
    with transaction.atomic():
        row, _ = AssessmentScheme.objects.update_or_create(
            organisation=organisation,
            year=year,
            defaults={"weights": dict(weights), "lowest": lowest, "highest": highest},
        )
        audit.record(
            "evaluations.scheme.save",
            row,
            actor=actor,
            alliance=Alliance.objects.filter(organisation=organisation).first(),
            data={"year": year, "weights": dict(weights), "lowest": lowest, "highest": highest},
        )
    return row


def _check(weights: Mapping[str, int], lowest: int, highest: int) -> None:
    if weights.keys() != SUM_TITLES.keys():
        raise OfficeError("考核项目不全，请刷新后重新填写。")
    for key, points in weights.items():
        if isinstance(points, bool) or not isinstance(points, int) or points < 0:
            raise OfficeError(f"“{SUM_TITLES[key]}”的分值应是不小于 0 的整数。")
    total = sum(weights.values())
    if total != FULL:
        raise OfficeError(f"各项分值合计应为 {FULL} 分，现在是 {total} 分。")
    if not -FULL <= lowest <= 0 <= highest <= FULL:
        raise OfficeError(f"加减分范围应包含 0，且不超过 {FULL} 分。")
    Scheme(weights=dict(weights), lowest=lowest, highest=highest)
