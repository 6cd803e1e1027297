"""Forms of the Year page."""

from __future__ import annotations

from typing import Any

from django import forms

from alliances import clock

MONTHS = [(month, f"{month}月") for month in range(1, 13)]


class StartForm(forms.Form):
    start_month = forms.TypedChoiceField(
        label="从几月开始",
        choices=MONTHS,
        coerce=int,
        help_text="年中才开始轮值的，选开始的月份；之前的月份不列入这张表。",
    )


class MoveForm(forms.Form):
    """One change of who chairs when: dragged, chosen in a unit's menu, or a suggestion taken."""

    DEEDS = [("move", "移到"), ("exchange", "对换"), ("add", "加入"), ("out", "移出"), ("lead", "牵头")]
    deed = forms.ChoiceField(choices=DEEDS)
    member = forms.IntegerField(min_value=1, max_value=2**62)
    source = forms.TypedChoiceField(choices=MONTHS, coerce=int, empty_value=None, required=False)
    target = forms.TypedChoiceField(choices=MONTHS, coerce=int, empty_value=None, required=False)

    NEEDS = {
        "move": ("source", "target"),
        "exchange": ("source", "target"),
        "add": ("target",),
        "out": ("source",),
        "lead": ("source",),
    }

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        for name in self.NEEDS.get(values.get("deed", ""), ()):
            if not values.get(name):
                raise forms.ValidationError("请选择月份。")
        return values


class DescribeForm(forms.Form):
    theme = forms.CharField(label="计划活动主题", max_length=120, required=False)
    partners = forms.CharField(label="协办单位", max_length=120, required=False)
    note = forms.CharField(label="备注", max_length=200, required=False)


class PassForm(forms.Form):
    meeting = forms.CharField(
        label="在哪次会议上通过",
        max_length=80,
        help_text="照会议记录填写，例如“2026年度全体成员单位联席会”；会印在安排表上。",
    )
    passed_on = forms.DateField(
        label="通过日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean_passed_on(self) -> Any:
        day = self.cleaned_data["passed_on"]
        if day > clock.today():
            raise forms.ValidationError("通过日期不能晚于今天。")
        return day
