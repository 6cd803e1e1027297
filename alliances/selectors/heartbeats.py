"""Whether what runs by the clock still runs, in words. All times here are the machine's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count

from alliances import clock
from alliances.enums import MessageState
from alliances.models import Message, SweepRun
from alliances.registry import registries

# Beat ticks every minute; five silent ones are no hiccup any more.
SILENT_AFTER = timedelta(minutes=5)
NIGHTLY_AFTER = timedelta(hours=30)
PROCESSES = {"process.worker": "后台进程", "alliances.integrity": "每夜数据核对"}


@dataclass(frozen=True)
class Heartbeat:
    """One line of the status page."""

    title: str
    word: str
    tone: str
    detail: str


def last_tick() -> datetime | None:
    """When a sweep last began, ``None`` before the first."""
    names = [sweep.name for sweep in registries.sweeps]
    runs = SweepRun.objects.filter(name__in=names).order_by("-began_at")
    return runs.values_list("began_at", flat=True).first()


def heartbeats() -> list[Heartbeat]:
    """Processes first, then every sweep in the order in which they run."""
    runs = {run.name: run for run in SweepRun.objects.all()}
    titles = {**PROCESSES, **{sweep.name: sweep.title for sweep in registries.sweeps}}
    return [_heartbeat(name, title, runs.get(name)) for name, title in titles.items()]


def _heartbeat(name: str, title: str, run: SweepRun | None) -> Heartbeat:
    if run is None or run.began_at is None:
        return Heartbeat(title, "还没有运行", "off", "")
    age = clock.machine_time() - run.began_at
    limit = NIGHTLY_AFTER if name == "alliances.integrity" else SILENT_AFTER
    if run.error:
        good = f"，上次成功：{ago(run.succeeded_at)}" if run.succeeded_at else ""
        return Heartbeat(title, "出错", "late", f"{run.error}{good}")
    if age > limit:
        return Heartbeat(title, "停了", "late", f"最后一次：{ago(run.began_at)}")
    return Heartbeat(title, "正常", "done", f"{ago(run.succeeded_at or run.began_at)}")


def ago(moment: datetime | None) -> str:
    """How long ago in words, e.g. 3 分钟前."""
    if moment is None:
        return "从未"
    seconds = int((clock.machine_time() - moment).total_seconds())
    if seconds < 60:
        return "刚刚"
    for size, word in ((86400, "天"), (3600, "小时"), (60, "分钟")):
        if seconds >= size:
            return f"{seconds // size} {word}前"
    return "刚刚"


def queue() -> dict[str, Any]:
    """Messages that wait, that are overdue, that failed; over all alliances."""
    states = [MessageState.WAITING, MessageState.SENDING, MessageState.FAILED]
    counts = dict(
        Message.objects.filter(state__in=states).order_by().values_list("state").annotate(n=Count("pk"))
    )
    oldest = (
        Message.objects.filter(state__in=states[:2])
        .order_by("next_try_at")
        .values_list("next_try_at", flat=True)
        .first()
    )
    late = oldest is not None and clock.machine_time() - oldest > SILENT_AFTER
    return {
        "waiting": counts.get(MessageState.WAITING, 0) + counts.get(MessageState.SENDING, 0),
        "failed": counts.get(MessageState.FAILED, 0),
        "late": late,
        "oldest": ago(oldest) if late else "",
    }
