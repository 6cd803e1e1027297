"""Awards through their services: proposed with a basis, decided by the secretary, published, corrected with a reason."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Bulletin, LogEntry
from alliances.services import commitments
from evaluations import yearly
from evaluations.models import AwardList, Candidate
from evaluations.services import awards
from tests.cast import Cast
from tests.evaluations import year
from tests.evaluations.year import YEAR, candidate, on, sound
from tests.factories import demands as lists

pytestmark = pytest.mark.django_db


def test_proposals_come_with_their_basis_and_nothing_is_decided(cast: Cast) -> None:
    one = year.proposed(cast)
    found = {(c.kind, c.member.unit.name): c for c in Candidate.objects.select_related("member__unit")}
    assert set(found) == {("advanced", "县图书馆"), ("service", "县图书馆")}
    library = found["advanced", "县图书馆"]
    assert library.state == "proposed"
    assert sound() == []
    assert library.basis[:4] == [
        "有记录的3项指标均达到推荐线。",
        "四个季度均无报送的考核评议报告，无年度平均分。",
        "担任轮值主席1个月（5月）。",
        "认领项目按时完成率100.0%（6/6）。",
    ]
    school = next(unit for unit in one.figures["units"] if unit["unit"] == "县实验小学")
    words = {c["key"]: (c["words"], c["is_met"]) for c in school["criteria"]}
    assert words["on_time"] == ("认领项目按时完成率50.0%（2/4）", False)
    with on(year.PUBLISHED), pytest.raises(OfficeError, match="没有决定"):
        awards.publish(one, actor=cast.secretary)


def test_before_the_year_is_over_only_what_has_fallen_due_counts(cast: Cast) -> None:
    """In the first days of December nobody has missed what is due at the month's end."""
    year.past_plan(cast)
    year.served(cast, "县图书馆", count=2)
    year.promise(cast, "县图书馆", "举办读书会4场")
    with on("2025-12-02T09:00"):
        commitments.add(
            cast.members["县图书馆"], text="全年开放不少于12次", due_on=date(2025, 12, 28), actor=cast.staff
        )
        lists.claim(
            lists.demand(cast.alliance, cast.station_place),
            cast.members["县图书馆"],
            state="in_service",
            claimed_on=date(2025, 11, 20),
            due_on=date(2025, 12, 20),
        )
        one = awards.begin(cast.alliance, YEAR, actor=cast.staff)
    unit = next(unit for unit in one.figures["units"] if unit["unit"] == "县图书馆")
    words = {c["key"]: c["words"] for c in unit["criteria"]}
    assert words["commitments"] == "承诺事项兑现率100.0%（1/1）"
    assert words["on_time"] == "认领项目按时完成率100.0%（2/2）"
    with on("2025-12-31T09:00"):
        awards.propose_again(one, actor=cast.staff)
    unit = next(unit for unit in one.figures["units"] if unit["unit"] == "县图书馆")
    words = {c["key"]: c["words"] for c in unit["criteria"]}
    assert words["commitments"] == "承诺事项兑现率50.0%（1/2）"
    assert words["on_time"] == "认领项目按时完成率66.7%（2/3）"


def test_a_page_from_before_prints_the_awards_as_they_are_named_now(cast: Cast) -> None:
    """The list was read before somebody else renamed an award, or took one out."""
    one = year.proposed(cast)
    stale, adding = AwardList.objects.get(pk=one.pk), AwardList.objects.get(pk=one.pk)
    with on(year.PUBLISHED):
        kinds = [{**kind, "title": f"新{kind['title']}"} for kind in one.kinds if kind["key"] != "star"]
        awards.set_kinds(one, kinds, actor=cast.secretary)
        with pytest.raises(OfficeError, match="选择奖项"):
            awards.add(
                adding, kind="star", member=cast.members["县实验小学"], words="开放操场", actor=cast.staff
            )
        for kind in (yearly.ADVANCED, yearly.SERVICE):
            awards.decide(candidate(one, "县图书馆", kind), award=True, actor=cast.secretary)
        awards.publish(stale, actor=cast.secretary)
    text = json.dumps(stale.paper, ensure_ascii=False)
    assert "新先进党组织（1个）" in text
    assert "、先进党组织" not in text
    assert sound() == []


def test_the_secretary_decides_and_says_why_not(cast: Cast) -> None:
    one = year.proposed(cast)
    library = candidate(one, "县图书馆")
    with on(year.PUBLISHED):
        for user in (cast.staff, cast.president, cast.liaison, cast.street):
            with pytest.raises(NotAllowed):
                awards.decide(candidate(one, "县图书馆"), award=True, actor=user)
        with pytest.raises(OfficeError, match="写明理由"):
            awards.decide(library, award=False, actor=cast.secretary)
        awards.decide(library, award=False, reason="单位主动谦让", actor=cast.secretary)
        awards.decide(candidate(one, "县图书馆"), award=True, actor=cast.secretary)
    assert candidate(one, "县图书馆").state == "awarded"


def test_looking_again_changes_no_decision(cast: Cast) -> None:
    one = year.proposed(cast)
    with on(year.PUBLISHED):
        awards.decide(candidate(one, "县图书馆"), award=False, reason="已另有表彰", actor=cast.secretary)
        year.served(cast, "县交警队", count=6)
        awards.propose_again(one, actor=cast.staff)
    assert candidate(one, "县图书馆").state == "declined"
    assert candidate(one, "县交警队", yearly.SERVICE).state == "proposed"


