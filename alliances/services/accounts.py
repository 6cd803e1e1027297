"""Accounts come by one-time invitation only. Nothing here knows what an account may do: appointments say that."""

from __future__ import annotations

import hashlib
import secrets
from importlib import import_module

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from alliances import clock
from alliances.errors import OfficeError
from alliances.models import Appointment, Invitation, Person, User
from alliances.models.people import INVITATION_LIFE
from alliances.services import audit


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def invite(person: Person, *, actor: User | None) -> str:
    """A new one-time link's token for ``person``; earlier open invitations stop working. The token is not stored."""
    if not person.phone:
        raise OfficeError(f"{person.name}没有登记手机号，登记后才能邀请。")
    if User.objects.filter(person=person).exists():
        raise OfficeError(f"{person.name}已经有账号，不需要再邀请。")
    if User.objects.filter(phone=person.phone).exists():
        raise OfficeError(f"手机号{person.phone[:3]}****{person.phone[-4:]}已被另一位同志的账号使用。")
    if not Appointment.objects.current().filter(person=person).exists():
        raise OfficeError(f"{person.name}目前没有任职，不能开通账号。")
    token = secrets.token_urlsafe(24)
    with transaction.atomic():
        Invitation.objects.filter(person=person, used_at=None).update(expires_at=clock.now())
        invitation = Invitation.objects.create(
            person=person,
            token_hash=hash_token(token),
            created_by=actor,
            expires_at=clock.now() + INVITATION_LIFE,
        )
        audit.record("alliances.invitation.create", invitation, actor=actor, data={"person": person.pk})
    return token


def open_invitation(token: str) -> Invitation | None:
    """The invitation behind ``token`` if it can still be used: not after the post ended that it was made for."""
    invitation = Invitation.objects.select_related("person").filter(token_hash=hash_token(token)).first()
    if invitation is None or not invitation.is_open:
        return None
    has_post = Appointment.objects.current().filter(person=invitation.person).exists()
    return invitation if has_post else None


def accept(token: str, password: str | None, *, email: str = "") -> User:
    """Use the invitation: creates the account. One link makes one account, however often it is posted.

    ``password`` None: an account that nobody can log in to until a password is set (people of the demo).
    """
    invitation = open_invitation(token)
    if invitation is None:
        raise OfficeError("这个邀请链接已经使用或过期，请联系社区工作人员重新发送。")
    candidate = User(phone=invitation.person.phone, person=invitation.person, email=email)
    try:
        if password is not None:
            validate_password(password, candidate)
    except ValidationError as problem:
        raise OfficeError("".join(problem.messages)) from problem
    try:
        with transaction.atomic():
            hit = Invitation.objects.filter(pk=invitation.pk, used_at=None).update(used_at=clock.now())
            if not hit:
                raise OfficeError("这个邀请链接刚刚被使用过，请直接登录。")
            user = User.objects.create_user(invitation.person.phone, password, invitation.person, email=email)
            audit.record("alliances.invitation.accept", invitation, actor=user, data={"user": user.pk})
    except IntegrityError as problem:
        raise OfficeError("这个手机号已经有账号，请直接登录。") from problem
    return user


def reset_password(user: User, *, actor: User) -> str:
    """A temporary password that must be changed at the next login; every session of the account ends."""
    password = secrets.token_urlsafe(9)
    with transaction.atomic():
        user.set_password(password)
        user.must_change_password = True
        user.save(update_fields=["password", "must_change_password"])
        audit.record("alliances.account.reset_password", user, actor=actor)
    return password


def password_changed(user: User) -> None:
    """The person has chosen a password: the first-login duty is done."""
    if user.must_change_password:
        user.must_change_password = False
        user.save(update_fields=["must_change_password"])


def set_active(user: User, active: bool, *, actor: User) -> None:
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=active)
        user.is_active = active
        audit.record("alliances.account.enable" if active else "alliances.account.disable", user, actor=actor)
        if not active:
            _close_sessions(user)


def close_sessions_without_post(person: Person) -> None:
    """After an ended appointment: log the person out where no other post is left."""
    if Appointment.objects.current().filter(person=person).exists():
        return
    if user := User.objects.filter(person=person).first():
        _close_sessions(user)


def _close_sessions(user: User) -> None:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for session in Session.objects.filter(expire_date__gt=clock.machine_time()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            store(session.session_key).delete()
