"""The three charts of a quarter as paper blocks: trend of the rates, scores with intervals, participation by month."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

Block = dict[str, Any]
RATES = (("response", "响应率"), ("resolved", "解决率"), ("satisfied", "满意率"))


def tenths(value: Any) -> int | None:
    """``"97.8"`` or ``"97.8%"`` as 978, as charts take it; None for None."""
    if value is None:
        return None
    return int((Decimal(str(value).rstrip("%")) * 10).to_integral_value())


def _floor(values: Iterable[int | None], step: int, most: int = 1000) -> int:
    """The lower end of a scale: a step under the least value, so that differences show; 0 at least."""
    least = min((value for value in values if value is not None), default=0)
    return max(0, min(most - 2 * step, (least // step - 1) * step))


def trend(facts: Mapping[str, Any], no: int) -> Block | None:
    """响应率, 解决率, 满意率 over the quarters; None with less than two quarters that have any."""
    points = facts["trend"]
    series: list[dict[str, Any]] = [
        {"name": name, "values": [tenths(point[key]["percent"]) for point in points]} for key, name in RATES
    ]
    known = [at for at, _ in enumerate(points) if any(one["values"][at] is not None for one in series)]
    if len(known) < 2:
        return None
    first = known[0]
    for one in series:
        one["values"] = one["values"][first:]
    words = "；".join(
        f"{point['label']}" + "、".join(_share(name, point[key]) for key, name in RATES)
        for point in points[first:]
    )
    least = _floor((value for one in series for value in one["values"]), 200)
    return {
        "type": "chart",
        "shape": "lines",
        "title": f"图{no}　三率走势",
        "text": f"{words}。",
        "unit": "%",
        "labels": [point["label"] for point in points[first:]],
        "series": series,
        "least": least,
        "most": 1000,
        "step": 200 if least < 600 else 100,
    }


def _share(name: str, share: Mapping[str, Any]) -> str:
    if share["percent"] is None:
        return f"{name}无"
    return f"{name}{share['percent']}%（{share['part']}/{share['whole']}）"


def scores(facts: Mapping[str, Any], no: int) -> Block | None:
    """Every settled result with its 95 % interval; None when there is none."""
    rows = [row for row in facts["results"] if row["result"] and row["result"]["score"] is not None]
    if not rows:
        return None
    results = [row["result"] for row in rows[:40]]
    series: dict[str, Any] = {
        "name": "得分及95%区间",
        "values": [tenths(one["score"]) for one in results],
        "low": [tenths(one["low"]) for one in results],
        "high": [tenths(one["high"]) for one in results],
    }
    labels = [
        f"{row['month']}月{'轮值主席' if row['subject'] == 'chair' else row['title']}" for row in rows[:40]
    ]
    words = "；".join(f"{label}{one['score']}分" for label, one in zip(labels, results, strict=True))
    least = _floor((*series["values"], *series["low"]), 100)
    return {
        "type": "chart",
        "shape": "intervals",
        "title": f"图{no}　评议得分及95%区间",
        "text": f"{words}。",
        "unit": "分",
        "labels": labels,
        "series": [series],
        "least": least,
        "most": 1000,
        "step": 100 if least < 800 else 50,
    }


def participation(facts: Mapping[str, Any], no: int) -> Block | None:
    """Share of the members that took part in each month's activities; None without months."""
    rows = [row for row in facts["months"] if row["members"]]
    if not rows:
        return None
    # Half-up to a tenth of a percent, in whole numbers.
    values = [(row["units"] * 2000 + row["members"]) // (2 * row["members"]) for row in rows]
    words = "、".join(f"{row['month']}月{row['units']}家（共{row['members']}家）" for row in rows)
    return {
        "type": "chart",
        "shape": "bars",
        "title": f"图{no}　各月参加活动的成员单位占比",
        "text": f"参加活动的成员单位：{words}。",
        "unit": "%",
        "labels": [f"{row['month']}月" for row in rows],
        "series": [{"name": "参加活动单位占比", "values": values}],
        "least": 0,
        "most": 1000,
        "step": 200,
    }
