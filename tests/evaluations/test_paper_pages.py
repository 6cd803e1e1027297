"""Typing paper ballots: a pile a page, counts that add up, nothing half saved, nothing after the result."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from alliances import clock
from alliances.models import LogEntry, User
from evaluations import integrity
from evaluations.models import Ballot, PaperBatch, Round
from evaluations.selectors import rounds as selector
from evaluations.services import codes, rounds
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring
from tests.evaluations.scoring import ACTIVITY, CHAIR

ClientFor = Callable[[User | None], Client]


@pytest.fixture
def round(cast: Cast, frozen: Frozen) -> Round:
    frozen.to("2026-03-20T18:00")
    return scoring.open_round(cast)


def url(round: Round, more: str = "") -> str:
    return f"/rounds/{round.pk}/paper/{more}"


def row(number: int, activity: str, chair: str = "", code: str = "") -> dict[str, str]:
    """A row's boxes: words with spaces between them, ``_`` for an empty one."""
    data = {f"r{number}-a{i}": word.strip("_") for i, word in enumerate(activity.split())}
    data |= {f"r{number}-c{i}": word.strip("_") for i, word in enumerate(chair.split())}
    return data | ({f"r{number}-code": code} if code else {})


def pile(*rows: dict[str, str], handed_out: str = "20", void: str = "0", **more: str) -> dict[str, str]:
    data = {"handed_out": handed_out, "void": void, **more}
    for boxes in rows:
        data |= boxes
    return data


FULL = "20 20 20 15 25"


def test_a_pile_is_typed_and_the_page_is_ready_for_the_next(
    cast: Cast, round: Round, client_for: ClientFor
) -> None:
    client = client_for(cast.staff)
    page = client.get(url(round)).content.decode()
    assert page.count('name="r10-') == len(ACTIVITY) + len(CHAIR) + 1
    answer = client.post(
        url(round),
        pile(
            row(1, FULL, "25 25 25 25"),
            row(2, "１０ 10 _ 5 -", "20 _ _ 20"),  # full-width figures; empty and dash are 不了解
            row(4, "- _ _ _ _"),  # knew nothing at all; a row may be skipped
            void="2",
        ),
        follow=True,
    )
    page = answer.content.decode()
    assert "已录入 5 张，其中有评分 3 张、作废 2 张。" in page
    assert not re.search(r'name="r1-a0" value="[^"]', page)
    ballots = selector.ballot_rows([round.pk], "activity")["residents"]
    assert sorted(str([scores[item["key"]] for item in round.activity_items]) for scores in ballots) == [
        "[10, 10, None, 5, None]",
        "[20, 20, 20, 15, 25]",
        "[None, None, None, None, None]",
    ]
    chairs = selector.ballot_rows([round.pk], "chair")["residents"]
    assert sorted(str([scores[item["key"]] for item in round.chair_items]) for scores in chairs) == [
        "[20, None, None, 20]",
        "[25, 25, 25, 25]",
    ]
    page = client.post(url(round), pile(row(1, FULL)), follow=True).content.decode()
    assert re.search(r"<span>发放</span><strong>20</strong>", page)
    assert re.search(r"<span>收回</span><strong>6</strong>", page)
    assert re.search(r"<span>有评分</span><strong>4</strong>", page)
    assert re.search(r"<span>作废</span><strong>2</strong>", page)
    assert not [line for check in integrity.CHECKS for line in check.find()]


def test_the_same_pile_posted_again_is_one(cast: Cast, round: Round, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    key = re.search(r'name="form_key" value="([-\w]+)"', client.get(url(round)).content.decode()).group(1)
    for _ in range(5):
        assert client.post(url(round), pile(row(1, FULL), form_key=key)).status_code == 302
    assert (PaperBatch.objects.count(), Ballot.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (pile(row(1, "21 20 20 15 25")), "有 1 格不对"),
        (pile(row(1, "-1 20 20 15 25")), "有 1 格不对"),
        (pile(row(1, FULL, "25 26 25 25")), "有 1 格不对"),
        (pile(row(1, "1.5 二 1e1 0x1 ٥")), "有 5 格不对"),
        (pile(row(3, "9" * 200)), "有 1 格不对"),
        (pile(), "还没有录入"),
        (pile(row(11, FULL)), "还没有录入"),  # a row that the page does not have
        (pile(row(1, FULL), handed_out="0"), "收回 1 张，比发放的 0 张还多"),
        (pile(row(1, FULL), void="20"), "收回 21 张，比发放的 20 张还多"),
        (pile(row(1, FULL), handed_out="-1"), "发放张数不能小于 0"),
        (pile(row(1, FULL), handed_out="9" * 20), "发放张数最多 5000"),
        (pile(row(1, FULL), void="9" * 20), "作废张数最多 5000"),
        (pile(row(1, FULL), void="x"), "作废张数应是整数"),
        (pile(row(1, FULL), handed_out=""), "请填写发放张数"),
        (pile(void="501", handed_out="600"), "一次可录入 1 至 500 张"),
        (pile(row(1, FULL), row(2, FULL, code="AAAAA-AAAAA-AAAAA")), "第 2 张：评议码不对"),
    ],
)
def test_a_mistake_saves_nothing_and_keeps_every_box(
    cast: Cast, round: Round, client_for: ClientFor, data: dict[str, str], sentence: str
) -> None:
    answer = client_for(cast.staff).post(url(round), data)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    for name, value in data.items():
        if name.startswith("r") and not name.startswith("r11") and value:
            assert f'name="{name}" value="{value[:20]}' in page
    assert not PaperBatch.objects.exists()
    assert not Ballot.objects.exists()


