"""The month's chain as pages draw it: numbered steps with marks, words and days left (``templates/alliances/_chain.html``)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from alliances import clock
from alliances.registry import ChainStep, MonthView, month_parts

_CLASSES = {"ahead": "none"}
_WORDS = {"done": "已完成", "now": "正在进行", "late": "已过期", "ahead": "还没到"}


@dataclass(frozen=True)
class DrawnStep:
    """One step of the chain as the page draws it."""

    step: ChainStep
    mark: str
    css: str
    word: str
    when: str
    tone: str


def drawn_month(view: MonthView) -> tuple[str, list[DrawnStep]]:
    """Chair units in words and the month's steps, numbered through."""
    parts = month_parts(view)
    chairs = next((part.chairs for part in parts if part.chairs), "")
    return chairs, drawn([step for part in parts for step in part.steps])


def drawn(steps: list[ChainStep]) -> list[DrawnStep]:
    today = clock.today()
    return [_draw(step, number, today) for number, step in enumerate(steps, 1)]


def _draw(step: ChainStep, number: int, today: date) -> DrawnStep:
    when, tone = "", ""
    if step.due and step.state in ("now", "late"):
        when, tone = _due_words((date.fromisoformat(step.due) - today).days)
    mark = {"done": "✓", "late": "!"}.get(step.state, str(number))
    return DrawnStep(step, mark, _CLASSES.get(step.state, step.state), _WORDS[step.state], when, tone)


def _due_words(days: int) -> tuple[str, str]:
    if days < 0:
        return f"已过期 {-days} 天", "late"
    near = {0: "今天到期", 1: "明天到期"}
    return near.get(days, f"还有 {days} 天"), "wait"
