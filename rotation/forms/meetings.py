"""Calling a meeting, its notice, calling it off: short forms that are filled in before anybody types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import forms

from alliances import clock
from alliances.enums import Via
from alliances.models import Member
from rotation.enums import MeetingKind
from rotation.selectors.deadlines import Office
from rotation.selectors.meetings import NoticeDraft, reply_by_default
from rotation.selectors.papers import day_text

KINDS = [(kind.value, kind.label) for kind in MeetingKind if kind != MeetingKind.SEMINAR]
WAYS = [
    (Via.SCREEN.value, "现在发出，受邀单位联络员收到消息"),
    (Via.PAPER.value, "已用纸质通知单发出，这里补记"),
    (Via.PHONE.value, "已用电话通知，这里补记"),
]
A_YEAR = timedelta(days=366)
LONGEST_ITEM = 200


def day_field(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": f"请填写{label}。",
            "invalid": "请按“2026-03-05”的样子填写日期。",
        },
        **more,
    )


def within_a_year(day: date | None) -> date | None:
    """A day that somebody can have meant: a typing error in the year is found here."""
    if day is not None and not abs(day - clock.today()) <= A_YEAR:
        raise forms.ValidationError("请检查日期，应在前后一年之内。")
    return day


class CallForm(forms.Form):
    """A meeting outside the rotation. ``again`` is the cancelled meeting that it takes the place of."""

    use_required_attribute = False

    kind = forms.ChoiceField(
        label="会议类型",
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择会议类型。", "invalid_choice": "请选择会议类型。"},
    )
    title = forms.CharField(label="会议名称", max_length=80, required=False)
    again = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.fields["title"].help_text = f"不填就用“{clock.today().year}年”加会议类型。"


class NoticeForm(forms.Form):
    """The notice of a planned meeting, filled with ``draft``: usually nothing needs typing but the place.

    ``records``: the reader may also write down a notice that went out on paper or by telephone.
    """

    use_required_attribute = False

    day = day_field("会议日期")
    time = forms.TimeField(
        label="会议时间",
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": "请填写会议时间。", "invalid": "请按“09:30”的样子填写时间。"},
    )
    place = forms.CharField(label="会议地点", max_length=80, error_messages={"required": "请填写会议地点。"})
    agenda = forms.CharField(
        label="会议议程",
        help_text="一行一项，编号自动加上。",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请至少写一项议程。"},
    )
    prepare = forms.CharField(
        label="请各单位准备", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    reply_by = day_field("回执期限")
    reason = forms.CharField(
        label="安排在期限之外的原因",
        max_length=200,
        required=False,
        help_text="写进办理记录，社区和上级可以看到。",
    )
    invited = forms.TypedMultipleChoiceField(
        label="受邀单位",
        coerce=int,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "unit-choices"}),
        error_messages={
            "required": "请至少邀请一家成员单位。",
            "invalid_choice": "只能邀请本联盟现有的成员单位。",
        },
    )
    via = forms.ChoiceField(label="怎么发", choices=WAYS, widget=forms.RadioSelect, initial=Via.SCREEN.value)
    noticed_on = day_field("实际发出日期", required=False)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, draft: NoticeDraft, office: Office, records: bool
    ) -> None:
        super().__init__(data)
        self.draft, self.office = draft, office
        self.members: dict[int, Member] = {member.pk: member for member in draft.members}
        self.fields["invited"].choices = [(pk, m.unit.name) for pk, m in self.members.items()]
        if draft.latest is None:
            del self.fields["reason"]
        if not records:
            del self.fields["via"], self.fields["noticed_on"]
        self.initial = {
            "day": draft.starts_at.date(),
            "time": draft.starts_at.time(),
            "place": draft.place,
            "agenda": "\n".join(item["text"] for item in draft.agenda),
            "prepare": draft.prepare,
            "reply_by": draft.reply_by,
            "invited": [member.pk for member in draft.invited],
            "noticed_on": clock.today(),
        }

    def clean_day(self) -> date | None:
        return within_a_year(self.cleaned_data["day"])

    def clean_reply_by(self) -> date | None:
        return within_a_year(self.cleaned_data["reply_by"])

    def clean_agenda(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["agenda"].splitlines() if line.strip()]
        if any(len(line) > LONGEST_ITEM for line in lines):
            raise forms.ValidationError(f"每项议程最多{LONGEST_ITEM}字，请写短些或分成几项。")
        return "\n".join(lines)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        day, draft = values.get("day"), self.draft
        on_screen = values.get("via", Via.SCREEN) == Via.SCREEN
        if (
            on_screen
            and day
            and draft.earliest
            and draft.latest
            and not draft.earliest <= day <= draft.latest
            and not values.get("reason", "").strip()
        ):
            self.add_error(
                "reason",
                f"研讨会应在{day_text(draft.earliest)}至{day_text(draft.latest)}之间召开；"
                "确需安排在其他时间的，请在这里写明原因。",
            )
        return values

    def parts(self) -> dict[str, Any]:
        """The arguments of ``services.meetings.send_notice``; only of a valid form."""
        values = self.cleaned_data
        via = values.get("via", Via.SCREEN)
        reply_by = values["reply_by"]
        if reply_by == self.draft.reply_by and values["day"] != self.draft.starts_at.date():
            # Nobody touched it: it moves with the meeting.
            reply_by = reply_by_default(self.office, values["day"], clock.today())
        return {
            "starts_at": datetime.combine(values["day"], values["time"], tzinfo=clock.ZONE),
            "place": values["place"],
            "agenda": values["agenda"].splitlines(),
            "prepare": values["prepare"],
            "reply_by": reply_by,
            "invited": [self.members[pk] for pk in values["invited"]],
            "reason": values.get("reason", ""),
            "via": via,
            "noticed_on": values.get("noticed_on") if via != Via.SCREEN else None,
        }


class CancelForm(forms.Form):
    reason = forms.CharField(
        label="取消原因",
        max_length=200,
        help_text="受邀单位会看到。",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请填写取消原因。"},
    )
