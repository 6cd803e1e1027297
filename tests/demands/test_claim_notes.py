"""Notes on how a claim goes, from its page: words and pictures are kept together, shown with the claim, or refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from alliances.models import User
from demands.models import NotePhoto, ProgressNote
from demands.services import notes
from tests.cast import Cast
from tests.demands import loop
from tests.demands.test_claim_pages import url
from tests.pictures import jpeg, png

ClientFor = Callable[[User | None], Client]


@pytest.fixture(autouse=True)
def media(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def picture(content: bytes, name: str = "IMG_1.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def test_note_with_pictures(cast: Cast, media: Path, client_for: ClientFor) -> None:
    claim = loop.claimed(cast)
    client = client_for(cast.liaison)
    sent = {
        "text": "已上门看过",
        "photos": [picture(jpeg(place=True)), picture(png(), "图.png")],
    }
    page = client.post(url(claim, "note/"), sent, follow=True).content.decode()
    assert "进展已保存。" in page
    assert loop.state(claim) == "in_service"  # the first note starts it
    first, _ = NotePhoto.objects.order_by("order")
    assert f'src="/demands/photos/{first.pk}/"' in page
    answer = client.get(f"/demands/photos/{first.pk}/")
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xff\xd8\xff") and b"Secret" not in content
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"].startswith("private")
    # The same form once more, as an impatient finger sends it.
    again = {"text": "已上门看过", "photos": [picture(jpeg())]}
    client.post(url(claim, "note/"), again)
    assert ProgressNote.objects.count() == 1 and NotePhoto.objects.count() == 2
    client.post(f"/demands/photos/{first.pk}/remove/")
    assert NotePhoto.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "status"),
    [("other_liaison", 200), ("station", 200), ("street", 200)]
    + [
        (n, 404) for n in ("foreign_liaison", "foreign_secretary", "other_street", "administrator", "auditor")
    ],
)
def test_picture_is_seen_with_the_claim(cast: Cast, client_for: ClientFor, name: str, status: int) -> None:
    note = notes.add(loop.claimed(cast), "已上门看过", actor=cast.liaison)
    photo = notes.add_photo(note, jpeg(), actor=cast.liaison)
    assert client_for(getattr(cast, name)).get(f"/demands/photos/{photo.pk}/").status_code == status


def test_picture_whose_file_is_gone_is_not_found(cast: Cast, client_for: ClientFor) -> None:
    note = notes.add(loop.claimed(cast), "已上门看过", actor=cast.liaison)
    photo = notes.add_photo(note, jpeg(), actor=cast.liaison)
    photo.file.storage.delete(photo.file.name)
    assert client_for(cast.liaison).get(f"/demands/photos/{photo.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"text": ""}, "请填写进展。"),
        ({"text": "进" * 201}, "最多200字"),
        ({"text": "看过", "photos": [b"<svg onload=alert(1)>"]}, "请重新选择照片。"),
        ({"text": "看过", "photos": [jpeg()] * 4}, "一次最多3个文件。"),
    ],
)
def test_refused_note_keeps_its_words_and_saves_nothing(
    cast: Cast, client_for: ClientFor, sent: dict, sentence: str
) -> None:
    claim = loop.claimed(cast)
    data = {**sent, "photos": [picture(content) for content in sent.get("photos", [])]}
    answer = client_for(cast.liaison).post(url(claim, "note/"), data)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page and sent["text"] in page
    assert not ProgressNote.objects.exists() and not NotePhoto.objects.exists()
    assert loop.state(claim) == "taken"


def test_note_that_comes_too_late_says_so(cast: Cast, client_for: ClientFor) -> None:
    claim = loop.delivered(cast)
    page = client_for(cast.liaison).post(url(claim, "note/"), {"text": "还有"}, follow=True).content.decode()
    assert "不用再填进展" in page
