"""Printing and voiding residents' codes."""

from __future__ import annotations

from django import forms

from evaluations.enums import CodeOrigin

MOST = 300  # one print run; more are another run
MOST_IN_WORD = 60  # Word files are slow to make, and to open
KINDS = [
    (CodeOrigin.SLIP.value, "纸条：一页十四张，裁开发给居民，用手机扫码评"),
    (CodeOrigin.PAPER.value, "纸质评议票：一页一张，可以手填，也可以扫码"),
]
FILES = [("pdf", "PDF（直接打印）"), ("docx", f"Word（一次最多 {MOST_IN_WORD} 张）")]


class PrintForm(forms.Form):
    origin = forms.ChoiceField(
        label="打印什么",
        choices=KINDS,
        widget=forms.RadioSelect,
        initial=CodeOrigin.SLIP.value,
        error_messages={"required": "请选择打印什么。", "invalid_choice": "请选择纸条或纸质评议票。"},
    )
    count = forms.IntegerField(
        label="张数",
        min_value=1,
        max_value=MOST,
        initial=24,
        help_text=f"一次 1 至 {MOST} 张，不够可以再打印。",
        error_messages={
            "required": "请填写张数。",
            "invalid": "张数应是整数。",
            "min_value": "至少打印 1 张。",
            "max_value": f"一次最多打印 {MOST} 张。",
        },
    )
    fmt = forms.ChoiceField(
        label="文件",
        choices=FILES,
        widget=forms.RadioSelect,
        initial="pdf",
        error_messages={"required": "请选择文件。", "invalid_choice": "请选择 PDF 或 Word。"},
    )

    def clean(self) -> dict[str, object]:
        values = super().clean() or {}
        if values.get("fmt") == "docx" and (values.get("count") or 0) > MOST_IN_WORD:
            self.add_error("count", f"Word 文件一次最多 {MOST_IN_WORD} 张，更多的请用 PDF。")
        return values


class VoidForm(forms.Form):
    """One code by its letters, else every unused one of a kind. ``done`` says afterwards what was done."""

    done = ""

    origin = forms.ChoiceField(
        label="作废哪些",
        choices=[
            ("one", "一张：按上面的评议码"),
            (CodeOrigin.SLIP.value, "全部没有用过的纸条"),
            (CodeOrigin.PAPER.value, "全部没有用过的纸质评议票"),
        ],
        widget=forms.RadioSelect,
        initial="one",
        error_messages={"required": "请选择作废哪些。", "invalid_choice": "请选择作废哪些。"},
    )
    code = forms.CharField(
        label="评议码",
        max_length=40,
        required=False,
        help_text="只在作废一张时填写，如 7KQ2M-XA94C-PRT3W。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def clean(self) -> dict[str, object]:
        values = super().clean() or {}
        if values.get("origin") == "one" and not values.get("code") and "code" not in self.errors:
            self.add_error("code", "请填写要作废的评议码。")
        return values
