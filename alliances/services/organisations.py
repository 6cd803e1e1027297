"""The organisation tree and the alliances that stand on it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction

from alliances.enums import Level
from alliances.errors import OfficeError
from alliances.models import Alliance, DayCorrection, Organisation, User
from alliances.services import audit

# Levels whose nodes get an alliance of their own when an organisation sheet is imported (总站, 社区分站).
ALLIANCE_LEVELS = (Level.CITY, Level.COUNTY, Level.COMMUNITY)


def add(name: str, level: str, parent: Organisation | None, *, actor: User | None) -> Organisation:
    """A node under ``parent``, coded by its order there: the first root is "01", its third child "01-03"."""
    siblings = Organisation.objects.filter(parent=parent).values_list("code", flat=True)
    number = max((int(code.rsplit("-", 1)[-1]) for code in siblings), default=0) + 1
    code = f"{parent.code}-{number:02d}" if parent else f"{number:02d}"
    try:
        with transaction.atomic():
            organisation = Organisation.objects.create(
                parent=parent, level=level, name=name, code=code, path=Organisation.path_of(code)
            )
            audit.record("alliances.organisation.add", organisation, actor=actor, data={"code": code})
    except IntegrityError as problem:
        raise OfficeError(f"“{name}”在同一上级下已经存在。") from problem
    return organisation


def found_alliance(organisation: Organisation, *, actor: User | None) -> Alliance:
    """The alliance of ``organisation``, created if there is none yet."""
    alliance = Alliance.objects.filter(organisation=organisation).first()
    if alliance:
        return alliance
    short = organisation.name.removesuffix("社区").removesuffix("总站")
    is_head = organisation.level != Level.COMMUNITY
    with transaction.atomic():
        alliance = Alliance.objects.create(
            organisation=organisation,
            code=organisation.code,
            name=organisation.name if is_head else f"{organisation.name}党建联盟",
            number_prefix="党建联总站" if is_head else f"{short[:10]}党建联",
        )
        audit.record("alliances.alliance.found", alliance, actor=actor)
    return alliance


def change_alliance(alliance: Alliance, *, actor: User, **details: Any) -> bool:
    """Write changed details (name, brand, number_prefix); papers already issued keep theirs. Whether anything changed."""
    changed = {key: value for key, value in details.items() if getattr(alliance, key) != value}
    if not changed:
        return False
    with transaction.atomic():
        Alliance.objects.filter(pk=alliance.pk).update(**changed)
        audit.record("alliances.alliance.change", alliance, actor=actor, data={"fields": sorted(changed)})
    for key, value in changed.items():
        setattr(alliance, key, value)
    return True


def change_settings(organisation: Organisation, values: dict[str, Any], *, actor: User) -> None:
    """Override settings for ``organisation`` and everything below it; values equal to None fall back again."""
    kept = {key: value for key, value in {**organisation.settings, **values}.items() if value is not None}
    with transaction.atomic():
        Organisation.objects.filter(pk=organisation.pk).update(settings=kept)
        organisation.settings = kept
        audit.record(
            "alliances.organisation.settings",
            organisation,
            actor=actor,
            alliance=getattr(organisation, "alliance", None),
            data={"keys": sorted(values)},
        )


def correct_day(
    organisation: Organisation, day: date, *, is_working: bool, reason: str, actor: User
) -> DayCorrection:
    """Declare a day working or free here and below; moves only deadlines that have not begun."""
    with transaction.atomic():
        correction, _ = DayCorrection.objects.update_or_create(
            organisation=organisation, day=day, defaults={"is_working": is_working, "reason": reason}
        )
        audit.record(
            "alliances.day.correct",
            correction,
            actor=actor,
            alliance=getattr(organisation, "alliance", None),
            data={"day": day.isoformat(), "is_working": is_working},
        )
    return correction


def remove_correction(correction: DayCorrection, *, actor: User) -> None:
    with transaction.atomic():
        audit.record(
            "alliances.day.uncorrect",
            correction,
            actor=actor,
            alliance=getattr(correction.organisation, "alliance", None),
            data={"day": correction.day.isoformat()},
        )
        correction.delete()