def test_whom_the_record_does_not_propose_any_more_goes_and_the_log_says_so(cast: Cast) -> None:
    one = year.proposed(cast)
    gone = candidate(one, "县图书馆")
    with on(year.PUBLISHED):
        year.promise(cast, "县图书馆", "举办读书会4场", kept=False)
        awards.propose_again(one, actor=cast.staff)
    assert not Candidate.objects.filter(pk=gone.pk).exists()
    row = LogEntry.objects.get(action="evaluations.candidate.drop")
    assert (row.object_id, row.actor, row.data["member"]) == (gone.pk, cast.staff, gone.member_id)
    assert sound() == []


def test_a_candidate_of_the_secretary_has_a_written_basis(cast: Cast) -> None:
    one = year.proposed(cast)
    school = cast.members["县实验小学"]
    with on(year.PUBLISHED):
        for wrong in (
            {"words": " "},
            {"kind": "nothing"},
            {"member": None},
            {"member": cast.foreign_members["县法院"]},
            {"name": "长" * 41},
            {"words": "长" * 301},
        ):
            wanted: dict[str, Any] = {"kind": "star", "member": school, "words": "连续五年开放操场", **wrong}
            with pytest.raises(OfficeError):
                awards.add(one, **wanted, actor=cast.staff)
        added = awards.add(one, kind="star", member=school, words="连续五年开放操场", actor=cast.staff)
        with pytest.raises(OfficeError, match="已经有这个候选"):
            awards.add(one, kind="star", member=school, words="又一次", actor=cast.staff)
        person = awards.add(
            one, kind="service", member=None, name="蓝马甲志愿服务队", words="全年服务40次", actor=cast.staff
        )
        with pytest.raises(OfficeError, match="已经有这个候选"):
            awards.add(
                one, kind="service", member=None, name="蓝马甲志愿服务队", words="再来", actor=cast.staff
            )
    assert added.basis[2] == "认领项目按时完成率50.0%（2/4）。"  # the record speaks along
    assert (person.title, person.basis) == ("蓝马甲志愿服务队", [])


def test_published_list_prints_the_basis_and_changes_by_correction_only(cast: Cast) -> None:
    one = year.awarded(cast)
    text = json.dumps(one.paper, ensure_ascii=False, sort_keys=True)
    for words in (
        "先进党组织（1个）",
        "（一）县图书馆",
        "认领项目按时完成率100.0%（6/6）",
        "由社区党组织研究决定",
    ):
        assert words in text
    assert Bulletin.objects.filter(source=f"evaluations.award_list:{one.pk}").exists()
    with on(year.PUBLISHED):
        for deed in (
            lambda: awards.decide(
                candidate(one, "县图书馆"), award=False, reason="改主意", actor=cast.secretary
            ),
            lambda: awards.add(one, kind="star", member=None, name="某", words="某", actor=cast.staff),
            lambda: awards.propose_again(one, actor=cast.staff),
            lambda: awards.set_kinds(one, one.kinds, actor=cast.secretary),
            lambda: awards.correct(one, reason=" ", actor=cast.secretary),
            lambda: awards.begin(cast.alliance, YEAR, actor=cast.staff),
        ):
            with pytest.raises(OfficeError):
                deed()
        draft = awards.correct(one, reason="漏了一家", actor=cast.secretary)
        assert sound() == []
        with pytest.raises(OfficeError, match="已经有人在写"):
            awards.correct(one, reason="又漏了一家", actor=cast.secretary)
        added = awards.add(
            draft, kind="star", member=cast.members["县交警队"], words="护学岗全年无休", actor=cast.staff
        )
        awards.decide(
            Candidate.objects.select_related("award_list", "alliance__organisation", "member__unit").get(
                pk=added.pk
            ),
            award=True,
            actor=cast.secretary,
        )
        second = awards.publish(
            AwardList.objects.select_related("alliance__organisation").get(pk=draft.pk), actor=cast.secretary
        )
    one.refresh_from_db()
    assert (one.state, second.revision, second.replaces_id) == ("superseded", 2, one.pk)
    assert json.dumps(one.paper, ensure_ascii=False, sort_keys=True) == text
    assert "更正原因：漏了一家" in json.dumps(second.paper, ensure_ascii=False)
    assert sound() == []


def test_kinds_are_named_by_the_secretary(cast: Cast) -> None:
    one = year.proposed(cast)
    with on(year.PUBLISHED):
        for wrong in (
            [],
            [{"title": ""}],
            [{"title": "甲"}, {"title": "甲"}],
            [{"key": "star", "title": "五星"}],
        ):
            with pytest.raises(OfficeError):
                awards.set_kinds(one, wrong, actor=cast.secretary)
        with pytest.raises(NotAllowed):
            awards.set_kinds(one, one.kinds, actor=cast.staff)
        awards.set_kinds(one, [*one.kinds, {"title": "最佳共建项目"}], actor=cast.secretary)
    one.refresh_from_db()
    assert [kind["title"] for kind in one.kinds] == [
        "先进党组织",
        "五星级党组织",
        "党建服务明星",
        "最佳共建项目",
    ]


def test_awards_are_of_their_season(cast: Cast) -> None:
    with on("2025-11-30T10:00"), pytest.raises(OfficeError, match="12月1日"):
        awards.begin(cast.alliance, YEAR, actor=cast.staff)
    with on(year.PUBLISHED), pytest.raises(NotAllowed):
        awards.begin(cast.alliance, YEAR, actor=cast.liaison)
