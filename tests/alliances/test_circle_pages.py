"""The circle on screen: the feed, one entry, publishing with files, taking down, what is public without an account."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from alliances.documents import to_docx, to_pdf, to_xlsx
from alliances.models import Attachment, Bulletin, User
from alliances.services import bulletins
from tests.cast import Cast
from tests.factories import people
from tests.pictures import archive, jpeg, png

ClientFor = Callable[[User | None], Client]
PAPER = {
    "kind": "test",
    "layout": "table",
    "title": "工作计划",
    "blocks": [{"type": "table", "columns": [{"title": "事项"}], "rows": [["走访"]]}],
}
WORDS = {
    "place": "01-01-01",
    "kind": "news",
    "title": "读书会顺利举办",
    "body": "60 名居民参加。",
    "visibility": "alliance",
}


@pytest.fixture(autouse=True)
def media(settings: object, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def news(cast: Cast, **more: object) -> Bulletin:
    given = {"kind": "news", "title": "读书会顺利举办", "body": "60 名居民参加。", "actor": cast.staff}
    return bulletins.publish(more.pop("alliance", cast.alliance), **(given | more))


def file(content: bytes, name: str = "计划.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/octet-stream")


def stored(media: Path) -> list[Path]:
    return [path for path in media.rglob("*") if path.is_file()]


def read(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


# --- reading ------------------------------------------------------------------------------------------------------


def test_feed_shows_title_lines_files_who_and_when(cast: Cast, client_for: ClientFor) -> None:
    entry = news(
        cast,
        body="第一行\n" + "很长的话" * 200,
        attachments=[("照片.png", png()), ("计划.pdf", to_pdf(PAPER))],
    )
    page = read(client_for(cast.liaison), "/circle/")
    assert f'<a href="/circle/{entry.pk}/">读书会顺利举办</a>' in page
    assert "第一行" in page
    assert "很长的话" * 200 not in page
    assert "照片.jpg" in page
    assert "计划.pdf" in page
    assert "周小雨" in page
    assert "2026年3月2日 9:00" in page
    assert "/circle/new/" not in page
    whole = read(client_for(cast.liaison), f"/circle/{entry.pk}/")
    assert "很长的话" * 200 in whole


def test_feed_is_filtered_by_kind(cast: Cast, client_for: ClientFor) -> None:
    news(cast)
    news(cast, kind="task", title="报送半年总结")
    client = client_for(cast.liaison)
    task = read(client, "/circle/?kind=task")
    assert "报送半年总结" in task
    assert "读书会顺利举办" not in task
    assert "读书会顺利举办" in read(client, "/circle/?kind=nonsense")
    assert "共 1 条" in read(client, "/circle/?kind=task&total=1")


def test_feed_pages_by_key(cast: Cast, client_for: ClientFor) -> None:
    rows = [Bulletin(alliance=cast.alliance, kind="news", title=f"第{n}条", body="略") for n in range(21)]
    Bulletin.objects.bulk_create(rows)
    client = client_for(cast.liaison)
    page = read(client, "/circle/?kind=news")
    assert "第20条" in page
    assert "第0条" not in page
    older = re.search(r'rel="next" href="([^"]+)"', page).group(1).replace("&amp;", "&")
    assert "kind=news" in older
    assert "第0条" in read(client, f"/circle/{older}")


def test_what_the_county_shares_reaches_every_community(cast: Cast, client_for: ClientFor) -> None:
    above = people.alliance(cast.county_place)
    client = client_for(cast.county)
    typed = WORDS | {"place": above.code, "kind": "task", "title": "开展大走访", "visibility": "subtree"}
    assert client.post("/circle/new/", typed).status_code == 302
    assert "开展大走访" in read(client_for(cast.liaison), "/circle/")
    assert "开展大走访" in read(client_for(cast.foreign_liaison), "/circle/")
    assert "本级及以下" in read(client, "/circle/new/")
    assert "本级及以下" not in read(client_for(cast.secretary), "/circle/new/")
    refused = client_for(cast.secretary).post("/circle/new/", WORDS | {"visibility": "subtree"})
    assert refused.status_code == 422


@pytest.mark.parametrize(
    ("visibility", "name", "status"),
    [
        ("alliance", "liaison", 200),
        ("alliance", "station", 200),
        ("alliance", "street", 200),
        ("alliance", "foreign_liaison", 404),
        ("alliance", "other_street", 404),
        ("alliance", "administrator", 404),
        ("public", "foreign_liaison", 200),
        ("public", "auditor", 200),
    ],
)
def test_entry_and_its_files_are_seen_by_the_same_people(
    cast: Cast, client_for: ClientFor, visibility: str, name: str, status: int
) -> None:
    entry = news(cast, visibility=visibility, attachments=[("计划.pdf", to_pdf(PAPER))])
    attachment = entry.attachments.get()
    client = client_for(getattr(cast, name))
    assert client.get(f"/circle/{entry.pk}/").status_code == status
    assert client.get(f"/circle/{entry.pk}/files/{attachment.pk}/").status_code == status


def test_attachment_is_saved_never_opened(cast: Cast, client_for: ClientFor) -> None:
    entry = news(cast, attachments=[("三月 计划.docx", to_docx(PAPER))])
    attachment = entry.attachments.get()
    client = client_for(cast.liaison)
    answer = client.get(f"/circle/{entry.pk}/files/{attachment.pk}/")
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''%E4%B8%89")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, no-store"
    assert "word/document.xml" in ZipFile(io.BytesIO(b"".join(answer.streaming_content))).namelist()
    other = news(cast, title="别的")
    assert client.get(f"/circle/{other.pk}/files/{attachment.pk}/").status_code == 404
    assert client.get(f"/media/{attachment.file.name}").status_code == 404
    Path(attachment.file.path).unlink()
    assert client.get(f"/circle/{entry.pk}/files/{attachment.pk}/").status_code == 404


# --- without an account -------------------------------------------------------------------------------------------


def test_public_page_shows_public_entries_without_names(cast: Cast) -> None:
    shown = news(cast, title="义诊通知", visibility="public", attachments=[("计划.pdf", to_pdf(PAPER))])
    hidden = news(cast, title="内部通知")
    client = Client()
    page = read(client, "/circle/public/01-01-01/")
    assert "义诊通知" in page
    assert "内部通知" not in page
    entry = read(client, f"/circle/{shown.pk}/")
    assert "义诊通知" in entry
    for words in (page, entry):
        assert "周小雨" not in words
        assert "添加附件" not in words
        assert "撤下" not in words
    assert client.get(f"/circle/{shown.pk}/files/{shown.attachments.get().pk}/").status_code == 200
    for path in (f"/circle/{hidden.pk}/", "/circle/987654321/", f"/circle/{hidden.pk}/files/1/"):
        answer = client.get(path)
        assert answer.headers["Location"] == f"/accounts/login/?next={path}", path
    assert client.get("/circle/").headers["Location"].startswith("/accounts/login/")
    assert client.get("/circle/public/99/").status_code == 404
    assert "还没有公开的内容" in read(client, "/circle/public/01-02-01/")
    bulletins.withdraw(shown, actor=cast.staff)
    assert "义诊通知" not in read(client, "/circle/public/01-01-01/")
    assert client.get(f"/circle/{shown.pk}/").status_code == 302


def test_link_to_another_page_is_for_people_with_an_account(cast: Cast, client_for: ClientFor) -> None:
    entry = news(cast, kind="feedback", visibility="public", path="/feedback/1/", source="feedback:1")
    assert 'href="/feedback/1/"' in read(client_for(cast.liaison), f"/circle/{entry.pk}/")
    assert 'href="/feedback/1/"' not in read(Client(), f"/circle/{entry.pk}/")


# --- publishing ---------------------------------------------------------------------------------------------------


def test_publish_with_several_files_in_one_field(cast: Cast, client_for: ClientFor, media: Path) -> None:
    client = client_for(cast.president)
    sent = [file(to_pdf(PAPER)), file(to_xlsx(PAPER), "名单.xlsx"), file(jpeg(place=True), "合影.jpeg")]
    page = client.post("/circle/new/", WORDS | {"files": sent}, follow=True).content.decode()
    assert "已发布。" in page
    entry = Bulletin.objects.get()
    assert [a.name for a in entry.attachments.all()] == ["计划.pdf", "名单.xlsx", "合影.jpg"]
    assert b"Secret" not in entry.attachments.last().file.read()
    assert len(stored(media)) == 3


@pytest.mark.parametrize("name", ["secretary", "staff", "president"])
def test_who_publishes_is_offered_it(cast: Cast, client_for: ClientFor, name: str) -> None:
    client = client_for(getattr(cast, name))
    assert 'href="/circle/new/"' in read(client, "/circle/")
    assert 'type="hidden" name="place" value="01-01-01"' in read(client, "/circle/new/")


@pytest.mark.parametrize(
    "name", ["liaison", "leader", "station", "street", "county", "administrator", "auditor"]
)
def test_others_do_not_publish(cast: Cast, client_for: ClientFor, name: str) -> None:
    client = client_for(getattr(cast, name))
    assert client.get("/circle/new/").status_code == 403
    assert client.post("/circle/new/", WORDS).status_code == 403
    assert not Bulletin.objects.exists()


def test_nobody_publishes_in_another_alliance(cast: Cast, client_for: ClientFor) -> None:
    answer = client_for(cast.foreign_secretary).post("/circle/new/", WORDS)
    assert answer.status_code == 422
    assert not Bulletin.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": " "}, "请填写标题。"),
        ({"body": ""}, "请填写内容。"),
        ({"kind": "feedback"}, "请选择类型。"),
        ({"visibility": "everywhere"}, "请选择谁能看。"),
        ({"title": "长" * 101}, "100"),
    ],
)
def test_half_entry_comes_back_with_its_words(
    cast: Cast, client_for: ClientFor, wrong: dict[str, str], sentence: str
) -> None:
    typed = WORDS | {"body": "六十人 <b>参加</b>", "title": "读书会"} | wrong
    answer = client_for(cast.staff).post("/circle/new/", typed | {"files": [file(to_pdf(PAPER))]})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert "附件请重新选一次" in page
    if "body" not in wrong:
        assert "六十人 &lt;b&gt;参加&lt;/b&gt;" in page
    if "title" not in wrong:
        assert 'value="读书会"' in page
    assert not Bulletin.objects.exists()


HOSTILE = {
    "html": ("页面.html", b"<script>alert(1)</script>", "附件只收"),
    "svg": ("图.svg", b"<svg onload='alert(1)'/>", "附件只收"),
    "program": ("程序.exe", b"MZ", "附件只收"),
    "web page as pdf": ("页面.pdf", b"<html><script>", "不符"),
    "html after a picture's magic": ("图.jpg", b"\xff\xd8\xff<script>alert(1)</script>", "不是可以打开的"),
    "empty": ("空.pdf", b"", "文件是空的"),
    "macro": ("带宏.docx", archive("word/document.xml", "word/vbaProject.bin"), "宏"),
    "another archive": ("压缩.xlsx", archive("a.txt"), "不符"),
    "bomb": ("大.png", png((9000, 9000), "1"), "尺寸太大"),
    "too many bytes": ("大.pdf", b"%PDF-" + b"x" * (10 * 2**20), "超过10MB"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_file_refuses_the_whole_entry_in_words(
    cast: Cast, client_for: ClientFor, media: Path, case: str
) -> None:
    name, content, sentence = HOSTILE[case]
    typed = WORDS | {"files": [file(to_pdf(PAPER)), file(content, name)]}
    answer = client_for(cast.staff).post("/circle/new/", typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert "60 名居民参加。" in page
    assert not Bulletin.objects.exists()
    assert not stored(media)


def test_polyglot_picture_loses_its_tail_and_names_lose_their_paths(
    cast: Cast, client_for: ClientFor, media: Path
) -> None:
    sent = [file(jpeg() + b"<script>alert(1)</script>", "..\\..\\<b>合影.jpg")]
    client_for(cast.staff).post("/circle/new/", WORDS | {"files": sent})
    attachment = Attachment.objects.get()
    assert attachment.name == "b合影.jpg"
    assert b"script" not in attachment.file.read()
    assert Path(attachment.file.path).parent == media / "circle"


def test_five_files_are_the_most(cast: Cast, client_for: ClientFor, media: Path) -> None:
    client = client_for(cast.staff)
    six = [file(to_pdf(PAPER), f"{n}.pdf") for n in range(6)]
    assert "一次最多5个文件。" in client.post("/circle/new/", WORDS | {"files": six}).content.decode()
    assert not stored(media)
    entry = news(cast, attachments=[(f"{n}.png", png()) for n in range(4)])
    two = {"files": [file(to_pdf(PAPER), "一.pdf"), file(to_pdf(PAPER), "二.pdf")]}
    page = client.post(f"/circle/{entry.pk}/attach/", two, follow=True).content.decode()
    assert "“二.pdf”没有添加：最多5个附件。前面1个已添加。" in page
    assert entry.attachments.count() == 5
    assert "添加附件" not in page


def test_files_are_added_later_and_bad_ones_said(cast: Cast, client_for: ClientFor) -> None:
    entry = news(cast)
    client = client_for(cast.secretary)
    page = client.post(f"/circle/{entry.pk}/attach/", {"files": [file(to_pdf(PAPER))]}, follow=True)
    assert "已添加1个附件。" in page.content.decode()
    bad = client.post(f"/circle/{entry.pk}/attach/", {"files": [file(b"<html>", "坏.pdf")]})
    assert bad.status_code == 422
    assert "“坏.pdf”没有添加" in bad.content.decode()
    assert "请先选文件。" in client.post(f"/circle/{entry.pk}/attach/").content.decode()
    assert entry.attachments.count() == 1


def test_taken_down_by_who_published_here(cast: Cast, client_for: ClientFor) -> None:
    entry = news(cast)
    address = f"/circle/{entry.pk}/withdraw/"
    for name, status in (
        ("liaison", 403),
        ("street", 403),
        ("foreign_secretary", 404),
        ("administrator", 404),
    ):
        assert client_for(getattr(cast, name)).post(address).status_code == status, name
    page = read(client_for(cast.president), f"/circle/{entry.pk}/")
    assert "data-confirm" in page
    assert "已撤下" in client_for(cast.president).post(address, follow=True).content.decode()
    assert client_for(cast.staff).post(address).status_code == 404
    assert client_for(cast.liaison).get(f"/circle/{entry.pk}/").status_code == 404


def test_texts_of_people_stay_texts(cast: Cast, client_for: ClientFor) -> None:
    entry = news(cast, title="<img src=x onerror=alert(1)>", body="见 https://example.org/?a=1&b=2 <script>")
    for path in ("/circle/", f"/circle/{entry.pk}/"):
        page = read(client_for(cast.liaison), path)
        assert "<img src=x" not in page
        assert "<script>" not in page.split("</head>")[1].split("<script src")[0]
    assert 'rel="nofollow"' in read(client_for(cast.liaison), f"/circle/{entry.pk}/")
