"""Asking for a change of the passed table, and recording what a unit said on paper or by phone."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from alliances.calendars import Month
from alliances.enums import Via
from alliances.models import Member
from rotation.enums import SwapKind
from rotation.models import Duty

KINDS = [
    (SwapKind.SWAP, "调换：与另一家单位互换月份"),
    (SwapKind.STAND_IN, "代理：请另一家单位代本单位轮值"),
    (SwapKind.POSTPONE, "顺延：单位不变，本月的事最迟到下月底办结"),
]


class SwapForm(forms.Form):
    """``kind`` decides which of ``other_slot``, ``stand_in``, ``until`` is needed; the others are ignored."""

    use_required_attribute = False

    asker = forms.TypedChoiceField(label="申请单位", coerce=int)
    kind = forms.ChoiceField(label="怎么调", choices=KINDS, widget=forms.RadioSelect, initial=SwapKind.SWAP)
    other_slot = forms.ChoiceField(label="与哪个月的哪家单位调换", help_text="只列本联盟今天以后的月份。")
    with_theme = forms.BooleanField(label="活动主题随单位一起调", required=False, initial=True)
    stand_in = forms.TypedChoiceField(label="请哪家单位代理", coerce=int, empty_value=None)
    until = forms.DateField(
        label="顺延到哪天", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(label="原因", max_length=200, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(
        self,
        *args: Any,
        duty: Duty,
        askers: list[Member],
        slots: list[tuple[Duty, Member]],
        others: list[Member],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.duty = duty
        self.askers = {member.pk: member for member in askers}
        self.slots = {f"{other.pk}-{member.pk}": (other, member) for other, member in slots}
        self.others = {member.pk: member for member in others}
        fields = self.fields
        fields["asker"].choices = [(pk, member.unit.name) for pk, member in self.askers.items()]
        if len(askers) == 1:
            fields["asker"].initial = askers[0].pk
            fields["asker"].widget = forms.HiddenInput()
        fields["other_slot"].choices = [
            ("", "请选择"),
            *((key, f"{other.month}月 · {member.unit.name}") for key, (other, member) in self.slots.items()),
        ]
        fields["stand_in"].choices = [
            ("", "请选择"),
            *((pk, member.unit.name) for pk, member in self.others.items()),
        ]
        latest = Month(duty.plan.year, duty.month).next().end
        fields["until"].help_text = f"最迟到{latest.year}年{latest.month}月{latest.day}日。"
        fields["until"].widget.attrs |= {"min": duty.ends_on.isoformat(), "max": latest.isoformat()}
        # The three belong to one kind each: shown without 选填, asked for only when their kind was chosen.
        needed = {
            SwapKind.SWAP: fields["other_slot"],
            SwapKind.STAND_IN: fields["stand_in"],
            SwapKind.POSTPONE: fields["until"],
        }
        for kind, part in needed.items():
            part.required = not self.is_bound or self.data.get("kind") == kind
        if not slots:
            fields["kind"].initial = SwapKind.STAND_IN
            fields["kind"].choices = KINDS[1:]

    def parts(self) -> dict[str, Any]:
        """The arguments of ``services.swaps.ask`` after the duty; only for a valid form."""
        values = self.cleaned_data
        other_duty, other = None, None
        until: date | None = None
        if values["kind"] == SwapKind.SWAP:
            other_duty, other = self.slots[values["other_slot"]]
        elif values["kind"] == SwapKind.STAND_IN:
            other = self.others[values["stand_in"]]
        else:
            until = values["until"]
        return {
            "asker": self.askers[values["asker"]],
            "kind": values["kind"],
            "reason": values["reason"],
            "other": other,
            "other_duty": other_duty,
            "until": until,
            "with_theme": values["with_theme"],
        }


class RefuseForm(forms.Form):
    answer = forms.CharField(
        label="不同意的原因",
        max_length=200,
        help_text="申请单位会看到。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class RecordForm(forms.Form):
    """A unit's consent that came on paper or by phone."""

    member = forms.TypedChoiceField(label="哪家单位同意", coerce=int)
    via = forms.ChoiceField(
        label="怎么说的",
        choices=[(Via.PAPER, "纸质回执"), (Via.PHONE, "电话答复")],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, members: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {member.pk: member for member in members}
        self.fields["member"].choices = [(pk, member.unit.name) for pk, member in self.members.items()]
