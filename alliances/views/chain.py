"""The month's chain as pages draw it: numbered steps with marks, words and days left (``templates/alliances/_chain.html``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from alliances import clock
from alliances.calendars import WorkingDays
from alliances.registry import ChainStep, MonthView, month_parts
from alliances.selectors.settings import working_days

_WORDS = {"done": "已完成", "now": "正在进行", "late": "已过期", "ahead": "还没到"}
OPEN = ("now", "late")


@dataclass(frozen=True)
class DrawnStep:
    """One step of the chain as the page draws it. ``is_next``: of all open steps the one to look at first."""

    step: ChainStep
    mark: str
    css: str
    word: str
    detail: str
    day: str
    when: str
    tone: str
    is_next: bool


def drawn_month(view: MonthView) -> tuple[str, list[DrawnStep]]:
    """Chair units in words and the month's steps, numbered through; days left are working days of the alliance."""
    parts = month_parts(view)
    chairs = next((part.chairs for part in parts if part.chairs), "")
    steps = [step for part in parts for step in part.steps]
    waits = any(step.due and step.state in OPEN for step in steps)
    return chairs, drawn(steps, working_days(view.alliance.organisation) if waits else WorkingDays())


def drawn(steps: list[ChainStep], days: WorkingDays) -> list[DrawnStep]:
    """The steps with marks and words, as of today."""
    today = clock.today()
    # What is late comes before what has merely begun.
    order = sorted(steps, key=lambda step: OPEN[::-1].index(step.state) if step.state in OPEN else len(OPEN))
    first = order[0] if order and order[0].state in OPEN else None
    return [_draw(step, number, today, days, step is first) for number, step in enumerate(steps, 1)]


def _draw(step: ChainStep, number: int, today: date, days: WorkingDays, is_next: bool) -> DrawnStep:
    when, tone, day, detail = "", "", "", step.detail
    if step.due and step.state != "done":
        due = date.fromisoformat(step.due)
        day = f"{due.month}月{due.day}日前"
        # The day stands at the side: once is enough.
        detail = detail.removesuffix(f"最迟{due.month}月{due.day}日").rstrip("，")
        if step.state in OPEN:
            when, tone = _due_words(due, today, days)
    mark = {"done": "✓", "late": "!"}.get(step.state, str(number))
    css = {"ahead": "none", "now": "now" if is_next else "begun"}.get(step.state, step.state)
    return DrawnStep(step, mark, css, _WORDS[step.state], detail, day, when, tone, is_next)


def _due_words(due: date, today: date, days: WorkingDays) -> tuple[str, str]:
    """Days left or gone by: working days, because that is how the office counts."""
    if due < today:
        gone = days.between(due, today)
        return (f"已过期 {gone} 个工作日" if gone else "已过期"), "late"
    near = {today: "今天到期", today + timedelta(days=1): "明天到期"}
    left = days.between(today, due)
    return near.get(due) or (f"还有 {left} 个工作日" if left else f"还有 {(due - today).days} 天"), "wait"
