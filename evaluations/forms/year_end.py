"""Forms of the year's end: the two-way evaluation's rubric and days, the representatives' marks, candidates, decisions."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms

from alliances.models import Member
from evaluations import yearly
from evaluations.forms.rubrics import RubricForm
from evaluations.models import TwoWayItem
from evaluations.selectors.rubrics import Items
from evaluations.services import awards
from evaluations.services.two_way import MOST_SHEETS
from evaluations.services.year_papers import LONGEST_REASON

COMMUNITY = "community"


def _day(label: str, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": f"请填写{label}。", "invalid": f"{label}请写成 2026-01-15 的样子。"},
    )


class PrepareForm(RubricForm):
    """The last day of voting and the rubric of the community, both open to change until the evaluation opens."""

    closes_on = _day("截止日期", "从开放到截止至少留 3 天。过了这一天自动截止。")

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, items: Items, closes_on: date | None = None
    ) -> None:
        super().__init__(data, subject=COMMUNITY, items=items)
        self.initial = {"closes_on": closes_on}

    def clean(self) -> dict[str, Any]:
        return {**self.cleaned_data, **super().clean()}


@dataclass
class MarkCell:
    name: str
    label: str
    short: str
    value: str
    is_wrong: bool = False


@dataclass
class MarkRow:
    item: TwoWayItem
    cells: list[MarkCell]


class MarksForm(forms.Form):
    """The meeting's sheets as counts: one row an item, a box for every mark (``i<pk>-<mark>``). An empty box is none."""

    met_on = _day("代表会日期")
    handed_out = forms.IntegerField(label="发放", min_value=1, max_value=MOST_SHEETS)
    returned = forms.IntegerField(label="收回", min_value=1, max_value=MOST_SHEETS)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        items: Sequence[TwoWayItem],
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        for name in ("handed_out", "returned"):
            label = self.fields[name].label
            self.fields[name].error_messages |= {
                "required": f"请填写{label}张数。",
                "invalid": f"{label}张数应是整数。",
                "min_value": f"{label}张数应不小于 1。",
                "max_value": f"{label}张数最多 {MOST_SHEETS}。",
            }
        self.rows = [MarkRow(item, self._cells(data, item)) for item in items]

    def _cells(self, data: Mapping[str, Any] | None, item: TwoWayItem) -> list[MarkCell]:
        found = []
        for key, word in yearly.MARK_WORDS.items():
            name = f"i{item.pk}-{key}"
            stored = getattr(item, key)
            value = "" if stored is None else str(stored)
            if data is not None:
                value = str(data.get(name, "")).strip()[:20]
            label = f"{item.member.unit.name}：{item.text[:30]} {word}"
            found.append(MarkCell(name, label, word, value))
        return found

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        marks: dict[int, dict[str, int]] = {}
        wrong = 0
        for row in self.rows:
            counts = marks.setdefault(row.item.pk, {})
            for key, cell in zip(yearly.MARK_WORDS, row.cells, strict=True):
                text = unicodedata.normalize("NFKC", cell.value).strip() or "0"
                if re.fullmatch("[0-9]{1,4}", text):
                    counts[key] = int(text)
                else:
                    cell.is_wrong, wrong = True, wrong + 1
        if wrong:
            self.add_error(None, f"有 {wrong} 格不对：只填整数，没有的留空。")
        elif not any(sum(counts.values()) for counts in marks.values()):
            self.add_error(None, "还没有录入：至少填一个事项的票数。")
        return {**values, "marks": marks}


class ReasonForm(forms.Form):
    """Why a published paper is corrected; printed on the next revision."""

    reason = forms.CharField(
        label="更正原因",
        max_length=LONGEST_REASON,
        help_text="印在更正后的文书上。",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": "请写明更正原因。",
            "max_length": f"更正原因不超过 {LONGEST_REASON} 字。",
        },
    )


class CandidateForm(forms.Form):
    """A candidate whom the record does not propose: a unit, or a person or team by name, with a written basis."""

    kind = forms.ChoiceField(
        label="奖项", error_messages={"required": "请选择奖项。", "invalid_choice": "请选择奖项。"}
    )
    member = forms.ModelChoiceField(
        label="单位",
        queryset=Member.objects.none(),
        required=False,
        empty_label="（不属于成员单位）",
        error_messages={"invalid_choice": "请选择本联盟的成员单位。"},
    )
    name = forms.CharField(
        label="个人或队伍",
        required=False,
        max_length=awards.LONGEST_NAME,
        help_text="表彰单位的不填。",
        error_messages={"max_length": f"名称不超过 {awards.LONGEST_NAME} 字。"},
    )
    words = forms.CharField(
        label="书面依据",
        max_length=awards.LONGEST_WORDS,
        help_text="写清楚做了什么、有什么数字或事例；公布时原样印出。",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "请写明依据。",
            "max_length": f"依据不超过 {awards.LONGEST_WORDS} 字。",
        },
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, kinds: Sequence[Mapping[str, str]], members: Any
    ) -> None:
        super().__init__(data)
        self.fields["kind"].choices = [(kind["key"], kind["title"]) for kind in kinds]
        self.fields["member"].queryset = members
        self.fields["member"].label_from_instance = lambda member: member.unit.name


class DecideForm(forms.Form):
    """The secretary's word on one candidate; which button was pressed says what."""

    decision = forms.ChoiceField(choices=[("award", "表彰"), ("decline", "不表彰")])
    reason = forms.CharField(
        label="理由",
        required=False,
        max_length=awards.LONGEST_REASON,
        error_messages={"max_length": f"理由不超过 {awards.LONGEST_REASON} 字。"},
    )


class KindsForm(forms.Form):
    """Which awards are given, by title: those there are (``key-n``) and some empty rows; an emptied row is taken out."""

    SPARE = 2

    def __init__(self, data: Mapping[str, Any] | None = None, *, kinds: Sequence[Mapping[str, str]]) -> None:
        super().__init__(data)
        spare = min(self.SPARE, awards.MOST_KINDS - len(kinds))
        self.keys = [kind["key"] for kind in kinds] + [""] * max(0, spare)
        titles = [kind["title"] for kind in kinds] + [""] * max(0, spare)
        for number, title in enumerate(titles, start=1):
            self.fields[f"title-{number}"] = forms.CharField(
                label=f"奖项{number}",
                required=False,
                initial=title,
                max_length=awards.LONGEST_TITLE,
                error_messages={"max_length": f"奖项名称不超过 {awards.LONGEST_TITLE} 个字。"},
            )

    @property
    def kinds(self) -> list[dict[str, str]]:
        """What a valid form says, for the service."""
        return [
            {"key": key, "title": title}
            for number, key in enumerate(self.keys, start=1)
            if (title := str(self.cleaned_data.get(f"title-{number}", "")).strip())
        ]
