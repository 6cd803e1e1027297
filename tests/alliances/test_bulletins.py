"""The circle: who publishes, who reads, what may be attached."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from PIL import Image

from alliances.documents import to_docx, to_pdf, to_xlsx
from alliances.enums import Level
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import Alliance, Attachment, Bulletin, LogEntry
from alliances.policies import can_publish_bulletin
from alliances.selectors import circle
from alliances.services import bulletins, files
from tests.cast import Cast
from tests.factories import people
from tests.pictures import archive, jpeg, png

PAPER = {
    "kind": "test",
    "layout": "table",
    "title": "工作计划",
    "blocks": [{"type": "table", "columns": [{"title": "事项"}], "rows": [["走访"]]}],
}


@pytest.fixture(autouse=True)
def media(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def news(cast: Cast, **more: object) -> Bulletin:
    given = {"kind": "news", "title": "读书会顺利举办", "body": "60 名居民参加。", "actor": cast.staff}
    return bulletins.publish(more.pop("alliance", cast.alliance), **(given | more))


def test_entry_is_read_in_its_own_alliance(cast: Cast) -> None:
    entry = news(cast)
    assert LogEntry.objects.get(action="alliances.bulletin.publish").object_id == entry.pk
    for name in ("secretary", "liaison", "leader", "both_liaison", "station", "street", "county"):
        assert entry in circle.feed(cast.users[name]), name
    for name in ("foreign_secretary", "foreign_liaison", "other_street", "administrator", "auditor"):
        assert entry not in circle.feed(cast.users[name]), name
    assert entry not in circle.feed(AnonymousUser())


def test_public_entry_is_read_by_anybody_until_it_is_taken_down(cast: Cast) -> None:
    entry = news(cast, visibility="public")
    assert entry in circle.feed(AnonymousUser())
    assert list(circle.public_feed(cast.alliance)) == [entry]
    for _ in range(2):
        bulletins.withdraw(entry, actor=cast.president)
    assert LogEntry.objects.filter(action="alliances.bulletin.withdraw").count() == 1
    assert not circle.feed(AnonymousUser()).exists()
    assert entry not in circle.feed(cast.secretary)


def county_alliance(cast: Cast) -> Alliance:
    return people.alliance(cast.county_place)


def test_subtree_entry_reaches_the_alliances_below_and_nobody_else(cast: Cast) -> None:
    above = county_alliance(cast)
    entry = news(cast, alliance=above, kind="task", visibility="subtree", actor=cast.county)
    inner = news(cast, alliance=above, actor=cast.county)
    for name in ("liaison", "foreign_liaison", "secretary", "street"):
        assert entry in circle.feed(cast.users[name]), name
    assert inner not in circle.feed(cast.liaison)
    assert list(circle.feed(cast.liaison, cast.alliance)) == [entry]
    assert entry not in circle.feed(AnonymousUser())


@pytest.mark.parametrize(
    "name",
    ["liaison", "leader", "station", "street", "county", "administrator", "auditor", "foreign_secretary"],
)
def test_others_do_not_publish_here(cast: Cast, name: str) -> None:
    with pytest.raises(NotAllowed):
        news(cast, actor=cast.users[name])
    with pytest.raises(NotAllowed):
        bulletins.withdraw(news(cast), actor=cast.users[name])


def test_office_publishes_for_its_own_organisation_only(cast: Cast) -> None:
    """Also "who may?" answers so: nobody is asked who could not."""
    above = county_alliance(cast)
    assert can_publish_bulletin(cast.county, above)
    assert not can_publish_bulletin(cast.street, above)
    assert cast.county.person in can_publish_bulletin.holders(above)
    assert set(can_publish_bulletin.holders(cast.alliance)) == {
        cast.secretary.person,
        cast.staff.person,
        cast.president.person,
    }
    assert cast.street_place.level == Level.STREET


def test_entry_of_another_part_is_published_once(cast: Cast) -> None:
    first = news(cast, kind="feedback", source="feedback:1:1", path="/feedback/1/", actor=cast.president)
    again = news(cast, kind="feedback", source="feedback:1:1", title="别的", actor=cast.president)
    assert again == first
    assert Bulletin.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"title": "  "}, {"body": ""}, {"kind": "gossip"}, {"visibility": "everywhere"}]
)
def test_half_entries_are_refused(cast: Cast, wrong: dict[str, str]) -> None:
    with pytest.raises(OfficeError):
        news(cast, **wrong)
    assert not Bulletin.objects.exists()


# --- attachments --------------------------------------------------------------------------------------------------


def test_real_papers_and_pictures_are_accepted_under_random_names(cast: Cast, media: Path) -> None:
    given = [
        ("计划.docx", to_docx(PAPER)),
        ("计划.xlsx", to_xlsx(PAPER)),
        ("计划.PDF", to_pdf(PAPER)),
        ("C:\\照片\\合影.jpeg", jpeg(place=True)),
        ("../../图表.png", png()),
    ]
    entry = news(cast, attachments=given)
    rows = list(Attachment.objects.filter(bulletin=entry))
    assert [row.name for row in rows] == ["计划.docx", "计划.xlsx", "计划.pdf", "合影.jpg", "图表.jpg"]
    for row in rows:
        path = Path(row.file.path)
        assert path.parent == media / "circle" and len(path.stem) == 32
        assert path.stat().st_size == row.size
    picture = rows[3].file.read()
    assert b"Secret" not in picture
    with Image.open(io.BytesIO(picture)) as image:
        assert not image.getexif()
    assert circle.attachment_for(cast.liaison, rows[0].pk) == rows[0]
    assert circle.attachment_for(cast.foreign_liaison, rows[0].pk) is None
    assert circle.attachment_for(AnonymousUser(), rows[0].pk) is None
    with pytest.raises(OfficeError, match="最多5个"):
        bulletins.attach(entry, "多.png", png(), actor=cast.staff)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("页面.html", b"<script>", "只收"),
        ("程序.exe", b"MZ", "只收"),
        ("无后缀", b"%PDF-1.7", "只收"),
        ("页面.pdf", b"<html><script>", "不符"),
        ("改名.docx", to_xlsx(PAPER), "不符"),
        ("压缩.docx", archive("a.txt"), "不符"),
        ("带宏.docx", archive("word/document.xml", "word/vbaProject.bin"), "宏"),
        ("坏.xlsx", b"PK\x03\x04" + b"x" * 100, "损坏"),
        ("照片.jpg", b"\xff\xd8\xff\xe0 not a picture", "不是"),
        ("照片.png", jpeg(), "不符"),
        ("空.pdf", b"", "空"),
        ("大.pdf", b"%PDF-" + b"x" * (10 * 2**20), "10MB"),
        ("拥挤.docx", archive("word/document.xml", *(f"x{n}" for n in range(5001))), "太多"),
    ],
)
def test_other_files_are_refused_and_leave_nothing(
    cast: Cast, media: Path, name: str, content: bytes, sentence: str
) -> None:
    with pytest.raises(OfficeError, match=sentence):
        news(cast, attachments=[("好.png", png()), (name, content)])
    assert not Bulletin.objects.exists()
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_nothing_is_added_to_an_entry_that_was_taken_down(cast: Cast) -> None:
    entry = news(cast)
    bulletins.withdraw(entry, actor=cast.staff)
    with pytest.raises(TooLate):
        bulletins.attach(entry, "图.png", png(), actor=cast.staff)


def test_clear_picture_becomes_white_not_black() -> None:
    drawn = files.picture(png(mode="RGBA"), most_bytes=2**20)
    with Image.open(io.BytesIO(drawn.content)) as image:
        assert image.getpixel((5, 5)) == (255, 255, 255)
