"""Made-up alliances and an independent reading of the planner's rules, shared by its tests."""

from collections import Counter

from hypothesis import strategies as st

from rotation.planner import Candidate, Lock, Problem

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
