"""Run in the server's environment: ``python -m tests.load.stage open 300`` makes a round, ``… count`` looks at it.

Both print one JSON object.
"""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from typing import Any

import django


def open_round(count: int) -> dict[str, Any]:
    """The cast with an open round: ``codes`` of printed slips, ``token`` of the venue's QR."""
    from alliances import clock
    from evaluations.services import codes
    from tests import cast as cast_module
    from tests.evaluations import scoring

    cast = cast_module.build()
    with clock.at(datetime(2026, 3, 20, 18, tzinfo=clock.ZONE)):
        round = scoring.open_round(cast)
        plain = codes.print_slips(round, count, actor=cast.staff)
    # The server reads the machine's clock, by which the round must not be over.
    round.closes_on = clock.today() + timedelta(days=7)
    round.save(update_fields=["closes_on"])
    return {"codes": plain, "token": round.venue_token}


def count() -> dict[str, Any]:
    """What the database holds: ballots by subject, used codes, what the nightly check finds."""
    from evaluations import integrity
    from evaluations.models import Ballot, ResidentCode
    from tests.evaluations.scoring import ACTIVITY, CHAIR

    scores = {
        subject: [
            [row[key] for key in weights]
            for row in Ballot.objects.filter(subject=subject).values_list("scores", flat=True)
        ]
        for subject, weights in (("activity", ACTIVITY), ("chair", CHAIR))
    }
    used = ResidentCode.objects.filter(used_at__isnull=False)
    return {
        **scores,
        "codes_used": used.count(),
        "venue_codes": ResidentCode.objects.filter(origin="venue").count(),
        "contradictions": integrity.ballots(),
    }


if __name__ == "__main__":
    django.setup()
    print(json.dumps(open_round(int(sys.argv[2])) if sys.argv[1] == "open" else count()))
