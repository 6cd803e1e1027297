"""The quarter: drafted overnight, written and filed by the secretary, returned once and received by the street, read by a
unit on a phone, taken away whole by the street."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import Browser, expect

from alliances.models import User
from evaluations.models import Assessment, AssessmentLine
from tests import cast as cast_module
from tests.cast import Cast
from tests.conftest import client_of
from tests.evaluations import reports
from tests.stories.browsing import DESK, PHONE, OfficeClock, Person, nobody_was_disturbed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RETURNED = "存在问题写得太简单，请写清是哪几项。"


@dataclass
class Town:
    """The cast in front of its browsers, after a first quarter with something in every part."""

    cast: Cast
    browser: Browser
    site: str
    calendar: OfficeClock

    def person(self, user: User, viewport: dict[str, int] = DESK) -> Person:
        return Person(self.browser, self.site, viewport, client_of(user))


@pytest.fixture
def town(transactional_db: None, live_server: Any, browser: Browser, calendar: OfficeClock) -> Town:
    calendar.to("2026-03-30T09:00")
    cast = cast_module.build()
    reports.quarter(cast)
    return Town(cast, browser, live_server.url, calendar)


def write(secretary: Person, problems: str, next_steps: str) -> None:
    secretary.page.get_by_label("五、存在问题").fill(problems)
    secretary.page.get_by_label("六、下步打算").fill(next_steps)
    secretary.press("保存文字")
    secretary.sees("文字已保存，还没有报送")


def adjust(secretary: Person, member: int, points: str, reason: str) -> None:
    """In the fold under the unit's own result."""
    unit = secretary.page.locator(f"#unit-{member}")
    unit.locator("summary").click()
    unit.get_by_label(re.compile("^加减分")).fill(points)
    unit.get_by_label(re.compile("^理由")).fill(reason)
    unit.get_by_role("button", name="保存加减分").click()
    expect(secretary.page.locator(f"#unit-{member}")).to_contain_text(reason)


def file(secretary: Person) -> None:
    """Looks at the paper first; one question."""
    secretary.follow("看报告样式、报送")
    expect(secretary.page.locator(".paper")).to_contain_text("专项考核评议情况的报告")
    secretary.press("报送城关街道")
    secretary.confirm("报送")
    secretary.sees("报告已报送，内容已固定")


def send_back(street: Person) -> None:
    street.go("/")
    street.follow("去审阅")
    street.sees("接收或退回")
    street.page.get_by_text("退回修改").click()
    street.page.get_by_label("退回原因").fill(RETURNED)
    street.page.get_by_role("button", name="退回", exact=True).click()
    street.sees("已退回，社区会收到退回原因")


def receive(street: Person) -> None:
    street.go("/")
    street.follow("去审阅")
    street.sees("第 2 版")
    street.press("接收")
    street.confirm("接收")
    street.sees("已接收，社区和各单位会收到消息")


def download_all(street: Person, calendar: OfficeClock, number: str) -> None:
    """Every report of the street's quarter in one file, which the worker makes."""
    street.go("/assessments/office/?quarter=2026-1")
    street.sees("已接收")
    street.press("打包下载")
    street.page.wait_for_url(re.compile(r"/exports/jobs/\d+/"))
    calendar.tick()
    street.page.reload()
    with street.page.expect_download() as waiting:
        street.page.get_by_role("button", name="下载", exact=True).click()
    with ZipFile(waiting.value.path()) as archive:
        names = archive.namelist()
        contents = archive.read(next(name for name in names if name.endswith("目录.txt"))).decode()
    assert number in contents
    assert {".docx", ".pdf", ".xlsx"} <= {Path(name).suffix for name in names if "同心社区" in name}, names


def read_own(liaison: Person, line: AssessmentLine, mean: str, others: list[str]) -> None:
    """The own line and the mean, nobody else's."""
    liaison.go("/")
    liaison.page.get_by_role("listitem").filter(has_text="第一季度考核评议结果").get_by_role(
        "link"
    ).last.click()
    liaison.page.wait_for_url(re.compile("/assessments/own/"))
    liaison.sees(f"{line.score} 分")
    liaison.sees(f"联盟平均 {mean} 分")
    liaison.sees("多次带头认领")
    words = liaison.page.locator("main").inner_text()
    assert not [name for name in others if name in words]
    liaison.fits()
    assert liaison.go(f"/assessments/{line.assessment_id}/") == 404


def test_a_quarter(town: Town) -> None:
    cast, calendar = town.cast, town.calendar
    secretary, street = town.person(cast.secretary), town.person(cast.street)
    liaison = town.person(cast.liaison, PHONE)
    member = cast.members["县图书馆"].pk
    secretary.go("/assessments/")
    secretary.sees("4月1日自动起草，4月8日前报送")
    assert not Assessment.objects.exists()

    calendar.tick("2026-04-01T00:05")
    draft = reports.of(cast)
    calendar.tick("2026-04-01T09:00")
    secretary.go("/")
    secretary.page.get_by_role("listitem").filter(has_text="撰写2026年第一季度").get_by_role(
        "link"
    ).last.click()
    secretary.sees("可供参考的事实")
    assert street.go(f"/assessments/{draft.pk}/") == 404  # a draft is the community's own
    write(secretary, "个别单位响应不够及时。", "加强督促，完善机制。")
    adjust(secretary, member, "2", "多次带头认领")
    secretary.fits()
    file(secretary)

    calendar.tick("2026-04-02T10:00")
    send_back(street)
    secretary.go("/")
    secretary.sees(RETURNED)
    secretary.follow("去修改")
    secretary.press("写第 2 版")
    secretary.sees("第 2 版已建好")
    write(secretary, "三月有1家单位未按时完成认领项目，1家单位未参加研讨会。", "加强督促，完善机制。")
    calendar.tick("2026-04-03T10:00")
    file(secretary)
    first, second = reports.of(cast), reports.of(cast, revision=2)
    assert (first.state, second.state) == ("superseded", "filed")
    assert second.replaces == first

    calendar.tick("2026-04-07T09:00")
    receive(street)
    line = reports.line(second, "县图书馆")
    others = [name for name in cast.members if name != "县图书馆"]
    read_own(liaison, line, str(second.figures["assessment"]["mean"]), others)

    reports.in_time(cast, "县实验小学")  # somebody enters March's service afterwards
    secretary.go(f"/assessments/{second.pk}/")
    secretary.sees("更正提示")
    assert reports.of(cast, revision=2).figures_hash == second.figures_hash
    download_all(street, calendar, second.number)
    # The liaison's only noise is the report that is not there for a unit; the street's, the draft.
    assert all("404" in words for words in [*liaison.noise, *street.noise])
    nobody_was_disturbed(secretary)
