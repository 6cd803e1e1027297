"""The demo county: its rosters through the importers, its plans passed, its first quarter of 2026 lived through.

``seed`` fills an empty database in one transaction and leaves the demo clock at 31 March 2026, 09:00.
"""

from rotation.services.demo.county import Login, is_seeded, seed

__all__ = ["Login", "is_seeded", "seed"]
