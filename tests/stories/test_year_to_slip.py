"""The year's beginning in a real browser: from two spreadsheets to an acknowledged slip, and nobody else sees it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import Browser, Page

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance, Appointment, Member
from alliances.services import accounts, sweeps
from rotation.models import Duty, Slip

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHEETS = Path(settings.BASE_DIR) / "alliances" / "seeds" / "jingyanhong"
COMMUNITY = "同心社区"
PASSWORD = "xiaoqu-Fuwu-2026"
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}


@pytest.fixture
def office_time() -> Iterator[Callable[[str], None]]:
    """Move the whole process (the server's threads too) to a time of the office."""

    def move(text: str) -> None:
        moment = datetime.fromisoformat(text).replace(tzinfo=clock.ZONE)
        ahead = moment - clock.machine_time()
        clock.use_shift(lambda: ahead)

    yield move
    clock.use_shift(None)


def of_community(name: str, column: int, header_row: int) -> bytes:
    """The county's sheet with the rows of one community only, as its secretary keeps it."""
    rows = list(openpyxl.load_workbook(SHEETS / name).active.iter_rows(values_only=True))
    kept = rows[:header_row] + [row for row in rows[header_row:] if row[column] == COMMUNITY]
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet, date_format = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(kept):
            for place, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(number, place, value, date_format)
                elif value is not None:
                    sheet.write(number, place, value)
    return target.getvalue()


def sign_in(browser: Browser, site: str, phone: str, size: dict[str, int]) -> Page:
    page = browser.new_context(viewport=size, locale="zh-CN").new_page()
    page.goto(f"{site}/accounts/login/")
    page.get_by_label("手机号").fill(phone)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(f"{site}/")
    return page


def import_sheet(page: Page, site: str, kind: str, name: str, content: bytes, rows: int) -> None:
    page.goto(f"{site}/imports/{kind}/")
    page.locator("input[type=file]").set_input_files(
        {
            "name": name,
            "mimeType": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            "buffer": content,
        }
    )
    year = page.locator("input[name=year]")
    if year.count():
        year.fill("2026")
    page.get_by_role("button", name="上传并预览").click()
    page.get_by_role("button", name=f"确认导入 {rows} 行").click()
    page.get_by_role("heading", name="导入结果").wait_for()


def account_of(role: str, **place: Any) -> str:
    """The holder of a post accepts an invitation; returns the login name."""
    person = Appointment.objects.current().get(role=role, **place).person
    accounts.accept(accounts.invite(person, actor=None), PASSWORD)
    return person.phone


def test_story_from_roster_to_acknowledged_slip(
    transactional_db: None, live_server: Any, browser: Browser, office_time: Callable[[str], None]
) -> None:
    site = live_server.url
    office_time("2025-12-22T09:00")
    call_command("import_sheet", "organisations", str(SHEETS / "组织架构.xlsx"))
    alliance = Alliance.objects.get(organisation__name=COMMUNITY)

    # The secretary imports roster and wishes ...
    secretary_phone = account_of(Role.SECRETARY, organisation=alliance.organisation)
    secretary = sign_in(browser, site, secretary_phone, DESKTOP)
    import_sheet(secretary, site, "members", "名册.xlsx", of_community("成员单位名册.xlsx", 3, 3), 10)
    wishes = of_community("轮值意愿征集表-2026.xlsx", 1, 3)
    import_sheet(secretary, site, "wishes", "意愿征集表-2026.xlsx", wishes, 10)

    # ... runs the planner ...
    secretary.goto(f"{site}/year/{alliance.code}/2026/")
    secretary.get_by_role("button", name="新建2026年度安排表").click()
    secretary.get_by_role("button", name="起草").first.click()
    secretary.get_by_text("12 个月全部落实").wait_for()

    # ... moves one month by keyboard alone ...
    first = Duty.objects.get(plan__alliance=alliance, month=11).chairs.get()
    secretary.locator(f"#unit-{first.member_id}-11").focus()
    secretary.keyboard.press("Enter")
    secretary.locator(f"#to-{first.member_id}-11").focus()
    secretary.keyboard.press("Home")
    secretary.locator(f"#to-{first.member_id}-11").select_option("12")
    secretary.keyboard.press("Tab")
    assert secretary.evaluate("document.activeElement.value") == "move"
    with secretary.expect_response("**/move/**"):
        secretary.keyboard.press("Enter")
    secretary.locator(f"#unit-{first.member_id}-12").wait_for()
    assert Duty.objects.get(plan__alliance=alliance, month=12).chairs.filter(member=first.member).exists()
    secretary.get_by_text("还有 1 个月没有安排").wait_for()

    # ... and back, because November must not stay empty; then it goes to the meeting and is passed.
    secretary.locator(f"#unit-{first.member_id}-12").focus()
    secretary.keyboard.press("Enter")
    secretary.locator(f"#to-{first.member_id}-12").select_option("11")
    secretary.locator(f"#to-{first.member_id}-12").focus()
    secretary.keyboard.press("Tab")
    with secretary.expect_response("**/move/**"):
        secretary.keyboard.press("Enter")
    secretary.locator(f"#unit-{first.member_id}-11").wait_for()
    secretary.goto(f"{site}/year/{alliance.code}/2026/")
    secretary.get_by_role("button", name="提交讨论").click()
    confirm = secretary.locator("dialog[open] button", has_text="提交讨论")
    if confirm.count():
        confirm.click()
    secretary.get_by_role("link", name="会议通过").click()
    secretary.locator("input[name=meeting]").fill("年度全体联席会")
    secretary.get_by_role("button", name="登记通过").click()
    secretary.locator("dialog[open] button", has_text="登记通过").click()
    secretary.get_by_text("年度全体联席会通过").wait_for()

    # The clock comes to January: the first working day of 2026 is Sunday 4 January, a make-up day.
    office_time("2026-01-04T09:00")
    for outcome in sweeps.run_all():
        assert not outcome.error, outcome
    slip = Slip.objects.get(alliance=alliance)
    chair = slip.receipts.first().member
    other = Member.objects.filter(alliance=alliance).exclude(receipts__slip=slip).first()

    # The chair's liaison finds it on a phone; looking signs nothing, one tap does.
    liaison_phone = account_of(Role.LIAISON, member=chair)
    liaison = sign_in(browser, site, liaison_phone, PHONE)
    liaison.get_by_role("link", name="查看并签收").first.click()
    liaison.wait_for_url(f"**/slips/{slip.pk}/")
    slip.refresh_from_db()
    assert slip.state == "issued"
    assert not liaison.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    for _ in range(slip.receipts.count()):
        if liaison.get_by_role("button", name="确认签收").count():
            liaison.get_by_role("button", name="确认签收").first.click()
            liaison.wait_for_load_state()
    assert slip.receipts.get(member=chair).signed_at is not None

    # The ledger shows it; another unit's liaison finds nothing there.
    secretary.goto(f"{site}/slips/")
    word = "已签收" if slip.receipts.count() == 1 else chair.unit.name
    assert word in secretary.locator("table").inner_text()
    assert slip.number in secretary.locator("table").inner_text()
    stranger = sign_in(browser, site, account_of(Role.LIAISON, member=other), PHONE)
    answer = stranger.goto(f"{site}/slips/{slip.pk}/")
    assert answer is not None
    assert answer.status == 404
