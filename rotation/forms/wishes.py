"""The wish form: months by ticking, everything optional."""

from __future__ import annotations

from typing import Any

from django import forms

MONTHS = [(month, f"{month}月") for month in range(1, 13)]


def _months(label: str, help_text: str) -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label=label,
        choices=MONTHS,
        coerce=int,
        required=False,
        help_text=help_text,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices-inline"}),
    )


class WishForm(forms.Form):
    preferred = _months("意向月份", "想在哪个月轮值，可选几个；不选即服从安排。")
    blackout = _months("不便月份", "确实排不开的月份，安排表会避开。")
    theme = forms.CharField(
        label="拟办活动主题", max_length=120, required=False, help_text="例如“防范非法集资进小区”。"
    )
    resources = forms.CharField(
        label="可提供资源", max_length=200, required=False, help_text="场地、人员、物资、服务等。"
    )
    excused_reason = forms.CharField(
        label="今年不轮值的原因",
        max_length=120,
        required=False,
        help_text="只有本年度确实不能轮值才填，由社区书记把握；填了就不再安排。",
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        both = sorted(set(values.get("preferred", ())) & set(values.get("blackout", ())))
        if both:
            self.add_error("blackout", f"{'、'.join(f'{m}月' for m in both)}既选了意向又选了不便，请留一项。")
        return values
