"""Which units and resources fit a demand, and why. Pure: dataclasses in, ranked suggestions with reasons out.

``Matcher.units_for`` ranks units for a demand, ``Matcher.needs_for`` the open demands for a unit, ``gaps`` finds what
is asked for and offered by nobody, ``duplicates`` earlier demands that say the same. How good it is, measured with
the claims held out: ``python -m bench matching`` and docs/decisions/0012.
"""

from .gaps import CategoryGap, Gaps, gaps
from .problem import WEIGHTS, Deed, Need, Part, Resource, Suggestion, Unit, Weights
from .ranking import Matcher
from .words import Lexicon, duplicates, words_of

__all__ = [
    "WEIGHTS",
    "CategoryGap",
    "Deed",
    "Gaps",
    "Lexicon",
    "Matcher",
    "Need",
    "Part",
    "Resource",
    "Suggestion",
    "Unit",
    "Weights",
    "duplicates",
    "gaps",
    "words_of",
]
