"""A frozen quarter for the tests of its papers: ten units, one month still being scored, one adjustment, hostile names."""

from __future__ import annotations

import copy
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from evaluations import assessing
from evaluations.assessing import MemberFacts

UNITS = (
    "县民政局",
    "县实验小学",
    "县人民医院",
    "县图书馆",
    "县消防救援大队",
    "鸿运物业服务有限公司",
    "县家政服务行业协会",
    "中国邮政储蓄银行股份有限公司××县支行",
    "=SUM(A1) 律师事务所",
    "<b>县书法家协会</b>",
)


def figure(
    key: str, label: str, count: int | None = None, whole: int | None = None, **more: Any
) -> dict[str, Any]:
    value = "" if count is None else str(count)
    kind = "count"
    if whole is not None:
        kind = "rate"
        percent = Decimal(100) * (count or 0) / whole if whole else None
        value = (
            f"{percent.quantize(Decimal('0.1'), ROUND_HALF_UP)}%" if percent is not None else "本季度无此事项"
        )
    found = {
        "key": key,
        "label": label,
        "kind": kind,
        "value": value,
        "numerator": count,
        "denominator": whole,
    }
    return {**found, "url": f"/demands/?alliance=1&key={key}" if count else "", "whole_url": "", **more}


def result(score: str, half: str, n: int, grade: str) -> dict[str, Any]:
    mid, wide = Decimal(score), Decimal(half)
    return {
        "score": score,
        "grade": grade,
        "n": n,
        "half": half,
        "low": str(mid - wide),
        "high": str(min(mid + wide, Decimal("100.0"))),
        "abstained": 1,
        "groups": [
            {"key": "units", "name": "单位", "n": 8, "is_used": True, "mean": "93.1", "weight": "40.0"},
            {
                "key": "residents",
                "name": "群众",
                "n": n - 8,
                "is_used": True,
                "mean": "91.4",
                "weight": "60.0",
            },
        ],
        "items": [],
    }


def step(due: str, done: str) -> dict[str, Any]:
    return {"due": due, "done": done, "words": "", "in_time": (bool(done) and done <= due) if due else None}


def _sections() -> list[dict[str, Any]]:
    return [
        {
            "key": "basics",
            "title": "基本情况",
            "figures": [
                figure("members", "成员单位", 10),
                figure("meetings", "召开会议", 4),
                figure("meetings.seminar", "研讨会", 3),
                figure("meetings.joint", "联席会议", 1),
                figure("attendance", "会议到会率", 36, 40),
                figure("activities", "举办活动", 4),
                figure("activities.duty", "轮值活动", 3),
                figure("activities.other", "其他活动", 1),
                figure("participations", "参加活动单位（家次）", 17, kind="sum"),
                figure("heads", "参加活动人数（人次）", 186, kind="sum"),
                figure("beneficiaries", "受益群众（人次）", 420, kind="sum"),
            ],
        },
        {
            "key": "duty",
            "title": "轮值履职情况",
            "figures": [
                figure("duties", "轮值月", 3),
                figure("slips", "发出提醒单", 3),
                figure("slips.acknowledged", "提醒单签收率", 3, 3),
                figure("slips.in_time", "按时签收提醒单", 2, 3),
                figure("slips.unacknowledged", "到期未签收", 0),
                figure("steps.notice", "按时发出研讨会通知单", 3, 3),
                figure("steps.seminar", "按时召开研讨会", 2, 3),
                figure("steps.activity", "按时举办活动", 3, 3),
                figure("steps.feedback", "按时通报评议反馈", 2, 2),
                figure("comments", "书记点评的月份", 2, 3),
            ],
        },
        {
            "key": "lists",
            "title": "四项清单运行情况",
            "figures": [
                figure("lists.resources", "可提供的服务资源", 14),
                figure("lists.demands", "本季度提出的群众需求", 31),
                figure("lists.claims", "本季度认领项目", 27),
                figure("lists.delivered", "本季度完成服务", 25),
                figure("lists.overdue", "本季度到期仍未完成", 1),
                figure("lists.acceptances", "本季度站点验收", 26),
                figure("lists.answers", "本季度回访答复", 23),
                figure("lists.offers", "本季度到期派单", 12),
                figure("lists.volunteers", "参加服务的志愿者（人次）", 64, kind="sum"),
                figure("rates.response", "响应率", 11, 12),
                figure("rates.resolved", "解决率", 24, 26),
                figure("rates.on_time", "按时率", 22, 26),
                figure("rates.satisfied", "满意率", 22, 23),
                figure("rates.strictly", "满意率（不含基本满意）", 19, 23),
                figure("commitments", "承诺事项兑现率", 0, 0),
                figure("commitments.waived", "不再考核的承诺事项", 1),
            ],
        },
        {
            "key": "results",
            "title": "评议结果",
            "figures": [
                figure("rounds", "开展评议", 4),
                figure("rounds.settled", "已出结果", 3),
                figure("ballots.handed_out", "发放评议票", 120, kind="sum"),
                figure("ballots.returned", "收回评议票", 112, kind="sum"),
                figure("ballots.valid", "有效评议票", 110, kind="sum"),
                figure("ballots.abstained", "弃权评议票", 1, kind="sum"),
                figure("ballots.void", "作废评议票", 1, kind="sum"),
            ],
        },
    ]


