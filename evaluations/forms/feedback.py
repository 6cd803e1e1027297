"""The month's feedback in the president's words, its correction, the secretary's comment."""

from __future__ import annotations

from django import forms

from evaluations.services import comments, feedbacks

_LONG = {"max_length": f"文字太长，请控制在 {feedbacks.LONGEST} 字以内。"}


def _words(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=feedbacks.LONGEST,
        help_text=help_text,
        error_messages=_LONG,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class FeedbackForm(forms.Form):
    good = _words("做得好的", "几句话即可，得分、票数会自动附上。")
    mend = _words("需要改进的", "会印在下个月的提醒单上。")

    def clean(self) -> dict[str, object]:
        values = super().clean() or {}
        if not self.errors and not any(str(values.get(name, "")).strip() for name in ("good", "mend")):
            self.add_error("good", "“做得好的”“需要改进的”至少写一项。")
        return values


class CorrectForm(forms.Form):
    reason = forms.CharField(
        label="更正原因",
        max_length=feedbacks.LONGEST_REASON,
        help_text="印在更正后的通报上。原来的通报在更正稿通报之前一直有效。",
        error_messages={
            "required": "请写明更正原因。",
            "max_length": f"更正原因不超过 {feedbacks.LONGEST_REASON} 字。",
        },
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class CommentForm(forms.Form):
    text = forms.CharField(
        label="点评",
        max_length=comments.LONGEST,
        help_text="下次研讨会上宣读，之前可以随时修改。",
        error_messages={
            "required": "请写点评内容。",
            "max_length": f"点评内容不超过 {comments.LONGEST} 字。",
        },
        widget=forms.Textarea(attrs={"rows": 7}),
    )
