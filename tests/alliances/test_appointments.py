"""Posts: appointed, handed over, ended. The duty stays with the unit, the names stay in the history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from alliances.enums import Role
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Appointment, LogEntry, Message, Person, User
from alliances.services import appointments, membership
from rotation.models import Slip
from rotation.selectors import ledgers
from rotation.services import slips
from tests.cast import Cast
from tests.conftest import Frozen
from tests.factories import people

ClientFor = Callable[[User | None], Client]


def test_successor_takes_over_on_the_same_day(cast: Cast) -> None:
    member = cast.members["县图书馆"]
    former = Appointment.objects.get(member=member, role=Role.LIAISON)
    successor = people.contact("林夏")
    appointments.appoint(successor, Role.LIAISON, member=member, actor=cast.secretary)
    former.refresh_from_db()
    assert former.ends_on == date(2026, 3, 2)
    assert list(Appointment.objects.current().filter(member=member, role=Role.LIAISON)) == [
        Appointment.objects.get(person=successor)
    ]


def test_appointing_the_holder_again_changes_nothing(cast: Cast) -> None:
    before = list(Appointment.objects.order_by("pk").values())
    appointments.appoint(
        cast.liaison.person, Role.LIAISON, member=cast.members["县图书馆"], actor=cast.secretary
    )
    appointments.appoint(cast.secretary.person, Role.SECRETARY, organisation=cast.community, actor=None)
    assert list(Appointment.objects.order_by("pk").values()) == before
    assert not LogEntry.objects.exists()


def test_several_staff_may_serve_at_once(cast: Cast) -> None:
    appointments.appoint(
        people.contact("新同事"), Role.STAFF, organisation=cast.community, actor=cast.secretary
    )
    assert Appointment.objects.current().filter(organisation=cast.community, role=Role.STAFF).count() == 2


@pytest.mark.parametrize("role", [Role.LIAISON, Role.SECRETARY])
def test_post_in_the_wrong_kind_of_place_is_refused(role: str, cast: Cast) -> None:
    place = {"organisation": cast.community} if role == Role.LIAISON else {"member": cast.members["县图书馆"]}
    with pytest.raises(OfficeError):
        appointments.appoint(people.contact("某人"), role, actor=None, **place)


def test_unit_that_has_left_gets_no_liaison(cast: Cast) -> None:
    """Not even from a page that was opened while it was a member."""
    stale = cast.members["县图书馆"]
    membership.leave(stale, actor=cast.secretary)
    with pytest.raises(OfficeError, match="已退出联盟"):
        appointments.hand_over(stale, name="林夏", phone="13900008888", actor=cast.secretary)
    assert not Person.objects.filter(name="林夏").exists()


def test_database_refuses_two_holders_of_a_single_post(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        people.appoint(people.contact("某人"), Role.LIAISON, cast.members["县图书馆"])
    with pytest.raises(IntegrityError), transaction.atomic():
        people.appoint(people.contact("某人"), Role.SECRETARY, cast.community)
    people.appoint(people.contact("某人"), Role.STATION, cast.station_place)


def test_people_without_a_phone_are_never_merged_by_name(db: None) -> None:
    assert appointments.contact("王伟") != appointments.contact("王伟")
    assert appointments.contact("王伟", "13900000001") == appointments.contact(" 王伟 ", "13900000001")
    with pytest.raises(OfficeError):
        appointments.contact("  ")


def test_ended_post_ends_twice_is_refused(cast: Cast) -> None:
    post = Appointment.objects.get(person=cast.staff.person)
    appointments.end(post, actor=cast.secretary)
    with pytest.raises(OfficeError, match="已经结束"):
        appointments.end(post, actor=cast.secretary)
    assert LogEntry.objects.filter(action="alliances.appointment.end").count() == 1


def test_ended_post_is_logged_where_it_was_held(cast: Cast) -> None:
    for user in (cast.staff, cast.liaison):
        appointments.end(Appointment.objects.get(person=user.person), actor=cast.secretary)
    ends = LogEntry.objects.filter(action="alliances.appointment.end")
    assert [entry.alliance for entry in ends] == [cast.alliance, cast.alliance]


def test_sessions_die_with_the_last_post(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.liaison)
    assert client.session.get("_auth_user_id")
    appointments.end(Appointment.objects.get(person=cast.liaison.person), actor=cast.secretary)
    assert not client.session.get("_auth_user_id")


def test_session_lives_while_another_post_is_left(cast: Cast, client_for: ClientFor) -> None:
    client = client_for(cast.both_liaison)
    post = Appointment.objects.get(person=cast.both_liaison.person, member=cast.members["县交警队"])
    appointments.end(post, actor=cast.secretary)
    assert client.session.get("_auth_user_id")


# --- hand-over ----------------------------------------------------------------------------------------------------


def test_hand_over_moves_the_open_task_to_the_successor(cast: Cast, march: Slip) -> None:
    member = cast.members["县图书馆"]
    appointments.hand_over(member, name="林夏", phone="13900008888", actor=cast.secretary)
    successor = people.account(Person.objects.get(name="林夏"))
    receipt = ledgers.waiting_for([member.pk]).get()
    with pytest.raises(NotAllowed):
        slips.acknowledge(receipt, actor=cast.fresh(cast.liaison))
    slips.acknowledge(receipt, actor=successor)
    receipt.refresh_from_db()
    assert receipt.signer_name == "林夏"


def test_successor_is_told_what_is_open(cast: Cast, march: Slip) -> None:
    appointments.hand_over(cast.members["县图书馆"], name="林夏", phone="13900008888", actor=cast.secretary)
    message = Message.objects.get(kind="alliances.hand_over")
    assert message.recipient.name == "林夏"
    assert march.number in message.body


def test_history_keeps_the_name_of_whoever_acted(cast: Cast, march: Slip, frozen: Frozen) -> None:
    receipt = march.receipts.get(member=cast.members["县图书馆"])
    slips.acknowledge(receipt, actor=cast.liaison)
    frozen.forward(days=1)
    appointments.hand_over(cast.members["县图书馆"], name="林夏", phone="13900008888", actor=cast.secretary)
    receipt.refresh_from_db()
    assert (receipt.signer, receipt.signer_name) == (cast.liaison.person, "杨欣然")
