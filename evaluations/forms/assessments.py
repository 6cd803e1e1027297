"""The quarterly report's forms: the words of parts five and six, adjustments, returning, correcting; the scheme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from evaluations.assessing import FULL, PART_TITLES, PARTS, SUM_TITLES, Scheme
from evaluations.services import assessments


class _Later(forms.CharField):
    """Asked for at filing: until then it may be kept empty."""

    def validate(self, value: Any) -> None:
        return None


def _words(label: str, help_text: str) -> forms.CharField:
    return _Later(
        label=label,
        max_length=assessments.LONGEST,
        help_text=help_text,
        error_messages={"max_length": f"文字太长，请控制在 {assessments.LONGEST} 字以内。"},
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class WordsForm(forms.Form):
    problems = _words("五、存在问题", "请用自己的话写，一段一行。可以先保存一部分，报送前写好。")
    next_steps = _words("六、下步打算", "针对上面的问题写几条措施。")


class AdjustForm(forms.Form):
    """One member's points; ``line`` gives it names of its own on a page with many."""

    adjustment = forms.DecimalField(
        label="加减分",
        max_digits=4,
        decimal_places=1,
        error_messages={
            "required": "请填写加减分，0 表示不加不减。",
            "invalid": "加减分请填数字，例如 -2 或 1.5。",
            "max_digits": "加减分超出范围。",
            "max_whole_digits": "加减分超出范围。",
            "max_decimal_places": "加减分最多一位小数。",
        },
        widget=forms.TextInput(attrs={"inputmode": "text", "autocomplete": "off", "maxlength": 6}),
    )
    reason = forms.CharField(
        label="理由",
        required=False,
        max_length=assessments.LONGEST_REASON,
        help_text="会印在报告和单位的结果告知书上。",
        error_messages={"max_length": f"理由不超过 {assessments.LONGEST_REASON} 字。"},
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, line: int, bounds: str, **more: Any) -> None:
        super().__init__(data, auto_id=f"id_{line}_%s", **more)
        self.fields["adjustment"].help_text = bounds


def _reason(label: str, help_text: str, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=assessments.LONGEST_RETURN,
        help_text=help_text,
        error_messages={
            "required": f"请写明{label}。",
            "max_length": f"{label}不超过 {assessments.LONGEST_RETURN} 字。",
        },
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReturnForm(forms.Form):
    return_reason = _reason("退回原因", "社区会看到原文，请写明要改什么。")


class ReviseForm(forms.Form):
    revise_reason = _reason("更正原因", "印在更正后的报告上。没有被退回的报告，在更正稿报送之前一直有效。")


class SchemeForm(forms.Form):
    """Points of each sum and the bounds of adjustments; ``scheme`` fills it. Points below nought are typed without sign."""

    less = forms.IntegerField(label="最多扣分", min_value=0, max_value=FULL, help_text="填 0 表示不扣分。")
    more = forms.IntegerField(label="最多加分", min_value=0, max_value=FULL, help_text="填 0 表示不加分。")

    def __init__(self, data: Mapping[str, Any] | None = None, *, scheme: Scheme) -> None:
        super().__init__(
            data, initial={"less": -scheme.lowest, "more": scheme.highest, **dict(scheme.weights)}
        )
        wrong = f"分值应是 0 至 {FULL} 的整数。"
        for key, title in SUM_TITLES.items():
            self.fields[key] = forms.IntegerField(label=title, min_value=0, max_value=FULL)
        for field in self.fields.values():
            field.error_messages |= dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong)
            field.widget = forms.TextInput(
                attrs={"inputmode": "numeric", "maxlength": 3, "autocomplete": "off"}
            )
        for key in SUM_TITLES:
            self.fields[key].widget.attrs["data-part"] = True

    @property
    def parts(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The sums' fields by part."""
        return [(PART_TITLES[part], [self[key] for key in keys]) for part, keys in PARTS.items()]

    @property
    def total(self) -> int:
        """Of what is typed, as far as it is whole numbers."""
        typed = [str(self[key].value()).strip() for key in SUM_TITLES]
        return sum(int(text) for text in typed if text.isascii() and text.isdigit() and len(text) < 4)

    @property
    def is_full(self) -> bool:
        return self.total == FULL

    @property
    def values(self) -> dict[str, Any]:
        """As ``services.schemes.save`` takes them."""
        given = self.cleaned_data
        return {
            "weights": {key: given[key] for key in SUM_TITLES},
            "lowest": -given["less"],
            "highest": given["more"],
        }
