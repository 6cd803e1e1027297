"""Fields that several forms share."""

from __future__ import annotations

from typing import Any

from django import forms

from alliances.importing import parsers

REQUIRED = {"required": "请填写。"}


class PhoneField(forms.CharField):
    """A telephone as people type it (spaces, full-width digits, +86), kept as the rosters keep it."""

    widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": "电话", "max_length": 30, **kwargs})

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        try:
            return parsers.phone(typed)
        except ValueError as problem:
            raise forms.ValidationError(f"{problem}。") from problem


class DayField(forms.DateField):
    """A day chosen in the browser's calendar; typed days as people write them are understood too."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(**{"widget": widget, **kwargs})

    def to_python(self, value: Any) -> Any:
        try:
            return parsers.day(value) if isinstance(value, str) else super().to_python(value)
        except ValueError as problem:
            raise forms.ValidationError(f"{problem}。") from problem
