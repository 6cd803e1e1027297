"""The demo as a whole: the rotation's year, what scoring adds to its quarter, the demand loop, the end of the year before."""

from demands.services.demo import Loop
from evaluations.services.demo.scoring import Scoring
from evaluations.services.demo.year_end import YearEnd
from rotation.services import demo
from rotation.services.demo import Login, is_seeded
from rotation.services.demo.county import STAGE, County

__all__ = ["Login", "is_seeded", "seed"]


def seed() -> list[Login]:
    """See ``rotation.services.demo.seed``."""
    return demo.seed(_scoring, _loop, _year_end)


def _scoring(county: County, quarter: demo.Quarter) -> Scoring:
    return Scoring(quarter, frozenset({county.on_duty.pk, county.coming.pk}))


def _loop(county: County, quarter: demo.Quarter) -> Loop:
    return Loop(quarter, STAGE, county.on_duty, county.coming)


def _year_end(county: County, quarter: demo.Quarter) -> YearEnd:
    return YearEnd(quarter)
