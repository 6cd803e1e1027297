"""The planner on the demo county's eight communities, read straight from the workbooks, and at scale."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random
from time import process_time

import openpyxl
import pytest

from rotation.planner import Candidate, Problem, check, draft

SEEDS = Path(__file__).resolve().parents[2] / "alliances" / "seeds" / "jingyanhong"
COMMUNITIES = ["同心社区", "北关社区", "文苑社区", "燕兴社区", "南湖社区", "迎宾社区", "和顺社区", "新城社区"]
MODES = {"单独": "solo", "集体": "collective"}
YEAR = tuple(range(1, 13))
# Limits are on processor time: the solver has one thread, and other tests may run beside these.


def rows(book, first_row, sheet=None):
    workbook = openpyxl.load_workbook(SEEDS / book, read_only=True)
    worksheet = workbook[sheet] if sheet else workbook.worksheets[0]
    return [row for row in worksheet.iter_rows(min_row=first_row, values_only=True) if row[0]]


def months(text):
    return frozenset(int(number) for number in re.findall(r"(\d+)月", text or ""))


@cache
def community(name):
    duties = {}
    for month, units, *_ in rows("年度轮值主席安排表-2025.xlsx", 3, name):
        for unit in units.split("、"):
            duties.setdefault(unit, []).append(int(month.removesuffix("月")))
    forms = {row[0]: row for row in rows("轮值意愿征集表-2026.xlsx", 4) if row[1] == name}
    candidates = []
    for number, unit, sector, where, _, _, mode, *_ in rows("成员单位名册.xlsx", 4):
        if where == name:
            _, _, wishes, blackout, theme, resources = forms.get(unit, (None,) * 6)
            candidates.append(
                Candidate(
                    key=number,
                    name=unit,
                    mode=MODES[mode],
                    sector=sector,
                    wishes=months(wishes),
                    blackout=months(blackout),
                    past_duties=len(duties[unit]),
                    months_since=13 - max(duties[unit]),
                    theme=theme or "",
                    resources=(resources,) if resources else (),
                )
            )
    return Problem(2026, YEAR, tuple(candidates))


def test_county_workbooks_hold_74_members_in_8_communities():
    assert sum(len(community(name).candidates) for name in COMMUNITIES) == 74


@pytest.mark.alone
@pytest.mark.parametrize("name", COMMUNITIES)
def test_community_is_planned_optimally_within_two_seconds(name):
    problem = community(name)
    began = process_time()
    result = draft(problem)
    assert process_time() - began <= 2.0
    assert result.is_optimal

    by_key = {c.key: c for c in problem.candidates}
    assert [month.month for month in result.months] == list(YEAR)
    for month in result.months:
        units = [by_key[key] for key in month.keys]
        assert {u.mode for u in units} == {month.mode}
        assert len(units) == 1 if month.mode == "solo" else 2 <= len(units) <= 3
        assert not any(month.month in u.blackout for u in units)
    counts = Counter(key for month in result.months for key in month.keys)
    assert set(counts) == set(by_key), "every willing unit serves"
    totals = [c.past_duties + counts[c.key] for c in problem.candidates]
    assert max(totals) - min(totals) <= 1
    assert not [
        f
        for f in check(problem, {m.month: (m.keys, m.mode) for m in result.months})
        if f.level == "collision"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMUNITIES)
def test_community_same_seed_same_table(name):
    problem = community(name)
    backwards = Problem(2026, YEAR, problem.candidates[::-1])
    assert draft(problem).months == draft(problem).months == draft(backwards).months


def test_community_reasons_name_its_units_and_themes():
    result = draft(community("北关社区"))
    november = result.months[10]
    assert november.theme == "119消防宣传、楼道清障"
    assert november.reason.startswith("县消防救援大队报了11月意向；")
    assert all(month.runner_up.startswith(("次选", "没有次选")) for month in result.months)


@pytest.mark.alone
@pytest.mark.parametrize(("solo", "collective"), [(6, 4), (5, 4), (8, 4), (10, 0), (0, 8), (2, 10), (20, 10)])
def test_first_year_of_alike_units_is_planned_optimally_within_two_seconds(solo, collective):
    """No history, no wishes: every unit is like every other, which is hard on a solver's proof."""
    candidates = tuple(
        Candidate(key, f"单位{key}", mode, sector)
        for key, (mode, sector) in enumerate(
            [("solo", "机关")] * solo + [("collective", "社会组织")] * collective
        )
    )
    began = process_time()
    result = draft(Problem(2026, YEAR, candidates))
    assert process_time() - began <= 2.0
    assert result.is_optimal
    counts = Counter(key for month in result.months for key in month.keys)
    totals = [counts[c.key] for c in candidates]
    assert max(totals) - min(totals) <= 1


@pytest.mark.alone
@pytest.mark.parametrize("collective_share", [0.0, 0.4, 1.0])
def test_two_hundred_units_within_five_seconds(collective_share):
    random = Random(7)
    sectors = ("机关", "事业单位", "国有企业", "非公企业", "社会组织", "学校", "医疗机构", "其他")
    candidates = tuple(
        Candidate(
            key=key,
            name=f"单位{key}",
            mode="collective" if random.random() < collective_share else "solo",
            sector=random.choice(sectors),
            wishes=frozenset(random.sample(YEAR, random.randint(0, 2))),
            blackout=frozenset(random.sample(YEAR, random.randint(0, 3))),
            past_duties=past,
            months_since=random.randint(1, 36) if past else None,
            theme=random.choice(("消防", "普法", "义诊", "重阳敬老", "")),
        )
        for key in range(200)
        for past in [random.randint(0, 1)]
    )
    began = process_time()
    result = draft(Problem(2026, YEAR, candidates))
    assert process_time() - began <= 5.0
    assert result.is_optimal
    counts = Counter(key for month in result.months for key in month.keys)
    assert max(counts.values()) == 1
    assert len(result.unplaced) == 200 - len(counts)
    totals = [c.past_duties + counts[c.key] for c in candidates]
    assert max(totals) - min(totals) == 1
