"""From a roster to an acknowledged slip, in a real browser, on an empty database.

The county is set up; the secretary of 同心社区 imports the county's own workbooks, has the year drafted, changes one
month by keyboard, takes the table to the meeting; the new year comes; the liaison of January's chair signs the slip on
a phone; the ledger shows it; a liaison of another unit is told that there is no such page.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, expect

from alliances.enums import Role
from alliances.models import Alliance, Appointment, LogEntry, Member, Message, User
from alliances.services import accounts
from rotation.models import DutyChair, Plan, Slip
from tests.stories.browsing import DESK, PHONE, OfficeClock, Person, nobody_was_disturbed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SEEDS = Path(__file__).resolve().parents[2] / "alliances" / "seeds" / "jingyanhong"
PASSWORD = "Tongxin-chun-2026"


class Newcomer(Person):
    """Somebody who has no account yet, or uploads workbooks."""

    def open_account(self, invitation: str) -> None:
        """Open the one-time link that came by WeChat, and choose a password."""
        link = re.search(r"/invite/[\w-]+/", invitation)
        assert link, invitation
        self.go(link[0])
        self.page.get_by_label("设一个登录密码").fill(PASSWORD)
        self.page.get_by_label("再输一遍").fill(PASSWORD)
        self.press("开通账号")
        self.page.wait_for_url(f"{self.site}/")

    def invitation(self) -> str:
        return self.page.locator("#invite-text").inner_text()

    def look_at(self, kind: str, file: str) -> None:
        """Upload a workbook and see what it would do."""
        self.go(f"/imports/{kind}/")
        self.page.locator("input[type=file]").set_input_files(SEEDS / file)
        self.press("上传并预览")
        self.page.wait_for_url(re.compile(r"/imports/drafts/\d+/"))
        self.sees("还没有写入")

    def import_file(self, kind: str, file: str) -> None:
        """Upload, look, commit; rows of other communities are skipped after a question."""
        self.look_at(kind, file)
        self.press(re.compile("确认导入|跳过"))
        if self.page.locator("dialog[open]").count():
            self.confirm("跳过并导入")
        self.sees("导入结果")


def appoint_administrator() -> None:
    """As README says: the tree by command, then the first administrator."""
    call_command("import_sheet", "organisations", SEEDS / "组织架构.xlsx", verbosity=0)
    User.objects.create_superuser("13800000000", PASSWORD, name="系统管理员")


def secretary_is_invited(administrator: Newcomer, secretary: Newcomer) -> Alliance:
    home = Alliance.objects.get(name__startswith="同心社区")
    post = Appointment.objects.get(organisation=home.organisation, role=Role.SECRETARY)
    administrator.log_in("13800000000", PASSWORD)
    administrator.look_at("organisations", "组织架构.xlsx")
    administrator.sees("没有需要导入的")
    administrator.go(f"/people/{post.person_id}/")
    administrator.press(re.compile("邀请"))
    secretary.open_account(administrator.invitation())
    return home


def chairs(plan: Plan) -> dict[int, set[int]]:
    table: dict[int, set[int]] = {}
    for month, member in DutyChair.objects.filter(duty__plan=plan).values_list("duty__month", "member_id"):
        table.setdefault(month, set()).add(member)
    return table


def move_by_keyboard(secretary: Newcomer, plan: Plan) -> tuple[int, int]:
    """Exchange two solo months without touching the mouse; returns the months."""
    solo = [d.month for d in plan.duties.order_by("month") if d.chairs.count() == 1]
    source, target = solo[3], solo[5]
    member = DutyChair.objects.get(duty__plan=plan, duty__month=source).member_id
    page = secretary.page
    page.locator(f"#unit-{member}-{source}").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(f"#to-{member}-{source}")).to_be_focused()
    months = page.locator(f"#to-{member}-{source} option").evaluate_all("rows => rows.map(row => row.value)")
    for _ in range(months.index(str(target))):
        page.keyboard.press("ArrowDown")
    expect(page.locator(f"#to-{member}-{source}")).to_have_value(str(target))
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("与该月的单位对换")
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_contain_text(f"{source}月与{target}月已对换")
    return source, target


def pass_the_year(secretary: Newcomer, plan: Plan) -> None:
    page = secretary.page
    secretary.press("提交讨论")
    if page.locator("dialog[open]").count():
        secretary.confirm("提交讨论")
    secretary.sees("讨论稿")
    page.get_by_role("link", name="会议通过").click()
    page.get_by_label(re.compile("在哪次会议上通过")).fill("2026年度全体成员单位联席会")
    secretary.press("登记通过")
    secretary.confirm("登记通过")
    secretary.sees("2026年度全体成员单位联席会通过")
    plan.refresh_from_db()
    assert plan.state == "passed"


def other_liaison_of(home: Alliance, slip: Slip) -> User:
    """An account for the liaison of a unit that is not on duty."""
    chairing = slip.receipts.values_list("member_id", flat=True)
    post = (
        Appointment.objects.current()
        .filter(member__alliance=home, role=Role.LIAISON)
        .exclude(member__in=chairing)
        .exclude(person__phone="")
        .exclude(person__appointments__member__in=chairing)
        .first()
    )
    assert post
    return accounts.accept(accounts.invite(post.person, actor=None), PASSWORD)


def test_from_a_roster_to_an_acknowledged_slip(
    transactional_db: None, live_server: Any, browser: Browser, calendar: OfficeClock
) -> None:
    calendar.to("2025-12-22T09:30")
    appoint_administrator()
    administrator, secretary = (Newcomer(browser, live_server.url, DESK) for _ in range(2))
    home = secretary_is_invited(administrator, secretary)

    secretary.import_file("members", "成员单位名册.xlsx")
    secretary.import_file("plan", "年度轮值主席安排表-2025.xlsx")
    secretary.import_file("wishes", "轮值意愿征集表-2026.xlsx")
    assert set(Member.objects.values_list("alliance__name", flat=True)) == {home.name}

    secretary.go(f"/year/{home.code}/2026/")
    secretary.press("新建2026年度安排表")
    secretary.press("起草全年安排")
    expect(secretary.page.locator("body")).to_contain_text("12 个月全部落实")
    plan = Plan.objects.get(alliance=home, year=2026)
    before = chairs(plan)
    assert sorted(before) == list(range(1, 13))

    source, target = move_by_keyboard(secretary, plan)
    after = chairs(plan)
    assert (after[source], after[target]) == (before[target], before[source])

    calendar.to("2025-12-30T15:00")
    pass_the_year(secretary, plan)
    calendar.tick()
    assert not Slip.objects.exists()

    # January's chair is invited, then the first working morning comes.
    january = plan.duties.get(month=1).chairs.order_by("order").first().member
    secretary.go(f"/members/{january.pk}/")
    secretary.press(re.compile("邀请"))
    liaison = Newcomer(browser, live_server.url, PHONE)
    liaison.open_account(secretary.invitation())
    calendar.to("2026-01-04T08:31")
    calendar.tick()
    slip = Slip.objects.get(alliance=home)
    assert slip.number.endswith("〔2026〕1号")

    liaison.go("/")
    liaison.fits()
    liaison.sees("签收1月轮值主席提醒单")
    liaison.page.get_by_role("link", name="查看并签收").first.click()
    liaison.page.wait_for_url(f"{live_server.url}/slips/{slip.pk}/")
    liaison.fits()
    assert Slip.objects.get(pk=slip.pk).state == "issued"  # looking is not signing
    liaison.press(re.compile("确认签收"))
    liaison.sees("已签收")
    slip.refresh_from_db()
    assert slip.receipts.get(member=january).via == "screen"

    secretary.go("/slips/")
    secretary.sees(slip.number)
    row = secretary.page.get_by_role("row", name=re.compile(re.escape(slip.number)))
    expect(row).to_contain_text("已签收" if slip.state == "acknowledged" else "待签收")

    stranger = Newcomer(browser, live_server.url, PHONE)
    stranger.log_in(other_liaison_of(home, slip).phone, PASSWORD)
    assert stranger.go(f"/slips/{slip.pk}/") == 404
    assert stranger.go(f"/slips/{slip.pk}/paper.pdf") == 404

    signed = LogEntry.objects.filter(action="rotation.slip.sign")
    assert [row.actor.person.name for row in signed] == [slip.receipts.get(member=january).signer_name]
    assert not Message.objects.filter(state="failed").exists()
    nobody_was_disturbed(administrator, secretary, liaison)
