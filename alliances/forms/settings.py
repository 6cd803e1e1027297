"""Settings of an alliance or an office, and corrections of the working-day calendar."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Any

from django import forms

from alliances.forms.fields import REQUIRED, DayField
from alliances.models import Alliance
from alliances.selectors.settings import LABELS, Defaults

BOUNDS = {
    "acknowledge_within": (1, 10),
    "notice_within": (1, 15),
    "seminar_not_before": (0, 20),
    "seminar_within": (1, 20),
    "activity_by_day": (10, 28),
    "scoring_days": (1, 15),
    "feedback_within": (1, 15),
    "assessment_within": (1, 20),
    "escalate_after": (1, 10),
    "collective_min": (2, 5),
    "collective_max": (2, 5),
    "review_within": (1, 10),
    "offer_reply_within": (1, 10),
    "urgent_days": (1, 15),
    "soon_days": (3, 45),
    "normal_days": (7, 120),
    "call_back_within": (1, 15),
    "anonymise_after": (30, 730),
}


class SettingsForm(forms.Form):
    """Every rule may stay empty: then the one of the office above holds, which the help text names."""

    def __init__(self, *args: Any, own: dict[str, Any], inherited: Defaults, **kwargs: Any) -> None:
        self._inherited = asdict(inherited)
        super().__init__(*args, initial=own, **kwargs)
        for field in fields(Defaults):
            value = self._inherited[field.name]
            words = {"label": LABELS[field.name], "required": False, "help_text": f"不填则为：{value}"}
            if field.name in BOUNDS:
                low, high = BOUNDS[field.name]
                self.fields[field.name] = forms.IntegerField(min_value=low, max_value=high, **words)
            else:
                widget = forms.Textarea(attrs={"rows": 3})
                self.fields[field.name] = forms.CharField(max_length=400, widget=widget, **words)

    @property
    def numbers(self) -> list[forms.BoundField]:
        return [self[name] for name in BOUNDS]

    @property
    def texts(self) -> list[forms.BoundField]:
        return [field for field in self if field.name not in BOUNDS]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        in_force = {
            key: data.get(key) if data.get(key) not in (None, "") else value
            for key, value in self._inherited.items()
        }
        if in_force["collective_min"] > in_force["collective_max"]:
            self.add_error("collective_max", "最多单位数不能小于最少单位数。")
        if in_force["seminar_not_before"] > in_force["seminar_within"] + 4:
            self.add_error("seminar_within", "最迟日期会早于最早日期，研讨会将无法召开。")
        return data

    @property
    def values(self) -> dict[str, Any]:
        """What ``services.organisations.change_settings`` takes: None falls back."""
        return {key: value if value != "" else None for key, value in self.cleaned_data.items()}


class AllianceForm(forms.Form):
    """What papers and pages call the alliance."""

    name = forms.CharField(label="联盟名称", max_length=80, error_messages=REQUIRED)
    brand = forms.CharField(label="品牌", max_length=60, required=False, help_text="如“同心聚力 红色领航”。")
    number_prefix = forms.CharField(
        label="文号代字",
        max_length=20,
        error_messages=REQUIRED,
        help_text="用在提醒单等的编号前，如“同心党建联”。已发出的编号不变。",
    )

    def __init__(self, *args: Any, alliance: Alliance, **kwargs: Any) -> None:
        initial = {key: getattr(alliance, key) for key in ("name", "brand", "number_prefix")}
        super().__init__(*args, initial=initial, prefix="alliance", **kwargs)


class DayForm(forms.Form):
    day = DayField(label="日期", error_messages=REQUIRED)
    is_working = forms.TypedChoiceField(
        label="这一天",
        choices=(("0", "放假"), ("1", "上班")),
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        error_messages={"required": "请选放假还是上班。"},
    )
    reason = forms.CharField(
        label="原因", max_length=80, error_messages=REQUIRED, help_text="如“县里通知调休”。"
    )
