"""The whole beat table.

Beat only ticks: what is due is found in the database by the sweeps that the apps register, so a tick that is
missed, late or doubled changes nothing but the time at which the next one catches up. Task names only.
"""

from celery.schedules import crontab

BEAT = {
    # Every registered sweep, once a minute. An unconsumed tick is worthless after the next one was sent.
    "tick": {"task": "alliances.tick", "schedule": 60.0, "options": {"expires": 50}},
    # Integrity check, clearing of stale sessions. Beat keeps the time of its last run in a file, so a machine
    # that was off at night runs it in the morning.
    "nightly": {
        "task": "alliances.nightly",
        "schedule": crontab(hour=2, minute=30),
        "options": {"expires": 6 * 3600},
    },
}
