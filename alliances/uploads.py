"""Several files in one field: how many and how large is asked before a byte is read; what they are, the services ask."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

Upload = tuple[str, bytes]


class SeveralFilesInput(forms.FileInput):
    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Cleans to a list of (name as sent, content): at most ``most`` files of ``most_bytes`` each, in their order."""

    widget = SeveralFilesInput

    def __init__(self, *, most: int, most_bytes: int, **kwargs: Any) -> None:
        super().__init__(allow_empty_file=True, **kwargs)
        self.most, self.most_bytes = most, most_bytes

    def clean(self, data: Any, initial: Any = None) -> list[Upload]:
        files = [file for file in (data or []) if file is not None]
        if not files and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        if len(files) > self.most:
            raise ValidationError(f"一次最多{self.most}个文件。", code="many")
        for file in files:
            if file.size > self.most_bytes:
                raise ValidationError(f"“{file.name}”超过{self.most_bytes // 2**20}MB。", code="large")
        return [(file.name, file.read()) for file in files]
