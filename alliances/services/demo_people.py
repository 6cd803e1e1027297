"""Who acts in the demo: fictional people beside those of the rosters, and accounts for those who use the screen."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from random import Random

from alliances.enums import Channel, MessageState
from alliances.models import Alliance, Appointment, Member, Message, Organisation, Person, User
from alliances.services import accounts, appointments, outbox

SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严金魏陶姜谢邹苏潘葛范彭鲁韦马方"
GIVEN = [
    "建国",
    "秀兰",
    "志强",
    "桂英",
    "海燕",
    "文博",
    "雪梅",
    "立新",
    "春华",
    "国平",
    "丽娟",
    "永清",
    "晓东",
    "素芬",
    "世杰",
    "玉兰",
    "振华",
    "婷婷",
    "家明",
    "慧敏",
]
# Letters and digits that are not mistaken for each other when typed from a screen.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class Cast:
    """Finds and makes the demo's people. Accounts whose password nobody is told have none: no one logs in to them."""

    def __init__(self, random: Random, administrator: User | None = None) -> None:
        self.random = random
        self.administrator = administrator
        self._names = self._free_names()
        self._phones = self._free_phones()

    def newcomer(self, role: str, place: Organisation) -> Person:
        """A fictional person with a phone of the fictional blocks, appointed at ``place``."""
        person = appointments.contact(*self.stranger())
        appointments.appoint(person, role, organisation=place, actor=self.administrator)
        return person

    def with_phone(self, post: Appointment) -> Person:
        """The holder of ``post`` as a contact with a phone: rosters give none for leaders."""
        if post.person.phone:
            return post.person
        person = appointments.contact(post.person.name, next(self._phones))
        appointments.appoint(person, post.role, member=post.member, actor=self.administrator)
        return person

    def stranger(self) -> tuple[str, str]:
        """Name and phone of somebody new."""
        return next(self._names), next(self._phones)

    def account(self, person: Person, password: str = "", *, email: str = "") -> User:
        """The person's account, opened by an invitation if there is none yet."""
        user = User.objects.filter(person=person).first()
        if user is not None:
            return user
        token = accounts.invite(person, actor=self.administrator)
        return accounts.accept(token, password or None, email=email)

    def _free_names(self) -> Iterator[str]:
        taken = set(Person.objects.values_list("name", flat=True))
        while True:
            name = self.random.choice(SURNAMES) + self.random.choice(GIVEN)
            if name not in taken:
                taken.add(name)
                yield name

    def _free_phones(self) -> Iterator[str]:
        taken = set(Person.objects.values_list("phone", flat=True))
        while True:
            phone = f"{self.random.choice(('1380000', '1390000'))}{self.random.randrange(10_000):04d}"
            if phone not in taken:
                taken.add(phone)
                yield phone


def new_password() -> str:
    """Three groups of four, 59 bits: can be read out and typed."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))


def holder(role: str, place: Organisation | Member) -> Appointment:
    """The standing holder of a post that the importers or ``Cast`` have filled."""
    field = "member" if isinstance(place, Member) else "organisation"
    posts = (
        Appointment.objects.current().filter(role=role, **{field: place}).select_related("person", "member")
    )
    return posts.order_by("pk")[0]


def at_work(role: str, alliance: Alliance) -> User:
    """The account of an alliance's secretary or staff, as a new request would load it."""
    return User.objects.get(person=holder(role, alliance.organisation).person_id)


def read_inbox(user: User) -> None:
    """Whoever comes to act reads what has come meanwhile."""
    unread = Message.objects.filter(
        recipient=user.person_id, channel=Channel.INBOX, state=MessageState.SENT, read_at=None
    )
    outbox.mark_read(user.person, list(unread.values_list("pk", flat=True)))
