"""Rules answer two questions with the same words: may this user, and who may."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

import alliances.policies as foundation
import rotation.policies as rotating
from alliances.models import Commitment, Person
from alliances.policies import Rule
from alliances.services import commitments
from rotation.models import Slip
from tests.cast import Cast
from tests.factories import people
from tests.test_lifecycles import a_swap, a_task, an_activity

HOME_TEAM = {"secretary", "staff"}
MARCH = {"liaison", "second_liaison", "third_liaison"}
LIBRARY = {"liaison", "leader"}

# rule → the object it is asked about → who may
ON_ALLIANCE = {
    "can_run_alliance": HOME_TEAM,
    "can_lead_alliance": {"secretary"},
    "can_oversee_alliance": HOME_TEAM | {"president", "street", "county"},
    "can_edit_plan": HOME_TEAM,
    "can_pass_plan": {"secretary"},
    "can_read_ledger": HOME_TEAM | {"president", "street", "county"},
    "can_record_for_units": HOME_TEAM,
    "can_publish_bulletin": HOME_TEAM | {"president"},
    "can_call_meeting": HOME_TEAM,
    "can_plan_outside": HOME_TEAM,
}
ON_MEMBER = {  # 县图书馆
    "can_fill_wish": {"liaison"},
    "can_join_activity": {"liaison"},
}
ON_PLACE = {  # 同心社区
    "can_administer": {"administrator"},
    "can_audit": {"auditor"},
    "can_correct_days": {"secretary", "street", "county"},
}
ON_SLIP = {
    "can_acknowledge_slip": MARCH,
    "can_record_receipt": HOME_TEAM,
    "can_read_slip": HOME_TEAM | MARCH | {"leader", "president", "street", "county"},
}
ON_RECEIPT = {"can_acknowledge_receipt": {"liaison"}}  # of 县图书馆
ON_DUTY = {
    "can_ask_swap": HOME_TEAM | MARCH | {"leader"},
    "can_plan_in_duty": HOME_TEAM | MARCH,
}
ON_SWAP = {  # 县图书馆's March against 县实验小学's April
    "can_agree_swap": LIBRARY | {"other_liaison"},
    "can_refuse_swap": LIBRARY | {"other_liaison"},
    "can_cancel_swap": LIBRARY | HOME_TEAM,
    "can_file_swap": {"secretary"},
}
ON_MEETING = {  # March's seminar, called by 县图书馆; 县实验小学 alone is invited
    "can_send_notice": HOME_TEAM | {"liaison"},
    "can_cancel_meeting": HOME_TEAM | {"liaison"},
    "can_hold_meeting": HOME_TEAM | MARCH,
    "can_write_minutes": HOME_TEAM | MARCH,
    "can_answer_notice": {"other_liaison"},
    "can_record_reply": HOME_TEAM,
    "can_read_replies": HOME_TEAM | MARCH | {"leader", "president", "street", "county"},
}
ON_REPLY = {"can_answer_reply": {"other_liaison"}}  # of 县实验小学
ON_TASK = {  # of 县实验小学
    "can_do_task": {"other_liaison"},
    "can_report_task": HOME_TEAM | {"other_liaison"},
    "can_drop_task": HOME_TEAM,
}
ON_ACTIVITY = {  # of March
    "can_lead_activity": HOME_TEAM | MARCH,
    "can_record_participation": HOME_TEAM,
}
ON_COMMITMENT = {"can_keep_promise": {"liaison"}}  # of 县图书馆
TABLES = (
    ON_ALLIANCE,
    ON_MEMBER,
    ON_PLACE,
    ON_SLIP,
    ON_RECEIPT,
    ON_DUTY,
    ON_SWAP,
    ON_MEETING,
    ON_REPLY,
    ON_TASK,
    ON_ACTIVITY,
    ON_COMMITMENT,
)


def rules() -> dict[str, Rule]:
    return {
        name: value
        for module in (foundation, rotating)
        for name, value in vars(module).items()
        if isinstance(value, Rule) and name != "NOBODY"
    }


def a_promise(cast: Cast) -> Commitment:
    member = cast.members["县图书馆"]
    return commitments.add(member, text="开放阅览室", due_on=date(2026, 3, 31), actor=cast.staff)


def objects(cast: Cast, slip: Slip) -> dict[str, Any]:
    task = a_task(cast)
    targets = (
        cast.alliance,
        cast.members["县图书馆"],
        cast.community,
        slip,
        slip.receipts.get(member=cast.members["县图书馆"]),
        cast.duties[3],
        a_swap(cast),
        task.meeting,
        task.meeting.replies.get(),
        task,
        an_activity(cast),
        a_promise(cast),
    )
    return {name: target for table, target in zip(TABLES, targets, strict=True) for name in table}


@pytest.mark.parametrize("name", sorted(rules()))
def test_rule_says_the_same_of_users_and_of_holders(name: str, cast: Cast, march: Slip) -> None:
    rule, target = rules()[name], objects(cast, march)[name]
    expected = next(table[name] for table in TABLES if name in table)
    assert {part for part, user in cast.users.items() if rule(user, target)} == expected
    holders = {person.pk for person in rule.holders(target)}
    with_account = {part for part, user in cast.users.items() if user.person_id in holders}
    assert with_account == expected


@pytest.mark.parametrize("name", sorted(rules()))
def test_capacity_is_named_exactly_where_the_rule_allows(name: str, cast: Cast, march: Slip) -> None:
    rule, target = rules()[name], objects(cast, march)[name]
    for part, user in cast.users.items():
        capacity = rule.capacity(user, target)
        assert bool(capacity) == rule(user, target), part
        assert not capacity or capacity in {a.role for a in user.current_appointments}, part


def test_nobody_is_nobody(cast: Cast) -> None:
    assert not foundation.NOBODY.holders(cast.alliance)
    assert not any(foundation.NOBODY(user, cast.alliance) for user in cast.users.values())


def test_anonymous_may_nothing(cast: Cast, march: Slip) -> None:
    for name, target in objects(cast, march).items():
        assert not rules()[name](AnonymousUser(), target), name


def test_holders_name_nobody_twice(cast: Cast) -> None:
    people.appoint(cast.secretary.person, "staff", cast.community)
    holders = foundation.can_run_alliance.holders(cast.alliance)
    assert len(holders) == len({person.pk for person in holders}) == 2
    assert all(isinstance(person, Person) for person in holders)


def test_every_rule_stands_in_one_table() -> None:
    listed = [name for table in TABLES for name in table]
    assert sorted(listed) == sorted(rules())
