"""The demo as a whole: the rotation's year, and what scoring adds to its quarter."""

from evaluations.services.demo.scoring import Scoring
from rotation.services import demo
from rotation.services.demo import Login, is_seeded
from rotation.services.demo.county import County

__all__ = ["Login", "is_seeded", "seed"]


def seed() -> list[Login]:
    """See ``rotation.services.demo.seed``."""
    return demo.seed(_scoring)


def _scoring(county: County, quarter: demo.Quarter) -> Scoring:
    return Scoring(quarter, frozenset({county.on_duty.pk, county.coming.pk}))
