"""Says at once what is wrong with a table edited by hand. Plain arithmetic, no solver."""

from __future__ import annotations

from collections.abc import Mapping

from .collisions import lock_faults
from .objectives import Year
from .problem import COLLECTIVE, SOLO, Candidate, Finding, Problem, month_list, name_list

COLLISION = "collision"
HINT = "hint"
SHORTEST_REST = 2  # months between two duties of a unit; a smaller gap is worth a hint

Table = Mapping[int, tuple[tuple[int, ...], str]]


def check(problem: Problem, table: Table) -> list[Finding]:
    """Findings on `table`, {month: (keys, mode)}: collisions with the hard rules first, then hints.

    A locked month must hold its lock and is exempt from modes and blackouts. A solo unit in a collective
    month is a hint only, because the passed table overrides the roster (design, "People, places, papers").
    Months not in the problem are ignored.
    """
    year = Year(problem)
    known = {month: table[month] for month in problem.months if month in table}
    findings = [Finding(COLLISION, None, (), sentence) for sentence in lock_faults(year)]
    for month in problem.months:
        keys, mode = known.get(month, ((), SOLO))
        findings += _check_month(year, month, tuple(keys), mode)
    chairs = {month: [k for k in dict.fromkeys(keys) if k in year.unit] for month, (keys, _) in known.items()}
    findings += _check_fairness(year, chairs)
    findings += _hints(year, chairs)
    return sorted(findings, key=lambda finding: (finding.level != COLLISION, finding.month or 0))


def _check_month(year: Year, month: int, keys: tuple[int, ...], mode: str) -> list[Finding]:
    if not keys:
        return [Finding(COLLISION, month, (), f"{month}月还没有轮值主席。")]
    found: list[Finding] = []
    strangers = tuple(key for key in keys if key not in year.unit)
    if strangers:
        sentence = f"{month}月有{len(strangers)}家单位已不是本联盟的成员单位。"
        found.append(Finding(COLLISION, month, strangers, sentence))
    if len(set(keys)) < len(keys):
        found.append(Finding(COLLISION, month, keys, f"{month}月有单位重复列入。"))
    units = [year.unit[key] for key in dict.fromkeys(keys) if key in year.unit]
    lock = year.locks.get(month)
    if lock is None:
        return found + _check_size(year, month, units, mode) + _check_units(month, units, mode)
    if set(lock.keys) != set(keys) or lock.mode != mode:
        locked = _names([year.unit[key] for key in lock.keys if key in year.unit])
        word = "单独" if lock.mode == SOLO else "集体"
        sentence = f"{month}月已锁定由{locked}{word}轮值，与表中不一致；要改动请先解除锁定。"
        found.append(Finding(COLLISION, month, lock.keys, sentence))
    return found


def _check_size(year: Year, month: int, units: list[Candidate], mode: str) -> list[Finding]:
    least, most, count = year.problem.collective_min, year.problem.collective_max, len(units)
    keys = tuple(unit.key for unit in units)
    if mode == SOLO and count > 1:
        sentence = f"{month}月为单独轮值，却列了{_names(units)}{count}家单位。"
    elif mode == COLLECTIVE and count < least:
        sentence = f"{month}月为集体轮值，只列了{count}家单位，不足{least}家。"
    elif mode == COLLECTIVE and count > most:
        sentence = f"{month}月为集体轮值，列了{count}家单位，超过{most}家。"
    else:
        return []
    return [Finding(COLLISION, month, keys, sentence)]


def _check_units(month: int, units: list[Candidate], mode: str) -> list[Finding]:
    found: list[Finding] = []
    for unit in units:
        keys = (unit.key,)
        if unit.excused:
            sentence = f"{unit.name}已注明原因免于本年度轮值，却排在{month}月。"
            found.append(Finding(COLLISION, month, keys, sentence))
        if month in unit.blackout:
            found.append(Finding(COLLISION, month, keys, f"{unit.name}填报{month}月不便。"))
        if unit.mode == COLLECTIVE and mode == SOLO:
            sentence = f"{unit.name}的轮值方式是集体，却在{month}月单独轮值。"
            found.append(Finding(COLLISION, month, keys, sentence))
        if unit.mode == SOLO and mode == COLLECTIVE:
            sentence = f"{unit.name}在名册上是单独轮值，{month}月列入集体轮值，以通过的安排表为准。"
            found.append(Finding(HINT, month, keys, sentence))
    return found


def _check_fairness(year: Year, chairs: Mapping[int, list[int]]) -> list[Finding]:
    duties = year.duties(chairs)
    without = [unit for unit in year.willing if unit.key not in duties]
    twice = [unit for unit in year.units if len(duties.get(unit.key, ())) > 1]
    if not without:
        return []
    keys = tuple(unit.key for unit in (*twice, *without))
    if twice:
        sentence = f"{_names(twice)}本年度排了不止一次，而{_names(without)}还一次未排。"
        return [Finding(COLLISION, None, keys, sentence)]
    return [Finding(HINT, None, keys, f"本年度没有排到：{_names(without)}。")]


def _hints(year: Year, chairs: Mapping[int, list[int]]) -> list[Finding]:
    found: list[Finding] = []
    spread = year.measure(chairs)[0]
    if spread > 1:
        sentence = f"各单位累计轮值次数相差{spread}次，建议不超过1次。"
        found.append(Finding(HINT, None, (), sentence))
    for key, months in year.duties(chairs).items():
        unit = year.unit[key]
        if unit.wishes and not unit.wishes.intersection(months):
            sentence = f"{unit.name}的意向是{month_list(sorted(unit.wishes))}，没有排上。"
            found.append(Finding(HINT, months[0], (key,), sentence))
        for before, month in zip(months, months[1:], strict=False):
            if month - before < SHORTEST_REST:
                sentence = f"{unit.name}连续两个月（{before}月、{month}月）轮值。"
                found.append(Finding(HINT, month, (key,), sentence))
    for before, month in year.pairs:
        pair = [{year.unit[key].sector for key in chairs.get(m, ())} for m in (before, month)]
        for sector in sorted(pair[0] & pair[1]):
            keys = tuple(k for k in chairs[month] if year.unit[k].sector == sector)
            sentence = f"{before}月和{month}月都有{sector}类单位轮值。"
            found.append(Finding(HINT, month, keys, sentence))
    return found


def _names(units: list[Candidate]) -> str:
    return name_list([unit.name for unit in units])
