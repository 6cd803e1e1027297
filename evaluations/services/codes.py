"""One-time codes of residents: printed on slips and paper ballots, or drawn by a phone at the venue.

A code has 15 characters out of 30 (73 bits) without look-alikes; only its hash is kept, so a code is known to its
paper or phone alone.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import User
from alliances.services import audit
from evaluations import policies
from evaluations.enums import CodeOrigin, RoundState
from evaluations.errors import AlreadyVoted, CodeUnknown, CodeUsed, CodeVoid, RoundNotOpen, RoundOver
from evaluations.models import ResidentCode, Round
from rotation.enums import ActivityState

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without 0 O, 1 I L, U (V)
LENGTH = 15
GROUP = 5
MOST_TYPED = 100  # characters that are looked at
MOST_AT_ONCE = 500
MOST_PER_ROUND = 3000


def new_code() -> str:
    """E.g. ``7KQ2M-XA94C-PRT3W``."""
    return grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def grouped(plain: str) -> str:
    """Fifteen characters as they are printed: in three groups."""
    return "-".join(plain[at : at + GROUP] for at in range(0, len(plain), GROUP))


def squeezed(code: str) -> str:
    """A code however it was typed: small letters, full-width forms, spaces and dashes make no difference."""
    return "".join(c for c in unicodedata.normalize("NFKC", code[:MOST_TYPED]).upper() if c.isalnum())


def hash_code(code: str) -> str:
    """What is kept of a code."""
    return hashlib.sha256(f"ballot:{squeezed(code)}".encode()).hexdigest()


def find(code: str, round: Round | None = None) -> ResidentCode:
    """The row of a code. Raises CodeUnknown, also for one of another round than ``round``."""
    rows = ResidentCode.objects.filter(code_hash=hash_code(code)).select_related(
        "round__activity", "round__alliance__organisation", "round__duty__plan"
    )
    row = rows.first()
    if row is None or (round is not None and row.round_id != round.pk):
        raise CodeUnknown
    return row


def print_slips(round: Round, count: int, *, origin: str = CodeOrigin.SLIP, actor: User) -> list[str]:
    """``count`` new codes in plain text, this once. Before the round opens or while it is open."""
    if not policies.can_print_codes(actor, round):
        raise NotAllowed("只有社区书记和工作人员可以打印评议码。")
    if origin not in (CodeOrigin.SLIP, CodeOrigin.PAPER):
        raise OfficeError("请选择打印纸条或纸质评议票。")
    if not 1 <= count <= MOST_AT_ONCE:
        raise OfficeError(f"一次可打印 1 至 {MOST_AT_ONCE} 张。")
    if not round.gives_codes:
        raise RoundOver
    if round.activity.state == ActivityState.CANCELLED:
        raise OfficeError("活动已取消，不用再打印评议码。")
    plain = [new_code() for _ in range(count)]
    with transaction.atomic():
        if ResidentCode.objects.filter(round=round, is_void=False).count() + count > MOST_PER_ROUND:
            raise OfficeError(f"一次评议最多发 {MOST_PER_ROUND} 个评议码，请先作废没有用的。")
        ResidentCode.objects.bulk_create(
            (
                ResidentCode(
                    round=round, code_hash=hash_code(code), origin=origin, asks_chair=round.asks_chair
                )
                for code in plain
            ),
            batch_size=500,
        )
        audit.record(
            "evaluations.code.print", round, actor=actor, data={"count": count, "origin": str(origin)}
        )
    return plain


def void_unused(round: Round, *, origin: str, actor: User) -> int:
    """Take back every unused code of one origin, e.g. slips that were lost; returns how many."""
    if not policies.can_print_codes(actor, round):
        raise NotAllowed("只有社区书记和工作人员可以作废评议码。")
    with transaction.atomic():
        count = ResidentCode.objects.filter(round=round, origin=origin, used_at=None, is_void=False).update(
            is_void=True
        )
        audit.record(
            "evaluations.code.void", round, actor=actor, data={"count": count, "origin": str(origin)}
        )
    return count


def void_one(round: Round, code: str, *, actor: User) -> None:
    """Take back one slip or paper ballot by the code on it. Raises CodeUnknown, CodeUsed, CodeVoid."""
    if not policies.can_print_codes(actor, round):
        raise NotAllowed("只有社区书记和工作人员可以作废评议码。")
    row = find(code, round)
    with transaction.atomic():
        if not ResidentCode.objects.filter(pk=row.pk, used_at=None, is_void=False).update(is_void=True):
            row.refresh_from_db()
            raise CodeVoid if row.is_void else CodeUsed
        audit.record(
            "evaluations.code.void", round, actor=actor, data={"count": 1, "origin": str(row.origin)}
        )


def draw_at_venue(round: Round, browser_key: str) -> str:
    """The code of the phone that scanned the venue's QR: one per browser and round. Needs no account.

    ``browser_key`` is a random value in the browser's cookie. Drawing again before voting gives the same code, so that
    a second tap, the way back or another tab spoil nothing; after voting it raises AlreadyVoted. Whether the chair is
    asked about depends on the browser's earlier votes of the month.
    """
    if not browser_key:
        raise OfficeError("请允许浏览器保存数据后再扫码，或向社区工作人员领取评议纸条。")
    if round.state == RoundState.PREPARED:
        raise RoundNotOpen
    if not round.takes_votes:
        raise RoundOver
    browser, code = _hash_browser(round, browser_key), _venue_code(round, browser_key)
    with transaction.atomic():
        if not _drawn_before(round, browser):
            _create(round, browser, code)
    return code


def _venue_code(round: Round, browser_key: str) -> str:
    """Computed, because only its hash is kept and it must be told a second time; not to be had without the cookie."""
    digest = salted_hmac("evaluations.venue_code", f"{round.pk}:{browser_key}", algorithm="sha256").digest()
    number = int.from_bytes(digest, "big")
    plain = ""
    for _ in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        plain += ALPHABET[place]
    return grouped(plain)


def _drawn_before(round: Round, browser: str) -> bool:
    row = ResidentCode.objects.filter(round=round, browser_hash=browser).first()
    if row is None:
        return False
    if row.is_void:
        raise CodeVoid
    if row.used_at is not None:
        raise AlreadyVoted("这部手机已经评过这次活动了，谢谢您的参与。")
    if row.asks_chair and not _asks_chair(
        round, browser
    ):  # it has scored the chair in another round meanwhile
        ResidentCode.objects.filter(pk=row.pk, used_at=None).update(asks_chair=False)
    return True


def _create(round: Round, browser: str, code: str) -> None:
    if ResidentCode.objects.filter(round=round, is_void=False).count() >= MOST_PER_ROUND:
        raise OfficeError("这次评议的评议码已经发完，请联系社区工作人员。")
    try:
        with transaction.atomic():
            ResidentCode.objects.create(
                round=round,
                code_hash=hash_code(code),
                origin=CodeOrigin.VENUE,
                browser_hash=browser,
                asks_chair=_asks_chair(round, browser),
            )
    except IntegrityError:  # the same phone tapped twice: the other tap has made the row a moment ago
        _drawn_before(round, browser)


def _hash_browser(round: Round, browser_key: str) -> str:
    """The same within a month, so that the chair is asked about once; different from month to month."""
    scope = f"duty:{round.duty_id}" if round.duty_id else f"round:{round.pk}"
    return salted_hmac("evaluations.browser", f"{scope}:{browser_key}", algorithm="sha256").hexdigest()


def _asks_chair(round: Round, browser: str) -> bool:
    if round.duty_id is None:
        return False
    return not ResidentCode.objects.filter(
        round__duty=round.duty_id, browser_hash=browser, asks_chair=True, used_at__isnull=False
    ).exists()
