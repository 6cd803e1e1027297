"""Posts and accounts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from alliances.enums import Level, Role
from alliances.forms.fields import REQUIRED, PhoneField
from alliances.models import Organisation

COMMUNITY_ROLES = (Role.STAFF, Role.PRESIDENT, Role.STATION)
ADMINISTRATOR_ROLES = (
    Role.OFFICE,
    Role.SECRETARY,
    Role.STAFF,
    Role.PRESIDENT,
    Role.STATION,
    Role.ADMINISTRATOR,
    Role.AUDITOR,
)
OFFICE_LEVELS = (Level.CITY, Level.COUNTY, Level.STREET)


class PostForm(forms.Form):
    """Somebody takes a post at one of ``places``; the role must fit the place's level."""

    name = forms.CharField(label="姓名", max_length=40, error_messages=REQUIRED)
    phone = PhoneField(label="手机号", error_messages=REQUIRED, help_text="用来登录。")
    role = forms.ChoiceField(label="职务", error_messages={"required": "请选择职务。"})
    place = forms.ChoiceField(label="任职地点", error_messages={"required": "请选择任职地点。"})

    def __init__(
        self, *args: Any, roles: Sequence[Role], places: Sequence[Organisation], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._places = {str(place.pk): place for place in places}
        self.fields["role"].choices = [(role.value, role.label) for role in roles]
        depth = min((place.path.count("/") for place in places), default=0)
        self.fields["place"].choices = [
            (pk, "　" * (place.path.count("/") - depth) + place.name) for pk, place in self._places.items()
        ]

    def clean_name(self) -> str:
        return "".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        place, role = self._places.get(data.get("place", "")), data.get("role")
        if place is None or not role:
            return data
        at_station = place.level == Level.STATION
        if (role == Role.STATION) != at_station and role in (
            Role.STATION,
            Role.SECRETARY,
            Role.STAFF,
            Role.PRESIDENT,
        ):
            self.add_error("place", "站点负责人任在小区服务站，其他社区职务任在社区。")
        elif role == Role.OFFICE and place.level not in OFFICE_LEVELS:
            self.add_error("place", "上级办公室是街道、县区或市一级的。")
        elif role in (Role.SECRETARY, Role.STAFF, Role.PRESIDENT) and not hasattr(place, "alliance"):
            self.add_error("place", f"{place.name}还没有联盟，不能任{Role(role).label}。")
        return data

    @property
    def chosen_place(self) -> Organisation:
        """Valid forms only."""
        return self._places[self.cleaned_data["place"]]
