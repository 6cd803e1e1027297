"""The report's page from draft to correction: figures that lead to their rows, a person's words, the offices' answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from alliances.models import LogEntry, User
from evaluations.models import Assessment
from evaluations.selectors import assessments as reads
from evaluations.selectors import quarter
from evaluations.services import assessments
from tests.cast import HOSTILE, Cast
from tests.conftest import Frozen
from tests.evaluations import reports

ClientFor = Callable[[User | None], Client]
WORDS = {"problems": "个别单位响应不够及时。", "next_steps": "加强督促。\n完善机制。"}


@pytest.fixture
def draft(cast: Cast, frozen: Frozen) -> Assessment:
    reports.quarter(cast)
    draft = reports.drafted(cast, frozen)
    frozen.to(reports.FILED_AT)
    return draft


@pytest.fixture
def filed(cast: Cast, draft: Assessment) -> Assessment:
    assessments.write(draft, **WORDS, actor=cast.secretary)
    return assessments.file(draft, actor=cast.secretary)


def url(assessment: Assessment, more: str = "") -> str:
    return f"/assessments/{assessment.pk}/{more}"


def words_of(answer: object) -> str:
    page = answer.content.decode()  # type: ignore[attr-defined]  # a response of the test client
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_every_figure_of_the_document_is_a_link_to_its_rows(
    cast: Cast, draft: Assessment, client_for: ClientFor
) -> None:
    page = unescape(client_for(cast.secretary).get(url(draft)).content.decode())
    document = reads.document(draft)
    shown = [one for section in document["sections"] for one in section["figures"]]
    # Of the many noughts of the lists' tables and the members only the others have a place.
    more = [one for one in quarter.every(document) if one not in shown]
    shown += [one for one in more if one["numerator"] or one["kind"] == quarter.SCORE]
    walked = 0
    for one in shown:
        addresses = [one["url"]] if one["kind"] != quarter.RATE or one["denominator"] else []
        if one["kind"] == quarter.RATE and one["denominator"]:
            addresses.append(one["whole_url"])
        for address in filter(None, addresses):
            assert f'href="{address}"' in page, (one["key"], address)
            walked += 1
    assert walked > 60


def test_the_page_says_what_the_paper_says(cast: Cast, draft: Assessment, client_for: ClientFor) -> None:
    client = client_for(cast.secretary)
    page = words_of(client.get(url(draft)))
    for words in (
        "2026年第一季度专项考核评议",
        "4月8日前报城关街道",
        "一、基本情况",
        "本季度共有成员单位14家",
        "四、评议结果",
        "附件5 各单位认领完成统计表",
        "图1 各月参加活动的成员单位占比",
        "仅供参考，不作排名",
    ):
        assert words in page
    assert HOSTILE in page
    assert HOSTILE not in client.get(url(draft)).content.decode()
    paper = client.get(url(draft, "?paper=1"))
    assert "（此处由社区党支部书记撰写）" in words_of(paper)
    assert "请先写好“存在问题”和“下步打算”" in words_of(paper)
    assert "/file/" not in paper.content.decode()


def test_the_secretary_writes_adjusts_looks_and_files(
    cast: Cast, draft: Assessment, client_for: ClientFor
) -> None:
    client = client_for(cast.secretary)
    member = cast.members["县图书馆"].pk
    answer = client.post(url(draft), WORDS, follow=True)
    assert "文字已保存，还没有报送" in words_of(answer)
    answer = client.post(
        url(draft, f"adjust/{member}/"), {"adjustment": "-1.5", "reason": "两次未按时回复"}, follow=True
    )
    assert "加减分 -1.5：两次未按时回复" in words_of(answer)
    paper = client.get(url(draft, "?paper=1"))
    assert 'data-confirm="报送后内容固定' in paper.content.decode()
    assert "完善机制。" in words_of(paper)
    done = client.post(url(draft, "file/"), follow=True)
    stored = reports.of(cast)
    assert stored.state == "filed"
    for words in ("报告已报送", stored.number, stored.figures_hash[:8], "待接收", "待知悉"):
        assert words in words_of(done)
    assert "保存加减分" not in words_of(done)
    again = client.post(url(draft), WORDS)
    assert again.status_code == 422
    assert "这份报告已经报送" in words_of(again)


@pytest.mark.parametrize(
    ("adjustment", "reason", "sentence"),
    [
        ("-20", "太差", "加减分应在 -10 到 +5 之间"),
        ("2", "", "请写明加减分理由"),
        ("abc", "写得好", "加减分请填数字"),
        ("1.55", "写得好", "最多一位小数"),
        ("", "写得好", "请填写加减分"),
        ("NaN", "写得好", "加减分请填数字"),
    ],
)
def test_a_refused_adjustment_keeps_what_was_typed(
    cast: Cast, draft: Assessment, client_for: ClientFor, adjustment: str, reason: str, sentence: str
) -> None:
    member = cast.members["县图书馆"].pk
    answer = client_for(cast.secretary).post(
        url(draft, f"adjust/{member}/"), {"adjustment": adjustment, "reason": reason}
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in words_of(answer)
    assert f'value="{adjustment}"' in page or not adjustment
    assert reason in page
    assert reports.line(draft, "县图书馆").adjustment == 0


def test_a_member_of_another_alliance_has_no_line(
    cast: Cast, draft: Assessment, client_for: ClientFor
) -> None:
    other = cast.foreign_members["县法院"].pk
    data = {"adjustment": "1", "reason": "好"}
    assert client_for(cast.secretary).post(url(draft, f"adjust/{other}/"), data).status_code == 404


def test_too_long_words_stay_in_the_form(cast: Cast, draft: Assessment, client_for: ClientFor) -> None:
    answer = client_for(cast.staff).post(url(draft), {"problems": "长" * 3001, "next_steps": "早通知"})
    assert answer.status_code == 422
    assert "3000 字以内" in words_of(answer)
    assert "早通知" in words_of(answer)
    assert reports.of(cast).problems == ""


def test_filing_without_words_is_refused_in_words(
    cast: Cast, draft: Assessment, client_for: ClientFor
) -> None:
    page = client_for(cast.secretary).post(url(draft, "file/"), follow=True)
    assert "请先写好" in words_of(page)
    assert reports.of(cast).state == "draft"


def test_computing_anew_follows_the_records(cast: Cast, draft: Assessment, client_for: ClientFor) -> None:
    client = client_for(cast.staff)
    before = reports.of(cast).figures
    reports.in_time(cast, "县实验小学")
    page = client.post(url(draft, "recompute/"), follow=True)
    assert "已按现在的数据重新计算" in words_of(page)
    assert reports.of(cast).figures != before


def test_the_president_reads_and_units_do_not(cast: Cast, draft: Assessment, client_for: ClientFor) -> None:
    page = client_for(cast.president).get(url(draft)).content.decode()
    for deed in ("recompute/", "adjust/", "<textarea"):
        assert deed not in page
    for user in (cast.liaison, cast.leader, cast.station, cast.street, cast.foreign_secretary):
        assert client_for(user).get(url(draft)).status_code == 404
        assert client_for(user).post(url(draft, "report.docx")).status_code == 404


def test_the_street_returns_and_receives_the_revision(
    cast: Cast, filed: Assessment, client_for: ClientFor
) -> None:
    street, secretary = client_for(cast.street), client_for(cast.secretary)
    assert "接收或退回" in words_of(street.get(url(filed)))
    refused = street.post(url(filed, "return/"), {"return_reason": " "})
    assert refused.status_code == 422
    assert "请写明退回原因" in words_of(refused)
    done = street.post(url(filed, "return/"), {"return_reason": "问题写得太简单"}, follow=True)
    assert "退回原因：问题写得太简单" in words_of(done)
    page = secretary.get(url(filed))
    assert "退回原因：问题写得太简单" in words_of(page)
    assert "问题写得太简单</textarea>" in page.content.decode()  # the reason to go on from
    begun = secretary.post(url(filed, "revise/"), {"revise_reason": "按街道意见补充"}, follow=True)
    second = reports.of(cast, revision=2)
    assert begun.redirect_chain[-1][0] == url(second)
    assert f"替代{filed.number}" in words_of(begun)
    assert "完善机制。</textarea>" in begun.content.decode()
    assert street.get(url(second)).status_code == 404
    again = secretary.post(url(filed, "revise/"), {"revise_reason": "再改"})
    assert again.status_code == 422
    assert "已经有人在写" in words_of(again)
    secretary.post(url(second, "file/"))
    assert "这一版已被更正" in words_of(street.get(url(filed)))
    received = street.post(url(second, "receive/"), follow=True)
    assert "已接收，社区和各单位会收到消息" in words_of(received)
    assert f"替代{filed.number} · 按街道意见补充" in words_of(received)
    county = client_for(cast.county)
    assert "已确认知悉" in words_of(county.post(url(second, "acknowledge/"), follow=True))
    assert "确认知悉</button>" not in county.get(url(second)).content.decode()


def test_changed_sources_change_no_figure_and_are_told(
    cast: Cast, filed: Assessment, client_for: ClientFor
) -> None:
    client = client_for(cast.secretary)
    files = ("data.xlsx", "report.docx", "report.pdf", "summary.docx")

    def seen() -> tuple[str, dict[str, bytes]]:
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", client.get(url(filed)).content.decode())
        page = re.sub(r"x-csrftoken[^}]+", "", page)
        return page, {name: client.post(url(filed, name)).content for name in files}

    before = seen()
    assert "报送以后数据没有变化" in words_of(client.get(url(filed, "changes/")))
    reports.in_time(cast, "县实验小学")
    cast.members["县图书馆"].unit.name = "县公共图书馆"
    cast.members["县图书馆"].unit.save(update_fields=["name"])
    after = seen()
    assert after[1] == before[1]
    assert after[0] == before[0]
    assert f'hx-get="{url(filed, "changes/")}"' in after[0]
    whole = client.get(url(filed, "changes/"))
    assert "更正提示" in words_of(whole)
    assert "县实验小学：完成服务 0 1" in words_of(whole)
    fragment = client.get(url(filed, "changes/"), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "更正提示" in fragment


def test_each_download_leaves_a_row_and_looking_none(
    cast: Cast, filed: Assessment, client_for: ClientFor
) -> None:
    rows = LogEntry.objects.filter(action="evaluations.assessment.download")
    client = client_for(cast.street)
    member = cast.members["县图书馆"].pk
    client.get(url(filed))
    assert not rows.exists()
    asked = [
        ("report.docx", b"PK"),
        ("report.pdf", b"%PDF"),
        ("data.xlsx", b"PK"),
        ("summary.pdf", b"%PDF"),
        (f"letters/{member}.pdf", b"%PDF"),
    ]
    for name, begins in asked:
        answer = client.post(url(filed, name))
        assert answer.content.startswith(begins), name
        assert "attachment" in answer["Content-Disposition"]
        assert client.get(url(filed, name)).status_code == 405
    assert [row.data["kind"] for row in rows.order_by("pk")] == [
        "report",
        "report",
        "data",
        "summary",
        "letter",
    ]
    assert {row.actor for row in rows} == {cast.street}
    assert client.post(url(filed, "data.docx")).status_code == 404
    assert client.post(url(filed, "letters/987654.pdf")).status_code == 404
    assert rows.count() == len(asked)


def test_a_report_that_is_being_drafted_says_so(cast: Cast, draft: Assessment, client_for: ClientFor) -> None:
    Assessment.objects.update(computed_at=None)
    client = client_for(cast.secretary)
    assert "正在起草" in words_of(client.get(url(draft)))
    assert client.post(url(draft, "report.docx")).status_code == 404
    listed = client.get("/assessments/").content.decode()
    assert 'hx-trigger="every 4s"' in listed
    fragment = client.get("/assessments/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    assert "正在起草" in fragment


def test_the_quarters_of_an_alliance(
    cast: Cast, draft: Assessment, client_for: ClientFor, frozen: Frozen
) -> None:
    client = client_for(cast.secretary)
    page = words_of(client.get("/assessments/"))
    assert "2026年第一季度 待报送 — 4月8日" in page
    assert "2026年第二季度报告 7月1日自动起草，7月7日前报送" in page
    frozen.to("2026-04-10T09:00")
    assert "逾期未报" in words_of(client.get("/assessments/"))
    assert "还没有报送的报告" in words_of(client_for(cast.street).get("/assessments/"))
    assessments.write(draft, **WORDS, actor=cast.secretary)
    assessments.file(draft, actor=cast.secretary)
    late = words_of(client_for(cast.street).get("/assessments/"))
    assert "已报送，待接收 迟报" in late
    unit = client_for(cast.liaison).get("/assessments/")
    assert "看本单位结果" in words_of(unit)
    assert reports.of(cast).number not in words_of(unit)


def test_before_the_first_quarter_the_page_says_what_comes(cast: Cast, client_for: ClientFor) -> None:
    page = words_of(client_for(cast.secretary).get("/assessments/"))
    assert "还没有季度报告" in page
    assert "2026年第一季度报告 4月1日自动起草，4月8日前报送" in page


def test_a_member_beyond_any_database_is_not_found(
    cast: Cast, draft: Assessment, client_for: ClientFor
) -> None:
    answer = client_for(cast.secretary).post(
        url(draft, f"adjust/{'9' * 30}/"), {"adjustment": "1", "reason": "好"}
    )
    assert answer.status_code == 404


def test_a_draft_has_no_result_letters(cast: Cast, draft: Assessment, client_for: ClientFor) -> None:
    """It would be sealed and handed out with a score that is computed anew tomorrow."""
    member = cast.members["县图书馆"].pk
    client = client_for(cast.secretary)
    assert client.post(url(draft, f"letters/{member}.docx")).status_code == 404
    assert not LogEntry.objects.filter(action="evaluations.assessment.download").exists()
