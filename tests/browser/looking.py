"""Looking at a page as a browser sees it: axe, sideways scroll, strict policy, quiet console."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page

RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}}
WIDTHS = (360, 1280)


class Window:
    """A page in a window of some width, logged in as ``client`` is."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.site = page, site
        self.noise: list[str] = []
        page.on("console", lambda line: self.noise.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.noise.append(str(error)))

    def faults(self, path: str) -> list[str]:
        """What is wrong with the page at ``path``, each as a sentence."""
        self.noise.clear()
        found = [f"{path}: {fault}" for fault in _faults(self.page, self.site + path)]
        return found + [f"{path}: console {line[:120]}" for line in self.noise]


@contextmanager
def window(browser: Browser, client: Client, site: str, width: int, **cookies: str) -> Iterator[Window]:
    """``cookies`` are set beside the session's."""
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN")
    if session := client.cookies.get(settings.SESSION_COOKIE_NAME):
        cookies[settings.SESSION_COOKIE_NAME] = session.value
    context.add_cookies([{"name": key, "value": value, "url": site} for key, value in cookies.items()])
    yield Window(context.new_page(), site)
    context.close()


def _faults(page: Page, url: str) -> list[str]:
    answer = page.goto(url, wait_until="load")
    assert answer is not None
    if answer.status != 200:
        return [f"answered {answer.status}"]
    found = []
    policy = answer.headers.get("content-security-policy", "")
    if "'unsafe" in policy or "script-src 'self'" not in policy:
        found.append(f"policy {policy!r}")
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        found.append("scrolls sideways")
    for violation in Axe().run(page, options=RULES).response["violations"]:
        where = "; ".join(node["html"][:100] for node in violation["nodes"][:3])
        found.append(f"axe {violation['id']}: {where}")
    return found