def _tables() -> dict[str, list[dict[str, Any]]]:
    def table(name: str, **counts: int) -> list[dict[str, Any]]:
        return [figure(f"{name}.{label}", label, count) for label, count in counts.items()]

    return {
        "sectors": table("sectors", 机关=3, 事业单位=3, 非公企业=2, 社会组织=2, 学校=0),
        "resources": table("resources", 场地=5, 课程=4, 服务=5),
        "demands": table("demands", 待受理=1, 待认领=3, 已认领=2, 已办结=25),
        "groups": table("groups", 关爱帮扶=12, 环境整治=9, 文体活动=6, 矛盾调解=4),
        "sources": table("sources", 居民提出=20, 走访收集=11),
        "urgency": table("urgency", 紧急=2, 较急=9, 一般=20),
        "offers": table("offers", 已接受=9, 已谢绝=2, 已过期=1),
        "claims": table("claims", 办理中=2, 待验收=0, 已办结=25),
        "acceptances": table("acceptances", 通过=25, 退回整改=1),
        "answers": table("answers", 非常满意=11, 满意=8, 基本满意=3, 不满意=1),
    }


def _month(month: int, chairs: list[str], units: int, **more: Any) -> dict[str, Any]:
    at = f"2026-{month:02d}"
    return {
        "month": month,
        "label": f"{month}月",
        "mode": "集体轮值" if len(chairs) > 1 else "单独轮值",
        "theme": "“悦读同心”志愿阅读月",
        "chairs": [{"member": 1, "unit": name} for name in chairs],
        "slip_number": f"同心党建联提〔2026〕{month}号",
        "slip": step(f"{at}-04", f"{at}-03"),
        "notice": step(f"{at}-09", f"{at}-06"),
        "seminar": step(f"{at}-13", f"{at}-16" if month == 2 else f"{at}-12"),
        "activity": step(f"{at}-25", f"{at}-21"),
        "feedback": step("" if month == 3 else f"{at}-28", "" if month == 3 else f"{at}-27"),
        "comment": month < 3,
        "activities": 1,
        "units": units,
        "members": 10,
        "chair": None,
        "chair_words": "评议未结束",
        "url": f"/months/2026/{month}/",
        **more,
    }


def _member(number: int, unit: str) -> dict[str, Any]:
    def own(name: str, label: str, count: int, whole: int | None = None) -> dict[str, Any]:
        return figure(f"member.{number}.{name}", label, count, whole)

    due = number % 4
    figures = {
        "duty": figure(
            f"member.{number}.duty", "轮值主席评议", None, None, value="本季度未轮值", kind="score"
        ),
        "attendance": own("attendance", "到会率", 4 - number % 2, 4),
        "activities": own("activities", "参加活动", number % 3),
        "response": own("response", "响应率", number % 2, number % 2),
        "resolved": own("resolved", "解决率", max(0, due - 1), due),
        "on_time": own("on_time", "按时率", max(0, due - 1), due),
        "satisfied": own("satisfied", "满意率", due, due),
        "strictly": own("strictly", "满意率（不含基本满意）", max(0, due - 1), due),
        "claimed": own("claimed", "认领项目", due),
        "delivered": own("delivered", "完成服务", max(0, due - 1)),
        "commitments": own("commitments", "承诺兑现率", 0, 0),
    }
    return {"member": number, "unit": unit, "sector": "机关", "figures": figures, "facts": {}}


