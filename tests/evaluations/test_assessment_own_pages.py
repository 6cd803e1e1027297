"""A unit's own results, the scheme, and what the assessment lays on whose desk."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from alliances.models import User
from evaluations import desk_assessments
from evaluations.assessing import DEFAULT_WEIGHTS
from evaluations.models import Assessment, AssessmentScheme
from evaluations.selectors import schemes
from evaluations.services import assessments
from tests.cast import Cast
from tests.conftest import Frozen
from tests.evaluations import reports

ClientFor = Callable[[User | None], Client]
SCHEME = "/assessments/scheme/01-01-01/2026/"


@pytest.fixture
def draft(cast: Cast, frozen: Frozen) -> Assessment:
    reports.quarter(cast)
    draft = reports.drafted(cast, frozen)
    frozen.to(reports.FILED_AT)
    return draft


@pytest.fixture
def filed(cast: Cast, draft: Assessment) -> Assessment:
    assessments.write(draft, problems=reports.PROBLEMS, next_steps=reports.NEXT_STEPS, actor=cast.staff)
    assessments.adjust(
        reports.line(draft, "县图书馆"), adjustment="1", reason="带头认领", actor=cast.secretary
    )
    return assessments.file(draft, actor=cast.secretary)


def words_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())))


# --- a unit's own -------------------------------------------------------------------------------------------------


def test_a_unit_reads_its_own_line_and_the_mean_and_nobody_elses(
    cast: Cast, filed: Assessment, client_for: ClientFor
) -> None:
    line = reports.line(filed, "县图书馆")
    others = [name for name in cast.members if name != "县图书馆"]
    for user in (cast.liaison, cast.leader):
        client = client_for(user)
        answer = client.get("/assessments/own/")
        page = words_of(answer)
        for words in (
            f"{line.score} 分 · {line.grade}",
            "联盟平均",
            "其中加减分 +1.0：带头认领",
            "认领按期完成率100.0%（1/1）",
            "上级还没有接收",
        ):
            assert words in page
        assert not [name for name in others if name in page]
        body = unescape(answer.content.decode())
        own = next(one for one in filed.figures["members"] if one["member"] == line.member_id)["figures"]
        assert f'href="{own["on_time"]["url"]}"' in body
        assert client.get(own["on_time"]["url"]).status_code == 200
        for fmt, begins in (("docx", b"PK"), ("pdf", b"%PDF")):
            letter = client.get(f"/assessments/own/{line.pk}/letter.{fmt}")
            assert letter.content.startswith(begins)


def test_anothers_letter_does_not_exist(cast: Cast, filed: Assessment, client_for: ClientFor) -> None:
    line = reports.line(filed, "县图书馆")
    for user in (cast.other_liaison, cast.secretary, cast.street, cast.foreign_liaison):
        assert client_for(user).get(f"/assessments/own/{line.pk}/letter.pdf").status_code == 404
        assert client_for(user).get(f"/assessments/own/?line={line.pk}").status_code == 404


def test_a_draft_is_no_result_yet(cast: Cast, draft: Assessment, client_for: ClientFor) -> None:
    line = reports.line(draft, "县图书馆")
    client = client_for(cast.liaison)
    assert "还没有考核结果" in words_of(client.get("/assessments/own/"))
    assert client.get(f"/assessments/own/{line.pk}/letter.pdf").status_code == 404
    assert client.get(f"/assessments/own/?line={line.pk}").status_code == 404
    assert client.get("/assessments/own/?line=x").status_code == 404


def test_a_returned_report_is_no_result_and_a_revision_replaces_it(
    cast: Cast, filed: Assessment, client_for: ClientFor
) -> None:
    client = client_for(cast.liaison)
    assessments.send_back(filed, reason="太简单", actor=cast.street)
    assert "还没有考核结果" in words_of(client.get("/assessments/own/"))
    second = assessments.file(assessments.revise(filed, actor=cast.secretary), actor=cast.secretary)
    page = words_of(client.get("/assessments/own/"))
    assert second.number in page
    assert filed.number not in page


# --- the scheme ---------------------------------------------------------------------------------------------------


def test_the_scheme_says_where_it_comes_from(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.liaison)
    assert "这是默认方案" in words_of(client.get(SCHEME))
    AssessmentScheme.objects.create(
        organisation=cast.street_place, year=2025, weights=dict(DEFAULT_WEIGHTS), lowest=-5, highest=5
    )
    page = client.get(SCHEME)
    assert "沿用城关街道2025年的方案" in words_of(page)
    assert "-5 到 +5 分" in words_of(page)
    assert '<form method="post" class="form' not in page.content.decode()


def test_the_secretary_changes_the_scheme_of_what_comes(
    cast: Cast, filed: Assessment, client_for: ClientFor
) -> None:
    client = client_for(cast.secretary)
    assert "保存后成为同心社区2026年的方案" in words_of(client.get(SCHEME))
    data = {**DEFAULT_WEIGHTS, "fulfilled": 0, "on_time": 25, "less": 3, "more": 2}
    page = words_of(client.post(SCHEME, data, follow=True))
    assert "同心社区2026年考核方案已保存" in page
    assert "本级方案。" in page
    assert filed.number in page  # keeps the scheme it was filed with
    holds = schemes.scheme_for(cast.community, 2026)
    assert (holds.weights["on_time"], holds.lowest, holds.highest) == (25, -3, 2)
    assert reports.of(cast).figures["assessment"]["scheme"]["highest"] == 5
    past = client.get("/assessments/scheme/01-01-01/2025/")
    assert "往年的方案不再修改" in words_of(past)
    refused = client.post("/assessments/scheme/01-01-01/2025/", data)
    assert refused.status_code == 422
    assert "往年的考核方案不再修改" in words_of(refused)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"results": "41"}, "各项分值合计应为 100 分，现在是 101 分"),
        ({"results": "四十"}, "分值应是 0 至 100 的整数"),
        ({"less": "-1"}, "分值应是 0 至 100 的整数"),
        ({"more": ""}, "分值应是 0 至 100 的整数"),
    ],
)
def test_a_wrong_scheme_keeps_what_was_typed(
    cast: Cast, client_for: ClientFor, wrong: dict[str, str], sentence: str
) -> None:
    data = {**DEFAULT_WEIGHTS, "meetings": 15, "less": "7", "more": "4", **wrong}
    answer = client_for(cast.secretary).post(SCHEME, data)
    assert answer.status_code == 422
    assert sentence in words_of(answer)
    for value in (
        {"7", "4", *wrong.values()}
        - ({"7"} if "less" in wrong else set())
        - ({"4", ""} if "more" in wrong else set())
    ):
        assert f'value="{value}"' in answer.content.decode()
    assert not AssessmentScheme.objects.exists()


def test_an_office_edits_its_own_scheme_and_reads_those_below(cast: Cast, client_for: ClientFor) -> None:
    street = client_for(cast.street)
    data = {**DEFAULT_WEIGHTS, "less": 8, "more": 3}
    assert street.post(SCHEME, data).status_code == 403
    done = street.post("/assessments/scheme/01-01/2026/", data, follow=True)
    assert "城关街道2026年考核方案已保存" in words_of(done)
    assert "沿用城关街道的方案" in words_of(client_for(cast.liaison).get(SCHEME))
    assert client_for(cast.secretary).get("/assessments/scheme/01-01/2026/").status_code == 404
    assert street.get("/assessments/scheme/01-02/2026/").status_code == 404


# --- desks --------------------------------------------------------------------------------------------------------


def desks(cast: Cast) -> dict[str, list[str]]:
    found = {}
    for name in ("secretary", "staff", "president", "liaison", "leader", "street", "county", "other_street"):
        user = cast.fresh(getattr(cast, name))
        alliance = None if name in ("street", "county", "other_street") else cast.alliance
        if lines := desk_assessments.lines(user, alliance):
            found[name] = [line.title for line in lines]
    return found


def test_desks_follow_the_report(cast: Cast, draft: Assessment, frozen: Frozen) -> None:
    write = ["撰写2026年第一季度考核评议报告"]
    assert desks(cast) == {"secretary": write, "staff": write}
    (line,) = desk_assessments.lines(cast.fresh(cast.secretary), cast.alliance)
    assert (line.state, line.url) == ("4月8日前报送", f"/assessments/{draft.pk}/")
    assessments.write(draft, problems="有", next_steps="改", actor=cast.staff)
    assert desks(cast)["secretary"] == ["报送2026年第一季度考核评议报告"]
    frozen.to("2026-04-09T09:00")
    assert desk_assessments.lines(cast.fresh(cast.secretary), cast.alliance)[0].state == "4月8日已过期"
    filed = assessments.file(draft, actor=cast.secretary)
    copy = ["知悉同心社区2026年第一季度考核评议报告"]
    assert desks(cast) == {"street": ["接收同心社区2026年第一季度考核评议报告"], "county": copy}
    assessments.send_back(filed, reason="太简单", actor=cast.street)
    back = ["2026年第一季度考核评议报告被退回"]
    assert desks(cast) == {"secretary": back, "staff": back}
    second = assessments.revise(filed, actor=cast.secretary)
    assert desks(cast)["secretary"] == ["报送2026年第一季度更正报告"]
    second = assessments.file(second, actor=cast.secretary)
    assessments.receive(second, actor=cast.street)
    result = ["县图书馆2026年第一季度考核评议结果"]
    assert desks(cast) == {"county": copy, "liaison": result, "leader": result}
    assessments.acknowledge(second, actor=cast.county)
    frozen.forward(days=15)
    assert desks(cast) == {}
