"""A claim from promise to delivery: an object for every route, and those of a town for the query ceilings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from alliances import clock
from alliances.models import Alliance, Member, User
from demands.models import Booking, Claim, Extension, NotePhoto, ProgressNote
from demands.services import claims, notes
from tests.cast import Cast
from tests.factories import demands as lists
from tests.pictures import jpeg


def furnish(cast: Cast) -> dict[str, dict[str, Any]]:
    """Route → arguments; all objects belong to 同心社区. 县图书馆 works on a sensitive demand and asks for more time."""
    demand = lists.demand(cast.alliance, cast.station_place, state="claimed", is_sensitive=True)
    lists.author(demand)
    claim = lists.claim(demand, cast.members["县图书馆"], claimed_by=cast.liaison)
    note = notes.add(claim, "已上门看过", actor=cast.liaison)
    photo = notes.add_photo(note, jpeg(), actor=cast.liaison)
    later = claim.due_on + timedelta(days=5)
    extension = claims.ask_extension(claim, later, "等配件", actor=cast.liaison)
    deeds = ("page", "start", "note", "deliver", "hand-back", "extend", "release", "venues")
    found: dict[str, dict[str, Any]] = {f"demands:claim-{deed}": {"pk": claim.pk} for deed in deeds}
    found["demands:extension"] = {"pk": extension.pk}
    for name in ("note-photo", "note-photo-remove"):
        found[f"demands:{name}"] = {"pk": photo.pk}
    return found


def town(home: Alliance, members: list[Member], users: dict[str, User]) -> dict[str, Any]:
    """One demand that all units serve; the first has as many of everything as there are ``members``."""
    demand = lists.demand(home, state="claimed", content="许多单位一起办的事")
    rows: list[Claim] = []
    for number, member in enumerate(members):
        lists.author(demand, f"方小{number}", f"1380000344{number}")
        part = "joint" if number else "lead"
        rows.append(lists.claim(demand, member, part=part, claimed_by=users["liaison0"]))
    claim = rows[0]
    asked = None
    for number in range(len(members)):
        note = ProgressNote.objects.create(
            claim=claim, text=f"进展{number}", written_by=users["liaison0"], writer=users["liaison0"].person
        )
        for order in range(1, len(members) + 1):
            NotePhoto.objects.create(note=note, file=f"progress/{order}.jpg", width=4, height=3, order=order)
        asked = Extension.objects.create(
            claim=claim,
            from_on=claim.due_on,
            until_on=claim.due_on + timedelta(days=5),
            reason="等配件",
            state="refused" if number + 1 < len(members) else "asked",
            asked_by=users["liaison0"],
            answered_by=users["secretary"] if number + 1 < len(members) else None,
            answered_at=clock.now() if number + 1 < len(members) else None,
        )
        visit = lists.acceptance(
            claim, visit=number + 1, verdict="failed", to_mend=f"整改{number}", recorded_by=users["secretary"]
        )
        lists.answer(visit)
        venue = lists.venue(members[number], name=f"会议室{number}")
        booking: Booking = lists.booking(venue, member=claim.member, claim=claim)
        assert booking.pk
    return {"claims of a demand": rows, "claims extension": asked}
