"""Says in words which hard rules collide when no table keeps them all."""

from __future__ import annotations

from collections import defaultdict

from .model import CHAIRS, FAIR, MODES, SIZE_MAX, SIZE_MIN, Model, Rule, is_feasible
from .objectives import Year
from .problem import COLLECTIVE, SOLO, Candidate, Lock, month_list, name_list

NAMED_AT_MOST = 6  # longer lists of units left out are only counted


def lock_faults(year: Year) -> list[str]:
    """Locks that contradict themselves; found before any search."""
    faults: list[str] = []
    problem = year.problem
    for month in problem.months:
        count = sum(lock.month == month for lock in problem.locks)
        if count > 1:
            faults.append(f"{month}月被锁定了{count}次，请只保留一次。")
    for lock in sorted(problem.locks, key=lambda lock: (lock.month, lock.keys)):
        faults += _faults_of(year, lock)
    return faults


def _faults_of(year: Year, lock: Lock) -> list[str]:
    keys = set(lock.keys)
    unknown = keys - year.unit.keys()
    names = name_list([year.unit[key].name for key in sorted(keys - unknown)])
    if unknown:
        return [f"{lock.month}月锁定的单位中有{len(unknown)}家已不是本联盟的成员单位，请解除锁定或另选单位。"]
    if not keys:
        return [f"{lock.month}月已锁定，但没有指定轮值主席单位，请选定单位或解除锁定。"]
    if lock.mode == SOLO and len(keys) > 1:
        return [f"{lock.month}月锁定为单独轮值，却有{names}{len(keys)}家单位，请改为集体轮值或只留一家。"]
    if lock.mode == COLLECTIVE and len(keys) < 2:
        return [f"{lock.month}月锁定为集体轮值，却只有{names}一家单位，请增加单位或改为单独轮值。"]
    return []


def explain(year: Year) -> list[str]:
    """Sentences on a smallest set of colliding rules (none of them can be left out), then what could change.

    Call it only for a problem without a solution. Months that nobody can chair are explained by themselves.
    """
    if not year.units:
        return ["本联盟还没有成员单位，无法排出轮值表；请先导入成员单位名册。"]
    if not year.willing and year.free_months:
        return [
            f"全部{len(year.units)}家成员单位都已注明原因免于本年度轮值，"
            f"{month_list(year.free_months)}没有单位可排；请至少恢复一家单位轮值，或由书记锁定各月。"
        ]
    return _empty_months(year) or _conflict(year)


def _empty_months(year: Year) -> list[str]:
    months_by_reason: dict[str, list[int]] = defaultdict(list)
    for month in year.free_months:
        reason = _why_empty(year, month)
        if reason:
            months_by_reason[reason].append(month)
    return [f"{month_list(months)}排不出轮值主席：{why}" for why, months in months_by_reason.items()]


def _why_empty(year: Year, month: int) -> str:
    problem = year.problem
    solo = [unit for unit in year.willing if unit.mode == SOLO]
    group = [unit for unit in year.willing if unit.mode == COLLECTIVE]
    free = [unit for unit in group if year.may_serve(unit, month)]
    if any(year.may_serve(unit, month) for unit in solo) or len(free) >= problem.collective_min:
        return ""
    parts = [f"单独轮值的{_names(solo)}都填报了本月不便" if solo else "没有单独轮值的单位"]
    least = f"不足{problem.collective_min}家"
    busy = [unit for unit in group if unit not in free]
    if not group:
        parts.append("也没有集体轮值的单位")
    elif len(group) < problem.collective_min:
        parts.append(f"集体轮值的单位只有{_names(group)}，{least}")
    else:
        left = f"只剩{_names(free)}" if free else "一家不剩"
        parts.append(f"集体轮值的{_names(busy)}也填报了本月不便，{left}，{least}")
    return "；".join(parts) + "。请商请其中一家单位改报不便月份，或由书记锁定该月的轮值主席。"


def _conflict(year: Year) -> list[str]:
    rules = _smallest_conflict(year)
    head = f"按现有规则排不出{year.problem.year}年度的轮值表，下面{len(rules)}条不能同时做到："
    left = _left_out(year) if FAIR in rules else []
    lines = [_fairness(year, left) if rule == FAIR else _sentence(year, rule) for rule in rules]
    numbered = [f"（{place}）{line}。" for place, line in enumerate(lines, 1)]
    changes = list(dict.fromkeys(filter(None, (_change(year, rule, left) for rule in rules))))
    return [head, *numbered, f"可以这样改：{'；或者'.join(changes)}。"]


