"""What residents fill in without an account, and what the office opens for them. Few fields; every typed word comes back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from typing import Any

from django import forms

from alliances.errors import OfficeError
from alliances.forms.fields import PhoneField
from demands.enums import Satisfaction
from demands.services.acting import resident_name
from demands.services.intake import MOST_WORDS

NUL = "内容里有不能保存的字符，请改一下再提交。"
CONSENT = "填写了姓名或电话的，请先勾选同意告知内容；也可以都不填。"


def plain_name(typed: str) -> str:
    """``resident_name`` as a field says it."""
    try:
        return resident_name(typed)
    except OfficeError as problem:
        raise forms.ValidationError(problem.message) from problem


class Words(forms.CharField):
    """A text of several lines: a line break counts once, however the browser sends it."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        errors = {"null_characters_not_allowed": NUL, **kwargs.pop("error_messages", {})}
        super().__init__(error_messages=errors, **kwargs)

    def to_python(self, value: Any) -> str:
        return super().to_python(str(value).replace("\r\n", "\n") if value else value)


class HoneypotForm(forms.Form):
    """``homepage`` is seen by programs alone. Whoever fills it in is told, so that nobody's order is lost in silence."""

    homepage = forms.CharField(
        required=False,
        label="请不要填写这一栏",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
        error_messages={"null_characters_not_allowed": NUL},
    )

    @property
    def is_trapped(self) -> bool:
        """Also what is too long or holds odd characters."""
        return self.is_bound and bool((self.data.get("homepage") or "").strip())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.is_trapped:
            self.errors.pop("homepage", None)
            self.add_error("homepage", "没有提交成功：请把“请不要填写这一栏”里的字删掉，再提交一次。")
        return data


class OrderForm(HoneypotForm):
    """A resident's order: a category to tap and the words; name and phone only by choice, with a yes to the notice."""

    category = forms.CharField(
        max_length=60,
        error_messages={
            "required": "请点选一类；拿不准的选最接近的，社区会核对。",
            "max_length": "请重新点选类别。",
            "null_characters_not_allowed": "请重新点选类别。",
        },
    )
    content = Words(
        label="您的需要",
        max_length=MOST_WORDS,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
        error_messages={
            "required": "请写一写需要什么，一两句话就行。",
            "max_length": f"最多 {MOST_WORDS} 字，请缩短一些。",
        },
    )
    name = forms.CharField(
        label="怎么称呼您",
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"max_length": "最多 40 字。", "null_characters_not_allowed": NUL},
    )
    phone = PhoneField(
        label="电话",
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        error_messages={"max_length": "请核对电话号码。", "null_characters_not_allowed": NUL},
    )
    consent = forms.BooleanField(label="我已阅读，同意", required=False)

    def __init__(self, data: Any = None, *, pairs: dict[str, list[str]]) -> None:
        super().__init__(data)
        self._pairs = pairs
        self._chosen = self.data.get("category", "") if self.is_bound else ""

    @property
    def groups(self) -> list[dict[str, Any]]:
        """大类 with its 小项: (value, name, whether tapped); the tapped one's group stands open."""
        found = []
        for number, (group, names) in enumerate(self._pairs.items()):
            rows = [
                {"value": f"{group}/{name}", "name": name, "chosen": f"{group}/{name}" == self._chosen}
                for name in names
            ]
            found.append(
                {
                    "number": number,
                    "group": group,
                    "hint": "、".join(names[:3]),
                    "rows": rows,
                    "open": any(row["chosen"] for row in rows),
                }
            )
        return found

    def clean_name(self) -> str:
        return plain_name(self.cleaned_data["name"])

    def clean_category(self) -> tuple[str, str]:
        group, _, name = str(self.cleaned_data["category"]).partition("/")
        if name not in self._pairs.get(group, []):
            raise forms.ValidationError("请重新点选类别。")
        return group, name

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if (data.get("name") or data.get("phone")) and not data.get("consent"):
            self.add_error("consent", CONSENT)
        return data


class TrackForm(forms.Form):
    """A code typed by hand."""

    code = forms.CharField(
        label="查询码",
        max_length=60,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "placeholder": "例如 7KQ2-XA94-PRT3",
            }
        ),
        error_messages={
            "required": "请输入查询码。",
            "max_length": "查询码是 12 个字母和数字，请核对。",
            "null_characters_not_allowed": "查询码是 12 个字母和数字，请核对。",
        },
    )


class AnswerForm(forms.Form):
    """满意度 and, by choice, a word about it. ``prefix`` tells several call-backs on one page apart."""

    satisfaction = forms.ChoiceField(
        label="办得怎么样",
        choices=Satisfaction.choices,
        error_messages={"required": "请选一项。", "invalid_choice": "请选一项。"},
    )
    opinion = Words(
        label="想说的话",
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
        error_messages={"max_length": "最多 200 字，请缩短一些。"},
    )

    @property
    def rows(self) -> list[dict[str, Any]]:
        chosen = self["satisfaction"].value()
        return [
            {"value": value, "words": words, "chosen": value == chosen}
            for value, words in Satisfaction.choices
        ]


class BookingForm(HoneypotForm):
    """A resident's booking of a venue: a day on which it is open to residents, from, to, what for, whom to answer."""

    day = forms.ChoiceField(
        label="日期",
        error_messages={"required": "请选择日期。", "invalid_choice": "这一天不能预约，请另选。"},
    )
    starts = forms.ChoiceField(
        label="从", error_messages={"required": "请选择开始时间。", "invalid_choice": "请重新选择时间。"}
    )
    ends = forms.ChoiceField(
        label="到", error_messages={"required": "请选择结束时间。", "invalid_choice": "请重新选择时间。"}
    )
    purpose = forms.CharField(
        label="用途",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "请填写用途。",
            "max_length": "最多 100 字，请缩短一些。",
            "null_characters_not_allowed": NUL,
        },
    )
    heads = forms.IntegerField(
        label="人数",
        required=False,
        min_value=1,
        max_value=100_000,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": "请填数字。",
            "min_value": "请核对人数。",
            "max_value": "请核对人数。",
        },
    )
    name = forms.CharField(
        label="预约人",
        max_length=24,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={
            "required": "请填写怎么称呼您。",
            "max_length": "最多 24 字。",
            "null_characters_not_allowed": NUL,
        },
    )
    phone = PhoneField(
        label="电话",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
        error_messages={
            "required": "请填写电话，便于答复。",
            "max_length": "请核对电话号码。",
            "null_characters_not_allowed": NUL,
        },
    )
    consent = forms.BooleanField(
        label="我已阅读，同意", error_messages={"required": "请先勾选同意告知内容。"}
    )

    def __init__(self, data: Any = None, *, days: Iterable[tuple[date, str]], times: Iterable[time]) -> None:
        super().__init__(data)
        at = [(f"{moment:%H:%M}", f"{moment:%H:%M}") for moment in times]
        blank = [("", "请选择")]
        self.fields["day"].choices = blank + [(day.isoformat(), words) for day, words in days]
        self.fields["starts"].choices = blank + at[:-1]
        self.fields["ends"].choices = blank + at[1:]

    def clean_day(self) -> date:
        return date.fromisoformat(self.cleaned_data["day"])

    def clean_starts(self) -> time:
        return time.fromisoformat(self.cleaned_data["starts"])

    def clean_ends(self) -> time:
        return time.fromisoformat(self.cleaned_data["ends"])