def test_boxes_that_are_wrong_are_marked(cast: Cast, round: Round, client_for: ClientFor) -> None:
    page = client_for(cast.staff).post(url(round), pile(row(1, "21 20 20 15 25"))).content.decode()
    (box,) = re.findall(r'<input[^>]*aria-invalid="true"[^>]*>', page)
    assert 'name="r1-a0"' in box
    assert 'aria-label="第 1 张 主题契合（满分 20）"' in box


def test_a_scanned_code_is_read_from_its_link_and_counts_once(
    cast: Cast, round: Round, client_for: ClientFor
) -> None:
    client = client_for(cast.staff)
    first, second = codes.print_slips(round, 2, origin="paper", actor=cast.staff)
    assert 'name="handed_out" value="2"' in client.get(url(round)).content.decode()
    link = f"https://gongjian.example/b/{first}/"
    answer = client.post(
        url(round), pile(row(1, FULL, code=link), row(2, FULL, code=second.lower())), follow=True
    )
    assert "有评分 2 张、作废 0 张" in answer.content.decode()
    answer = client.post(url(round), pile(row(1, FULL, code=first)), follow=True)
    assert "有 1 张的评议码已经用过，计入作废" in answer.content.decode()
    assert Ballot.objects.filter(subject="activity").count() == 2


def test_more_rows_a_page_without_javascript(cast: Cast, round: Round, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    assert 'name="r40-a0"' in client.get(url(round), {"rows": "40"}).content.decode()
    for wrong in ("41", "-1", "9" * 30, "x"):
        page = client.get(url(round), {"rows": wrong}).content.decode()
        assert 'name="r10-a0"' in page
        assert 'name="r11-a0"' not in page
    answer = client.post(url(round), pile(*(row(n, FULL) for n in range(1, 21)), rows="20"))
    assert answer.url == f"{url(round)}?rows=20"
    assert Ballot.objects.count() == 20


def test_counts_are_set_right(cast: Cast, round: Round, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    client.post(url(round), pile(row(1, FULL), void="3"))
    assert "更正张数" in client.get(url(round)).content.decode()
    done = client.post(url(round, "counts/"), {"all-handed_out": "30", "all-void": "1"}, follow=True)
    assert "张数已更正" in done.content.decode()
    batch = PaperBatch.objects.get()
    assert (batch.handed_out, batch.entered, batch.void) == (30, 2, 1)
    for handed_out, void, sentence in (
        ("1", "1", "比发放的 1 张还多"),
        ("30", "-1", "作废张数不能小于 0"),
        ("9" * 20, "0", "发放张数最多 5000"),
        ("", "", "请填写发放张数"),
    ):
        answer = client.post(url(round, "counts/"), {"all-handed_out": handed_out, "all-void": void})
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert Ballot.objects.count() == 1


def test_all_paper_can_be_typed_anew(cast: Cast, round: Round, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    scoring.residents_vote(cast, round, 70)
    client.post(url(round), pile(row(1, FULL), void="3"))
    page = client.post(url(round, "start-over/"), follow=True).content.decode()
    assert "已清空录入的纸质票" in page
    assert Ballot.objects.filter(subject="activity").count() == 1
    assert "还没有录入纸质票" in client.post(url(round, "start-over/"), follow=True).content.decode()
    assert LogEntry.objects.filter(action="evaluations.paper.clear").count() == 1


def test_paper_comes_in_after_closing_until_the_result(
    cast: Cast, round: Round, client_for: ClientFor, frozen: Frozen
) -> None:
    client = client_for(cast.staff)
    codes.print_slips(round, 1, origin="paper", actor=cast.staff)
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    assert "3月26日前录完" in client.get(url(round)).content.decode()
    assert client.post(url(round), pile(row(1, FULL))).status_code == 302
    frozen.to("2026-03-27T09:00")
    rounds.run(clock.now())
    for answer in (
        client.get(url(round), follow=True),
        client.post(url(round), pile(row(1, FULL)), follow=True),
        client.post(url(round, "counts/"), {"all-handed_out": "9", "all-void": "0"}, follow=True),
    ):
        assert "评议已出结果，不再录入纸质票" in answer.content.decode()
    assert "评议已经截止" in client.post(url(round, "start-over/"), follow=True).content.decode()
    assert Ballot.objects.count() == 1


def test_nothing_is_typed_before_the_round_opens(cast: Cast, client_for: ClientFor) -> None:
    round = rounds.prepare(scoring.held(cast, state="planned"))
    page = client_for(cast.staff).get(url(round), follow=True).content.decode()
    assert "开放后再录入纸质票" in page


def test_no_page_shows_what_was_typed(cast: Cast, round: Round, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    page = client.post(
        url(round), pile(row(1, "19 18 17 13 23", "21 22 23 24"), handed_out="40"), follow=True
    ).content.decode()
    round_page = client.get(f"/rounds/{round.pk}/").content.decode()
    log = str(list(LogEntry.objects.values_list("data", flat=True)))
    for shown in (re.sub(r"<[^>]+>", " ", page), re.sub(r"<[^>]+>", " ", round_page), log):
        for points in ("19", "17", "23", "22"):
            assert not re.search(rf"(?<![\d.]){points}(?![\d月日])", shown), points


@pytest.mark.parametrize("name", ["president", "liaison", "leader", "station", "street", "county"])
def test_chair_and_readers_type_no_ballots(
    cast: Cast, round: Round, client_for: ClientFor, name: str
) -> None:
    client = client_for(getattr(cast, name))
    assert client.get(url(round)).status_code == 403
    assert client.post(url(round), pile(row(1, FULL))).status_code == 403
    assert client.post(url(round, "counts/")).status_code == 403
    assert client.post(url(round, "start-over/")).status_code == 403
    assert client_for(cast.foreign_secretary).post(url(round), pile(row(1, FULL))).status_code == 404
    assert not PaperBatch.objects.exists()
