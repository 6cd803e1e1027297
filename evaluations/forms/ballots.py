"""A ballot as tapped on a screen: every item in one of five words or 不了解."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms

from alliances.enums import Via
from evaluations.arithmetic import LEVELS, level_points
from evaluations.enums import RubricSubject
from evaluations.selectors.rubrics import Items

KNOWS_NOT = "0"
CHOICES = [(str(level), words) for level, words in LEVELS] + [(KNOWS_NOT, "不了解")]
ABSTAIN = "abstain"  # the name of the button


@dataclass(frozen=True)
class Row:
    """One item as the page shows it. ``choices``: (value, words, points or None for 不了解)."""

    name: str
    title: str
    weight: int
    chosen: str
    is_wrong: bool
    choices: list[tuple[str, str, int | None]]


class BallotForm(forms.Form):
    """Items of the activity and, if ``chair`` is given, of the chair.

    The button 弃权 (``abstain``) answers 不了解 to everything; ``skip_chair`` leaves the chair's part out, whatever was
    tapped in it. Units' ballots from paper go through the same five words as those from a screen: points that no screen
    can give would tell which ballot was written down.
    """

    skip_chair = forms.BooleanField(required=False)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, activity: Items, chair: Items | None = None
    ) -> None:
        super().__init__(data)
        self.parts: dict[str, Items] = {RubricSubject.ACTIVITY: activity}
        if chair is None:
            del self.fields["skip_chair"]
        else:
            self.parts[RubricSubject.CHAIR] = chair
        self.abstains = bool(data) and ABSTAIN in data
        skips = bool(data) and "skip_chair" in data
        for subject, items in self.parts.items():
            for item in items:
                self.fields[_name(subject, item)] = forms.ChoiceField(
                    label=item["title"],
                    choices=CHOICES,
                    required=not (self.abstains or (skips and subject == RubricSubject.CHAIR)),
                    error_messages={"required": "请选一项。", "invalid_choice": "请选一项。"},
                )

    @property
    def asks_chair(self) -> bool:
        return RubricSubject.CHAIR in self.parts

    @property
    def skips_chair(self) -> bool:
        """Whether a valid form leaves the chair's part out."""
        return self.asks_chair and not self.abstains and bool(self.cleaned_data.get("skip_chair"))

    def scores(self, subject: str) -> dict[str, int | None]:
        """Item key → points or None, of a valid form; all None for a part that was left out."""
        out = self.abstains or (subject == RubricSubject.CHAIR and self.skips_chair)
        return {
            item["key"]: None if out else _points(self.cleaned_data[_name(subject, item)], item["weight"])
            for item in self.parts[subject]
        }

    def rows(self, subject: str) -> list[Row]:
        """The part's items for the page, with what was tapped."""
        found = []
        for item in self.parts[subject]:
            name, weight = _name(subject, item), item["weight"]
            choices = [(value, words, _points(value, weight)) for value, words in CHOICES]
            wrong = name in self.errors if self.is_bound else False
            found.append(Row(name, item["title"], weight, str(self.data.get(name, "")), wrong, choices))
        return found

    @property
    def activity_rows(self) -> list[Row]:
        return self.rows(RubricSubject.ACTIVITY)

    @property
    def chair_rows(self) -> list[Row]:
        return self.rows(RubricSubject.CHAIR) if self.asks_chair else []

    @property
    def missing(self) -> list[Row]:
        """Items without an answer, each a link of the summary."""
        return [row for row in [*self.activity_rows, *self.chair_rows] if row.is_wrong]


class RecordBallotForm(BallotForm):
    """A unit's ballot as staff write it down: also who gave it, and how."""

    voter_name = forms.CharField(
        label="评议人", max_length=40, error_messages={"required": "请填写评议人姓名。"}
    )
    via = forms.ChoiceField(
        label="方式",
        choices=[(Via.PAPER.value, "纸质评议票"), (Via.PHONE.value, "电话")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择纸质或电话。", "invalid_choice": "请选择纸质或电话。"},
    )


class CodeForm(forms.Form):
    """The code of a printed slip, typed by hand."""

    code = forms.CharField(
        label="评议码",
        max_length=60,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "placeholder": "例如 7KQ2M-XA94C-PRT3W",
            }
        ),
        error_messages={
            "required": "请输入纸条上的评议码。",
            "max_length": "评议码是 15 个字母和数字，请核对纸条。",
            "null_characters_not_allowed": "评议码是 15 个字母和数字，请核对纸条。",
        },
    )


def _name(subject: str, item: dict[str, Any]) -> str:
    return f"{subject}-{item['key']}"


def _points(value: str, weight: int) -> int | None:
    return None if value == KNOWS_NOT else level_points(int(value), weight)
