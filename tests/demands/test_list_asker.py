"""An export asks its page's question: the same rows and words for whoever takes it, and no more than the page names."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from alliances import clock
from alliances.models import ExportJob, User
from alliances.services import export_jobs
from demands.models import Acceptance, CallBack, Extension, Offer
from tests.cast import Cast
from tests.conftest import client_of
from tests.demands.list_files import export
from tests.demands.test_list_pages import body, total, town
from tests.factories import demands as make
from tests.import_runs import import_sheet

LISTS = ("demands", "claims", "acceptances", "resources")
EXPORTERS = ("secretary", "staff", "president", "street", "county", "foreign_secretary")


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def taken(client: Client, name: str, **params: str) -> list[dict[str, str]]:
    """The rows of the file that the export's button gives."""
    response = client.post(f"/exports/{name}/", {"format": "csv", **params})
    assert response.status_code == 200, (name, response.status_code)
    return rows_of(b"".join(response.streaming_content))


def done_for(cast: Cast, *, sensitive: bool, **fields: Any) -> Acceptance:
    demand = make.demand(cast.alliance, cast.station_place, state="closed", is_sensitive=sensitive)
    day = clock.today()
    done = {"state": "accepted", "delivered_on": day, "accepted_on": day}
    return make.acceptance(make.claim(demand, cast.members["县图书馆"], **done, **fields))


@pytest.mark.parametrize("part", EXPORTERS)
def test_a_file_has_the_rows_of_its_page(cast: Cast, part: str) -> None:
    town(cast)
    for state in ("submitted", "declined", "withdrawn"):
        make.demand(cast.alliance, state=state, content=f"还没有受理的事{state}", reason="无")
    make.resource(cast.members["县图书馆"])
    client = client_of(cast.users[part])
    for name in LISTS:
        page = "" if name == "demands" else f"{name}/"
        for query in ({}, {"state": "submitted"}):
            address = "&".join(f"{key}={value}" for key, value in query.items())
            wanted = total(client, f"/demands/{page}{'?' if address else ''}{address}")
            assert len(taken(client, name, **query)) == wanted, (name, query)
    if part in ("street", "county"):
        words = " ".join(row["内容"] for row in taken(client, "demands"))
        assert "还没有受理的事" not in words


@pytest.mark.parametrize("part", EXPORTERS[:5])
def test_a_file_has_the_words_of_its_page(cast: Cast, part: str) -> None:
    make.demand(
        cast.alliance, cast.station_place, is_sensitive=True, content="三楼老人确诊", share_text="助医一户"
    )
    make.demand(cast.alliance, content="小王家漏水", share_text="一户漏水")
    make.answer(
        done_for(cast, sensitive=True, measures="送医到三楼", result="已经陪诊"), "bad", opinion="医生来过"
    )
    make.answer(done_for(cast, sensitive=False, measures="换灯泡", result="灯已换"), opinion="灯亮了")
    CallBack.objects.filter(satisfaction="bad").update(follow_up="再去看病人")
    client = client_of(cast.users[part])
    files = "".join(str(taken(client, name)) for name in LISTS)
    pages = "".join(body(client, f"/demands/{page}") for page in ("", "claims/", "acceptances/", "answers/"))
    handles = part in ("secretary", "staff")
    at_home = handles or part == "president"
    for words, reads in (
        ("三楼老人确诊", handles), ("小王家漏水", at_home), ("送医到三楼", at_home),
        ("已经陪诊", at_home), ("医生来过", handles), ("换灯泡", True), ("灯已换", True), ("灯亮了", True),
    ):  # fmt: skip
        assert (words in files) == reads, words
        assert (words in pages) == reads, words
    assert ("再去看病人" in pages) == handles
    assert ("可见）" in files) != handles


