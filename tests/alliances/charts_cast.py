"""Charts and the imprint for the tests: one of each shape, with gaps and hostile words."""

from __future__ import annotations

from typing import Any

TREND: dict[str, Any] = {
    "type": "chart",
    "shape": "lines",
    "title": "图1　三率走势",
    "text": "响应率由91.7%升至96.0%。",
    "unit": "%",
    "labels": ["2025年三季度", "2025年四季度", "2026年一季度"],
    "series": [
        {"name": "响应率", "values": [917, 948, 960]},
        {"name": "解决率", "values": [885, None, 942]},
        {"name": "满意率", "values": [None, 975, 978]},
    ],
    "least": 0,
    "most": 1000,
    "step": 200,
}
INTERVALS: dict[str, Any] = {
    "type": "chart",
    "shape": "intervals",
    "title": "图2　评议得分及95%区间",
    "text": "最高92.4分。",
    "unit": "分",
    "labels": ["1月义诊进社区", "2月集体轮值：写春联送祝福和家政服务", "3月悦读同心"],
    "series": [
        {"name": "活动", "values": [924, 881, None], "low": [900, None, None], "high": [948, None, None]},
        {"name": "轮值主席", "values": [905, 873, 890], "low": [880, 840, 870], "high": [930, 906, 910]},
    ],
    "least": 600,
    "most": 1000,
    "step": 100,
}
BARS: dict[str, Any] = {
    "type": "chart",
    "shape": "bars",
    "title": "图3　成员单位参与情况",
    "text": "到会率1月96.2%。",
    "unit": "%",
    "labels": ["1月", "2月", "3月"],
    "series": [
        {"name": "到会率", "values": [962, 885, 1000]},
        {"name": "参加活动单位占比", "values": [346, 423, 0]},
    ],
    "least": 0,
    "most": 1000,
    "step": 200,
}
IMPRINT: dict[str, Any] = {
    "type": "imprint",
    "copies": "中共××县委组织部。",
    "issuer": "同心社区党支部",
    "date": "2026年4月8日印发",
}
CHARTS = {"lines": TREND, "intervals": INTERVALS, "bars": BARS}


def paper(*blocks: dict[str, Any], layout: str = "official") -> dict[str, Any]:
    opening = {"type": "para", "text": "情况如下。"}
    return {"kind": "test", "layout": layout, "title": "情况", "blocks": [opening, *blocks]}
