"""The demo county: its rosters through the importers, its plans passed, its first quarter of 2026 lived through.

``seed`` fills an empty database in one transaction and leaves the demo clock at 31 March 2026, 09:00. What the apps above
live through in that quarter they tell in chapters of their own.
"""

from rotation.services.demo.county import County, Login, is_seeded, seed
from rotation.services.demo.quarter import Quarter

__all__ = ["County", "Login", "Quarter", "is_seeded", "seed"]
