"""Forms of resources: the entry of a menu, a venue's hours, a booking and its answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from django import forms

from alliances import clock
from alliances.forms.fields import PhoneField
from alliances.models import Member
from demands.enums import ResourceKind
from demands.models import OpeningHour, Resource
from demands.selectors.venues import WEEKDAYS
from demands.services.bookings import Slot
from demands.services.resources import Hours, Offering

TIME_ERRORS = {"required": "请填写时间。", "invalid": "请按“14:00”的样子填写时间。"}
# A venue's week seldom needs more lines than this; the form grows by two at a time.
MOST_LINES = 20
BLANK_LINES = 2


def _number(label: str, least: int, most: int, **more: Any) -> forms.IntegerField:
    words = {
        "invalid": "请填写整数。",
        "min_value": f"不能小于{least}。",
        "max_value": f"不能超过{most}。",
    }
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=least,
        max_value=most,
        error_messages=words,
        widget=widget,
        **more,
    )


def _time(label: str, **more: Any) -> forms.TimeField:
    widget = forms.TimeInput(attrs={"type": "time", "step": "300"}, format="%H:%M")
    return forms.TimeField(label=label, widget=widget, error_messages=TIME_ERRORS, **more)


class ResourceForm(forms.Form):
    """One line of a unit's menu. ``members`` are the units it may be listed for; one alone is not asked about."""

    kind = forms.ChoiceField(
        label="资源类别",
        choices=ResourceKind.choices,
        widget=forms.RadioSelect(attrs={"class": "choices-inline"}),
        error_messages={"required": "请选择资源类别。", "invalid_choice": "请选择资源类别。"},
    )
    name = forms.CharField(
        label="资源名称",
        max_length=80,
        help_text="如“三楼会议室”“法律咨询”“应急照明车”。",
        error_messages={"required": "请填写资源名称。"},
    )
    description = forms.CharField(
        label="内容说明", max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    quantity = forms.CharField(
        label="数量或容量", max_length=80, required=False, help_text="如“2名”“可容纳50人”。"
    )
    available_when = forms.CharField(
        label="可用时间", max_length=120, required=False, help_text="如“每月2次”“提前预约”。"
    )
    audience = forms.CharField(label="服务对象", max_length=80, required=False)
    contact_name = forms.CharField(label="联系人", max_length=40, required=False)
    contact_phone = PhoneField(label="联系电话", required=False)
    is_bookable = forms.BooleanField(label="可以按时段预约", required=False)
    capacity = _number("同一时段最多几场预约", 1, 1000, help_text="不填是1场。")
    seats = _number("每场最多容纳几人", 1, 100000, help_text="不填则不限。")
    notice_days = _number("至少提前几天预约", 0, 90, help_text="不填则当天也可以约。")

    def __init__(self, *args: Any, members: Sequence[Member] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {str(member.pk): member for member in members}
        if len(members) > 1:
            self.fields["member"] = forms.ChoiceField(
                label="单位",
                choices=[("", "请选择"), *((str(m.pk), m.unit.name) for m in members)],
                error_messages={"required": "请选择单位。", "invalid_choice": "请选择本联盟的成员单位。"},
            )

    @property
    def venue_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("capacity", "seats", "notice_days")]

    def member(self) -> Member:
        """The unit that was chosen; only of a valid form."""
        return self.members[self.cleaned_data.get("member") or next(iter(self.members))]

    def offering(self) -> Offering:
        """Only of a valid form."""
        values = {key: self.cleaned_data[key] for key in self.cleaned_data if key != "member"}
        values["capacity"] = values["capacity"] or 1
        values["notice_days"] = values["notice_days"] or 0
        return Offering(**values)


def entry_of(resource: Resource) -> dict[str, Any]:
    """What a resource's form begins with."""
    return {name: getattr(resource, name) for name in Offering.__dataclass_fields__}


# --- opening hours -------------------------------------------------------------------------------------------------


class HoursForm(forms.Form):
    """A venue's week as lines of weekdays × from–to, each for units alone or for residents too.

    The same hours on several days are one line. Lines without any weekday and time are left out.
    """

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, hours: Iterable[OpeningHour] = (), more: int = 0
    ) -> None:
        known = _lines(hours)
        asked = str(data.get("lines", "")) if data is not None else ""
        sent = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 4 else 0
        self.count = min(MOST_LINES, (sent if data is not None else max(4, len(known) + BLANK_LINES)) + more)
        super().__init__(data)
        for number in range(self.count):
            days, (starts, ends), for_residents = (
                known[number] if number < len(known) else ([], (None, None), False)
            )
            self.fields |= {
                f"days-{number}": forms.TypedMultipleChoiceField(
                    label=f"第{number + 1}行：星期",
                    choices=list(enumerate(WEEKDAYS)),
                    coerce=int,
                    required=False,
                    initial=days,
                    widget=forms.CheckboxSelectMultiple(attrs={"class": "choices-inline"}),
                    error_messages={"invalid_choice": "请选择星期。"},
                ),
                f"starts-{number}": _time(f"第{number + 1}行：从", required=False, initial=starts),
                f"ends-{number}": _time(f"第{number + 1}行：到", required=False, initial=ends),
                f"residents-{number}": forms.BooleanField(
                    label="这个时段居民也可以约", required=False, initial=for_residents
                ),
            }

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The fields of each line, for the page."""
        names = ("days", "starts", "ends", "residents")
        return [
            {"number": number + 1, **{name: self[f"{name}-{number}"] for name in names}}
            for number in range(self.count)
        ]

    @property
    def can_grow(self) -> bool:
        return self.count < MOST_LINES

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        for number in range(self.count):
            days, starts, ends = (values.get(f"{name}-{number}") for name in ("days", "starts", "ends"))
            if self._wrong(number) or not (days or starts or ends):
                continue
            if not days:
                self.add_error(f"days-{number}", "请勾选星期。")
            if starts is None:
                self.add_error(f"starts-{number}", "请填写开始时间。")
            if ends is None:
                self.add_error(f"ends-{number}", "请填写结束时间。")
            if starts and ends and starts >= ends:
                self.add_error(f"ends-{number}", "结束时间应晚于开始时间。")
        return values

    def _wrong(self, number: int) -> bool:
        return any(f"{name}-{number}" in self.errors for name in ("days", "starts", "ends"))

    def hours(self) -> list[Hours]:
        """Only of a valid form."""
        values = self.cleaned_data
        return [
            Hours(day, values[f"starts-{n}"], values[f"ends-{n}"], values[f"residents-{n}"])
            for n in range(self.count)
            for day in values[f"days-{n}"]
        ]


def _lines(hours: Iterable[OpeningHour]) -> list[tuple[list[int], tuple[time, time], bool]]:
    """The weekdays that share the same hours together, in the order of the week."""
    found: dict[tuple[time, time, bool], list[int]] = {}
    for row in sorted(hours, key=lambda row: (row.weekday, row.starts)):
        found.setdefault((row.starts, row.ends, row.for_residents), []).append(row.weekday)
    return [(days, (starts, ends), residents) for (starts, ends, residents), days in found.items()]


# --- bookings ------------------------------------------------------------------------------------------------------


class BookForm(forms.Form):
    """A venue asked for. ``askers``: key and name of the units or offices one may ask for; one alone is not asked."""

    day = forms.DateField(
        label="日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写日期。", "invalid": "请按“2026-03-20”的样子填写日期。"},
    )
    starts = _time("从")
    ends = _time("到")
    heads = _number("人数", 1, 100000)
    purpose = forms.CharField(
        label="用途",
        max_length=100,
        help_text="提供场地的单位据此答复，不要写居民姓名、电话。",
        error_messages={"required": "请填写用途。"},
    )

    def __init__(self, *args: Any, askers: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.only = askers[0][0] if askers else ""
        if len(askers) > 1:
            self.fields["asker"] = forms.ChoiceField(
                label="预约方",
                choices=askers,
                error_messages={"required": "请选择预约方。", "invalid_choice": "请选择预约方。"},
            )

    def asker(self) -> str:
        """Only of a valid form."""
        return self.cleaned_data.get("asker") or self.only

    def shown_day(self, default: date) -> date:
        """The day whose bookings the page shows: the typed one where it can be read."""
        if not self.is_bound:
            return default
        try:
            return self.fields["day"].clean(self.data.get("day"))
        except forms.ValidationError:
            return default

    def slot(self) -> Slot:
        """Only of a valid form."""
        values = self.cleaned_data
        return Slot(
            datetime.combine(values["day"], values["starts"], tzinfo=clock.ZONE),
            datetime.combine(values["day"], values["ends"], tzinfo=clock.ZONE),
            purpose=values["purpose"],
            heads=values["heads"],
        )


class ConfirmForm(forms.Form):
    """One tap; a word about the key or the door if there is one to say."""

    answer = forms.CharField(
        label="附言", max_length=200, required=False, help_text="如“请到一楼值班室领钥匙”。"
    )


class DeclineForm(forms.Form):
    answer = forms.CharField(
        label="不同意的原因",
        max_length=200,
        help_text="预约方会看到。",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明不同意的原因。"},
    )
