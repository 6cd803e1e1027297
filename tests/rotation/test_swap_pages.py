"""Changing a passed table in the browser: asking, agreeing, recording, filing - and who may do which."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from alliances.models import Message, User
from rotation.enums import SwapKind, SwapState
from rotation.models import DutyChair, Slip, Swap
from rotation.services import swaps
from tests.cast import Cast

ClientFor = Callable[[User | None], Client]


def asked(cast: Cast, **changes: object) -> Swap:
    """县实验小学 (April) asks 县住建局 (June) to change months."""
    parts = {
        "kind": SwapKind.SWAP,
        "reason": "四月迎检",
        "other": cast.members["县住建局"],
        "other_duty": cast.duties[6],
        "actor": cast.other_liaison,
        **changes,
    }
    return swaps.ask(cast.duties[4], cast.members["县实验小学"], **parts)


def chairs(cast: Cast, month: int) -> list[str]:
    rows = DutyChair.objects.filter(duty=cast.duties[month]).order_by("order")
    return list(rows.values_list("member__unit__name", flat=True))


def words(cast: Cast, **changes: object) -> dict[str, object]:
    return {
        "asker": cast.members["县实验小学"].pk,
        "kind": "swap",
        "other_slot": f"{cast.duties[6].pk}-{cast.members['县住建局'].pk}",
        "with_theme": "on",
        "stand_in": "",
        "until": "",
        "reason": "四月迎检",
        **changes,
    }


def test_a_liaison_asks_from_the_own_month(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.other_liaison)
    page = client.get(f"/duties/{cast.duties[4].pk}/swap/")
    slots = [label for _, label in page.context["form"].fields["other_slot"].choices[1:]]
    assert "6月 · 县住建局" in slots
    assert not [label for label in slots if label.startswith(("1月", "2月", "4月"))]
    assert "县法院" not in page.content.decode()
    answer = client.post(f"/duties/{cast.duties[4].pk}/swap/", words(cast))
    swap = Swap.objects.get()
    assert answer.url == f"/swaps/{swap.pk}/"
    assert (swap.state, swap.other_duty, swap.with_theme) == (SwapState.ASKED, cast.duties[6], True)
    assert swap.asker_agreed_at and not swap.other_agreed_at


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": ""}, "怎么调"),
        ({"other_slot": ""}, "与哪个月的哪家单位调换"),
        ({"other_slot": "1-1"}, "与哪个月的哪家单位调换"),
        ({"kind": "stand_in"}, "请哪家单位代理"),
        ({"kind": "postpone"}, "顺延到哪天"),
        ({"kind": "postpone", "until": "2026-06-30"}, "最迟到5月31日"),
        ({"reason": " "}, "原因"),
    ],
)
def test_what_is_missing_is_said_and_nothing_typed_is_lost(
    cast: Cast, client_for: ClientFor, changes: dict[str, str], sentence: str
) -> None:
    data = words(cast, **{"reason": "迎检期间抽不出人", **changes})
    answer = client_for(cast.other_liaison).post(f"/duties/{cast.duties[4].pk}/swap/", data)
    assert answer.status_code == 422
    page = answer.content.decode()
    summary = page[page.index("error-summary") :]
    assert sentence in summary[: summary.index("</ul>")]
    if "reason" not in changes:
        assert "迎检期间抽不出人" in page
    assert not Swap.objects.exists()


def test_only_the_chair_and_the_community_ask(cast: Cast, client_for: ClientFor) -> None:
    address = f"/duties/{cast.duties[4].pk}/swap/"
    for part, status in {
        "other_liaison": 200,
        "secretary": 200,
        "staff": 200,
        "liaison": 403,
        "president": 403,
        "street": 403,
        "foreign_liaison": 404,
        "foreign_secretary": 404,
    }.items():
        assert client_for(cast.users[part]).get(address).status_code == status, part
        if status != 200:
            assert client_for(cast.users[part]).post(address, words(cast)).status_code == status, part
    assert client_for(cast.staff).get(f"/duties/{cast.duties[1].pk}/swap/").status_code == 302
    assert not Swap.objects.exists()


def test_both_agree_and_the_secretary_files(cast: Cast, client_for: ClientFor, frozen: object) -> None:
    """April and June change places; the page says beforehand what will be, and afterwards what was."""
    swap = asked(cast, other=cast.members["县供水公司"], other_duty=cast.duties[7])
    address = f"/swaps/{swap.pk}/"
    page = client_for(cast.secretary).get(address).content.decode()
    assert "备案后会怎样" in page
    assert f"{address}file/" not in page
    record = {"member": cast.members["县供水公司"].pk, "via": "phone"}
    page = client_for(cast.staff).post(f"{address}record/", record, follow=True).content.decode()
    assert "电话，社区代录" in page
    swap.refresh_from_db()
    assert swap.state == SwapState.AGREED
    assert client_for(cast.staff).post(f"{address}file/").status_code == 403
    page = client_for(cast.secretary).post(f"{address}file/", follow=True).content.decode()
    assert "已备案" in page and "改了什么" in page
    assert chairs(cast, 4) == ["县供水公司"]
    assert chairs(cast, 7) == ["县实验小学"]
    year = client_for(cast.liaison).get(f"/year/{cast.alliance.code}/2026/").content.decode()
    assert "调换：县实验小学4月 ⇄ 县供水公司7月" in year


def test_a_standing_slip_is_announced_and_replaced(cast: Cast, client_for: ClientFor, march: Slip) -> None:
    swap = swaps.ask(
        cast.duties[3],
        cast.members["县图书馆"],
        kind=SwapKind.STAND_IN,
        reason="闭馆检修",
        other=cast.members["县司法局"],
        actor=cast.liaison,
    )
    swaps.record_consent(swap, cast.members["县司法局"], via="paper", actor=cast.staff)
    client = client_for(cast.secretary)
    assert march.number in client.get(f"/swaps/{swap.pk}/").content.decode()
    client.post(f"/swaps/{swap.pk}/file/")
    march.refresh_from_db()
    assert march.state == "withdrawn"
    assert chairs(cast, 3)[0] == "县司法局"


def test_agreeing_and_refusing_belong_to_the_two_units(cast: Cast, client_for: ClientFor) -> None:
    swap = asked(cast, other=cast.members["县交警队"], other_duty=None, kind=SwapKind.STAND_IN)
    address = f"/swaps/{swap.pk}/"
    for part in ("liaison", "secretary", "staff", "president", "street"):
        for tail in ("agree/", "refuse/"):
            assert client_for(cast.users[part]).post(address + tail).status_code == 403, part
    for tail in ("", "agree/", "refuse/", "cancel/", "file/", "record/"):
        method = "get" if not tail else "post"
        assert getattr(client_for(cast.outsider), method)(address + tail).status_code == 404, tail
    client = client_for(cast.both_liaison)
    assert client.get(f"{address}agree/").status_code == 405
    wordless = client.post(f"{address}refuse/", {"answer": ""})
    assert wordless.status_code == 422
    page = client.post(f"{address}refuse/", {"answer": "四月执勤"}, follow=True).content.decode()
    assert "四月执勤" in page
    assert "县交警队不同意" in page
    swap.refresh_from_db()
    assert (swap.state, swap.answer) == (SwapState.REFUSED, "四月执勤")
    assert Message.objects.filter(kind="rotation.swap.answered").exists()
    late = client.post(f"{address}agree/", follow=True).content.decode()
    assert "不同意" in late
    swap.refresh_from_db()
    assert swap.state == SwapState.REFUSED


def test_agreeing_is_one_tap(cast: Cast, client_for: ClientFor) -> None:
    swap = asked(cast, other=cast.members["县交警队"], other_duty=None, kind=SwapKind.STAND_IN)
    client = client_for(cast.both_liaison)
    client.get(f"/swaps/{swap.pk}/")
    swap.refresh_from_db()
    assert swap.state == SwapState.ASKED
    assert "已同意，记录在案" in client.post(f"/swaps/{swap.pk}/agree/", follow=True).content.decode()
    swap.refresh_from_db()
    assert swap.state == SwapState.AGREED


def test_the_asker_takes_it_back(cast: Cast, client_for: ClientFor) -> None:
    swap = asked(cast)
    assert client_for(cast.liaison).post(f"/swaps/{swap.pk}/cancel/").status_code == 403
    assert (
        "已撤回"
        in client_for(cast.other_liaison).post(f"/swaps/{swap.pk}/cancel/", follow=True).content.decode()
    )
    swap.refresh_from_db()
    assert swap.state == SwapState.CANCELLED


@pytest.mark.parametrize("data", [{}, {"member": "0", "via": "paper"}, {"via": "screen"}])
def test_a_record_says_who_and_how(cast: Cast, client_for: ClientFor, data: dict[str, str]) -> None:
    swap = asked(cast)
    page = client_for(cast.staff).post(f"/swaps/{swap.pk}/record/", data, follow=True)
    assert "请选好单位" in page.content.decode()
    assert client_for(cast.liaison).post(f"/swaps/{swap.pk}/record/", data).status_code == 403
    swap.refresh_from_db()
    assert swap.other_agreed_at is None


def test_the_list_filters_counts_and_stays_small(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    assert "没有轮值调整" in client.get("/swaps/").content.decode()
    swaps.cancel(asked(cast), actor=cast.staff)
    with CaptureQueriesContext(connection) as one:
        assert len(client.get("/swaps/").context["rows"]) == 1
    for _ in range(2):
        swaps.cancel(asked(cast), actor=cast.staff)
    asked(cast, until=date(2026, 5, 10), kind=SwapKind.POSTPONE)
    with CaptureQueriesContext(connection) as four:
        assert len(client.get("/swaps/").context["rows"]) == 4
    assert len(one) == len(four)
    assert len(four) <= 12
    assert len(client.get("/swaps/?state=cancelled").context["rows"]) == 3
    total = client.get("/swaps/?state=cancelled&total=1").content.decode()
    assert "共 3 条" in total and "<html" not in total
    assert len(client_for(cast.foreign_secretary).get("/swaps/").context["rows"]) == 0
    swap = Swap.objects.order_by("-pk")[0]
    with CaptureQueriesContext(connection) as page:
        client.get(f"/swaps/{swap.pk}/")
    assert len(page) <= 12, [query["sql"][:120] for query in page]
