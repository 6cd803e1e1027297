"""A unit's reply to a notice: who comes or why not, and the opinions it gathered; the same from paper or telephone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from alliances.enums import Via
from rotation.enums import OpinionTheme, ReplyState
from rotation.forms.meetings_rows import RowsForm
from rotation.models import Opinion, Reply
from rotation.selectors.meetings import ReplyDraft
from rotation.services.replies import MOST_OPINIONS, MOST_VOICES, Answer, OpinionIn

ATTEND, LEAVE = ReplyState.ATTENDING.value, ReplyState.LEAVE.value
WAYS = [(Via.PAPER.value, "纸质回执"), (Via.PHONE.value, "电话答复")]


class ReplyForm(RowsForm):
    """``choice`` decides what of the rest counts. Filled in with ``draft`` and what was answered before."""

    most = MOST_OPINIONS
    shown = 2
    use_required_attribute = False

    choice = forms.ChoiceField(
        label="能否参加",
        choices=[(ATTEND, "参加"), (LEAVE, "请假")],
        widget=forms.RadioSelect(attrs={"class": "choices-inline"}),
        error_messages={"required": "请选择参加或请假。", "invalid_choice": "请选择参加或请假。"},
    )
    attendee = forms.CharField(
        label="参会人", max_length=40, error_messages={"required": "请填写参会人姓名。"}
    )
    attendee_title = forms.CharField(label="职务", max_length=40, required=False)
    attendee_phone = forms.CharField(
        label="电话", max_length=24, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    leave_reason = forms.CharField(
        label="请假事由", max_length=120, error_messages={"required": "请填写请假事由。"}
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, reply: Reply, draft: ReplyDraft, **more: Any
    ) -> None:
        self.standing: list[Opinion] = list(reply.opinions.all())
        super().__init__(data, filled=len(self.standing), **more)
        self.initial |= {
            "choice": LEAVE if reply.state == ReplyState.LEAVE else ATTEND,
            "attendee": draft.attendee,
            "attendee_title": draft.attendee_title,
            "attendee_phone": draft.attendee_phone,
            "leave_reason": reply.leave_reason,
        }
        for number, opinion in enumerate(self.standing, 1):
            self.initial |= {
                f"opinion_{number}": opinion.text,
                f"theme_{number}": opinion.theme,
                f"voices_{number}": opinion.voices,
            }
        self.keep_typed()
        # The two belong to one choice each: shown without 选填, asked for only when their choice was made.
        for name, choice in (("attendee", ATTEND), ("leave_reason", LEAVE)):
            self.fields[name].required = not self.is_bound or self.data.get("choice") == choice

    def row_fields(self, number: int) -> dict[str, forms.Field]:
        return {
            f"opinion_{number}": forms.CharField(
                label=f"意见建议 {number}",
                max_length=300,
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
            ),
            f"theme_{number}": forms.ChoiceField(
                label="类别", choices=OpinionTheme.choices, initial=OpinionTheme.OTHER.value, required=False
            ),
            f"voices_{number}": forms.IntegerField(
                label="反映人数", min_value=1, max_value=MOST_VOICES, initial=1, required=False
            ),
        }

    def answer(self) -> Answer:
        """What ``services.replies`` takes; only of a valid form."""
        values = self.cleaned_data
        return Answer(
            is_attending=values["choice"] == ATTEND,
            attendee=values["attendee"],
            attendee_title=values["attendee_title"],
            attendee_phone=values["attendee_phone"],
            leave_reason=values["leave_reason"],
            opinions=[
                OpinionIn(
                    values[f"opinion_{number}"],
                    values[f"theme_{number}"] or OpinionTheme.OTHER,
                    values[f"voices_{number}"] or 1,
                )
                for number in self.numbers
                if values[f"opinion_{number}"]
            ],
        )


class RecordReplyForm(ReplyForm):
    """The community writes down what a unit answered."""

    via = forms.ChoiceField(
        label="怎么答复的",
        choices=WAYS,
        initial=Via.PHONE.value,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择纸质或电话。", "invalid_choice": "请选择纸质或电话。"},
    )
