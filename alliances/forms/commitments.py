"""Commitments of a unit: writing one down, confirming it, leaving it out of the assessment."""

from __future__ import annotations

from typing import Any

from django import forms

from alliances import clock
from alliances.forms.fields import REQUIRED, DayField
from alliances.models import Agreement, Member

LONGEST = 200
_AREA = {"rows": 3}


class CommitmentForm(forms.Form):
    """A promise of ``member`` as its signed paper says it; the agreements to choose from are the unit's own."""

    text = forms.CharField(
        label="承诺事项",
        max_length=LONGEST,
        widget=forms.Textarea(attrs=_AREA),
        error_messages=REQUIRED,
        help_text="照纸质协议书或目标责任书写，一件一条。",
    )
    due_on = DayField(
        label="完成期限", error_messages=REQUIRED, help_text="在哪个季度到期，就列入哪个季度的考核。"
    )
    agreement = forms.ChoiceField(label="所在协议", required=False)

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.agreements = {str(one.pk): one for one in member.agreements.order_by("-signed_on", "-pk")}
        field = self.fields["agreement"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "不写明"), *((key, str_of(one)) for key, one in self.agreements.items())]
        field.initial = next(iter(self.agreements), "")

    def clean_agreement(self) -> Agreement | None:
        return self.agreements.get(self.cleaned_data["agreement"])


def str_of(agreement: Agreement) -> str:
    day = agreement.signed_on
    return f"{agreement.get_kind_display()}（{day.year}年{day.month}月{day.day}日）"


class FulfilForm(forms.Form):
    evidence = forms.CharField(
        label="兑现情况",
        max_length=LONGEST,
        widget=forms.Textarea(attrs=_AREA),
        error_messages=REQUIRED,
        help_text="做了什么、做了几次，在哪里能查到。",
    )
    fulfilled_on = DayField(label="兑现日期", error_messages=REQUIRED)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial={"fulfilled_on": clock.today()}, **kwargs)


class WaiveForm(forms.Form):
    reason = forms.CharField(
        label="不再考核的原因",
        max_length=LONGEST,
        widget=forms.Textarea(attrs=_AREA),
        error_messages=REQUIRED,
        help_text="单位看得到这条原因。",
    )
