"""Which units and resources fit a demand, and why. Pure: dataclasses in, ranked suggestions with reasons out.

``Matcher.units_for`` ranks units for a demand, ``Matcher.needs_for`` the open demands for a unit, ``Comparison`` finds what
is asked for and offered by nobody, ``duplicates`` earlier demands that say the same. How good it is, measured with
the claims held out: ``python -m bench matching`` and docs/decisions/0012.
"""

from .gaps import CategoryGap, Comparison
from .problem import WEIGHTS, Deed, Need, Part, Resource, Suggestion, Unit, Weights
from .ranking import Matcher
from .words import Lexicon, duplicates, words_of

__all__ = [
    "WEIGHTS",
    "CategoryGap",
    "Comparison",
    "Deed",
    "Lexicon",
    "Matcher",
    "Need",
    "Part",
    "Resource",
    "Suggestion",
    "Unit",
    "Weights",
    "duplicates",
    "words_of",
]
