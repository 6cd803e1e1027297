"""Forms of a claim at work: a line on how it goes, more time, done, handed back. Nothing is asked that is known."""

from __future__ import annotations

from typing import Any

from django import forms

from alliances import clock
from alliances.enums import Via
from alliances.errors import OfficeError
from alliances.services import files
from alliances.uploads import SeveralFilesField, Upload
from demands.models import Claim, Extension
from demands.services import notes

DAY_ERRORS = {"required": "请填写日期。", "invalid": "请按“2026-03-20”的样子填写日期。"}
MOST_VOLUNTEERS = 100_000


def _day(label: str, **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, error_messages=DAY_ERRORS, **more)


def _words(label: str, rows: int, missing: str = "", **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=200,
        required=bool(missing),
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing, "max_length": "太长了，最多200字。"},
        **more,
    )


class OfUnitForm(forms.Form):
    """What a unit does by itself; the office says how it heard of it (``on_behalf``)."""

    def __init__(self, *args: Any, on_behalf: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if on_behalf:
            self.fields["via"] = forms.ChoiceField(
                label="单位怎么告知的",
                choices=[(Via.PHONE.value, "电话"), (Via.PAPER.value, "纸质")],
                widget=forms.RadioSelect(attrs={"class": "choices-inline"}),
                error_messages={"required": "请选择电话或纸质。", "invalid_choice": "请选择电话或纸质。"},
            )

    def via(self) -> str:
        return self.cleaned_data.get("via", Via.SCREEN.value)


class NoteForm(OfUnitForm):
    text = _words("进展", 3, "请填写进展。", help_text="一两句话即可，最多200字。请不要写居民的姓名、电话。")
    photos = SeveralFilesField(
        most=notes.MOST_PHOTOS,
        most_bytes=notes.MOST_BYTES,
        label="照片",
        required=False,
        help_text=f"JPG或PNG，最多{notes.MOST_PHOTOS}张；没有照片不影响办理。",
    )
    photos.widget.attrs["accept"] = "image/jpeg,image/png"

    def clean_photos(self) -> list[Upload]:
        """Every picture can be opened, or none is kept: a note is not saved without what was sent with it."""
        sent: list[Upload] = self.cleaned_data["photos"]
        for name, content in sent:
            try:
                files.picture(content, most_bytes=notes.MOST_BYTES)
            except OfficeError as problem:
                raise forms.ValidationError(f"“{name}”：{problem.message}请重新选择照片。") from problem
        return sent


class DeliverForm(OfUnitForm):
    """Done. Nothing is compulsory; the day is today unless another is given. What was said of an earlier delivery stands
    there to be changed."""

    result = _words("完成情况", 3, help_text="做了什么、解决到什么程度，验收时站点会看。")
    volunteers = forms.IntegerField(
        label="志愿者人数",
        required=False,
        min_value=0,
        max_value=MOST_VOLUNTEERS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text="只填人数，不用报名单。",
        error_messages={
            "invalid": "请填写整数。",
            "min_value": "人数不能小于0。",
            "max_value": "请核对志愿者人数。",
        },
    )
    teams = forms.CharField(label="志愿服务队", max_length=100, required=False)
    on = _day("完成日期", required=False, help_text="不填就是今天。")

    def __init__(self, *args: Any, claim: Claim, **kwargs: Any) -> None:
        said = {name: getattr(claim, name) for name in ("result", "volunteers", "teams")}
        super().__init__(*args, initial=said, **kwargs)
        limits = {"min": claim.claimed_on.isoformat(), "max": clock.today().isoformat()}
        self.fields["on"].widget.attrs |= limits

    def parts(self) -> dict[str, Any]:
        """The arguments of ``services.claims.deliver``; only of a valid form."""
        names = ("on", "result", "volunteers", "teams")
        return {name: self.cleaned_data[name] for name in names} | {"via": self.via()}


class HandBackForm(OfUnitForm):
    reason = _words("退回原因", 3, "请写明退回的原因。", help_text="社区会看到，并另派单位或开放领办。")


class ExtendForm(OfUnitForm):
    until = _day("延期至")
    reason = _words("延期原因", 3, "请写明延期的原因。")

    def __init__(self, *args: Any, claim: Claim, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        due = claim.due_on
        self.fields["until"].help_text = f"现在的时限是{due.year}年{due.month}月{due.day}日。"
        self.fields["until"].widget.attrs["min"] = max(due, clock.today()).isoformat()


class AnswerForm(forms.Form):
    """The office's yes or no to a later deadline; only a no needs words."""

    GRANT, REFUSE = "grant", "refuse"
    answer = _words("答复", 2, help_text="不同意时请写明原因；同意可以不填。")

    def __init__(self, *args: Any, extension: Extension, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.extension = extension

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        verdict = self.data.get("verdict")
        if verdict not in (self.GRANT, self.REFUSE):
            raise forms.ValidationError("请选择同意或不同意。")
        if verdict == self.REFUSE and not values.get("answer") and "answer" not in self.errors:
            self.add_error("answer", "请写明不同意延期的原因。")
        return {**values, "verdict": verdict}
