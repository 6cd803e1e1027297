"""Forms by which demands come in: the staff's pile of slips, a unit's own demand. What is known is filled in."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

from django import forms

from alliances import clock
from alliances.forms.fields import DayField, PhoneField
from alliances.models import Member, Organisation
from demands.enums import DemandSource, Urgency
from demands.forms.residents import plain_name
from demands.models import Demand
from demands.selectors import categories
from demands.services.intake import MOST_WORDS

# A unit's own demand comes by the unit's page.
SOURCES = [(value, label) for value, label in DemandSource.choices if value != DemandSource.UNIT]
DAY_ERRORS = {"invalid": "请按“2026-03-20”的样子填写日期。"}
MANY_STATIONS = "全社区（不分站点）"


class CategoryField(forms.ChoiceField):
    """大类 and 小项 in one control, as a plain select: a phone opens its own list by 大类; on a keyboard the short code
    before each 小项 (``F1``) finds it by two keys, whatever the input method. ``value_of``/``pair_of`` translate."""

    def __init__(self, **kwargs: Any) -> None:
        errors = {"required": "请选择类别。", "invalid_choice": "请从列表中选择类别。"}
        super().__init__(**{"label": "类别", "error_messages": errors, **kwargs})

    def offer(self, pairs: dict[str, list[str]]) -> None:
        """Choices are set on each form's own copy: categories grow while the process lives."""
        groups: list[tuple[str, Any]] = [("", "请选择")]
        for place, (group, names) in enumerate(pairs.items()):
            letter = string.ascii_uppercase[place] if place < 26 else ""
            groups.append(
                (
                    f"{letter} {group}".strip(),
                    [
                        (self.value_of(group, name), f"{letter}{number} {name}" if letter else name)
                        for number, name in enumerate(names, 1)
                    ],
                )
            )
        self.choices = groups

    @staticmethod
    def value_of(group: str, name: str) -> str:
        return f"{group}/{name}"

    @staticmethod
    def pair_of(value: str) -> tuple[str, str]:
        group, _, name = value.partition("/")
        return group, name


def content_field(**more: Any) -> forms.CharField:
    return forms.CharField(
        label="需求内容",
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请填写需求内容。", "max_length": f"需求内容最多{MOST_WORDS}字。"},
        **more,
    )


def urgency_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="紧急程度",
        choices=Urgency.choices,
        initial=Urgency.NORMAL.value,
        widget=forms.RadioSelect(attrs={"class": "choices-inline"}),
        error_messages={"required": "请选择紧急程度。", "invalid_choice": "请选择紧急程度。"},
    )


