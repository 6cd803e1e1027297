"""What people do in the course of a month, step by step, as they would find it from their desk."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from playwright.sync_api import Browser, expect

from alliances import clock
from evaluations.models import Round, UnitMark
from rotation.models import Activity, Duty, Meeting, Slip
from tests.stories.browsing import PHONE, OfficeClock, Person

RESIDENTS = 10


def day_at(day: date | datetime, hour: str) -> str:
    """ISO text of ``hour`` on ``day``, as the office reads it."""
    day = clock.local(day).date() if isinstance(day, datetime) else day
    return f"{day.isoformat()}T{hour}"


def sign(person: Person) -> None:
    person.go("/")
    person.follow("查看并签收")
    person.press(re.compile("确认签收"))
    person.sees("已签收")
    person.fits()


def seminar(duty: Duty) -> Meeting:
    return Meeting.objects.exclude(state="cancelled").get(duty=duty)


def open_notice(person: Person) -> None:
    """From the desk to the form."""
    person.go("/")
    person.follow(re.compile("^写通知单"))
    person.page.wait_for_url(re.compile(r"/meetings/\d+/"))
    if "/write/" not in person.page.url:
        person.follow("写通知单")


def send_notice(person: Person, duty: Duty, place: str) -> Meeting:
    """The form is filled; the place is all that can be missing."""
    person.fits()
    box = person.page.get_by_label("会议地点")
    if not box.input_value():
        box.fill(place)
    person.press("发出通知单")
    person.confirm("发出")
    person.sees("已通知")
    meeting = seminar(duty)
    assert meeting.number
    assert meeting.paper_hash
    return meeting


def reply(person: Person, *, leave: str = "", opinion: str = "") -> None:
    """Comes as the form says, or leaves with a reason; with an opinion from the residents, or none."""
    person.go("/")
    person.follow(re.compile("^回复"))
    person.page.wait_for_url(re.compile(r"/meetings/\d+/"))
    if "/reply/" not in person.page.url:
        person.follow(re.compile("^回复"))
    person.fits()
    if leave:
        person.page.get_by_label("请假", exact=True).check()
        person.page.get_by_label("请假事由").fill(leave)
    if opinion:
        person.page.get_by_label(re.compile("^意见建议 1")).fill(opinion)
    person.press("提交回复")
    person.sees("本单位回复")


def hold(person: Person, meeting: Meeting, *, from_desk: bool = True) -> None:
    """Who said that they come is ticked already."""
    if from_desk:
        person.go("/")
        person.follow(re.compile("^登记到会"))
        person.page.wait_for_url(re.compile(r"/meetings/\d+/"))
    if "/hold/" not in person.page.url:
        person.follow("登记到会")
    person.fits()
    person.press("登记到会")
    person.sees("已召开")
    meeting.refresh_from_db()
    assert meeting.state == "held"


def write_minutes(person: Person, meeting: Meeting, summary: str, *, task: str, unit: str) -> None:
    person.go(f"/meetings/{meeting.pk}/minutes/write/")
    person.fits()
    person.page.get_by_label(re.compile("^议定的内容")).fill(summary)
    person.page.get_by_label(re.compile("^事项 1")).fill(task)
    person.page.get_by_label("责任单位").first.select_option(label=unit)
    person.press("形成纪要")
    person.confirm("形成纪要")
    person.sees("已形成纪要")


def choose_kind(person: Person) -> None:
    """Voluntary service, unless a kind is proposed."""
    kinds = person.page.locator("input[name=kind]")
    if not kinds.evaluate_all("boxes => boxes.some(box => box.checked)"):
        kinds.nth(1).check()


def plan_activity(person: Person, duty: Duty) -> Activity:
    """Kind, name, day and place as proposed."""
    person.go("/")
    person.follow(re.compile("^安排活动"))
    person.page.wait_for_url(re.compile(r"/activities/new/"))
    person.fits()
    title = person.page.get_by_label("活动名称")
    if not title.input_value():
        title.fill(f"{duty.month}月共建活动")
    choose_kind(person)
    person.press("安排活动")
    person.page.wait_for_url(re.compile(r"/activities/\d+/"))
    return Activity.objects.get(duty=duty)


def join(person: Person) -> None:
    """One tap."""
    person.go("/")
    person.follow(re.compile("是否参加"))
    person.page.wait_for_url(re.compile(r"/activities/\d+/"))
    person.fits()
    person.press(re.compile("^参加"))
    person.sees("谢谢")


def record_joining(staff: Person, activity: Activity, unit: str) -> None:
    """A unit said on the telephone that it comes."""
    staff.go(f"/activities/{activity.pk}/unit/")
    staff.page.get_by_label("单位", exact=True).select_option(label=unit)
    staff.page.get_by_label("电话答复").check()
    staff.press("记为参加")
    staff.sees(f"已记下{unit}参加")


def record_ballot(staff: Person, mark: UnitMark, word: str) -> None:
    """A unit told its ballot by telephone."""
    assert staff.go(f"/rounds/ballots/{mark.pk}/record/") == 200
    staff.page.get_by_label(re.compile("^评议人")).fill("王联络员")
    staff.page.get_by_label(re.compile("电话")).first.check()
    for item in staff.page.locator("fieldset.ballot-item").all():
        item.get_by_label(re.compile(f"^{word}")).check()
    staff.press("记下这张票")
    staff.sees("已记下")


def record_activity(person: Person, activity: Activity, *, beneficiaries: int, summary: str) -> None:
    person.go("/")
    person.follow(re.compile("^登记举办"))
    person.page.wait_for_url(re.compile(r"/activities/\d+/"))
    person.press("登记举办")
    person.page.wait_for_url(re.compile(r"/record/"))
    person.fits()
    person.page.get_by_label(re.compile("^受益人数")).fill(str(beneficiaries))
    person.page.get_by_label(re.compile("^活动情况")).fill(summary)
    person.press(re.compile("完成"))
    person.sees("已记录")
    activity.refresh_from_db()
    assert activity.state == "recorded"


def tap_ballot(person: Person, word: str = "好") -> None:
    """The same word for every item of the page in front of the person."""
    for item in person.page.locator("fieldset.ballot-item").all():
        item.get_by_label(re.compile(f"^{word}")).check()
    person.press("提交评议")


def score(person: Person, word: str = "好") -> None:
    person.go("/")
    person.follow(re.compile("^去评议"))
    person.page.wait_for_url(re.compile(r"/rounds/ballots/\d+/"))
    person.fits()
    tap_ballot(person, word)
    person.sees(re.compile("谢谢|已收到|已评"))


def residents_score(browser: Browser, site: str, round: Round, word: str) -> list[Person]:
    """Ten residents scan the QR at the venue; each phone draws a code of its own."""
    residents = []
    for _ in range(RESIDENTS):
        resident = Person(browser, site, PHONE)
        assert resident.go(f"/b/at/{round.venue_token}/") == 200
        resident.press("开始评议")
        resident.page.wait_for_url(re.compile(r"/b/[^/]+/$"))
        resident.fits()
        tap_ballot(resident, word)
        expect(resident.page.locator("main")).to_contain_text("评议已收到")
        resident.page.context.close()
        residents.append(resident)
    return residents


def write_feedback(person: Person, good: str, mend: str) -> None:
    person.go("/")
    person.follow(re.compile("^去写"))
    person.page.wait_for_url(re.compile(r"/feedback/\d+/"))
    person.fits()
    person.page.get_by_label(re.compile("^做得好的")).fill(good)
    person.page.get_by_label(re.compile("^需要改进的")).fill(mend)
    person.press(re.compile("^保存"))
    person.sees("还没有通报")
    person.press(re.compile("^通报"))
    if person.page.locator("dialog[open]").count():
        person.page.locator("dialog[open]").get_by_role("button", name=re.compile("通报")).click()
    person.sees("已通报")


def write_comment(person: Person, text: str) -> None:
    person.go("/")
    person.page.get_by_role("link", name=re.compile("轮值工作点评")).first.click()
    person.page.wait_for_url(re.compile(r"/comment/"))
    person.page.get_by_label(re.compile("^点评")).fill(text)
    person.press(re.compile("^保存"))
    person.sees("点评已保存")


# --- the same, written down by the community from paper -------------------------------------------------------------


def record_receipts(staff: Person, slip: Slip) -> None:
    for receipt in slip.receipts.order_by("order"):
        staff.go(f"/slips/{slip.pk}/record/?receipt={receipt.pk}")
        signer = staff.page.get_by_label("签收人")
        if not signer.input_value():
            signer.fill("值班人员")
        staff.page.get_by_label("纸质回执").check()
        staff.press("记为已签收")
        staff.sees(re.compile("签收（纸质"))


def record_notice(staff: Person, duty: Duty, on: date) -> Meeting:
    """The unit had written and delivered it itself on ``on``."""
    staff.go(f"/meetings/{seminar(duty).pk}/write/")
    box = staff.page.get_by_label("会议地点")
    if not box.input_value():
        box.fill("同心社区二楼会议室")
    staff.page.get_by_text("已经用纸质或电话通知过").click()
    staff.page.get_by_label(re.compile("已用纸质通知单发出")).check()
    staff.page.get_by_label(re.compile("^实际发出日期")).fill(on.isoformat())
    staff.press("发出通知单")
    staff.confirm("发出")
    staff.sees("已通知")
    meeting = seminar(duty)
    assert meeting.noticed_via == "paper"
    return meeting


def record_reply(staff: Person, meeting: Meeting, unit: str, *, opinion: str = "") -> None:
    row = meeting.replies.get(member__unit__name=unit)
    staff.go(f"/meetings/{meeting.pk}/replies/{row.pk}/record/")
    staff.page.get_by_label("纸质回执").check()
    who = staff.page.get_by_label("参会人")
    if not who.input_value():
        who.fill("值班人员")
    if opinion:
        staff.page.get_by_label(re.compile("^意见建议 1")).fill(opinion)
    staff.press("记下回执")
    row.refresh_from_db()
    assert (row.state, row.via) == ("attending", "paper")


def record_activity_afterwards(staff: Person, duty: Duty, on: date, heads: dict[str, int]) -> Activity:
    """Planned, held and recorded in one go, from the unit's own sheet."""
    staff.go(f"/activities/new/?duty={duty.pk}")
    choose_kind(staff)
    staff.page.get_by_label(re.compile("^计划日期")).fill(on.isoformat())
    staff.press("安排活动")
    staff.page.wait_for_url(re.compile(r"/record/"))
    staff.page.get_by_label("单位的纸质记录").check()
    staff.page.get_by_label(re.compile("^受益人数")).fill("80")
    staff.page.locator("main form details > summary").click()
    for unit, number in heads.items():
        staff.page.get_by_label(re.compile(f"^{unit}")).fill(str(number))
    staff.press("完成记录")
    staff.sees("已记录")
    return Activity.objects.get(duty=duty)


