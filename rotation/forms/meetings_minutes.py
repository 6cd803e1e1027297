"""Roll call, minutes with their tasks, and reporting a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django import forms

from alliances import clock
from rotation.enums import ReplyState
from rotation.forms.meetings import day_field
from rotation.forms.meetings_rows import RowsForm
from rotation.models import Meeting, Reply
from rotation.selectors.papers_meeting import reply_words
from rotation.services.minutes import MOST_TASKS, TaskIn

# Longer than any work a month's meeting hands out: a year typed wrong is found here.
LONGEST = timedelta(days=3 * 366)
LONGEST_SUMMARY = 5000


class HoldForm(forms.Form):
    """The roll call: who said that they come is ticked already."""

    use_required_attribute = False

    held_on = day_field("召开日期")
    place = forms.CharField(label="会议地点", max_length=80, required=False)
    came = forms.TypedMultipleChoiceField(
        label="到会单位",
        coerce=int,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "unit-choices"}),
        error_messages={
            "required": "请勾选到会单位。",
            "invalid_choice": "到会单位应在受邀单位之中。",
        },
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, meeting: Meeting, replies: Sequence[Reply]
    ) -> None:
        super().__init__(data)
        self.fields["came"].choices = [(reply.member_id, self._label(reply)) for reply in replies]
        announced = clock.local(meeting.starts_at).date() if meeting.starts_at else clock.today()
        self.initial = {
            "held_on": min(announced, clock.today()),
            "place": meeting.place,
            "came": [reply.member_id for reply in replies if reply.state == ReplyState.ATTENDING],
        }

    @staticmethod
    def _label(reply: Reply) -> str:
        if reply.state == ReplyState.WAITING:
            return f"{reply.member.unit.name} · 未回复"
        who = reply.attendee if reply.state == ReplyState.ATTENDING else reply_words(reply)
        return f"{reply.member.unit.name} · {who}"


class MinutesForm(RowsForm):
    """What was agreed, and who does what by when; ``replies`` are those of the invited units, who can be given tasks."""

    most = MOST_TASKS
    use_required_attribute = False

    summary = forms.CharField(
        label="议定的内容",
        max_length=LONGEST_SUMMARY,
        required=False,
        help_text="一段一行。到会、请假单位和议程会自动写进纪要。",
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, meeting: Meeting, replies: Sequence[Reply]
    ) -> None:
        self.meeting = meeting
        self.members = {str(reply.member_id): reply.member for reply in replies}
        self.units = [
            ("", meeting.alliance.organisation.name),
            *((pk, member.unit.name) for pk, member in self.members.items()),
        ]
        super().__init__(data)
        self.keep_typed()

    def row_fields(self, number: int) -> dict[str, forms.Field]:
        return {
            f"task_{number}": forms.CharField(label=f"事项 {number}", max_length=200, required=False),
            f"unit_{number}": forms.ChoiceField(
                label="责任单位",
                choices=self.units,
                required=False,
                error_messages={"invalid_choice": "责任单位应是受邀单位或社区。"},
            ),
            f"due_{number}": day_field("完成期限", required=False),
        }

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        held_on = self.meeting.held_on or clock.today()
        for number in self.numbers:
            due: date | None = values.get(f"due_{number}")
            if due is not None and not held_on <= due <= held_on + LONGEST:
                self.add_error(f"due_{number}", "完成期限应在会议召开之后、三年之内。")
        if not self.errors and not values["summary"] and not any(values[f"task_{n}"] for n in self.numbers):
            self.add_error("summary", "请写明会议议定的内容，或至少一项议定事项。")
        return values

    def tasks(self) -> list[TaskIn]:
        """The rows that say something; only of a valid form."""
        values = self.cleaned_data
        return [
            TaskIn(
                values[f"task_{number}"],
                self.members.get(values[f"unit_{number}"]),
                values[f"due_{number}"],
            )
            for number in self.numbers
            if values[f"task_{number}"]
        ]


class TaskForm(forms.Form):
    """How a task was done, or why it need not be done any more."""

    result = forms.CharField(
        label="办理情况",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请简要写明办理情况。"},
    )


class DropForm(forms.Form):
    reason = forms.CharField(
        label="不再办理的原因",
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请写明不再办理的原因。"},
    )