class TakeInForm(forms.Form):
    """One slip. ``stations``: those offered; ``may_leave_station`` for those who take in for the whole community."""

    KEPT = ("source", "station", "raised_on", "urgency", "category")  # the next slip begins with them

    source = forms.ChoiceField(
        label="来源",
        choices=[("", "请选择"), *SOURCES],
        error_messages={"required": "请选择来源。", "invalid_choice": "请选择来源。"},
    )
    station = forms.ChoiceField(
        label="站点", required=False, error_messages={"invalid_choice": "请选择本社区的站点。"}
    )
    raised_on = DayField(
        label="提出日期", error_messages={**DAY_ERRORS, "required": "请填写提出日期。"}, initial=clock.today
    )
    expected_on = DayField(label="期望时限", required=False, error_messages=DAY_ERRORS)
    is_sensitive = forms.BooleanField(
        label="涉及敏感信息", required=False, help_text="健康、贫困、未成年人等；不勾的按类别默认。"
    )
    urgency = urgency_field()
    category = CategoryField()
    content = content_field()
    name = forms.CharField(
        label="姓名", required=False, max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    phone = PhoneField(required=False)
    has_consented = forms.BooleanField(label="需求人同意登记，仅用于办理和回访", required=False)

    def __init__(
        self, *args: Any, stations: Sequence[Organisation], may_leave_station: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.stations = {str(station.pk): station for station in stations}
        rows = [(key, station.name) for key, station in self.stations.items()]
        blank = [("", MANY_STATIONS)] if may_leave_station else [("", "请选择")] if len(rows) > 1 else []
        field = self.fields["station"]
        field.choices = [*blank, *rows]  # type: ignore[attr-defined]  # a ChoiceField
        field.required = not may_leave_station
        field.error_messages["required"] = "请选择站点。"
        self.fields["category"].offer(categories.pairs())  # type: ignore[attr-defined]  # a CategoryField

    def clean_name(self) -> str:
        return plain_name(self.cleaned_data["name"])

    def clean_raised_on(self) -> Any:
        day = self.cleaned_data["raised_on"]
        if day > clock.today():
            raise forms.ValidationError("提出日期不能晚于今天。")
        return day

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        raised, expected = values.get("raised_on"), values.get("expected_on")
        if raised and expected and expected < raised:
            self.add_error("expected_on", "期望时限不能早于提出日期。")
        person = values.get("name", "").strip() or values.get("phone", "")
        if person and not values.get("has_consented"):
            self.add_error("has_consented", "请确认需求人同意登记；不同意的，请把姓名、电话删掉。")
        return values

    def kept(self) -> dict[str, Any]:
        """What the next slip begins with; only of a valid form."""
        return {name: self.cleaned_data[name] for name in self.KEPT}

    def parts(self) -> dict[str, Any]:
        """Fields of ``services.intake.Asked`` but the category; only of a valid form."""
        values = self.cleaned_data
        return {
            "content": values["content"],
            "source": values["source"],
            "station": self.stations.get(values["station"]),
            "urgency": values["urgency"],
            "raised_on": values["raised_on"],
            "expected_on": values["expected_on"],
            "is_sensitive": True if values["is_sensitive"] else None,
            "name": values["name"],
            "phone": values["phone"],
            "has_consented": values["has_consented"],
        }


class AskForm(forms.Form):
    """A unit's own demand; the unit is asked for only where somebody answers for several."""

    member = forms.TypedChoiceField(
        label="提出单位",
        coerce=int,
        error_messages={"required": "请选择单位。", "invalid_choice": "请选择您的单位。"},
    )
    category = CategoryField()
    content = content_field(help_text="需要什么、什么时候、在哪里。请不要写居民的姓名、电话。")
    urgency = urgency_field()
    expected_on = DayField(label="期望时限", required=False, error_messages=DAY_ERRORS)

    def __init__(self, *args: Any, members: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {member.pk: member for member in members}
        if len(members) == 1:
            del self.fields["member"]
        else:
            self.fields["member"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
                ("", "请选择"),
                *(
                    (pk, f"{member.unit.name}（{member.alliance.name}）")
                    for pk, member in self.members.items()
                ),
            ]
        self.fields["category"].offer(categories.pairs())  # type: ignore[attr-defined]  # a CategoryField

    def clean_expected_on(self) -> Any:
        day = self.cleaned_data["expected_on"]
        if day and day < clock.today():
            raise forms.ValidationError("期望时限不能早于今天。")
        return day

    @property
    def member_chosen(self) -> Member:
        """Only of a valid form."""
        only = next(iter(self.members.values()))
        return self.members[self.cleaned_data["member"]] if "member" in self.fields else only


class ChangeForm(forms.Form):
    """Set right what was typed."""

    category = CategoryField()
    content = content_field()
    urgency = urgency_field()
    station = forms.ChoiceField(
        label="站点", required=False, error_messages={"invalid_choice": "请选择本社区的站点。"}
    )
    expected_on = DayField(label="期望时限", required=False, error_messages=DAY_ERRORS)
    is_sensitive = forms.BooleanField(
        label="涉及敏感信息", required=False, help_text="只以对外表述共享；联系方式由书记放行。"
    )

    def __init__(self, *args: Any, demand: Demand, stations: Sequence[Organisation], **kwargs: Any) -> None:
        self.stations = {str(station.pk): station for station in stations}
        category = demand.category
        kwargs["initial"] = {
            "category": CategoryField.value_of(category.group, category.name),
            "content": demand.content,
            "urgency": demand.urgency,
            "station": str(demand.station_id or ""),
            "expected_on": demand.expected_on,
            "is_sensitive": demand.is_sensitive,
        }
        super().__init__(*args, **kwargs)
        blank = [] if demand.station_id else [("", MANY_STATIONS)]
        rows = [(key, station.name) for key, station in self.stations.items()]
        self.fields["station"].choices = [*blank, *rows]  # type: ignore[attr-defined]  # a ChoiceField
        pairs = categories.pairs()
        if category.name not in pairs.get(category.group, []):  # retired since
            pairs.setdefault(category.group, []).append(category.name)
        self.fields["category"].offer(pairs)  # type: ignore[attr-defined]  # a CategoryField

    def parts(self) -> dict[str, Any]:
        """The arguments of ``services.review.change`` but the category; only of a valid form."""
        values = self.cleaned_data
        return {
            "content": values["content"],
            "urgency": values["urgency"],
            "station": self.stations.get(values["station"]),
            "expected_on": values["expected_on"],
            "is_sensitive": values["is_sensitive"],
        }
