"""Rounds on the screen: counts before settling, figures after it, names for those who telephone, warnings for one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from alliances import clock
from alliances.models import Alliance, User
from evaluations.models import Round, UnitMark
from evaluations.services import ballots, codes, rounds
from rotation.enums import ActivityState
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import scoring

ClientFor = Callable[[User | None], Client]
READERS = (
    "secretary",
    "staff",
    "president",
    "liaison",
    "other_liaison",
    "leader",
    "station",
    "street",
    "county",
)


@pytest.fixture
def round(cast: Cast, frozen: Frozen) -> Round:
    frozen.to("2026-03-20T18:00")
    return scoring.open_round(cast)


def text_of(client: Client, round: Round) -> str:
    page = client.get(f"/rounds/{round.pk}/")
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def settle(round: Round, frozen: Frozen) -> Round:
    frozen.to("2026-03-27T09:00")
    for _ in range(2):
        rounds.run(clock.now())
    round.refresh_from_db()
    assert round.state == "settled"
    return round


def test_before_settling_nobody_is_shown_a_score(
    cast: Cast, round: Round, client_for: ClientFor, frozen: Frozen
) -> None:
    scoring.units_vote(cast, round, 93, 93, 93)
    scoring.residents_vote(cast, round, *[83] * 11)
    for moment in ("2026-03-20T18:30", "2026-03-26T09:00"):
        frozen.to(moment)
        rounds._close_due(clock.today())
        for name in READERS:
            text = text_of(client_for(getattr(cast, name)), round)
            assert "收回 14 张" in text
            assert "出结果后公布" in text
            for secret in ("93", "83", "89.0", "87.0", "优秀", "良好", "请留意", "95%"):
                assert secret not in text, (name, secret)
            listed = client_for(getattr(cast, name)).get("/rounds/")
            if listed.status_code == 200:
                assert "87.0" not in listed.content.decode()
    round.refresh_from_db()
    assert round.state == "closed"


def test_who_has_voted_is_for_those_who_run_the_round(
    cast: Cast, round: Round, client_for: ClientFor
) -> None:
    ballots.cast_unit(
        scoring.mark(round, "县实验小学"), scoring.scores(88), scoring.chair(88), actor=cast.other_liaison
    )
    staff = text_of(client_for(cast.staff), round)
    assert re.search(r"县实验小学 已评", staff)
    assert re.search(r"县交警队 联络员 孙警官 \d{11} 未评 代录 县交警队的评议票", staff)
    own = text_of(client_for(cast.both_liaison), round)
    assert re.search(r"本单位 县交警队 未评 去评议", own)
    for name in ("president", "liaison", "leader", "station", "street", "both_liaison"):
        text = text_of(client_for(getattr(cast, name)), round)
        assert "县实验小学" not in text, name
        assert "县财政局" not in text, name
        assert "1 / 3 家已评" in text
    voter = text_of(client_for(cast.other_liaison), round)
    assert "县实验小学 已评" in voter
    assert "去评议" not in voter
    assert "孙警官" not in voter


def test_a_recorded_ballot_says_so_and_a_day_is_not_shown(
    cast: Cast, round: Round, client_for: ClientFor
) -> None:
    scoring.units_vote(cast, round, 90, 84, 87)
    assert "县财政局 社区代录 已评" in text_of(client_for(cast.secretary), round)
    assert "财政局联络员" not in text_of(client_for(cast.secretary), round)


def test_settled_figures_are_everybodys(
    cast: Cast, round: Round, client_for: ClientFor, frozen: Frozen
) -> None:
    scoring.units_vote(cast, round, 90, 84, 87)
    scoring.residents_vote(cast, round, *[80] * 5, *[90] * 5)
    settle(round, frozen)
    for name in READERS:
        text = text_of(client_for(getattr(cast, name)), round)
        assert "85.8 分 良好 依据 13 张有效票，95% 的把握在 83.4—88.2 分之间（±2.4）" in text
        assert "单位 3 87.0 40.0%" in text
        assert "群众 10 85.0 60.0%" in text
        assert "发放 13 张 收回 13 张 有效 13 张 作废 0 张" in text
    page = client_for(cast.liaison).get(f"/rounds/{round.pk}/").content.decode()
    assert re.search(r'<rect class="score-range" x="83.4" y="1" width="4.8" height="4"/>', page)
    assert "轮值主席评议结果" not in page  # the month's feedback is a draft
    assert "轮值主席评议结果" in client_for(cast.president).get(f"/rounds/{round.pk}/").content.decode()
    assert "85.8" in client_for(cast.liaison).get("/rounds/").content.decode()


def test_a_group_below_its_minimum_is_not_shown(
    cast: Cast, round: Round, client_for: ClientFor, frozen: Frozen
) -> None:
    ballots.cast_unit(
        scoring.mark(round, "县实验小学"), scoring.scores(37), scoring.chair(37), actor=cast.other_liaison
    )
    scoring.residents_vote(cast, round, *[80] * 10)
    settle(round, frozen)
    for name in READERS:
        text = text_of(client_for(getattr(cast, name)), round)
        assert "37" not in re.sub(r"\d{11}", "", text)
        assert "单位 1 — 不足 3 票，不采用" in text


def test_too_few_ballots_make_no_grade(
    cast: Cast, round: Round, client_for: ClientFor, frozen: Frozen
) -> None:
    scoring.residents_vote(cast, round, *[81] * 9)
    settle(round, frozen)
    text = text_of(client_for(cast.president), round)
    assert "有效票数不足，不评等次" in text
    assert "81" not in re.sub(r"\d{11}", "", text)
    assert "票数不足" in text


def test_warnings_are_the_secretarys_alone(
    cast: Cast, round: Round, client_for: ClientFor, frozen: Frozen
) -> None:
    scoring.units_vote(cast, round, 100, 100, 100)
    scoring.residents_vote(cast, round, *[60] * 10)
    settle(round, frozen)
    assert "高 10 分以上" in text_of(client_for(cast.secretary), round)
    for name in set(READERS) - {"secretary"}:
        text = text_of(client_for(getattr(cast, name)), round)
        assert "高 10 分以上" not in text, name
        assert "请留意" not in text, name


def test_staff_open_the_round_at_the_venue(cast: Cast, client_for: ClientFor, frozen: Frozen) -> None:
    round = rounds.prepare(scoring.held(cast, state="planned"))
    staff = client_for(cast.staff)
    assert "当场开放评议" not in text_of(staff, round)  # not its day yet
    page = staff.post(f"/rounds/{round.pk}/open/", follow=True).content.decode()
    assert "活动日期还没有到" in page
    frozen.to("2026-03-20T10:00")
    assert "当场开放评议" in text_of(staff, round)
    assert "当场开放评议" not in text_of(client_for(cast.president), round)
    for name in ("president", "liaison", "leader", "street"):
        assert client_for(getattr(cast, name)).post(f"/rounds/{round.pk}/open/").status_code == 403
    page = staff.post(f"/rounds/{round.pk}/open/", follow=True).content.decode()
    assert "评议已开放" in page
    assert UnitMark.objects.filter(round=round).count() == 3
    assert "不能再当场开放评议" in staff.post(f"/rounds/{round.pk}/open/", follow=True).content.decode()


def test_settling_early_is_for_a_closed_round(
    cast: Cast, round: Round, client_for: ClientFor, frozen: Frozen
) -> None:
    codes.print_slips(round, 1, origin="paper", actor=cast.staff)
    staff = client_for(cast.staff)
    page = staff.post(f"/rounds/{round.pk}/settle/", follow=True).content.decode()
    assert "不能再纸质票已录完" in page
    frozen.to("2026-03-26T09:00")
    rounds.run(clock.now())
    assert "纸质票已录完，出结果" in text_of(staff, round)
    assert client_for(cast.president).post(f"/rounds/{round.pk}/settle/").status_code == 403
    assert "评议已出结果" in staff.post(f"/rounds/{round.pk}/settle/", follow=True).content.decode()
    round.refresh_from_db()
    assert round.state == "settled"


def test_the_list_is_filtered_and_foreign_rounds_are_not_there(
    cast: Cast, round: Round, client_for: ClientFor
) -> None:
    scoring.open_round(cast, title="第二场", duty=cast.duties[4], guests=("县图书馆",))
    rounds.prepare(scoring.held(cast, title="没办的活动", state="planned"))
    cancelled = rounds.prepare(scoring.held(cast, title="取消的活动", state="planned"))
    cancelled.activity.state = ActivityState.CANCELLED
    cancelled.activity.save(update_fields=["state"])
    client = client_for(cast.liaison)
    page = client.get("/rounds/").content.decode()
    assert [word in page for word in ("春季义诊进小区", "第二场", "没办的活动", "取消的活动")] == [
        True,
        True,
        True,
        False,
    ]
    prepared = client.get("/rounds/", {"state": "prepared", "year": "2026"}).content.decode()
    assert "没办的活动" in prepared
    assert "第二场" not in prepared
    assert "没有这样的评议" in client.get("/rounds/", {"state": "settled"}).content.decode()
    assert "共 3 条" in client.get("/rounds/", {"total": "1"}).content.decode()
    for query in ("state=evil&year=9999", "before=x&after=-1", "year=２０２６"):
        assert client.get(f"/rounds/?{query}").status_code == 200
    assert "活动已取消，不再评议" in client.get(f"/rounds/{cancelled.pk}/").content.decode()
    for outsider in (cast.foreign_secretary, cast.foreign_liaison, cast.other_street, cast.auditor):
        assert client_for(outsider).get(f"/rounds/{round.pk}/").status_code == 404
    assert "春季义诊" not in client_for(cast.foreign_secretary).get("/rounds/").content.decode()


def test_an_alliance_without_rounds_is_told_when_there_will_be_one(cast: Cast, client_for: ClientFor) -> None:
    assert Alliance.objects.count() == 2
    assert "还没有评议" in client_for(cast.secretary).get("/rounds/").content.decode()
