"""Taking a list out of the house: which year, which format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from alliances import clock
from alliances.exporting import MEDIA_TYPES, Export


class ExportForm(forms.Form):
    """Everything is filled in; usually the button is all there is to press."""

    year = forms.TypedChoiceField(label="年度", coerce=int)
    format = forms.ChoiceField(label="格式", widget=forms.RadioSelect)

    def __init__(self, data: Mapping[str, Any] | None = None, *, export: Export, year: Any = None) -> None:
        super().__init__(data)
        formats = export.formats
        self.fields["format"].choices = [(suffix, MEDIA_TYPES[suffix][0]) for suffix in formats]
        self.initial["format"] = formats[0]
        if not export.by_year:
            del self.fields["year"]
            return
        this = clock.today().year
        asked = int(year) if str(year).isascii() and str(year).isdecimal() and len(str(year)) == 4 else this
        years = sorted({this + 1, this, this - 1, this - 2, asked}, reverse=True)
        self.fields["year"].choices = [(y, f"{y}年") for y in years]
        self.initial["year"] = asked