def facts() -> dict[str, Any]:
    first, second = result("92.4", "2.4", 32, "优秀"), result("86.0", "4.1", 27, "良好")
    chairs = [["县民政局"], ["县图书馆", "县家政服务行业协会"], ["县消防救援大队"]]

    def row(month: int, subject: str, title: str, found: dict[str, Any] | None) -> dict[str, Any]:
        words = (
            f"{found['score']}分（{found['grade']}，有效{found['n']}票，±{found['half']}）"
            if found
            else "评议未结束"
        )
        state = "settled" if found else "open"
        return {"month": month, "subject": subject, "title": title, "chairs": chairs[month - 1], "state": state}\
            | {"words": words, "result": found, "counts": None, "url": ""}  # fmt: skip

    return {
        "version": 1,
        "alliance": {
            "code": "01-01-01",
            "name": "同心社区党建联盟",
            "community": "同心社区",
            "street": "城关街道",
        },
        "quarter": {
            "year": 2026,
            "n": 1,
            "label": "2026年第一季度",
            "since": "2026-01-01",
            "until": "2026-03-31",
        },
        "sections": _sections(),
        "months": [
            _month(1, chairs[0], 6, chair=first, chair_words="92.4分（优秀，有效32票，±2.4）"),
            _month(2, chairs[1], 7, chair=second, chair_words="86.0分（良好，有效27票，±4.1）"),
            _month(3, chairs[2], 4),
        ],
        "activities": [
            {
                "id": number,
                "held_on": f"2026-{number:02d}-21",
                "month": number,
                "kind": "轮值活动",
                "title": title,
                "place": "社区广场",
                "chairs": chairs[number - 1],
                "others": list(UNITS[number : number + 3]),
                "formula": "1+3",
                "heads": 40 + number if number < 3 else None,
                "beneficiaries": 120,
                "claims": number,
                "score_words": "92.4分（优秀，有效32票，±2.4）" if number < 3 else "评议未结束",
                "url": "",
            }
            for number, title in enumerate(
                ("寒冬送温暖", "写春联、送祝福和家政服务进社区", "消防安全进楼院"), 1
            )
        ],
        "tables": _tables(),
        "results": [
            row(1, "activity", "寒冬送温暖", result("94.1", "1.9", 35, "优秀")),
            row(1, "chair", "", first),
            row(2, "activity", "写春联、送祝福和家政服务进社区", result("88.2", "3.3", 29, "良好")),
            row(2, "chair", "", second),
            row(3, "activity", "消防安全进楼院", None),
            row(3, "chair", "", None),
        ],
        "members": [_member(number, unit) for number, unit in enumerate(UNITS, 1)],
        "mean": {
            key: figure(f"mean.{key}", f"联盟平均{label}", part, whole)
            for key, label, part, whole in (
                ("attendance", "到会率", 36, 40),
                ("response", "响应率", 5, 5),
                ("resolved", "解决率", 7, 15),
                ("on_time", "按时率", 7, 15),
                ("satisfied", "满意率", 15, 15),
                ("commitments", "承诺兑现率", 0, 0),
            )
        },
        "trend": [
            _point("2025年第二季度", None, None, None),
            _point("2025年第三季度", (9, 11), (20, 25), None),
            _point("2025年第四季度", (10, 11), (23, 26), (21, 22)),
            _point("2026年第一季度", (11, 12), (24, 26), (22, 23)),
        ],
        "offered": {"overdue": [], "unmatched": [], "dormant": [], "repeated": []},
    }


def _point(label: str, *shares: tuple[int, int] | None) -> dict[str, Any]:
    found: dict[str, Any] = {"year": 2026, "n": 1, "label": label}
    for key, share in zip(("response", "resolved", "satisfied"), shares, strict=True):
        part, whole = share or (0, 0)
        percent = (
            str((Decimal(100) * part / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)) if whole else None
        )
        found[key] = {"part": part, "whole": whole, "percent": percent}
    return found


def _line(number: int, unit: str) -> dict[str, Any]:
    """What the assessing core says of made-up facts, so that parts look as they are stored."""
    found = MemberFacts() if number == 9 else MemberFacts(
        chair_results=(Decimal("92.4"),) if number == 1 else (),
        on_duty=number == 1,
        meetings_invited=4,
        meetings_attended=4 - number % 2,
        months_taking_part=number % 4,
        claims_due=number % 4,
        claims_on_time=max(0, number % 4 - 1),
        answers=number % 4,
        satisfied=number % 4,
        months_as_member=0 if number == 9 else 3,
    )  # fmt: skip
    outcome = assessing.assess(found, adjustment=Decimal("-2") if number == 2 else Decimal(0))
    return {
        "member": number,
        "unit": unit,
        "parts": assessing.parts_as_json(outcome.parts),
        "raw": None if outcome.raw is None else str(outcome.raw),
        "adjustment": str(outcome.adjustment.quantize(Decimal("0.1"))),
        "applied": str(outcome.applied.quantize(Decimal("0.1"))),
        "reason": "2月研讨会无故缺席" if number == 2 else "",
        "score": None if outcome.score is None else str(outcome.score),
        "grade": outcome.grade,
    }


def document(**report: Any) -> dict[str, Any]:
    """The document of 同心社区's first quarter as filed; ``report`` overrides how it is sent."""
    lines = [_line(number, unit) for number, unit in enumerate(UNITS, 1)]
    scores = [Decimal(line["score"]) for line in lines if line["score"]]
    return copy.deepcopy(
        {
            **facts(),
            "assessment": {
                "scheme": {"weights": dict(assessing.DEFAULT_WEIGHTS), "lowest": -10, "highest": 5},
                "mean": str(assessing.mean_score(scores)),
                "rated": len(scores),
                "grades": dict(Counter(line["grade"] for line in lines)),
                "lines": lines,
            },
            "report": {
                "number": "同心党建联报〔2026〕1号",
                "revision": 1,
                "replaces": "",
                "reason": "",
                "filed_on": "2026-04-08",
                "signer": "李燕红",
                "to": "城关街道",
                "copy_to": ["××县委组织部"],
                "problems": "一是部分单位参加活动不够经常。\n二是2月研讨会召开偏晚。",
                "next_steps": "对长期未参加活动的单位逐一走访，第二季度起研讨会日期提前一周商定。",
                **report,
            },
        }
    )