def type_sheets(staff: Person, round: Round, sheets: list[list[int]], *, handed_out: int) -> None:
    """A pile of residents' paper ballots: one row a sheet, points item by item; the last was spoilt."""
    staff.go(f"/rounds/{round.pk}/paper/")
    staff.page.get_by_label("共发放").fill(str(handed_out))
    staff.page.get_by_label("这一批作废").fill("1")
    for number, points in enumerate(sheets, 1):
        row = staff.page.locator("table.sheets tbody tr").nth(number - 1)
        for box, value in zip(row.locator("input[inputmode=numeric]").all(), points, strict=False):
            box.fill(str(value))
    staff.press("保存，录下一批")
    staff.sees(f"有评分 {len(sheets)} 张、作废 1 张")


def settle(staff: Person, round: Round) -> None:
    staff.go(f"/rounds/{round.pk}/paper/")
    staff.press("纸质票已录完，出结果")
    staff.confirm("出结果")
    staff.sees("已出结果")
    round.refresh_from_db()
    assert round.state == "settled"


# --- the clock ------------------------------------------------------------------------------------------------------


def to_closing(calendar: OfficeClock, round: Round) -> None:
    calendar.tick(day_at(round.closes_on + timedelta(days=1), "08:40"))
    round.refresh_from_db()
    assert round.state == "closed"


def to_results(calendar: OfficeClock, round: Round) -> None:
    """The clock goes on until the round has its figures."""
    round.refresh_from_db()
    day = round.closes_on
    for _ in range(10):
        day += timedelta(days=1)
        calendar.tick(day_at(day, "08:40"))
        round.refresh_from_db()
        if round.state == "settled":
            return
    raise AssertionError(f"round {round} has not been settled by {day}")
