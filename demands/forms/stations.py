"""Forms of acceptance and call-back. The station's own visit asks for nothing but words; the office's record of a paper
sheet or a telephone call asks whose it was, when, and how it came."""

from __future__ import annotations

from typing import Any

from django import forms

from alliances import clock
from alliances.enums import Via
from demands.enums import CallBackMethod, Satisfaction

DAY_ERRORS = {"required": "请填写日期。", "invalid": "请按“2026-03-20”的样子填写日期。"}
TOO_LONG = "太长了，最多%(limit_value)d字。"


def _day(label: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, initial=clock.today, widget=widget, error_messages=DAY_ERRORS)


def _words(label: str, help_text: str = "", *, missing: str = "", rows: int = 3) -> forms.CharField:
    """At most 200 characters; optional unless ``missing`` says what to do."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=200,
        required=bool(missing),
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing, "max_length": TOO_LONG},
    )


class VisitForm(forms.Form):
    """One visit. ``recorded``: written down by the office for the station. ``asks`` is the field for words, by name:
    ``to_mend``, ``mended`` or none."""

    def __init__(self, *args: Any, recorded: bool, asks: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if recorded:
            self.fields["inspector_name"] = forms.CharField(
                label="验收人",
                help_text="站点里去看的那位，按验收单上的签名填。",
                max_length=40,
                error_messages={"required": "请填写验收人姓名。", "max_length": TOO_LONG},
            )
        self.fields["on"] = _day("验收日期")
        if asks == "to_mend":
            self.fields["to_mend"] = _words(
                "需要整改什么", "认领单位照这句话去改。", missing="请写明需要整改什么。"
            )
        elif asks == "mended":
            self.fields["mended"] = _words("整改情况", "上次要求整改的改得怎样，一句话即可。")
        if recorded:
            self.fields["via"] = forms.ChoiceField(
                label="站点怎样告知的",
                choices=[(Via.PAPER.value, "纸质验收单"), (Via.PHONE.value, "电话告知")],
                initial=Via.PAPER.value,
                widget=forms.RadioSelect,
                error_messages={"required": "请选择纸质或电话。", "invalid_choice": "请选择纸质或电话。"},
            )

    def parts(self) -> dict[str, Any]:
        """The arguments of ``services.acceptance``; only of a valid form."""
        return dict(self.cleaned_data)


class TapForm(forms.Form):
    """The station's one tap on the claim's page as it is drawn there; ``VisitForm`` reads it."""

    mended = _words("整改情况", rows=2)


class MendForm(forms.Form):
    """The same for what goes back."""

    to_mend = _words("需要整改什么", "认领单位照这句话去改。", missing="请写明需要整改什么。", rows=2)


class AnswerForm(forms.Form):
    """What the resident said. ``methods`` are those by which this one could be asked."""

    satisfaction = forms.ChoiceField(
        label="满意度",
        choices=Satisfaction.choices,
        widget=forms.RadioSelect(attrs={"class": "choices-inline choices-words"}),
        error_messages={"required": "请选择满意度。", "invalid_choice": "请选择满意度。"},
    )
    method = forms.ChoiceField(
        label="回访方式",
        widget=forms.RadioSelect(attrs={"class": "choices-inline choices-words"}),
        error_messages={"required": "请选择回访方式。", "invalid_choice": "请选择回访方式。"},
    )
    opinion = _words("群众意见", "原话记一两句，不写姓名电话。", rows=2)
    follow_up = _words(
        "跟进措施",
        "不满意的要写：由谁、什么时候、怎样跟进。",
        missing="群众不满意的，请写明由谁、怎样跟进。",
        rows=2,
    )

    def __init__(self, *args: Any, methods: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["method"]
        field.choices = [(value, CallBackMethod(value).label) for value in methods]
        field.initial = methods[0]
        if len(methods) == 1:
            field.widget = forms.HiddenInput()
        self.fields["on"] = _day("回访日期")
        if self.is_bound:  # asked of the unsatisfied alone; the page shows it to them alone where it can
            self.fields["follow_up"].required = self.data.get("satisfaction") == Satisfaction.BAD


class FollowUpForm(forms.Form):
    follow_up = _words("跟进措施", "由谁、什么时候、怎样跟进。", missing="请写明由谁、怎样跟进。", rows=2)
