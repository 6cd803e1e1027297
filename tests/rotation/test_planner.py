"""The planner on made-up alliances: hard rules, optimality, determinism, locks, themes, reasons."""

import subprocess
import sys
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.planner import Candidate, Collision, Lock, OutOfTime, Problem, check, draft
from rotation.planner.model import is_feasible
from rotation.planner.objectives import Year, rest_cost
from rotation.planner.problem import month_list
from tests.rotation.planner_cases import SECTORS, YEAR, aims, broken_rules, problems, table_of, unit


def draft_or_words(problem):
    """(draft, ()) or (None, the collision's sentences)."""
    try:
        return draft(problem), ()
    except Collision as collision:
        return None, collision.sentences


@settings(max_examples=60, deadline=None)
@given(problems())
def test_draft_keeps_every_hard_rule_or_explains_a_real_collision(problem):
    result, words = draft_or_words(problem)
    if result is None:
        assert words
        assert all(sentence.strip() for sentence in words)
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
    first, words = draft_or_words(problem)
    for same in (problem, replace(problem, candidates=tuple(shuffled), locks=problem.locks[::-1])):
        again, words_again = draft_or_words(same)
        assert words_again == words
        assert (again and again.months) == (first and first.months)


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


@pytest.mark.slow
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
    assert "书记已锁定" in month.reason
    assert "以锁定为准" in month.reason


def test_excused_unit_serves_only_when_locked():
    units = (*(unit(key) for key in range(1, 7)), unit(7, excused=True))
    free = draft(Problem(2026, YEAR, units))
    assert all(7 not in month.keys for month in free.months)
    assert free.unplaced == ()
    locked = draft(Problem(2026, YEAR, units, (Lock(5, (7,), "solo"),)))
    assert [month.month for month in locked.months if 7 in month.keys] == [5]


def test_year_of_locks_needs_no_willing_unit():
    units = (unit(1, excused=True),)
    result = draft(Problem(2026, (1, 2), units, (Lock(1, (1,), "solo"), Lock(2, (1,), "solo"))))
    assert [month.keys for month in result.months] == [(1,), (1,)]


def test_theme_is_the_leads_own_in_its_wished_month_and_standing_elsewhere():
    units = (unit(1, wishes=frozenset({11}), theme="楼道清障"), unit(2, wishes=frozenset({12})))
    months = {month.month: month for month in draft(Problem(2026, (9, 10, 11, 12), units)).months}
    assert months[11].keys == (1,)
    assert months[11].theme == "楼道清障"
    assert months[12].keys == (2,)
    assert months[12].theme == "国家宪法日普法宣传"
    assert [month.theme for month in months.values()].count("楼道清障") == 1


def test_reason_names_wish_count_and_rest_and_runner_up_names_what_must_change():
    units = (
        unit(1, wishes=frozenset({3}), past_duties=2, months_since=4),
        unit(2, past_duties=2, months_since=4),
    )
    march = draft(Problem(2026, (3, 4), units)).months[0]
    assert march.keys == (1,)
    assert "单位1报了3月意向" in march.reason
    assert "累计3次" in march.reason
    assert "距上次轮值4个月" in march.reason
    assert march.runner_up == (
        "次选单位2（与4月的单位2对调）：满足的意向将少1个；要改选，至少须单位2改报3月意向，且单位1改报其他月份。"
    )


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
