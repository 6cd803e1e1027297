"""Why each month came out as it did, and what would have to change for the runner-up. Chinese sentences."""

from __future__ import annotations

from .moves import Move, Table, moves
from .objectives import NEIGHBOURS, OBJECTIVES, REST, SPREAD, THEME, WISHES, Year, first_gap, rank
from .problem import Candidate, month_list, name_list
from .themes import fit, standing_theme


class Explainer:
    """Explains one finished table."""

    def __init__(self, year: Year, chairs: Table) -> None:
        self.year = year
        self.chairs = chairs
        self.values = year.measure(chairs)
        self.duties = year.duties(chairs)
        totals = [unit.past_duties + len(self.duties.get(unit.key, ())) for unit in year.willing]
        self.range = (min(totals), max(totals)) if totals else (0, 0)

    # Reasons

    def reason(self, month: int) -> str:
        units = [self.year.unit[key] for key in self.chairs[month]]
        if month in self.year.locks:
            overridden = [unit.name for unit in units if month in unit.blackout]
            note = f"；{name_list(overridden)}填报过本月不便，以锁定为准" if overridden else ""
            return f"书记已锁定本月{note}。"
        parts = [*self._wish_parts(units, month), self._count_part(units, month)]
        parts += self._rest_parts(units, month)
        fitting = [unit.name for unit in units if fit(unit, month) >= 2]
        if fitting:
            theme = standing_theme(month, next(u for u in units if fit(u, month) >= 2))
            parts.append(f"{name_list(fitting)}的职能和资源与“{theme.strip('“”')}”相宜")
        return "；".join(parts) + "。"

    def _wish_parts(self, units: list[Candidate], month: int) -> list[str]:
        parts: list[str] = []
        wished = [unit.name for unit in units if month in unit.wishes]
        if wished:
            parts.append(f"{name_list(wished)}报了{month}月意向")
        for unit in units:
            if month in unit.wishes:
                continue
            granted = sorted(unit.wishes.intersection(self.duties[unit.key]))
            if not unit.wishes:
                parts.append(f"{unit.name}没有报意向月份，服从安排")
            elif granted:
                parts.append(f"{unit.name}的意向{month_list(granted)}已另行排上")
            else:
                parts.append(f"{unit.name}的意向{month_list(sorted(unit.wishes))}未能排上，改排本月")
        return parts

    def _count_part(self, units: list[Candidate], month: int) -> str:
        counts = [unit.past_duties + sum(duty <= month for duty in self.duties[unit.key]) for unit in units]
        low, high = min(counts), max(counts)
        each = f"{low}次" if low == high else f"{low}至{high}次"
        lowest, highest = self.range
        whole = f"都是{lowest}次" if lowest == highest else f"在{lowest}至{highest}次之间"
        return f"轮值后累计{each}，全年排完各单位{whole}"

    def _rest_parts(self, units: list[Candidate], month: int) -> list[str]:
        gaps = [self._gap(unit, month, self.duties[unit.key]) for unit in units]
        if len(units) == 1:
            return ["此前没有轮值过" if gaps[0] is None else f"距上次轮值{gaps[0]}个月"]
        known = [gap for gap in gaps if gap is not None]
        return [f"距上次轮值最短{min(known)}个月"] if known else ["此前都没有轮值过"]

    def _gap(self, unit: Candidate, month: int, duties: list[int]) -> int | None:
        earlier = [duty for duty in duties if duty < month]
        if earlier:
            return month - earlier[-1]
        return first_gap(unit, month, self.year.problem.months[0])

    # Runner-up

    def runner_up(self, month: int) -> str:
        if month in self.year.locks:
            return "本月已锁定，不比较次选；解除锁定后可重新排表。"
        best = min(
            moves(self.year, self.chairs, month),
            key=lambda other: (
                rank(self.year.measure(other.chairs)),
                other.swapped_with or 0,
                other.comes.key,
                other.goes.key,
            ),
            default=None,
        )
        if best is None:
            return "没有次选：同类单位或本月不便，或换上以后会有单位全年轮不上。"
        comes, goes = best.comes.name, best.goes.name
        how = f"（与{best.swapped_with}月的{comes}对调）" if best.swapped_with else f"（换下{goes}）"
        return f"次选{comes}{how}：{self._difference(best, month)}"

    def _difference(self, other: Move, month: int) -> str:
        comes, goes = other.comes.name, other.goes.name
        values = self.year.measure(other.chairs)
        if rank(values) <= rank(self.values):
            return "两种排法各项条件相同，书记可以直接互换。"
        place = next(i for i, (a, b) in enumerate(zip(self.values, values, strict=True)) if a != b)
        now, then = self.values[place], values[place]
        name = OBJECTIVES[place]
        if name == SPREAD:
            return (
                f"各单位累计次数相差将由{now}次变为{then}次；"
                f"要改选，须有其他月份相应增减{comes}、{goes}的轮值。"
            )
        if name == WISHES:
            return f"满足的意向将少{now - then}个；{self._wish_change(other, month)}"
        if name == REST:
            return self._rest_change(other, month)
        if name == THEME:
            return (
                f"职能和资源与当月主题的契合不如现在；"
                f"要改选，{comes}可在拟办主题或资源中写明与“{standing_theme(month).strip('“”')}”有关的内容。"
            )
        assert name == NEIGHBOURS
        return (
            f"相邻月份同类型单位轮值将由{now}处增为{then}处；"
            f"要改选，须调开相邻月份的{other.comes.sector}类单位。"
        )

    def _rest_change(self, other: Move, month: int) -> str:
        """Names the unit whose rest suffers most and its shortest gap before and after."""
        worst: tuple[int, str, int | None, int | None] = (0, "", None, None)
        for unit, gained, lost in (
            (other.comes, month, other.swapped_with),
            (other.goes, other.swapped_with, month),
        ):
            now = self.duties.get(unit.key, [])
            then = sorted(duty for duty in {*now, gained} if duty is not None and duty != lost)
            costs = [self.year.unit_rest(unit, duties) if duties else 0 for duties in (now, then)]
            if costs[1] - costs[0] > worst[0]:
                gaps = [self._shortest(unit, duties) for duties in (now, then)]
                worst = (costs[1] - costs[0], unit.name, gaps[0], gaps[1])
        _, name, before, after = worst
        if before is not None and after is not None and after < before:
            return (
                f"{name}两次轮值的最短间隔将由{before}个月变为{after}个月；"
                f"要改选，须把{name}的另一次轮值相应移远。"
            )
        return "会让等得更久的单位再等；要改选，须由书记锁定本月。"

    def _shortest(self, unit: Candidate, duties: list[int]) -> int | None:
        gaps = [self._gap(unit, month, duties) for month in duties]
        return min((gap for gap in gaps if gap is not None), default=None)

    def _wish_change(self, other: Move, month: int) -> str:
        comes, goes = other.comes, other.goes
        if month not in comes.wishes and month not in goes.wishes:
            return f"要改选，至少须{comes.name}改报{month}月意向。"
        if month not in comes.wishes:
            return f"要改选，至少须{comes.name}改报{month}月意向，且{goes.name}改报其他月份。"
        return f"要改选，至少须{goes.name}改报其他月份。"
