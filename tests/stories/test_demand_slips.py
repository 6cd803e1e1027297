"""A stack of opinion-box slips typed on the keyboard alone: ten slips, every key counted beside the words themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from demands.models import Author, Demand
from tests import cast as cast_module
from tests.conftest import client_of
from tests.stories.browsing import DESK, OfficeClock, Person, nobody_was_disturbed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATIENCE = 20_000  # milliseconds for a saved slip: the machine may be busy with other tests
MOST_KEYS = 40  # beside the content, by what the design promises


@dataclass(frozen=True)
class Slip:
    """What stands on one slip. ``category`` is its short code, empty when it is that of the slip before; a person's
    ``name`` is typed by its sounds and a space, as an input method wants it."""

    content: str
    category: str = ""
    more_urgent: int = 0  # steps on from the slip before; the third is the first again
    name: str = ""
    sounds: str = ""
    phone: str = ""
    like_another: bool = False


SLIPS = (
    Slip("三号楼后面夜里烧烤摊太吵，孩子睡不着", "F1"),
    Slip("小区北门垃圾桶满了没人清", "F2"),
    Slip("五号楼前花坛枯了半年", "F3", name="李梅", sounds="limei", phone="13900001111"),
    Slip("想学用手机挂号", "G3"),
    Slip(
        "老人一个人住，想请人常来看看",
        "A2",
        more_urgent=2,
        name="方小超",
        sounds="fangxiaochao",
        phone="13800003449",
    ),
    Slip("二单元楼道堆满纸箱，怕着火", "F6", more_urgent=1),
    Slip("西门路灯坏了两盏，晚上看不见", "D6"),
    Slip("西门路灯坏了，晚上看不见路", like_another=True),
    Slip("充电桩不够用，电动车拉线充电", "E3"),
    Slip("希望周末放一场露天电影", "C1", name="王三", sounds="wangsan"),
)


class Keyboard:
    """Ten fingers: counts every key that goes down, Tab, Enter and Shift too; the slip's own words are not counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def press(self, keys: str, times: int = 1) -> None:
        for _ in range(times):
            self.page.keyboard.press(keys)
            self.pressed += len(keys.split("+"))

    def type(self, letters: str) -> None:
        for letter in letters:
            self.press(letter)

    def say(self, words: str, sounds: str) -> None:
        """Through an input method: a key a letter of the sounds and one to choose the word."""
        self.page.keyboard.insert_text(words)
        self.pressed += len(sounds) + 1

    def copy_out(self, words: str) -> None:
        """The content of the slip."""
        self.page.keyboard.insert_text(words)

    @property
    def at(self) -> str:
        """Where the cursor stands: the field's name, or the button's words."""
        found = "document.activeElement.name || document.activeElement.textContent.trim()"
        return str(self.page.evaluate(found))

    def go_to(self, name: str, by: str = "Tab") -> None:
        for _ in range(20):
            if self.at == name:
                return
            self.press(by)
        raise AssertionError(f"{name} is not reached by {by}")


@pytest.fixture
def clerk(transactional_db: None, live_server: Any, browser: Browser, calendar: OfficeClock) -> Person:
    calendar.to("2026-03-02T09:00")
    cast = cast_module.build()
    return Person(browser, live_server.url, DESK, client_of(cast.staff))


def test_ten_slips_of_the_opinion_box(clerk: Person) -> None:
    clerk.go("/demands/new/")
    keys, counted, codes = Keyboard(clerk.page), [], []
    for number, slip in enumerate(SLIPS, 1):
        before = keys.pressed
        if number == 1:
            assert keys.at == "source"
            keys.press("ArrowDown", 8)  # 意见箱
            keys.go_to("station")
            keys.press("ArrowDown")
        assert number == 1 or keys.at == "content", number
        _fill(keys, slip)
        _save(clerk, keys, slip, number)
        codes.append(clerk.page.locator("#given-code").inner_text())
        counted.append(keys.pressed - before)
    assert max(counted) <= MOST_KEYS, counted
    rows = list(Demand.objects.order_by("pk").select_related("category", "station"))
    assert [row.content for row in rows] == [slip.content for slip in SLIPS]
    assert {row.source for row in rows} == {"opinion_box"} and len(set(codes)) == 10
    assert {row.station.name for row in rows if row.station} == {"清风小区服务站"}
    assert [row.category.name for row in rows[:4]] == ["噪声", "环境卫生", "绿化养护", "老年教育"]
    assert rows[7].category == rows[6].category and rows[7].state == "submitted"
    assert [row.urgency for row in rows[3:6]] == ["normal", "urgent", "normal"]
    assert sorted(a.name for a in Author.objects.all() if a.name) == ["方小超", "李梅", "王三"]
    nobody_was_disturbed(clerk)
    print("keys beside the content:", counted)


def _fill(keys: Keyboard, slip: Slip) -> None:
    """From wherever the cursor stands; on from the content to the button."""
    if slip.more_urgent:
        keys.go_to("urgency", "Shift+Tab")
        keys.press("ArrowDown", slip.more_urgent)
    if slip.category:
        keys.go_to("category", "Shift+Tab" if keys.at == "content" else "Tab")
        keys.type(slip.category)
    keys.go_to("content")
    keys.copy_out(slip.content)
    if slip.name:
        keys.go_to("name")
        keys.say(slip.name, slip.sounds)
        keys.go_to("phone")
        keys.type(slip.phone)
        keys.go_to("has_consented")
        keys.press("Space")


def _save(clerk: Person, keys: Keyboard, slip: Slip, number: int) -> None:
    if keys.at == "content":
        keys.go_to("保存，录下一张")
    keys.press("Enter")  # in a field of the person's Enter saves just so
    main = clerk.page.locator("main")
    if slip.like_another:
        expect(main).to_contain_text("仍然登记", timeout=PATIENCE)
        assert keys.at == "into"
        keys.press("Enter")
    expect(main).to_contain_text(f"今天第 {number} 件", timeout=PATIENCE)
    clerk.fits()
