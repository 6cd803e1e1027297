"""Forms of activities: what is planned, who comes, what came of it. What is known is filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from alliances import clock
from alliances.enums import Via
from alliances.models import Member
from alliances.uploads import SeveralFilesField
from demands.models import Claim
from rotation.enums import ActivityKind, ActivityState
from rotation.models import Activity, Duty, Participation
from rotation.selectors import served
from rotation.services.activities import MOST_HEADS
from rotation.services.photos import MOST_BYTES, MOST_PHOTOS

DAY_ERRORS = {"required": "请填写日期。", "invalid": "请按“2026-03-20”的样子填写日期。"}
NUMBER_ERRORS = {
    "invalid": "请填写整数。",
    "min_value": "人数不能小于0。",
    "max_value": f"人数不能超过{MOST_HEADS}。",
}


def _day(label: str, **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, error_messages=DAY_ERRORS, **more)


def _number(label: str, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=MOST_HEADS,
        error_messages=NUMBER_ERRORS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        **more,
    )


class PlanForm(forms.Form):
    """An activity as it is planned. ``duty``: the month it belongs to, None outside the rotation."""

    kind = forms.ChoiceField(
        label="活动类型",
        choices=ActivityKind.choices,
        widget=forms.RadioSelect(attrs={"class": "choices-inline choices-words"}),
        help_text="前四项是“四个一”活动。",
        error_messages={"required": "请选择活动类型。", "invalid_choice": "请选择活动类型。"},
    )
    title = forms.CharField(label="活动名称", max_length=80, error_messages={"required": "请填写活动名称。"})
    planned_on = _day("计划日期")
    place = forms.CharField(label="地点", max_length=80, required=False)
    plan = forms.CharField(
        label="活动安排",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="内容、分工、需要各单位带什么。",
    )

    def __init__(self, *args: Any, duty: Duty | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if duty is not None:
            field = self.fields["planned_on"]
            field.help_text = f"最迟{duty.ends_on.month}月{duty.ends_on.day}日；可以不止一场，每场分别安排。"
            field.widget.attrs |= {"min": duty.starts_on.isoformat(), "max": duty.ends_on.isoformat()}

    def parts(self) -> dict[str, Any]:
        """The arguments of ``services.activities.plan`` and ``change``; only of a valid form."""
        return {name: self.cleaned_data[name] for name in ("kind", "title", "planned_on", "place", "plan")}


class JoinForm(forms.Form):
    """One tap; how many come can follow later."""

    heads = _number("参加人数")


class UnitForm(forms.Form):
    """A unit's answer that reached the community on paper or by telephone."""

    member = forms.TypedChoiceField(
        label="单位",
        coerce=int,
        error_messages={"required": "请选择单位。", "invalid_choice": "请选择本联盟的成员单位。"},
    )
    heads = _number("参加人数")
    via = forms.ChoiceField(
        label="方式",
        choices=[(Via.PAPER.value, "纸质回执"), (Via.PHONE.value, "电话答复")],
        initial=Via.PHONE.value,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择纸质或电话。", "invalid_choice": "请选择纸质或电话。"},
    )

    def __init__(self, *args: Any, members: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {member.pk: member for member in members}
        self.fields["member"].choices = [
            ("", "请选择"),
            *((pk, member.unit.name) for pk, member in self.members.items()),
        ]


class HoldForm(forms.Form):
    held_on = _day("举办日期")


class CancelForm(forms.Form):
    reason = forms.CharField(
        label="取消原因",
        max_length=200,
        help_text="参加单位会看到。",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请填写取消原因。"},
    )


class RecordForm(forms.Form):
    """What came of an activity: people of every unit, beneficiaries, a few words. Needs one fact, not all.

    A planned activity is held by the same form (``held_on``). ``others`` are the units that had not said they would
    come; ``on_behalf`` asks how the facts reached the community; ``claims`` are those the activity can have served.
    """

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        activity: Activity,
        units: Sequence[Participation],
        others: Sequence[Member],
        on_behalf: bool,
        claims: Sequence[Claim] = (),
    ) -> None:
        super().__init__(data)
        fields = self.fields
        if activity.state == ActivityState.PLANNED:
            fields["held_on"] = _day("举办日期", initial=min(activity.planned_on, clock.today()))
        self._units = {row.member_id: f"heads-{row.member_id}" for row in units}
        self._others = {member.pk: f"heads-{member.pk}" for member in others}
        for row in units:
            fields[self._units[row.member_id]] = _number(row.member.unit.name, initial=row.heads)
        fields["beneficiaries"] = _number("受益人数", help_text="到场或受到服务的居民，大约多少人。")
        fields["summary"] = forms.CharField(
            label="活动情况",
            max_length=500,
            required=False,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text="三言两语即可：做了什么，解决了什么。",
        )
        self._claims = {str(claim.pk): claim for claim in claims}
        if claims:
            fields["claims"] = forms.MultipleChoiceField(
                label="服务的需求",
                choices=[(key, served.label(claim)) for key, claim in self._claims.items()],
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text="参加单位认领的需求，这次活动办到的请勾选；勾选了也算一项记录。",
                error_messages={"invalid_choice": "所选的认领项目已不在办理，请重新勾选。"},
            )
        if on_behalf:
            fields["via"] = forms.ChoiceField(
                label="情况来源",
                choices=[
                    (Via.SCREEN.value, "社区直接登记"),
                    (Via.PAPER.value, "单位的纸质记录"),
                    (Via.PHONE.value, "单位电话告知"),
                ],
                initial=Via.PAPER.value if activity.duty_id else Via.SCREEN.value,
                widget=forms.RadioSelect,
                error_messages={"required": "请选择情况来源。", "invalid_choice": "请选择情况来源。"},
            )
        for member in others:
            fields[self._others[member.pk]] = _number(member.unit.name)

    @property
    def unit_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self._units.values()]

    @property
    def other_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self._others.values()]

    @property
    def opens_others(self) -> bool:
        """Whether something was typed among the other units: then they are not folded away again."""
        return any(field.value() for field in self.other_fields)

    def parts(self) -> dict[str, Any]:
        """The arguments of ``services.activities.record``; only of a valid form."""
        values = self.cleaned_data
        heads = {pk: values[name] for pk, name in self._units.items()}
        heads |= {pk: values[name] for pk, name in self._others.items() if values[name]}
        return {
            "heads": heads,
            "beneficiaries": values["beneficiaries"],
            "summary": values["summary"],
            "held_on": values.get("held_on"),
            "claims": [self._claims[key] for key in values.get("claims", ())],
            "via": values.get("via", Via.SCREEN.value),
        }


class PhotosForm(forms.Form):
    photos = SeveralFilesField(
        most=MOST_PHOTOS,
        most_bytes=MOST_BYTES,
        label="选照片",
        help_text=f"JPG或PNG，最多{MOST_PHOTOS}张，每张不超过{MOST_BYTES // 2**20}MB。照片里的拍摄地点等信息会自动去掉。",
        error_messages={"required": "请先选照片。"},
    )
    photos.widget.attrs["accept"] = "image/jpeg,image/png"
