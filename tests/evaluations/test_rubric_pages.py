"""The rubric editor: plain rows, sums that are said, words that are kept; who opened earlier keeps what it had."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from alliances.models import User
from evaluations.models import Rubric
from evaluations.selectors.rubrics import DEFAULTS, items_for
from evaluations.services import rubrics
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring

ClientFor = Callable[[User | None], Client]
URL = "/rubrics/01-01-01/2026/"


def typed(*rows: tuple[str, str], subject: str = "activity", keys: tuple[str, ...] = ()) -> dict[str, str]:
    data = {"subject": subject}
    for number, (title, weight) in enumerate(rows, 1):
        data |= {f"title-{number}": title, f"weight-{number}": weight}
    return data | {f"key-{number}": key for number, key in enumerate(keys, 1)}


def test_everybody_of_the_alliance_reads_the_defaults(cast: Cast, client_for: ClientFor) -> None:
    for name in ("liaison", "leader", "station", "president", "street"):
        page = client_for(getattr(cast, name)).get(URL).content.decode()
        assert "默认评议表" in page
        assert all(item["title"] in page for items in DEFAULTS.values() for item in items)
        assert '<form method="post" class="form card"' not in page


def test_an_item_is_added_and_one_taken_out(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    page = client.get(URL).content.decode()
    assert page.count('name="title-') == 5 + 3 + 4 + 3  # three empty rows each
    assert "合计 <b data-total>100</b> 分" in page
    keys = tuple(item["key"] for item in DEFAULTS["activity"])
    rows = [
        ("主题契合", "20"),
        ("组织筹划", "20"),
        ("", ""),
        ("群众参与", "15"),
        ("服务实效", "25"),
        ("节俭", "20"),
    ]
    answer = client.post(URL, typed(*rows, keys=keys), follow=True)
    assert "2026年活动评议表已保存" in answer.content.decode()
    items = Rubric.objects.get().items
    assert [(item["key"], item["weight"]) for item in items] == [
        ("theme", 20),
        ("planning", 20),
        ("attendance", 15),
        ("effect", 25),
        ("item1", 20),
    ]
    assert "默认评议表" in answer.content.decode()  # the chair's is as it was
    assert items_for(cast.alliance, 2026, "chair") == DEFAULTS["chair"]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("一", "60"), ("二", "50")], "现在是 110 分"),
        ([("一", "40"), ("二", "50")], "现在是 90 分"),
        ([("一", "60"), ("一", "40")], "名称相同"),
        ([("一", "99.5"), ("二", "1")], "第 1 行：分值应是 1 至 100 的整数"),
        ([("一", "-20"), ("二", "120")], "第 1 行：分值应是"),
        ([("一", "1e2"), ("二", "٥٠")], "第 2 行：分值应是"),
        ([("一", "9" * 40)], "第 1 行：分值应是"),
        ([("", "100")], "第 1 行：请填写名称"),
        ([("长" * 21, "100")], "第 1 行：请填写名称，不超过 20 个字"),
        ([("<script>", "10"), ("二", "")], "第 2 行：分值应是"),
    ],
)
def test_what_is_no_rubric_is_said_and_every_word_kept(
    cast: Cast, client_for: ClientFor, rows: list[tuple[str, str]], sentence: str
) -> None:
    answer = client_for(cast.secretary).post(URL, typed(*rows))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert "<script>alert" not in page
    boxes = re.findall(r'name="(title|weight)-\d+"[^>]*? value="([^"]*)"', page)
    for title, weight in rows:
        assert title == "<script>" or title == "" or ("title", title) in boxes
        assert weight[:20] in {value for kind, value in boxes if kind == "weight"}
    assert not Rubric.objects.exists()


def test_posted_keys_are_those_that_stand(cast: Cast, client_for: ClientFor) -> None:
    """A key of one's own, or the same twice, is none: keys name the answers of ballots."""
    rows = [("一", "50"), ("二", "30"), ("三", "20")]
    client_for(cast.staff).post(URL, typed(*rows, keys=("theme", "theme", "__class__")))
    assert [item["key"] for item in Rubric.objects.get().items] == ["theme", "item1", "item2"]


def test_a_round_that_opened_keeps_its_copy_and_the_page_says_so(
    cast: Cast, client_for: ClientFor, frozen: Frozen
) -> None:
    frozen.to("2026-03-20T18:00")
    round = scoring.open_round(cast)
    rubrics.save(cast.alliance, 2026, "activity", [{"title": "只看实效", "weight": 100}], actor=cast.staff)
    client = client_for(cast.liaison)
    page = client.get(URL).content.decode()
    assert "只看实效" in page
    assert f'href="/rounds/{round.pk}/">春季义诊进小区</a>' in page
    own = client.get(f"/rounds/{round.pk}/").content.decode()
    assert "主题契合" in own
    assert "只看实效" not in own
    assert "沿用2026年评议表" in client.get("/rubrics/01-01-01/2027/").content.decode()


def test_past_years_stand(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.secretary)
    url = "/rubrics/01-01-01/2025/"
    assert "保存评活动的表" not in client.get(url).content.decode()
    answer = client.post(url, typed(("一", "100")), follow=True)
    assert "往年的评议表不再修改" in answer.content.decode()
    assert client.get("/rubrics/01-01-01/1999/").status_code == 404
    assert client.get("/rubrics/01-02-01/2026/").status_code == 404
    assert client.post("/rubrics/01-02-01/2026/", typed(("一", "100"))).status_code == 404
    assert not Rubric.objects.exists()


@pytest.mark.parametrize("name", ["president", "liaison", "leader", "station", "street", "county"])
def test_who_reads_does_not_change(cast: Cast, client_for: ClientFor, name: str) -> None:
    assert client_for(getattr(cast, name)).post(URL, typed(("一", "100"))).status_code == 403
    assert not Rubric.objects.exists()
