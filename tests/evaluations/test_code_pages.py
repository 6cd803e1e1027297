"""Codes on paper: each leads to its ballot, none is kept in plain text, lost ones are voided."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from alliances import clock
from alliances.models import LogEntry, User
from evaluations.models import ResidentCode, Round
from evaluations.services import codes, rounds
from tests import qr_reading
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring

ClientFor = Callable[[User | None], Client]
CODE = r"[2-9A-Z]{5}-[2-9A-Z]{5}-[2-9A-Z]{5}"


@pytest.fixture
def round(cast: Cast, frozen: Frozen) -> Round:
    frozen.to("2026-03-20T18:00")
    return scoring.open_round(cast)


def printed(client: Client, round: Round, count: int, origin: str = "slip", fmt: str = "pdf") -> bytes:
    answer = client.post(f"/rounds/{round.pk}/codes/", {"origin": origin, "count": count, "fmt": fmt})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert answer["Content-Disposition"].startswith("attachment")
    return answer.content


@pytest.mark.parametrize(("origin", "sheets"), [("slip", 2), ("paper", 15)])
def test_every_printed_code_leads_to_its_ballot(
    cast: Cast, round: Round, client_for: ClientFor, tmp_path: Path, origin: str, sheets: int
) -> None:
    """The pages are looked at as a phone would: what is read from the picture opens the ballot."""
    pages = qr_reading.pages(printed(client_for(cast.staff), round, 15, origin), tmp_path)
    assert len(pages) == sheets
    links = [link for page in pages for link in qr_reading.read(page)]
    assert len(set(links)) == 15
    phone = client_for(None)
    for link in links:
        assert re.fullmatch(rf"{re.escape(settings.SITE_URL)}/b/{CODE}/", link)
        assert codes.find(link.split("/")[-2], round).origin == origin
    ballot = phone.get(links[0].removeprefix(settings.SITE_URL))
    assert ballot.status_code == 200
    assert "春季义诊进小区" in ballot.content.decode()


def test_the_poster_leads_to_the_venue(
    cast: Cast, round: Round, client_for: ClientFor, tmp_path: Path
) -> None:
    client = client_for(cast.secretary)
    page = client.get(f"/rounds/{round.pk}/venue/").content.decode()
    link = f"{settings.SITE_URL}/b/at/{round.venue_token}/"
    assert link in page
    pdf = client.get(f"/rounds/{round.pk}/venue/poster.pdf").content
    (picture,) = qr_reading.pages(pdf, tmp_path)
    assert qr_reading.read(picture) == [link]
    assert client.get(f"/rounds/{round.pk}/venue/poster.docx").content[:2] == b"PK"
    assert client_for(None).get(link.removeprefix(settings.SITE_URL)).status_code == 200


def test_word_carries_the_codes_too(cast: Cast, round: Round, client_for: ClientFor) -> None:
    document = printed(client_for(cast.staff), round, 3, "paper", "docx")
    with ZipFile(io.BytesIO(document)) as word:
        text = word.read("word/document.xml").decode()
    found = set(re.findall(CODE, re.sub(r"<[^>]+>", "", text)))
    assert {codes.hash_code(code) for code in found} == set(
        ResidentCode.objects.values_list("code_hash", flat=True)
    )
    assert text.count("活动评议票") == 3  # every sheet has its title


def test_three_hundred_at_once(cast: Cast, round: Round, client_for: ClientFor) -> None:
    assert printed(client_for(cast.staff), round, 300)[:4] == b"%PDF"
    assert ResidentCode.objects.filter(round=round).count() == 300


def test_no_table_keeps_a_code(cast: Cast, round: Round, client_for: ClientFor) -> None:
    document = printed(client_for(cast.staff), round, 2, "paper", "docx")
    with ZipFile(io.BytesIO(document)) as word:
        found = set(re.findall(CODE, re.sub(r"<[^>]+>", "", word.read("word/document.xml").decode())))
    assert len(found) == 2
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')
            kept = str(cursor.fetchall()).upper()
            for code in found:
                assert code not in kept, table
                assert code.replace("-", "") not in kept, table
    page = client_for(cast.staff).get(f"/rounds/{round.pk}/codes/").content.decode()
    assert not re.search(CODE, page.replace("7KQ2M-XA94C-PRT3W", ""))
    entry = LogEntry.objects.get(action="evaluations.code.print")
    assert entry.data == {"count": 2, "origin": "paper"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"count": "0"}, "至少打印 1 张"),
        ({"count": "-5"}, "至少打印 1 张"),
        ({"count": "301"}, "一次最多打印 300 张"),
        ({"count": "9" * 30}, "一次最多打印 300 张"),
        ({"count": "一百"}, "张数应是整数"),
        ({"count": "1.5"}, "张数应是整数"),
        ({"count": ""}, "请填写张数"),
        ({"origin": "venue"}, "请选择纸条或纸质评议票"),
        ({"origin": "../x"}, "请选择纸条或纸质评议票"),
        ({"fmt": "exe"}, "请选择 PDF 或 Word"),
        ({"fmt": "docx", "count": "61"}, "Word 文件一次最多 60 张"),
    ],
)
def test_a_wrong_order_prints_nothing(
    cast: Cast, round: Round, client_for: ClientFor, change: dict[str, str], sentence: str
) -> None:
    data = {"origin": "slip", "count": "20", "fmt": "pdf"} | change
    answer = client_for(cast.staff).post(f"/rounds/{round.pk}/codes/", data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    if change.get("count"):
        assert f'value="{change["count"]}"' in answer.content.decode()
    assert not ResidentCode.objects.exists()


def test_a_round_has_at_most_three_thousand(cast: Cast, round: Round, client_for: ClientFor) -> None:
    ResidentCode.objects.bulk_create(
        ResidentCode(round=round, code_hash=f"{n:064d}", origin="slip") for n in range(2990)
    )
    answer = client_for(cast.staff).post(
        f"/rounds/{round.pk}/codes/", {"origin": "slip", "count": "11", "fmt": "pdf"}
    )
    assert answer.status_code == 422
    assert "最多发 3000 个评议码" in answer.content.decode()
    assert ResidentCode.objects.count() == 2990


def test_one_code_or_all_unused_ones_are_voided(cast: Cast, round: Round, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    slips = codes.print_slips(round, 3, actor=cast.staff)
    codes.print_slips(round, 2, origin="paper", actor=cast.staff)
    url = f"/rounds/{round.pk}/codes/void/"
    done = client.post(url, {"origin": "one", "code": slips[0].lower().replace("-", " ")}, follow=True)
    assert "这张评议码已作废" in done.content.decode()
    again = client.post(url, {"origin": "one", "code": slips[0]})
    assert again.status_code == 422
    assert "已经作废" in again.content.decode()
    assert client_for(None).get(f"/b/{slips[0]}/").status_code == 410
    done = client.post(url, {"origin": "slip"}, follow=True)
    assert "已作废没有用过的纸条二维码 2 张" in done.content.decode()
    assert "没有要作废的评议码" in client.post(url, {"origin": "slip"}, follow=True).content.decode()
    assert ResidentCode.objects.filter(is_void=False).count() == 2
    assert LogEntry.objects.filter(action="evaluations.code.void").count() == 3


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"origin": "one", "code": ""}, "请填写要作废的评议码"),
        ({"origin": "one", "code": "AAAAA-AAAAA-AAAAA"}, "评议码不对"),
        ({"origin": "one", "code": "x" * 500}, "40"),
        ({"origin": "venue"}, "请选择作废哪些"),
        ({}, "请选择作废哪些"),
    ],
)
def test_what_is_no_code_voids_nothing(
    cast: Cast, round: Round, client_for: ClientFor, data: dict[str, str], sentence: str
) -> None:
    codes.print_slips(round, 2, actor=cast.staff)
    answer = client_for(cast.staff).post(f"/rounds/{round.pk}/codes/void/", data)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not ResidentCode.objects.filter(is_void=True).exists()


def test_a_code_of_another_round_is_unknown_here(cast: Cast, round: Round, client_for: ClientFor) -> None:
    other = scoring.open_round(cast, title="第二场", duty=cast.duties[4], guests=("县图书馆",))
    (code,) = codes.print_slips(other, 1, actor=cast.staff)
    answer = client_for(cast.staff).post(f"/rounds/{round.pk}/codes/void/", {"origin": "one", "code": code})
    assert "评议码不对" in answer.content.decode()
    assert not ResidentCode.objects.get().is_void


@pytest.mark.parametrize("name", ["president", "liaison", "leader", "station", "street", "county"])
def test_chair_and_readers_handle_no_codes(
    cast: Cast, round: Round, client_for: ClientFor, name: str
) -> None:
    client = client_for(getattr(cast, name))
    assert client.get(f"/rounds/{round.pk}/codes/").status_code == 403
    assert (
        client.post(f"/rounds/{round.pk}/codes/", {"origin": "slip", "count": "1", "fmt": "pdf"}).status_code
        == 403
    )
    assert client.post(f"/rounds/{round.pk}/codes/void/", {"origin": "slip"}).status_code == 403
    assert client.get(f"/rounds/{round.pk}/venue/").status_code == 403
    assert client.get(f"/rounds/{round.pk}/venue/poster.pdf").status_code == 403
    page = client.get(f"/rounds/{round.pk}/").content.decode()
    assert round.venue_token not in page
    assert not ResidentCode.objects.exists()


def test_after_closing_nothing_is_printed(
    cast: Cast, round: Round, client_for: ClientFor, frozen: Frozen
) -> None:
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    client = client_for(cast.staff)
    assert "不再打印评议码" in client.get(f"/rounds/{round.pk}/codes/").content.decode()
    answer = client.post(f"/rounds/{round.pk}/codes/", {"origin": "slip", "count": "1", "fmt": "pdf"})
    assert (answer.status_code, "已经截止" in answer.content.decode()) == (422, True)
    assert client.get(f"/rounds/{round.pk}/venue/").status_code == 302
    assert not ResidentCode.objects.exists()
