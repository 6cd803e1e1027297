"""Uploading a spreadsheet, and answering what only a person knows about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from alliances.importing.importer import SheetImport
from alliances.models import Alliance
from alliances.services.imports import SCREEN_LIMITS

EVERYWHERE = ""


class UploadForm(forms.Form):
    """A file, the alliance it is for, and the year where the sheet has one."""

    file = forms.FileField(
        label="表格文件",
        help_text=f".xlsx 或 .csv，不超过 {SCREEN_LIMITS.bytes // 2**20} MB、{SCREEN_LIMITS.rows} 行。",
        error_messages={"required": "请选择表格文件。", "empty": "文件是空的，没有内容。"},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
    )
    alliance = forms.ChoiceField(label="导入到哪个社区", required=False)
    year = forms.IntegerField(
        label="年度",
        required=False,
        min_value=2000,
        max_value=2100,
        help_text="标题里写明“2025年度”的不用填。",
        error_messages={"invalid": "请填四位数字的年度，如 2025。"},
    )

    def __init__(
        self, *args: Any, kind: type[SheetImport], alliances: Sequence[Alliance], whole: bool, **kwargs: Any
    ) -> None:
        """``whole``: the person may import one file for all ``alliances``, each row naming its own."""
        super().__init__(*args, **kwargs)
        self._alliances = {alliance.code: alliance for alliance in alliances}
        if not kind.asks_year:
            del self.fields["year"]
        if not kind.by_alliance or (len(alliances) == 1 and not whole):
            del self.fields["alliance"]
            self._only = alliances[0] if kind.by_alliance else None
            return
        self._only = None
        choices = [(a.code, a.organisation.name) for a in alliances]
        field = self.fields["alliance"]
        field.choices = [(EVERYWHERE, "各行写明的社区" if whole else "请选择"), *choices]
        field.required = not whole
        field.error_messages["required"] = "请选择导入到哪个社区。"

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > SCREEN_LIMITS.bytes:
            size = SCREEN_LIMITS.bytes // 2**20
            raise forms.ValidationError(f"文件超过 {size} MB，请分成几个文件导入。")
        return file

    @property
    def only(self) -> Alliance | None:
        """The alliance the file is for, ``None`` when every row says its own. Valid forms only."""
        return self._only or self._alliances.get(self.cleaned_data.get("alliance", ""))


class AnswersForm(forms.Form):
    """One choice for each question of a preview; ``answers()`` maps the name in the file to the answer."""

    def __init__(self, *args: Any, questions: Sequence[Mapping[str, Any]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._values: dict[str, str] = {}
        for number, question in enumerate(questions):
            name = f"q{number}"
            self._values[name] = question["value"]
            self.fields[name] = forms.ChoiceField(
                label=f"{question['question']}",
                help_text=f"工作表“{question['sheet']}”第 {question['row']} 行，{question['column']}",
                choices=[(option["answer"], option["label"]) for option in question["options"]],
                initial=question["answer"],
                widget=forms.RadioSelect,
                error_messages={"required": "请选一项。"},
            )

    def answers(self) -> dict[str, str]:
        return {self._values[name]: answer for name, answer in self.cleaned_data.items() if answer}