def test_what_a_unit_was_told_off_for_is_read_by_who_reads_the_opinion(cast: Cast) -> None:
    make.answer(done_for(cast, sensitive=False), "bad", opinion="没人来")
    CallBack.objects.update(follow_up="上门道歉")
    for part in ("secretary", "station", "street", "liaison", "leader"):
        assert "上门道歉" in body(client_of(cast.users[part]), "/demands/answers/"), part
    assert "上门道歉" not in body(client_of(cast.second_liaison), "/demands/answers/")


def test_the_command_line_gives_everything(cast: Cast, tmp_path: Path) -> None:
    make.answer(done_for(cast, sensitive=True, measures="送医到三楼"), opinion="医生来过")
    make.demand(cast.alliance, state="submitted")
    for name, words, count in (
        ("claims", "送医到三楼", 1),
        ("acceptances", "医生来过", 1),
        ("demands", "", 2),
    ):
        path = tmp_path / f"{name}.csv"
        assert f"：{count} 行" in export(name, path, "--alliance", cast.alliance.code)
        assert words in path.read_text(encoding="utf-8-sig")


def test_a_table_made_by_the_worker_is_its_owners(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(export_jobs, "AT_ONCE", 2)
    for state in ("submitted", "declined", "open", "open", "open"):
        make.demand(cast.alliance, state=state, reason="无", content=f"{state}的事")
    response = client_of(cast.street).post("/exports/demands/", {"format": "csv"})
    assert response.status_code == 302
    export_jobs.make_due(clock.now())
    job = ExportJob.objects.get()
    assert (job.state, job.total, job.rows) == ("done", 3, 3)
    with export_jobs.content(job) as file:
        assert {row["内容"] for row in rows_of(file.read())} == {"open的事"}


# --- several answers ------------------------------------------------------------------------------------------------


def test_of_several_answers_the_worst_speaks_and_all_are_counted(cast: Cast, tmp_path: Path) -> None:
    visit = done_for(cast, sensitive=False)
    make.answer(visit, "good", opinion="很好")
    make.answer(visit, "bad", opinion="没修好")
    make.answer(done_for(cast, sensitive=False), "unknown")
    client = client_of(cast.secretary)
    html = body(client, "/demands/acceptances/?state=bad")
    assert "不满意（共2人：满意1、不满意1）" in html
    assert "没修好" in html
    row = taken(client, "acceptances")[0]
    assert (row["满意度"], row["多人回访"], row["群众意见"]) == ("不满意", "共2人：满意1、不满意1", "没修好")
    kind = tmp_path / "visits.xlsx"
    export("acceptances", kind, "--alliance", cast.alliance.code)
    before = list(CallBack.objects.order_by("pk").values())
    import_sheet("acceptances", kind, tmp_path)  # the inspector is found by name
    run = import_sheet("acceptances", kind, tmp_path)
    assert list(CallBack.objects.order_by("pk").values()) == before
    assert (run.code, run.counts) == (0, (0, 0, 2, 0)), run.words


# --- no more than the page may name ---------------------------------------------------------------------------------


def test_another_units_rates_are_not_printed_for_a_unit(cast: Cast) -> None:
    day = date(2026, 3, 10)
    other = cast.members["县文体广电局"]
    for member in (other, cast.members["县图书馆"], cast.members["县图书馆"]):
        demand = make.demand(cast.alliance, state="closed")
        done = {"state": "accepted", "delivered_on": day, "accepted_on": day}
        make.claim(demand, member, claimed_on=day, due_on=day, **done)
        Offer.objects.create(demand=demand, member=member, reply_by=day)

    def shown(user: User, query: str) -> list[str]:
        html = body(client_of(user), f"/demands/rates/{query}")
        return re.findall(r"<strong>.*?</strong>|\d+<span", html)

    plain, asked = (shown(cast.liaison, query) for query in ("", f"?member={other.pk}"))
    assert plain == asked
    html = body(client_of(cast.station), f"/demands/rates/?member={other.pk}")
    assert "单位：" not in html  # asked for, and not in force
    assert shown(cast.secretary, f"?member={other.pk}") != shown(cast.secretary, "")
    own = cast.members["县图书馆"].pk
    assert shown(cast.liaison, f"?member={own}") != plain


def test_a_place_elsewhere_is_not_named(cast: Cast) -> None:
    make.demand(cast.alliance)
    name, code = cast.foreign_community.name, cast.foreign_community.code
    for page in ("", "claims/", "acceptances/", "resources/", "offers/", "answers/", "rates/"):
        html = body(client_of(cast.liaison), f"/demands/{page}?place={code}")
        assert name not in html, page
    assert name not in client_of(cast.secretary).get(f"/exports/demands/?place={code}").content.decode()
    assert name in body(client_of(cast.county), f"/demands/?place={code}")


@pytest.mark.parametrize("key", ["group", "state", "alliance", "member", "since", "place", "month", "source"])
def test_null_bytes_are_not_asked(cast: Cast, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    make.demand(cast.alliance)
    client = client_of(cast.secretary)
    assert len(taken(client, "demands", **{key: "a\0"})) == 1
    monkeypatch.setattr(export_jobs, "AT_ONCE", 0)
    assert client.post("/exports/demands/", {"format": "csv", key: "a\0"}).status_code == 302
    assert ExportJob.objects.get().params == {}


def test_the_rates_promise_no_more_links_than_they_have(cast: Cast) -> None:
    town(cast)
    every, own = "每个数都能点开", "本单位的数都能点开"
    for part, words in (
        ("secretary", every), ("street", every), ("station", ""), ("leader", own), ("liaison", own),
    ):  # fmt: skip
        html = body(client_of(cast.users[part]), "/demands/rates/")
        assert [one for one in (every, own) if one in html] == ([words] if words else []), part
    assert every in body(client_of(cast.liaison), f"/demands/rates/?member={cast.members['县图书馆'].pk}")


# --- the desk -------------------------------------------------------------------------------------------------------


def test_every_number_on_the_desk_is_the_rows_behind_it(cast: Cast) -> None:
    member, past, today = cast.members["县图书馆"], date(2026, 2, 1), clock.today()
    for station in (None, cast.station_place, cast.station_place):
        demand = make.demand(cast.alliance, station, state="served")
        make.claim(demand, member, state="delivered", delivered_on=today)
        late = make.claim(
            make.demand(cast.alliance, station, state="claimed"), member, claimed_on=past, due_on=past
        )
    Extension.objects.create(claim=late, from_on=past, until_on=date(2026, 4, 1), reason="下雨")
    for days, fields in ((past, {"review_by": past}), (today, {})):
        make.demand(cast.alliance, state="submitted", raised_on=days, **fields)
    for day in (past, today):  # in the hall, or offered to units only; long ago, or today
        make.demand(cast.alliance, state="open", raised_on=day, hall_opened_at=clock.now())
        make.demand(cast.alliance, state="open", raised_on=day, hall_opened_at=None)
    visit = done_for(cast, sensitive=False)
    make.answer(visit, "bad")
    CallBack.objects.create(acceptance=visit, state="due", due_on=past)
    found: dict[str, int] = {}
    for part in ("secretary", "station"):
        client = client_of(cast.users[part])
        html = unescape(client.get("/").content.decode())
        lines = re.findall(
            r'href="(/demands/[^"]+)">[^<]*<span class="visually-hidden">：(\d+) (件[^<]+)<', html
        )
        for url, number, words in lines:
            found[words.strip()] = int(number)
            assert rows_behind(client, url) == int(number), (part, url, words)
    assert found | {
        "件需求待受理": 2, "件不满意的回访没有写跟进": 1, "件延期申请待答复": 1, "件待社区验收": 1, "件回访已过期": 1,
        "件认领项目逾期": 3, "件等站点验收": 2, "件需求等单位认领": 4, "件等回访": 1,
    } == found  # fmt: skip


def rows_behind(client: Client, url: str) -> int:
    if "call-backs" not in url:
        return total(client, url)
    html = client.get(url).content.decode()
    return len(set(re.findall(r'href="/demands/call-backs/(\d+)/"', html)))
