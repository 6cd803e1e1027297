"""The year's end on the screen: what each reader finds, what is refused and keeps every typed word, what files hold."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from zipfile import ZipFile

import pytest
from django.test import Client

from alliances import clock
from alliances.models import User
from evaluations import desk_year
from evaluations.models import AwardList, Candidate, TwoWay, TwoWayBallot, YearSummary
from evaluations.selectors import two_way as reads
from evaluations.services import awards, two_way, year_papers
from tests.cast import HOSTILE, Cast
from tests.conftest import Frozen
from tests.evaluations import year
from tests.evaluations.ballot_forms import hidden
from tests.evaluations.year import WEIGHTS, YEAR, candidate

pytestmark = pytest.mark.django_db
ClientFor = Callable[[User | None], Client]


def url(cast: Cast, more: str = "", of: int = YEAR) -> str:
    return f"/year-end/{cast.alliance.code}/{of}/{more}"


def words(page: object) -> str:
    text = page.content.decode()  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def answers(digits: str) -> dict[str, str]:
    return dict(zip((f"activity-{key}" for key in WEIGHTS), digits, strict=True))


# --- the two-way evaluation -----------------------------------------------------------------------------------------


def test_from_preparing_to_publishing_on_the_pages(cast: Cast, client_for: ClientFor, frozen: Frozen) -> None:
    year.promise(cast, "县图书馆", "举办读书会4场")
    frozen.to(year.OPENED)
    staff, secretary, liaison = (client_for(u) for u in (cast.staff, cast.secretary, cast.liaison))
    page = words(staff.get(url(cast, "two-way/")))
    assert "组织协调" in staff.get(url(cast, "two-way/")).content.decode()
    assert "举办读书会4场 县图书馆 · 11月20日兑现：已办结，有记录" in page
    form = {f"title-{n}": title for n, title in enumerate(("办事", "服务"), 1)}
    answer = staff.post(
        url(cast, "two-way/"), {**form, "weight-1": "60", "weight-2": "30", "closes_on": "2026-01-09"}
    )
    assert answer.status_code == 422
    assert "合计应为 100 分，现在是 90 分" in words(answer)
    assert 'value="办事"' in answer.content.decode()
    answer = staff.post(
        url(cast, "two-way/"),
        {**form, "weight-1": "60", "weight-2": "40", "closes_on": "2026-01-09"},
        follow=True,
    )
    assert "已保存，还没有开放" in words(answer)
    assert staff.post(url(cast, "two-way/open/")).status_code == 403
    assert "已开放" in words(secretary.post(url(cast, "two-way/open/"), follow=True))
    ballot = url(cast, f"two-way/ballots/{cast.members['县图书馆'].pk}/")
    assert ballot in liaison.get(url(cast, "two-way/")).content.decode()
    keys = [item["key"] for item in TwoWay.objects.get().items]
    page = liaison.get(ballot).content.decode()
    answer = liaison.post(ballot, {**hidden(page), f"activity-{keys[0]}": "5"})
    assert answer.status_code == 422
    assert "还有 1 项没有选" in words(answer)
    sent = {**hidden(page), f"activity-{keys[0]}": "5", f"activity-{keys[1]}": "4"}
    assert "谢谢，评议已收到" in words(liaison.post(ballot, sent, follow=True))
    assert "谢谢，评议已收到" in words(liaison.post(ballot, sent, follow=True))  # the same form again
    assert liaison.post(ballot, {**sent, "form_key": "another-form-value-1"}).status_code == 409
    assert [row.scores for row in TwoWayBallot.objects.all()] == [{keys[0]: 60, keys[1]: 32}]
    frozen.to("2026-01-12T09:00")
    two_way.close_due(clock.now())
    assert liaison.post(url(cast, "two-way/publish/")).status_code == 403
    page = words(secretary.post(url(cast, "two-way/publish/"), follow=True))
    assert "结果已公布" in page
    assert "本年度没有录入代表评议" in page
    assert "有效票数不足，不评等次" in page


def test_staff_record_a_unit_and_type_the_meetings_sheets(
    cast: Cast, client_for: ClientFor, frozen: Frozen
) -> None:
    one = year.opened(cast)
    frozen.to(year.MET)
    staff = client_for(cast.staff)
    record = url(cast, f"two-way/ballots/{cast.members['县财政局'].pk}/record/")
    page = staff.get(record).content.decode()
    sent = {**hidden(page), **answers("5555"), "voter_name": "", "via": "phone"}
    answer = staff.post(record, sent)
    assert answer.status_code == 422
    assert "请填写评议人姓名" in words(answer)
    assert "已记下县财政局的评议票" in words(
        staff.post(record, {**sent, "voter_name": "钱科长"}, follow=True)
    )
    assert "已经评过" in words(staff.get(record, follow=True))
    items = [item.pk for item in reads.items_of(one)]
    entry = url(cast, "two-way/items/")
    typed = {"met_on": "2026-01-05", "handed_out": "20", "returned": "16"}
    typed |= {f"i{pk}-good": "１０" for pk in items}  # full-width, as an input method gives it
    wrong = {**typed, f"i{items[0]}-fair": "三"}
    answer = staff.post(entry, wrong)
    assert answer.status_code == 422
    assert "有 1 格不对" in words(answer)
    assert 'value="三"' in answer.content.decode()
    answer = staff.post(entry, {**typed, f"i{items[0]}-fair": "7"})
    assert "五栏合计 17 张，比收回的 16 张还多" in words(answer)
    assert answer.content.decode().count('value="１０"') == 3
    for value in ("-1", "1.5", "99999", "=1+1", "\x00"):
        assert staff.post(entry, {**typed, f"i{items[0]}-poor": value}).status_code == 422
    assert staff.post(entry, {"met_on": "", "handed_out": "x", "returned": ""}).status_code == 422
    assert "已录入 3 个事项的票数" in words(staff.post(entry, typed, follow=True))
    # As many boxes as 300 promises have are no attack.
    many = typed | {f"i{10**6 + item}-{mark}": "" for item in range(300) for mark in ("good", "fair", "poor")}
    many |= {f"i{10**6 + item}-unknown": "" for item in range(300)}
    assert "已录入 3 个事项的票数" in words(staff.post(entry, many, follow=True))
    one.refresh_from_db()
    assert (one.handed_out, one.returned) == (20, 16)
    assert {item.good for item in reads.items_of(one)} == {10}


def test_before_publishing_no_page_tells_a_score(cast: Cast, client_for: ClientFor, frozen: Frozen) -> None:
    one = year.opened(cast)
    year.vote(cast, one, liaison=93, other_liaison=92, both_liaison=91)
    year.entered(cast, one)
    frozen.to(year.MET)
    for user in (cast.secretary, cast.staff, cast.president, cast.liaison, cast.street, cast.station):
        page = words(client_for(user).get(url(cast, "two-way/")))
        for score in ("92.0", "91.4", "93.0"):
            assert score not in page
    for user in (cast.street, cast.county, cast.station):
        assert "还没有公布" in words(client_for(user).get(url(cast, "two-way/")))


def test_who_has_voted_is_known_to_those_who_run_it_and_to_others_only_how_many(
    cast: Cast, client_for: ClientFor, frozen: Frozen
) -> None:
    year.vote(cast, year.opened(cast), liaison=90)
    frozen.to(year.VOTED)
    staff, president = (
        client_for(user).get(url(cast, "two-way/")).content.decode() for user in (cast.staff, cast.president)
    )
    for page in (staff, president):
        assert "1/14 家已评" in page
    assert "<b>县财政局</b>" in staff
    assert "<b>县财政局</b>" not in president
    assert "未评" not in president


def test_result_is_read_by_the_whole_alliance_and_above(cast: Cast, client_for: ClientFor) -> None:
    year.published(cast)
    for user in (cast.secretary, cast.liaison, cast.leader, cast.station, cast.street, cast.county):
        page = words(client_for(user).get(url(cast, "two-way/")))
        assert "80.0分（良好，有效3票，±11.3）" in page
        assert "9/4/1/0/2" in page
        answer = client_for(user).get(url(cast, "two-way/result.docx"))
        assert "举办读书会4场" in ZipFile(io.BytesIO(answer.content)).read("word/document.xml").decode()
    assert client_for(cast.foreign_liaison).get(url(cast, "two-way/")).status_code == 404
    for fmt in ("xlsx", "exe", "docx.docx"):
        assert client_for(cast.secretary).get(url(cast, f"two-way/result.{fmt}")).status_code == 404


def test_sheets_print_every_item(cast: Cast, client_for: ClientFor, frozen: Frozen) -> None:
    year.opened(cast)
    frozen.to(year.MET)
    staff = client_for(cast.staff)
    for kind, expected in (("items", "全年开放阅览室不少于12次"), ("unit", "组织协调")):
        answer = staff.get(url(cast, f"two-way/sheets/{kind}.docx"))
        assert expected in ZipFile(io.BytesIO(answer.content)).read("word/document.xml").decode()
        assert staff.get(url(cast, f"two-way/sheets/{kind}.pdf")).content.startswith(b"%PDF")
    assert staff.get(url(cast, "two-way/sheets/other.docx")).status_code == 404


# --- the summary ----------------------------------------------------------------------------------------------------


def reported(cast: Cast) -> None:
    for quarter, library in ((1, "90.0"), (2, "80.0")):
        year.report(
            cast,
            quarter,
            {"县图书馆": library, "县实验小学": "70.0", HOSTILE: "61.7"},
            [year.figure("meetings", quarter)],
        )


def test_a_unit_sees_its_own_line_and_the_mean_only(cast: Cast, client_for: ClientFor) -> None:
    reported(cast)
    assert "还没有本单位的年度结果" in words(client_for(cast.liaison).get(url(cast)))
    year_papers.publish_summary(cast.alliance, YEAR, actor=cast.secretary)
    for user in (cast.liaison, cast.leader):
        page = words(client_for(user).get(url(cast)))
        assert (
            "第1季度 90.0 第2季度 80.0 第3季度 未报送 第4季度 未报送 年度平均 85.0 · 良好 联盟平均 72.2（3 家）"
            in page
        )
        for other in ("70.0", "61.7", "县实验小学"):
            assert other not in page
        assert client_for(user).get(url(cast, "summary.xlsx")).status_code == 403
    assert "本年度没有本单位的考核得分" in words(client_for(cast.second_liaison).get(url(cast)))
    assert "61.7" not in words(client_for(cast.station).get(url(cast)))


def test_offices_read_what_is_published_and_nothing_of_drafts(cast: Cast, client_for: ClientFor) -> None:
    reported(cast)
    year.proposed(cast)
    street = client_for(cast.street)
    for page in (url(cast), url(cast, "awards/"), url(cast, "two-way/")):
        assert "还没有公布" in words(street.get(page))
    for name in ("summary.xlsx", "awards/list.docx", "two-way/result.docx"):
        assert street.get(url(cast, name)).status_code == 404
    assert words(street.get(f"/year-end/office/?year={YEAR}")).count("未公布") == 4  # and once in the lead
    year_papers.publish_summary(cast.alliance, YEAR, actor=cast.secretary)
    page = words(street.get(f"/year-end/office/?year={YEAR}"))
    assert "同心社区 城关街道 3月2日公布 ：同心社区年度汇总 报告 2/4" in page
    assert "61.7" in words(street.get(url(cast)))
    assert "同心社区" not in words(client_for(cast.other_street).get(f"/year-end/office/?year={YEAR}"))
    for wrong in ("1999", "x", "２０２５", "-1"):
        assert street.get("/year-end/office/", {"year": wrong}).status_code == 200


def test_summary_as_a_file_types_hostile_names_as_text(cast: Cast, client_for: ClientFor) -> None:
    reported(cast)
    secretary = client_for(cast.secretary)
    assert "&lt;img src=x onerror" in secretary.get(url(cast)).content.decode()
    book = ZipFile(io.BytesIO(secretary.get(url(cast, "summary.xlsx")).content))
    assert not any(
        "<f>" in book.read(name).decode() for name in book.namelist() if "worksheets/sheet" in name
    )
    for fmt in ("docx", "pdf"):
        assert secretary.get(url(cast, f"summary.{fmt}")).status_code == 200
    assert secretary.get(url(cast, "summary.txt")).status_code == 404


def test_publishing_and_correcting_on_the_page(cast: Cast, client_for: ClientFor) -> None:
    reported(cast)
    secretary = client_for(cast.secretary)
    assert "年度汇总已公布" in words(secretary.post(url(cast, "publish/"), follow=True))
    year.report(cast, 3, {"县图书馆": "99.0"}, [year.figure("meetings", 1)])
    page = words(secretary.get(url(cast)))
    assert "公布以后又有报告报送或更正：2025年第三季度" in page
    answer = secretary.post(url(cast, "publish/"), {"reason": ""})
    assert answer.status_code == 422
    assert "请写明更正原因" in words(answer)
    secretary.post(url(cast, "publish/"), {"reason": "补报三季度"})
    assert YearSummary.objects.get(state="published").revision == 2
    assert secretary.get(url(cast) + "?revision=1").status_code == 200
    assert secretary.get(url(cast) + "?revision=9").status_code == 404


@pytest.mark.parametrize("wrong", [1999, 2027, 9999, 99999999999999999999])
def test_a_year_that_has_not_begun_is_none(cast: Cast, client_for: ClientFor, wrong: int) -> None:
    for page in ("", "two-way/", "awards/"):
        assert client_for(cast.secretary).get(url(cast, page, of=wrong)).status_code == 404


# --- awards ---------------------------------------------------------------------------------------------------------


def test_awards_from_proposals_to_the_published_list(
    cast: Cast, client_for: ClientFor, frozen: Frozen
) -> None:
    year.past_plan(cast)
    year.served(cast, "县图书馆", count=6)
    frozen.to(year.PUBLISHED)
    staff, secretary, liaison = (client_for(u) for u in (cast.staff, cast.secretary, cast.liaison))
    assert "请书记逐个决定" in words(staff.post(url(cast, "awards/begin/"), follow=True))
    assert "认领项目按时完成率100.0%（6/6）" in words(secretary.get(url(cast, "awards/")))
    assert "还没有公布" in words(liaison.get(url(cast, "awards/")))
    form = {"kind": "service", "member": "", "name": HOSTILE, "words": ""}
    answer = staff.post(url(cast, "awards/add/"), form)
    assert answer.status_code == 422
    assert "请写明依据" in words(answer)
    assert "&lt;img src=x" in answer.content.decode()
    foreign = {**form, "member": cast.foreign_members["县法院"].pk, "words": "某"}
    assert staff.post(url(cast, "awards/add/"), foreign).status_code == 422
    staff.post(url(cast, "awards/add/"), {**form, "words": "=HYPERLINK(1) 全年值守"})
    library = candidate(AwardList.objects.get(), "县图书馆")
    decide = url(cast, f"awards/{library.pk}/decide/")
    answer = secretary.post(decide, {"decision": "decline", "reason": " "})
    assert answer.status_code == 422
    assert "不表彰请写明理由" in words(answer)
    too_long = secretary.post(decide, {"decision": "award", "reason": "长" * 201})
    assert too_long.status_code == 422
    assert "长" * 201 in too_long.content.decode()
    assert secretary.post(decide, {"decision": "maybe"}).status_code == 422
    assert secretary.post(url(cast, f"awards/{library.pk + 999}/decide/")).status_code == 404
    assert "没有决定" in words(secretary.post(url(cast, "awards/publish/"), follow=True))
    for one in Candidate.objects.all():
        secretary.post(url(cast, f"awards/{one.pk}/decide/"), {"decision": "award", "reason": "同意"})
    assert "表彰名单已公布" in words(secretary.post(url(cast, "awards/publish/"), follow=True))
    page = liaison.get(url(cast, "awards/")).content.decode()
    assert "先进党组织（1个）" in page
    assert "<img src=x" not in page
    assert liaison.get(url(cast, "awards/list.pdf")).content.startswith(b"%PDF")
    assert "历年表彰" in words(liaison.get(f"/members/{cast.members['县图书馆'].pk}/"))


def test_why_somebody_was_declined_does_not_slip_into_the_printed_basis(
    cast: Cast, client_for: ClientFor, frozen: Frozen
) -> None:
    """The reason stands beside the candidate, not in the field that 表彰 would send and print."""
    one = year.proposed(cast)
    frozen.to(year.PUBLISHED)
    secretary, library = client_for(cast.secretary), candidate(one, "县图书馆")
    decide = url(cast, f"awards/{library.pk}/decide/")
    secretary.post(decide, {"decision": "decline", "reason": "负责人正在接受调查"})
    page = secretary.get(url(cast, "awards/")).content.decode()
    assert "理由：负责人正在接受调查" in page
    assert 'value="负责人正在接受调查"' not in page


def test_addresses_with_a_number_beyond_any_database_are_not_found(
    cast: Cast, client_for: ClientFor, frozen: Frozen
) -> None:
    year.opened(cast)
    frozen.to(year.VOTED)
    huge = "9" * 30
    for user, more in (
        (cast.liaison, f"two-way/ballots/{huge}/"),
        (cast.staff, f"two-way/ballots/{huge}/record/"),
        (cast.secretary, f"awards/{huge}/decide/"),
    ):
        assert client_for(user).post(url(cast, more)).status_code == 404, more


def test_a_rubric_holds_no_character_that_no_database_keeps(
    cast: Cast, client_for: ClientFor, frozen: Frozen
) -> None:
    frozen.to(year.OPENED)
    form = {"closes_on": "2026-01-09", "title-1": "组织\0协调", "weight-1": "100"}
    assert client_for(cast.staff).post(url(cast, "two-way/"), form).status_code == 422
    assert not TwoWay.objects.exists()


def test_after_an_early_closing_the_ballots_page_names_its_day(
    cast: Cast, client_for: ClientFor, frozen: Frozen
) -> None:
    one = year.opened(cast)
    frozen.to(year.VOTED)
    two_way.close(one, actor=cast.secretary)
    member = cast.members["县图书馆"].pk
    page = words(client_for(cast.liaison).get(url(cast, f"two-way/ballots/{member}/")))
    assert "已于12月29日截止" in page
    assert "1月9日" not in page


def test_a_published_list_is_corrected_with_a_reason(
    cast: Cast, client_for: ClientFor, frozen: Frozen
) -> None:
    year.awarded(cast)
    frozen.to(year.PUBLISHED)
    secretary = client_for(cast.secretary)
    assert secretary.post(url(cast, "awards/correct/"), {"reason": ""}).status_code == 422
    assert "更正稿已建好" in words(
        secretary.post(url(cast, "awards/correct/"), {"reason": "漏了一家"}, follow=True)
    )
    assert "先进党组织（1个）" in words(client_for(cast.liaison).get(url(cast, "awards/")))
    assert secretary.get(url(cast, "awards/") + "?revision=1").status_code == 200


def test_kinds_on_the_page(cast: Cast, client_for: ClientFor, frozen: Frozen) -> None:
    year.proposed(cast)
    frozen.to(year.PUBLISHED)
    secretary = client_for(cast.secretary)
    names = {"title-1": "先进单位", "title-2": "", "title-3": "党建服务明星", "title-4": "最佳项目"}
    secretary.post(url(cast, "awards/kinds/"), names)
    assert [kind["title"] for kind in AwardList.objects.get().kinds] == [
        "先进单位",
        "党建服务明星",
        "最佳项目",
    ]
    answer = secretary.post(url(cast, "awards/kinds/"), {"title-2": "党建服务明星"})
    assert answer.status_code == 422  # 先进单位 has a candidate
    assert "不能去掉" in words(answer)


# --- desks ----------------------------------------------------------------------------------------------------------


def titles(user: User, cast: Cast) -> list[str]:
    return [line.title for line in desk_year.lines(cast.fresh(user), cast.alliance)]


def test_desks_hear_of_it_in_its_season_only(cast: Cast, frozen: Frozen) -> None:
    frozen.to("2025-11-30T09:00")
    assert titles(cast.secretary, cast) == []
    frozen.to("2025-12-01T09:00")
    assert titles(cast.secretary, cast) == ["准备2025年度双向评议"]
    assert titles(cast.staff, cast) == []
    two_way.prepare(cast.alliance, YEAR, closes_on=date(2026, 1, 9), actor=cast.staff)
    assert titles(cast.secretary, cast) == ["开放2025年度双向评议"]
    two_way.open_two_way(reads.full().get(), actor=cast.secretary)
    assert titles(cast.secretary, cast) == []
    assert titles(cast.liaison, cast) == ["给社区打分：2025年度双向评议"]
    assert titles(cast.leader, cast) == []
    year.vote(cast, TwoWay.objects.get(), liaison=90)
    assert titles(cast.liaison, cast) == []
    frozen.to("2026-01-10T09:00")
    two_way.close_due(clock.now())
    awards.begin(cast.alliance, YEAR, actor=cast.staff)
    assert titles(cast.secretary, cast) == ["公布2025年度双向评议结果", "决定并公布2025年度评选表彰"]
    assert titles(cast.other_liaison, cast) == []
    frozen.to("2026-03-01T09:00")
    assert titles(cast.secretary, cast) == []