def _smallest_conflict(year: Year) -> list[Rule]:
    """Drops rules as long as the rest still collide; halves first, so that 200 units take few searches."""
    blackouts: list[Rule] = [
        ("blackout", unit.key) for unit in year.willing if unit.blackout.intersection(year.free_months)
    ]
    locks: list[Rule] = [("lock", month) for month in sorted(year.locks)]
    everything: list[Rule] = [FAIR, CHAIRS, *locks, SIZE_MIN, *blackouts, SIZE_MAX, MODES]
    dropped: set[Rule] = set()

    def try_drop(rules: list[Rule]) -> None:
        if not rules:
            return
        if not is_feasible(year, frozenset(dropped.union(rules))):
            dropped.update(rules)
        elif len(rules) > 1:
            middle = len(rules) // 2
            try_drop(rules[:middle])
            try_drop(rules[middle:])

    # The least telling rules go first.
    for rules in ([MODES], [SIZE_MAX], blackouts, [SIZE_MIN], locks, [CHAIRS], [FAIR]):
        try_drop(rules)
    return [rule for rule in everything if rule not in dropped]


def _sentence(year: Year, rule: Rule) -> str:
    problem = year.problem
    kind, number = rule
    if rule == CHAIRS:
        return (
            f"{month_list(problem.months)}共{len(problem.months)}个月，每月都要有轮值主席，"
            f"而愿意轮值的单位共{len(year.willing)}家"
        )
    if rule == SIZE_MIN:
        group = [unit for unit in year.willing if unit.mode == COLLECTIVE]
        return (
            f"集体轮值每月至少{problem.collective_min}家，而集体轮值的单位有{len(group)}家（{_names(group)}）"
        )
    if rule == SIZE_MAX:
        return f"集体轮值每月至多{problem.collective_max}家"
    if rule == MODES:
        return "单独轮值的单位每月一家，不与集体轮值的单位同月"
    if kind == "blackout":
        unit = year.unit[number]
        return f"{unit.name}填报{month_list(sorted(unit.blackout))}不便"
    lock = year.locks[number]
    mode = "单独" if lock.mode == SOLO else "集体"
    return f"{number}月已锁定由{_names([year.unit[key] for key in lock.keys])}{mode}轮值"


def _change(year: Year, rule: Rule, left: list[Candidate]) -> str:
    kind, number = rule
    if rule == SIZE_MIN:
        return "调整集体轮值的最少家数，或把集体轮值的单位改为单独轮值"
    if rule == SIZE_MAX:
        return "调整集体轮值的最多家数"
    if rule == FAIR:
        return f"给{_names(left)}注明原因，免于本年度轮值" if 0 < len(left) <= NAMED_AT_MOST else ""
    if kind == "blackout":
        return f"商请{year.unit[number].name}改报不便月份"
    if kind == "lock":
        return f"解除{number}月的锁定"
    return ""


def _left_out(year: Year) -> list[Candidate]:
    """Who stays without a duty when as many as possible are served, though the others may serve twice."""
    model = Model(year, frozenset({FAIR}))
    served: dict[int, int] = {}
    for unit in year.willing:
        column = served[unit.key] = model.programme.column(whole=True)
        model.programme.row([*model.duty_terms(unit), (column, -1.0)], lower=0)
    found, proven, values = model.programme.minimise(
        [(column, -1.0) for column in served.values()], year.problem.time_limit
    )
    if not (found and proven):
        return []
    return [unit for unit in year.willing if values[served[unit.key]] < 0.5]


def _fairness(year: Year, left: list[Candidate]) -> str:
    rule = "还有愿意轮值的单位一次未轮时，任何单位不得轮第二次"
    if not left:
        return rule
    most = len(year.willing) - len(left)
    named = f"，排不下的如{_names(left)}" if len(left) <= NAMED_AT_MOST else ""
    return f"{rule}；愿意轮值的{len(year.willing)}家单位中最多排得下{most}家{named}"


def _names(units: list[Candidate]) -> str:
    return name_list([unit.name for unit in units])
