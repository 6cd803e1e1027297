"""What stories share: the office's calendar, people in front of browsers of their own, what they had to type."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from alliances import clock

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 860}

# Reports every form that is sent: how many of its fields were typed into, and how many choices were changed, against
# what the server had filled in.
COUNTER = """
addEventListener("submit", event => {
  const form = event.target;
  if (event.defaultPrevented) return;
  if ((form.getAttribute("method") || "get").toLowerCase() !== "post") return;
  let typed = 0, chosen = 0;
  for (const field of form.elements) {
    if (!field.name || field.type === "hidden" || field.type === "submit") continue;
    if (field.type === "radio" || field.type === "checkbox") {
      if (field.type === "radio" ? field.checked && !field.defaultChecked : field.checked !== field.defaultChecked) chosen++;
    } else if (field.tagName === "SELECT") {
      const served = [...field.options].filter(row => row.defaultSelected).map(row => row.value).join();
      const first = field.options.length ? field.options[0].value : "";
      if (field.value !== (served || first)) chosen++;
    } else if (field.type === "file") {
      chosen += field.files.length;
    } else if (field.value !== field.defaultValue) typed++;
  }
  window.noteSubmit(form.getAttribute("action") || location.pathname, typed, chosen);
});
"""


class OfficeClock:
    """The calendar of the server's threads: set to a moment, it runs on from there."""

    def to(self, moment: str) -> None:
        shift = datetime.fromisoformat(moment).replace(tzinfo=clock.ZONE) - clock.machine_time()
        clock.use_shift(lambda: shift)

    def tick(self, moment: str = "") -> None:
        """Do what is due by now; with ``moment``, go there first."""
        if moment:
            self.to(moment)
        call_command("tick", verbosity=0)


@dataclass(frozen=True)
class Sent:
    """A form that was sent: where to, fields typed, choices changed."""

    path: str
    typed: int
    chosen: int


class Person:
    """Somebody in front of a browser of their own."""

    def __init__(
        self, browser: Browser, site: str, viewport: dict[str, int], client: Client | None = None
    ) -> None:
        """With ``client``, its session: somebody who has logged in before."""
        self.site = site
        context = browser.new_context(viewport=viewport, locale="zh-CN", timezone_id="Asia/Shanghai")
        if client is not None and (session := client.cookies.get(settings.SESSION_COOKIE_NAME)):
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session.value, "url": site}])
        context.add_init_script(COUNTER)
        self.sent: list[Sent] = []
        context.expose_function("noteSubmit", lambda *form: self.sent.append(Sent(*form)))
        self.page: Page = context.new_page()
        self.noise: list[str] = []
        self.page.on("pageerror", lambda error: self.noise.append(str(error)))
        self.page.on("console", lambda line: self.noise.append(line.text) if line.type == "error" else None)

    def go(self, path: str) -> int:
        answer = self.page.goto(f"{self.site}{path}", wait_until="load")
        assert answer
        return answer.status

    def press(self, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role("button", name=name).first.click()

    def follow(self, name: str | re.Pattern[str]) -> None:
        with self.page.expect_navigation(wait_until="load"):
            self.page.get_by_role("link", name=name).first.click()

    def confirm(self, name: str) -> None:
        """The one question before a step that cannot be undone."""
        self.page.locator("dialog[open]").get_by_role("button", name=name).click()

    def sees(self, words: str | re.Pattern[str]) -> None:
        expect(self.page.locator("main")).to_contain_text(words)

    def fits(self) -> None:
        root = self.page.locator("html")  # waited for: a page that has only just been asked for has none yet
        assert root.evaluate("root => root.scrollWidth <= root.clientWidth"), self.page.url

    def log_in(self, login: str, password: str) -> None:
        self.go("/accounts/login/")
        self.page.get_by_label("手机号").fill(login)
        self.page.get_by_label("密码", exact=True).fill(password)
        self.press("登录")
        self.page.wait_for_url(f"{self.site}/")

    @property
    def typed(self) -> int:
        return sum(form.typed for form in self.sent)

    @property
    def burden(self) -> Counter[str]:
        """Typed fields by form, for the failure's message and the test's print."""
        told: Counter[str] = Counter()
        for form in self.sent:
            told[re.sub(r"\d+", "…", form.path)] += form.typed
        return told


def nobody_was_disturbed(*people: Any) -> None:
    """No page of these people has complained to the console."""
    for person in people:
        assert not person.noise, person.noise
