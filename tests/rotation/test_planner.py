"""The planner on made-up alliances: hard rules, optimality, determinism, collisions, hand-edited tables."""

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.planner import Candidate, Collision, Lock, OutOfTime, Problem, check, draft
from rotation.planner.collisions import _empty_months, _smallest_conflict, lock_faults
from rotation.planner.model import CHAIRS, FAIR, MODES, SIZE_MAX, SIZE_MIN, is_feasible
from rotation.planner.objectives import Year, rest_cost
from rotation.planner.problem import month_list

YEAR = tuple(range(1, 13))
SECTORS = ("机关", "事业单位", "国有企业", "社会组织", "学校")
months_of_year = st.integers(1, 12)


def unit(key, mode="solo", **more):
    return Candidate(key, f"单位{key}", mode, more.pop("sector", "机关"), **more)


@st.composite
def problems(draw):
    """Alliances of 3 to 14 units over any stretch of the year, a third of them with a lock or two."""
    first = draw(st.integers(1, 10))
    months = tuple(range(first, draw(st.integers(first + 1, 12)) + 1))
    units = tuple(
        Candidate(
            key=key,
            name=f"单位{key}",
            mode=draw(st.sampled_from(("solo", "solo", "collective"))),
            sector=draw(st.sampled_from(SECTORS)),
            wishes=draw(st.frozensets(months_of_year, max_size=2)),
            blackout=draw(st.frozensets(months_of_year, max_size=4)),
            past_duties=draw(st.integers(0, 3)),
            months_since=draw(st.none() | st.integers(1, 40)),
            theme=draw(st.sampled_from(("", "消防演练", "普法宣传", "重阳敬老"))),
            excused=draw(st.integers(0, 9)) == 0,
        )
        for key in range(1, draw(st.integers(3, 14)) + 1)
    )
    locks = []
    for month in draw(st.sets(st.sampled_from(months), max_size=2)) if draw(st.integers(0, 2)) == 0 else ():
        keys = draw(st.lists(st.sampled_from([u.key for u in units]), min_size=1, max_size=2, unique=True))
        locks.append(Lock(month, tuple(keys), "solo" if len(keys) == 1 else "collective", theme="专题"))
    return Problem(2026, months, units, tuple(locks), seed=draw(st.integers(0, 3)), time_limit=30)


def broken_rules(problem, table):
    """An independent reading of the hard rules; `table` is {month: (keys, mode)}."""
    by_key = {c.key: c for c in problem.candidates}
    locked = {lock.month: lock for lock in problem.locks}
    broken = [] if tuple(sorted(table)) == problem.months else ["months"]
    for month, (keys, mode) in table.items():
        if month in locked:
            if set(keys) != set(locked[month].keys) or mode != locked[month].mode:
                broken.append(("lock", month))
            continue
        size = (1, 1) if mode == "solo" else (problem.collective_min, problem.collective_max)
        if not size[0] <= len(keys) <= size[1] or len(set(keys)) != len(keys):
            broken.append(("size", month))
        for key in keys:
            c = by_key[key]
            if c.mode != mode or month in c.blackout or c.excused:
                broken.append(("unit", month, key))
    counts = Counter(key for keys, _ in table.values() for key in keys)
    if max(counts.values(), default=0) > 1 and any(
        not c.excused and not counts[c.key] for c in by_key.values()
    ):
        broken.append("second duty")
    return broken


def table_of(result):
    return {month.month: (month.keys, month.mode) for month in result.months}


def aims(problem, table):
    """Independent values of the first two aims: cumulative spread among willing units, wishes granted."""
    counts = Counter(key for keys, _ in table.values() for key in keys)
    totals = [c.past_duties + counts[c.key] for c in problem.candidates if not c.excused]
    wishes = {c.key: c.wishes for c in problem.candidates}
    granted = sum(month in wishes[key] for month, (keys, _) in table.items() for key in keys)
    return (max(totals) - min(totals) if totals else 0), granted


