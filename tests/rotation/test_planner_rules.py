"""The planner's words: collisions explained, and hand-edited tables checked."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rotation.planner import Collision, Lock, Problem, check, draft
from rotation.planner.collisions import _empty_months, _smallest_conflict, lock_faults
from rotation.planner.model import CHAIRS, FAIR, MODES, SIZE_MAX, SIZE_MIN, is_feasible
from rotation.planner.objectives import Year
from tests.rotation.planner_cases import YEAR, broken_rules, problems, unit

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
    assert "集体轮值的单位4也填报了本月不便，只剩单位3，不足2家" in words
    assert "8月" not in words


def test_collision_double_lock_among_many_units_names_both_locks_and_no_other():
    units = tuple(unit(key) for key in range(1, 41))
    locks = (Lock(3, (5,), "solo"), Lock(7, (5,), "solo"), Lock(9, (6,), "solo"))
    words = sentences(Problem(2026, YEAR, units, locks))
    assert "3月已锁定由单位5单独轮值" in words
    assert "7月已锁定由单位5单独轮值" in words
    assert "解除3月的锁定" in words
    assert "9月" not in words
    assert "愿意轮值的40家单位中最多排得下11家" in words


def test_collision_unit_without_any_month_names_it_and_the_fairness_rule():
    units = (*(unit(key) for key in range(1, 7)), unit(7, blackout=frozenset(YEAR)), unit(8, blackout={1}))
    words = sentences(Problem(2026, YEAR, units))
    assert "单位7填报1月至12月不便" in words
    assert "任何单位不得轮第二次" in words
    assert "商请单位7改报不便月份" in words
    assert "单位8" not in words


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
