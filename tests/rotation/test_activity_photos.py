"""Pictures of an activity on its page: drawn anew, served to those alone who may see it, hostile files refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from alliances.models import User
from rotation.models import Activity, Photo
from rotation.services import activities, photos
from tests.cast import Cast
from tests.pictures import archive, jpeg, png
from tests.rotation.test_activity_pages import planned, url

ClientFor = Callable[[User | None], Client]


@pytest.fixture(autouse=True)
def media(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def activity(cast: Cast) -> Activity:
    return planned(cast)


def file(content: bytes, name: str = "IMG_0001.jpg", kind: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, kind)


def send(client: Client, activity: Activity, *files: SimpleUploadedFile, **more: object):
    return client.post(url(activity, "photos/"), {"photos": list(files)}, **more)


def stored(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def test_several_pictures_arrive_at_once_without_place_or_camera(
    cast: Cast, activity: Activity, media: Path, client_for: ClientFor
) -> None:
    client = client_for(cast.liaison)
    page = send(client, activity, file(jpeg(place=True)), file(png(), "图.png", "image/png"), follow=True)
    assert "已上传2张照片。" in page.content.decode()
    first, second = Photo.objects.order_by("order")
    address = url(activity, f"photos/{first.pk}/")
    assert f'src="{address}"' in page.content.decode()
    picture = client.get(address)
    content = b"".join(picture.streaming_content)
    assert content.startswith(b"\xff\xd8\xff")
    assert b"Secret" not in content
    assert picture["Content-Type"] == "image/jpeg"
    assert picture["X-Content-Type-Options"] == "nosniff"
    assert picture["Cache-Control"].startswith("private")
    assert "default-src 'none'" in picture["Content-Security-Policy"]
    assert (
        b"".join(client.get(url(activity, f"photos/{second.pk}/")).streaming_content)[:3] == b"\xff\xd8\xff"
    )
    assert len(stored(media)) == 2


@pytest.mark.parametrize(
    ("name", "status"),
    [("other_liaison", 200), ("president", 200), ("street", 200), ("county", 200)]
    + [
        (n, 404) for n in ("foreign_liaison", "foreign_secretary", "other_street", "administrator", "auditor")
    ],
)
def test_picture_is_seen_by_who_sees_the_activity(
    cast: Cast, activity: Activity, client_for: ClientFor, name: str, status: int
) -> None:
    photo = photos.add(activity, jpeg(), actor=cast.liaison)
    assert client_for(getattr(cast, name)).get(url(activity, f"photos/{photo.pk}/")).status_code == status


def test_picture_has_no_other_address(cast: Cast, activity: Activity, client_for: ClientFor) -> None:
    photo = photos.add(activity, jpeg(), actor=cast.liaison)
    other = planned(cast, title="别的活动")
    client = client_for(cast.liaison)
    assert client.get(url(other, f"photos/{photo.pk}/")).status_code == 404
    assert client.get(f"/media/{photo.file.name}").status_code == 404
    assert client.get(f"/{photo.file.name}").status_code == 404
    anonymous = Client().get(url(activity, f"photos/{photo.pk}/"))
    assert anonymous.headers["Location"].startswith("/accounts/login/")


def test_picture_whose_file_is_gone_is_not_found(
    cast: Cast, activity: Activity, client_for: ClientFor
) -> None:
    photo = photos.add(activity, jpeg(), actor=cast.liaison)
    Path(photo.file.path).unlink()
    assert client_for(cast.liaison).get(url(activity, f"photos/{photo.pk}/")).status_code == 404


POLYGLOT = jpeg() + b"<script>alert(1)</script><?php system('id'); ?>"


def test_polyglot_is_drawn_anew_and_loses_its_tail(
    cast: Cast, activity: Activity, media: Path, client_for: ClientFor
) -> None:
    send(client_for(cast.liaison), activity, file(POLYGLOT, "../../shell.php.jpg"))
    photo = Photo.objects.get()
    content = photo.file.read()
    assert b"script" not in content
    assert b"php" not in content
    assert Path(photo.file.path).parent == media / "photos"


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "空.jpg", "不是可以打开的JPG或PNG图片"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "图.svg", "不是可以打开的"),
        (b"<html><script>alert(1)</script>", "图.jpg", "不是可以打开的"),
        (b"GIF89a" + b"\0" * 60, "图.gif", "不是可以打开的"),
        (b"\xff\xd8\xff\xe0 no picture", "图.jpg", "不是可以打开的"),
        (archive("word/document.xml"), "图.png", "不是可以打开的"),
        (jpeg()[:-300], "断.jpg", "不是可以打开的"),
        (png((9000, 9000), "1"), "大.png", "尺寸太大"),
        (b"\xff\xd8\xff" + b"x" * (8 * 2**20), "大.jpg", "超过8MB"),
    ],
    ids=["empty", "svg", "html", "gif", "magic only", "zip", "cut off", "bomb", "too many bytes"],
)
def test_hostile_file_is_refused_in_words_and_leaves_nothing(
    cast: Cast,
    activity: Activity,
    media: Path,
    client_for: ClientFor,
    content: bytes,
    name: str,
    sentence: str,
) -> None:
    answer = send(client_for(cast.liaison), activity, file(content, name))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert name in answer.content.decode()
    assert not Photo.objects.exists()
    assert not stored(media)


def test_good_ones_before_a_bad_one_are_kept_and_the_page_says_so(
    cast: Cast, activity: Activity, client_for: ClientFor
) -> None:
    answer = send(client_for(cast.liaison), activity, file(jpeg()), file(b"<svg>", "坏<b>.jpg"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "前面1张已上传" in page
    assert "坏&lt;b&gt;.jpg" in page
    assert Photo.objects.count() == 1
    assert f"photos/{Photo.objects.get().pk}/" in page


def test_three_are_the_most(cast: Cast, activity: Activity, client_for: ClientFor) -> None:
    client = client_for(cast.liaison)
    many = send(client, activity, *(file(jpeg(), f"{n}.jpg") for n in range(4)))
    assert "一次最多3个文件。" in many.content.decode()
    assert not Photo.objects.exists()
    send(client, activity, *(file(jpeg(), f"{n}.jpg") for n in range(3)))
    assert 'type="file"' not in client.get(url(activity)).content.decode()
    assert "最多3张照片" in send(client, activity, file(jpeg()), follow=True).content.decode()
    assert Photo.objects.count() == 3


def test_nothing_chosen_is_said(cast: Cast, activity: Activity, client_for: ClientFor) -> None:
    answer = client_for(cast.liaison).post(url(activity, "photos/"), {"photos": "text"})
    assert answer.status_code == 422
    assert "请先选照片。" in answer.content.decode()


def test_picture_is_removed_by_who_may_add_it(
    cast: Cast,
    activity: Activity,
    media: Path,
    client_for: ClientFor,
    django_capture_on_commit_callbacks: Callable,
) -> None:
    photo = photos.add(activity, jpeg(), actor=cast.liaison)
    address = url(activity, f"photos/{photo.pk}/remove/")
    assert client_for(cast.other_liaison).post(address).status_code == 403
    assert client_for(cast.foreign_liaison).post(address).status_code == 404
    assert client_for(cast.staff).get(address).status_code == 405
    with django_capture_on_commit_callbacks(execute=True):
        page = client_for(cast.staff).post(address, follow=True)
    assert "照片已删除。" in page.content.decode()
    assert not stored(media)


def test_pictures_stand_at_the_end_of_the_record(
    cast: Cast, activity: Activity, client_for: ClientFor
) -> None:
    big = photos.add(activity, jpeg((1600, 1200)), actor=cast.liaison)
    photos.add(activity, jpeg((400, 900)), actor=cast.liaison)
    client = client_for(cast.other_liaison)
    word = ZipFile(io.BytesIO(client.get(url(activity, "record.docx")).content))
    pictures = [name for name in word.namelist() if name.startswith("word/media/")]
    assert len(pictures) == 2
    assert Image.open(io.BytesIO(word.read(pictures[0]))).size in {(900, 675), (400, 900)}
    assert "学雷锋志愿服务，照片1" in word.read("word/document.xml").decode()
    pdf = client.get(url(activity, "record.pdf")).content
    assert pdf.count(b"/Subtype /Image") + pdf.count(b"/Subtype/Image") >= 2
    again = client.get(url(activity, "record.docx")).content
    assert again == client.get(url(activity, "record.docx")).content
    Path(big.file.path).unlink()
    word = ZipFile(io.BytesIO(client.get(url(activity, "record.docx")).content))
    assert len([name for name in word.namelist() if name.startswith("word/media/")]) == 1


def test_cancelled_activity_takes_no_pictures(cast: Cast, activity: Activity, client_for: ClientFor) -> None:
    activities.cancel(activity, reason="大雨", actor=cast.staff)
    client = client_for(cast.liaison)
    assert 'type="file"' not in client.get(url(activity)).content.decode()
    answer = send(client, activity, file(jpeg()), follow=True)
    assert "活动已取消，不能上传照片。" in answer.content.decode()
