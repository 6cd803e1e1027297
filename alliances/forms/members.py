"""Members of an alliance: joining, correcting, handing over, agreements, leaving."""

from __future__ import annotations

from typing import Any

from django import forms

from alliances import clock
from alliances.enums import AgreementKind, DutyMode, Role, Sector
from alliances.forms.fields import REQUIRED, DayField, PhoneField
from alliances.importing import parsers
from alliances.models import Member, Unit
from alliances.selectors import directory

NEW_UNIT = "new"


class _UnitForm(forms.Form):
    """What is known of a unit and of its membership."""

    name = forms.CharField(label="单位名称", max_length=80, error_messages=REQUIRED)
    sector = forms.ChoiceField(label="单位类型", choices=Sector.choices)
    duty_mode = forms.ChoiceField(
        label="轮值方式", choices=DutyMode.choices, widget=forms.RadioSelect, initial=DutyMode.SOLO
    )
    joined_on = DayField(label="加入日期", required=False)
    party_branch = forms.CharField(label="党组织名称", max_length=120, required=False)
    party_members = forms.IntegerField(label="党员数", min_value=0, max_value=100_000, required=False)
    leader = forms.CharField(label="单位负责人", max_length=40, required=False)

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not name:
            raise forms.ValidationError("请填写单位名称。")
        return name

    def clean_leader(self) -> str:
        return self.cleaned_data["leader"].strip()

    @property
    def unit_details(self) -> dict[str, Any]:
        return {key: self.cleaned_data[key] for key in ("party_branch", "party_members")}


class NewMemberForm(_UnitForm):
    """A unit joins. A name that is nearly a known one is asked about once, with the known ones to choose from."""

    liaison = forms.CharField(label="单位联络员", max_length=40, required=False)
    phone = PhoneField(label="联络员电话", required=False, help_text="有手机号才能邀请开通账号。")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known: list[Unit] = []
        if self.is_bound and (typed := " ".join(str(self.data.get("name", "")).split())):
            self.known = directory.similar_units(typed)
        if self.known:
            choices = [
                (str(unit.pk), f"就是“{unit.name}”（{unit.get_sector_display()}）") for unit in self.known
            ]
            if self.known[0].name != typed:
                choices.append((NEW_UNIT, f"不是，“{typed}”是另一家单位"))
            self.fields["same"] = forms.ChoiceField(
                label="已经登记过相近的单位，是同一家吗？",
                choices=choices,
                widget=forms.RadioSelect,
                error_messages={"required": "名称相近的单位已经登记过，请选一项再保存。"},
            )
            self.order_fields(["name", "same"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("phone") and not data.get("liaison", "").strip():
            self.add_error("liaison", "填了电话，请一并填联络员姓名。")
        return data

    @property
    def unit(self) -> Unit | None:
        """The known unit that was chosen; ``None`` registers a new one. Valid forms only."""
        chosen = self.cleaned_data.get("same", NEW_UNIT)
        return next((unit for unit in self.known if str(unit.pk) == chosen), None)


class EditMemberForm(_UnitForm):
    aliases = forms.CharField(
        label="曾用名、简称",
        max_length=200,
        required=False,
        help_text="用顿号隔开；导入表格时按这些名字也认得出。",
    )

    field_order = ["name", "aliases"]

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        unit, post = member.unit, directory.holder(member, Role.LEADER)
        initial = {
            "name": unit.name,
            "aliases": "、".join(unit.aliases),
            "sector": unit.sector,
            "duty_mode": member.duty_mode,
            "joined_on": member.joined_on,
            "party_branch": unit.party_branch,
            "party_members": unit.party_members,
            "leader": post.person.name if post else "",
        }
        super().__init__(*args, initial=initial, **kwargs)

    def clean_aliases(self) -> list[str]:
        typed = self.cleaned_data["aliases"]
        try:
            return parsers.names(typed)
        except ValueError as problem:
            raise forms.ValidationError(f"{problem}。") from problem

    @property
    def unit_details(self) -> dict[str, Any]:
        kept = {key: self.cleaned_data[key] for key in ("name", "sector", "aliases")}
        return super().unit_details | kept

    @property
    def details(self) -> dict[str, Any]:
        return {key: self.cleaned_data[key] for key in ("duty_mode", "joined_on")}


class LiaisonForm(forms.Form):
    """The successor of a liaison."""

    name = forms.CharField(label="新联络员姓名", max_length=40, error_messages=REQUIRED)
    phone = PhoneField(
        label="手机号", error_messages=REQUIRED, help_text="用来登录；接任后把邀请链接发给本人即可。"
    )


class AgreementForm(forms.Form):
    kind = forms.ChoiceField(label="协议类型", choices=AgreementKind.choices)
    signed_on = DayField(label="签订日期", error_messages=REQUIRED)
    valid_until = DayField(label="有效期至", required=False)


class LeaveForm(forms.Form):
    on = DayField(label="退出日期", error_messages=REQUIRED)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"on": clock.today()}, **kwargs)
