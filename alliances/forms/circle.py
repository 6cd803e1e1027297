"""What is put into the circle: a title, some words, up to five files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from alliances.enums import BulletinKind, Level, Visibility
from alliances.models import Alliance
from alliances.services.bulletins import MOST_ATTACHMENTS, MOST_BYTES
from alliances.services.files import DOCUMENTS
from alliances.uploads import SeveralFilesField

# What people write; feedback comes from its own page.
KINDS = (BulletinKind.NEWS, BulletinKind.TASK, BulletinKind.PLAN)
ACCEPTED = ".pdf,.docx,.xlsx,.jpg,.jpeg,.png"


def _files(**more: Any) -> SeveralFilesField:
    field = SeveralFilesField(
        most=MOST_ATTACHMENTS,
        most_bytes=MOST_BYTES,
        label="附件",
        help_text=f"可以一次选几个，最多{MOST_ATTACHMENTS}个，每个不超过{MOST_BYTES // 2**20}MB；收{'、'.join(DOCUMENTS.values())}。",
        error_messages={"required": "请先选文件。"},
        **more,
    )
    field.widget.attrs["accept"] = ACCEPTED
    return field


class PublishForm(forms.Form):
    """A new entry in one of ``places``; for the subtree only where an alliance stands above others."""

    place = forms.ChoiceField(label="发布在", error_messages={"required": "请选择联盟。"})
    kind = forms.ChoiceField(
        label="类型",
        choices=[(kind.value, kind.label) for kind in KINDS],
        initial=BulletinKind.NEWS.value,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择类型。", "invalid_choice": "请选择类型。"},
    )
    title = forms.CharField(label="标题", max_length=100, error_messages={"required": "请填写标题。"})
    body = forms.CharField(
        label="内容",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "请填写内容。"},
    )
    visibility = forms.ChoiceField(
        label="谁能看",
        initial=Visibility.ALLIANCE.value,
        widget=forms.RadioSelect,
        help_text="公开的内容不用登录就能看，请不要写居民的姓名、电话、住址。",
        error_messages={"required": "请选择谁能看。", "invalid_choice": "请选择谁能看。"},
    )
    files = _files(required=False)

    def __init__(self, *args: Any, places: Sequence[Alliance], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {alliance.code: alliance for alliance in places}
        place = self.fields["place"]
        place.choices = [(code, alliance.name) for code, alliance in self.places.items()]
        place.initial = places[0].code
        if len(places) == 1:
            place.widget = forms.HiddenInput()
        above = any(alliance.organisation.level != Level.COMMUNITY for alliance in places)
        self.fields["visibility"].choices = [
            (choice.value, choice.label) for choice in Visibility if above or choice != Visibility.SUBTREE
        ]

    @property
    def alliance(self) -> Alliance:
        """Where it is published; only of a valid form."""
        return self.places[self.cleaned_data["place"]]

    def parts(self) -> dict[str, Any]:
        """The arguments of ``services.bulletins.publish`` after the alliance; only of a valid form."""
        values = self.cleaned_data
        return {name: values[name] for name in ("kind", "title", "body", "visibility")} | {
            "attachments": values["files"]
        }


class AttachForm(forms.Form):
    files = _files()