@settings(max_examples=60, deadline=None)
@given(problems())
def test_draft_keeps_every_hard_rule_or_explains_a_real_collision(problem):
    try:
        result = draft(problem)
    except Collision as collision:
        assert collision.sentences and all(sentence.strip() for sentence in collision.sentences)
        assert not is_feasible(Year(problem))
        return
    table = table_of(result)
    assert broken_rules(problem, table) == []
    assert not [finding for finding in check(problem, table) if finding.level == "collision"]
    assert result.is_optimal
    objectives = dict(result.objectives)
    assert (objectives["spread"], objectives["wishes"]) == aims(problem, table)
    assert all(month.reason and month.runner_up and month.theme for month in result.months)
    placed = {key for keys, _ in table.values() for key in keys}
    assert set(result.unplaced) == {c.key for c in problem.candidates if not c.excused} - placed


@settings(max_examples=15, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_draft_same_input_in_any_order_gives_same_table(problem, random):
    shuffled = list(problem.candidates)
    random.shuffle(shuffled)
    again = replace(problem, candidates=tuple(shuffled), locks=problem.locks[::-1])
    try:
        first = draft(problem)
    except Collision as collision:
        with pytest.raises(Collision) as second:
            draft(again)
        assert second.value.sentences == collision.sentences
        return
    assert draft(again).months == first.months == draft(problem).months


# All tables of a tiny instance, counted without the solver


def every_table(problem):
    solo = [c for c in problem.candidates if c.mode == "solo"]
    group = [c for c in problem.candidates if c.mode == "collective"]
    choices = []
    for month in problem.months:
        options = [((c.key,), "solo") for c in solo]
        for size in range(problem.collective_min, problem.collective_max + 1):
            options += [(tuple(c.key for c in some), "collective") for some in combinations(group, size)]
        choices.append(
            [
                o
                for o in options
                if not broken_rules(replace(problem, months=(month,), locks=()), {month: o})
                or _only_second_duty(problem, month, o)
            ]
        )
    for chosen in product(*choices):
        table = dict(zip(problem.months, chosen, strict=True))
        if not broken_rules(problem, table):
            yield table


def _only_second_duty(problem, month, option):
    return broken_rules(replace(problem, months=(month,), locks=()), {month: option}) == ["second duty"]


def brute_rest(problem, table):
    """Third aim by its definition, from a table: rest cost of each duty after the unit's duty before it."""
    cost = 0
    for c in problem.candidates:
        months = sorted(month for month, (keys, _) in table.items() if c.key in keys)
        gaps = [b - a for a, b in zip(months, months[1:], strict=False)]
        if months and c.months_since is not None:
            gaps.append(c.months_since + months[0] - problem.months[0])
        cost += sum(max(0, 5 - gap // 12) + max(0, 6 - gap) for gap in gaps)
    return cost


def tiny(seed):
    random = Random(seed)
    months = tuple(range(3, 8))
    units = tuple(
        Candidate(
            key,
            f"单位{key}",
            random.choice(("solo", "collective")),
            random.choice(SECTORS),
            frozenset(random.sample(months, random.randint(0, 2))),
            frozenset(random.sample(months, random.randint(0, 2))),
            random.randint(0, 2),
            random.choice((None, 2, 5, 14, 30)),
        )
        for key in range(1, random.randint(4, 6) + 1)
    )
    return Problem(2026, months, units, seed=seed)


@pytest.mark.parametrize("seed", range(30))
def test_draft_equals_the_best_of_all_tables(seed):
    problem = tiny(seed)
    best = min(
        (
            (spread, -wishes, brute_rest(problem, table))
            for table in every_table(problem)
            for spread, wishes in [aims(problem, table)]
        ),
        default=None,
    )
    if best is None:
        with pytest.raises(Collision):
            draft(problem)
        return
    result = draft(problem)
    spread, wishes = aims(problem, table_of(result))
    assert (spread, -wishes, brute_rest(problem, table_of(result))) == best
    assert dict(result.objectives)["rest"] == best[2]


def test_tiny_instances_are_mostly_solvable():
    # Otherwise the comparison above would compare nothing.
    assert sum(is_feasible(Year(tiny(seed))) for seed in range(30)) >= 15


def test_theme_aim_gives_november_to_the_fire_brigade():
    units = tuple(unit(key, past_duties=1, months_since=60) for key in range(1, 12))
    brigade = replace(unit(12, past_duties=1, months_since=60), name="县消防救援大队")
    result = draft(Problem(2026, YEAR, (*units, brigade)))
    assert table_of(result)[11] == ((12,), "solo")


def test_neighbours_aim_alternates_sectors():
    units = tuple(unit(key, sector="其他" if key % 2 else "非公企业") for key in range(1, 13))
    assert dict(draft(Problem(2026, YEAR, units)).objectives)["neighbours"] == 0


def test_rest_aim_sends_the_longest_waiting_first():
    units = tuple(unit(key, past_duties=1, months_since=12 * key + 1) for key in range(1, 5))
    result = draft(Problem(2026, (1, 2), units))
    assert {key for keys, _ in table_of(result).values() for key in keys} == {3, 4}


def test_rest_cost_never_grows_with_the_gap():
    costs = [rest_cost(gap) for gap in range(1, 80)]
    assert costs == sorted(costs, reverse=True)
    assert (costs[0], costs[5], costs[-1], rest_cost(None)) == (10, 5, 0, 0)


# Locks, leads, themes


def test_lock_overrides_mode_and_blackout_of_its_month_and_keeps_its_lead_and_theme():
    march = frozenset({3})
    units = tuple(
        unit(key, "collective" if key > 8 else "solo", blackout=march if key in (2, 9) else frozenset())
        for key in range(1, 13)
    )
    lock = Lock(3, (2, 9), "collective", lead=9, theme="专题月")
    month = draft(Problem(2026, YEAR, units, (lock,))).months[2]
    assert (month.keys, month.mode, month.theme) == ((9, 2), "collective", "专题月")
    assert "书记已锁定" in month.reason and "以锁定为准" in month.reason


def test_excused_unit_serves_only_when_locked():
    units = (*(unit(key) for key in range(1, 7)), unit(7, excused=True))
    free = draft(Problem(2026, YEAR, units))
    assert all(7 not in month.keys for month in free.months) and free.unplaced == ()
    locked = draft(Problem(2026, YEAR, units, (Lock(5, (7,), "solo"),)))
    assert [month.month for month in locked.months if 7 in month.keys] == [5]


def test_year_of_locks_needs_no_willing_unit():
    units = (unit(1, excused=True),)
    result = draft(Problem(2026, (1, 2), units, (Lock(1, (1,), "solo"), Lock(2, (1,), "solo"))))
    assert [month.keys for month in result.months] == [(1,), (1,)]


def test_theme_is_the_leads_own_in_its_wished_month_and_standing_elsewhere():
    units = (unit(1, wishes=frozenset({11}), theme="楼道清障"), unit(2, wishes=frozenset({12})))
    months = {month.month: month for month in draft(Problem(2026, (9, 10, 11, 12), units)).months}
    assert months[11].keys == (1,) and months[11].theme == "楼道清障"
    assert months[12].keys == (2,) and months[12].theme == "国家宪法日普法宣传"
    assert [month.theme for month in months.values()].count("楼道清障") == 1


def test_reason_names_wish_count_and_rest_and_runner_up_names_what_must_change():
    units = (
        unit(1, wishes=frozenset({3}), past_duties=2, months_since=4),
        unit(2, past_duties=2, months_since=4),
    )
    march = draft(Problem(2026, (3, 4), units)).months[0]
    assert march.keys == (1,)
    assert (
        "单位1报了3月意向" in march.reason and "累计3次" in march.reason and "距上次轮值4个月" in march.reason
    )
    assert march.runner_up == (
        "次选单位2（与4月的单位2对调）：满足的意向将少1个；要改选，至少须单位2改报3月意向，且单位1改报其他月份。"
    )


# Collisions in words


def sentences(problem):
    with pytest.raises(Collision) as caught:
        draft(problem)
    return "".join(caught.value.sentences)


def test_collision_month_nobody_can_chair_names_units_and_month():
    units = (
        unit(1, blackout=frozenset({2, 8})),
        unit(2, blackout=frozenset({2})),
        unit(3, "collective"),
        unit(4, "collective", blackout=frozenset({2})),
    )
    words = sentences(Problem(2026, YEAR, units))
    assert words.startswith("2月排不出轮值主席：单独轮值的单位1、单位2都填报了本月不便；")
    assert "集体轮值的单位4也填报了本月不便，只剩单位3，不足2家" in words and "8月" not in words


def test_collision_double_lock_among_many_units_names_both_locks_and_no_other():
    units = tuple(unit(key) for key in range(1, 41))
    locks = (Lock(3, (5,), "solo"), Lock(7, (5,), "solo"), Lock(9, (6,), "solo"))
    words = sentences(Problem(2026, YEAR, units, locks))
    assert "3月已锁定由单位5单独轮值" in words and "7月已锁定由单位5单独轮值" in words
    assert "解除3月的锁定" in words and "9月" not in words
    assert "愿意轮值的40家单位中最多排得下11家" in words


def test_collision_unit_without_any_month_names_it_and_the_fairness_rule():
    units = (*(unit(key) for key in range(1, 7)), unit(7, blackout=frozenset(YEAR)), unit(8, blackout={1}))
    words = sentences(Problem(2026, YEAR, units))
    assert "单位7填报1月至12月不便" in words and "任何单位不得轮第二次" in words
    assert "商请单位7改报不便月份" in words and "单位8" not in words


def test_collision_lone_collective_unit_names_it_and_the_smallest_size():
    units = (*(unit(key) for key in range(1, 7)), unit(7, "collective"))
    words = sentences(Problem(2026, YEAR, units))
    assert "集体轮值每月至少2家，而集体轮值的单位有1家（单位7）" in words


def test_collision_without_candidates_or_with_all_excused():
    assert "还没有成员单位" in sentences(Problem(2026, YEAR, ()))
    assert "免于本年度轮值" in sentences(Problem(2026, YEAR, (unit(1, excused=True),)))


@pytest.mark.parametrize(
    ("locks", "words"),
    [
        ((Lock(3, (1, 2), "solo"),), "3月锁定为单独轮值，却有单位1、单位22家单位"),
        ((Lock(3, (1,), "collective"),), "3月锁定为集体轮值，却只有单位1一家单位"),
        ((Lock(3, (99,), "solo"),), "已不是本联盟的成员单位"),
        ((Lock(3, (), "solo"),), "没有指定轮值主席单位"),
        ((Lock(3, (1,), "solo"), Lock(3, (2,), "solo")), "3月被锁定了2次"),
    ],
)
def test_collision_lock_that_contradicts_itself(locks, words):
    assert words in sentences(Problem(2026, YEAR, tuple(unit(key) for key in range(1, 5)), locks))


@settings(max_examples=40, deadline=None)
@given(problems())
def test_collision_named_rules_are_a_smallest_set(problem):
    """Leaving out all other rules still collides; leaving out one more of the named does not."""
    year = Year(problem)
    if lock_faults(year) or is_feasible(year) or _empty_months(year):
        return
    named = set(_smallest_conflict(year))
    rules = {FAIR, CHAIRS, SIZE_MIN, SIZE_MAX, MODES}
    rules |= {("lock", month) for month in year.locks} | {("blackout", c.key) for c in year.willing}
    assert not is_feasible(year, frozenset(rules - named))
    assert all(is_feasible(year, frozenset(rules - named | {rule})) for rule in named)


# Hand-edited tables


def findings(problem, table, level):
    return [finding.sentence for finding in check(problem, table) if finding.level == level]


def test_check_names_each_collision_of_a_hand_edited_table():
    units = (
        unit(1, blackout=frozenset({2})),
        unit(2),
        unit(3, "collective"),
        unit(4, "collective"),
        unit(5, excused=True),
        unit(6),
    )
    problem = Problem(2026, tuple(range(1, 9)), units, (Lock(7, (2,), "solo"),))
    table = {
        2: ((1,), "solo"),
        3: ((3,), "solo"),
        4: ((3,), "collective"),
        5: ((5,), "solo"),
        6: ((1, 2), "solo"),
        7: ((1,), "solo"),
        8: ((99,), "solo"),
    }
    words = findings(problem, table, "collision")
    for expected in (
        "1月还没有轮值主席。",
        "单位1填报2月不便。",
        "单位3的轮值方式是集体，却在3月单独轮值。",
        "4月为集体轮值，只列了1家单位，不足2家。",
        "单位5已注明原因免于本年度轮值，却排在5月。",
        "6月为单独轮值，却列了单位1、单位22家单位。",
        "7月已锁定由单位2单独轮值，与表中不一致；要改动请先解除锁定。",
        "8月有1家单位已不是本联盟的成员单位。",
        "单位1、单位3本年度排了不止一次，而单位4、单位6还一次未排。",
    ):
        assert expected in words
    assert len(words) == 9


def test_check_hints_do_not_block():
    units = (
        unit(1, wishes=frozenset({6})),
        unit(2, past_duties=3),
        unit(3, "collective"),
    )
    table = {1: ((2, 3), "collective"), 2: ((2, 3), "collective"), 3: ((1,), "solo")}
    problem = Problem(2026, (1, 2, 3), units)
    assert findings(problem, table, "collision") == []
    words = findings(problem, table, "hint")
    assert "单位2在名册上是单独轮值，1月列入集体轮值，以通过的安排表为准。" in words
    assert "单位1的意向是6月，没有排上。" in words
    assert "单位2连续两个月（1月、2月）轮值。" in words
    assert "2月和3月都有机关类单位轮值。" in words
    assert "各单位累计轮值次数相差4次，建议不超过1次。" in words


@settings(max_examples=60)
@given(problems(), st.data())
def test_check_collides_exactly_when_a_hard_rule_is_broken(problem, data):
    """For tables in which no solo unit serves collectively (which the passed table may override)."""
    keys = [c.key for c in problem.candidates]
    table = {}
    for month in problem.months:
        chosen = tuple(data.draw(st.lists(st.sampled_from(keys), min_size=1, max_size=4, unique=True)))
        mode = data.draw(st.sampled_from(("solo", "collective")))
        group = tuple(c.key for c in problem.candidates if c.key in chosen and c.mode == "collective")
        table[month] = (chosen, "solo") if mode == "solo" or not group else (group, "collective")
    assert bool(findings(problem, table, "collision")) == bool(broken_rules(problem, table))


# Odds and ends


def test_time_limit_too_short_for_any_table_says_so():
    units = tuple(unit(key, "collective" if key % 2 else "solo", past_duties=key % 3) for key in range(1000))
    with pytest.raises(OutOfTime, match="没有排出任何一张表"):
        draft(Problem(2026, YEAR, units, time_limit=0.0))


@pytest.mark.parametrize(
    "change",
    [
        {"months": ()},
        {"months": (2, 1)},
        {"months": (0, 1)},
        {"candidates": (unit(1), unit(1))},
        {"candidates": (unit(1, "单独"),)},
        {"locks": (Lock(3, (1,), "solo"),)},
        {"collective_max": 1},
    ],
)
def test_problem_refuses_what_no_form_can_produce(change):
    with pytest.raises(ValueError, match=r".+"):
        replace(Problem(2026, (1, 2), (unit(1), unit(2))), **change)


def test_month_list_joins_runs():
    assert month_list([1, 3, 4, 5, 7, 8, 12]) == "1月、3月至5月、7月、8月、12月"


def test_importing_the_planner_loads_neither_django_nor_the_solver():
    code = (
        "import sys, rotation.planner\n"
        "assert not {m.split('.')[0] for m in sys.modules} & {'django', 'highspy', 'numpy'}"
    )
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
