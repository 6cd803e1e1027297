"""Progress of a claim in lines of at most 200 characters, each with up to three pictures."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from alliances import clock
from alliances.enums import Via
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import User
from alliances.services import audit, files
from demands import policies
from demands.enums import CLAIM_WORKING, ClaimState
from demands.lifecycles import CLAIM
from demands.models import Claim, NotePhoto, ProgressNote
from demands.services.acting import hold, own_or_recorded, text

MOST_WORDS = 200
MOST_PHOTOS = 3
MOST_BYTES = 8 * 2**20
# The same words again so soon are the same form sent twice, not news.
SAME_WITHIN = timedelta(minutes=10)


def add(claim: Claim, words: str, *, via: str = Via.SCREEN, actor: User) -> ProgressNote:
    """Note how it goes; the first note of a claim that was only taken also starts it. The same words by the same person
    within ten minutes are the note that is there."""
    if not policies.can_work_on_claim(actor, claim):
        raise NotAllowed("只有认领单位联络员可以填写进展，社区可以代录。")
    words = text(words, MOST_WORDS, missing="请填写进展。")
    with transaction.atomic():
        hold(claim.demand)
        claim.refresh_from_db()
        if claim.state not in CLAIM_WORKING:
            raise TooLate(f"认领项目现在是“{claim.get_state_display()}”，不用再填进展。")
        via = own_or_recorded(policies.can_work_on_claim, actor, claim, via)
        again = {"text": words, "written_by": actor, "via": via}
        recent = clock.now() - SAME_WITHIN
        if known := ProgressNote.objects.filter(claim=claim, written_at__gte=recent, **again).first():
            return known
        if claim.state == ClaimState.TAKEN:
            CLAIM.apply(claim, "start", actor=actor, data={"via": via})
        note = ProgressNote.objects.create(
            claim=claim, text=words, written_by=actor, writer=actor.person, via=via
        )
        audit.record("demands.claim.note", claim, actor=actor, data={"note": note.pk, "via": via})
    return note


def add_photo(note: ProgressNote, content: bytes, *, actor: User) -> NotePhoto:
    """Keep ``content`` (JPEG or PNG, at most 8 MB), drawn anew. Raises OfficeError, NotAllowed."""
    if not policies.can_work_on_claim(actor, note.claim):
        raise NotAllowed("只有认领单位联络员可以上传照片，社区可以代传。")
    drawn = files.picture(content, most_bytes=MOST_BYTES)
    taken = set(NotePhoto.objects.filter(note=note).values_list("order", flat=True))
    free = [order for order in range(1, MOST_PHOTOS + 1) if order not in taken]
    if not free:
        raise OfficeError(f"每条进展最多{MOST_PHOTOS}张照片，请先删去一张。")
    photo = NotePhoto(note=note, width=drawn.width, height=drawn.height, order=free[0])
    photo.file.save(files.random_name("jpg"), ContentFile(drawn.content), save=False)
    try:
        with transaction.atomic():
            photo.save()
            audit.record("demands.claim.photo", note.claim, actor=actor, data={"photo": photo.pk})
    except Exception as problem:
        photo.file.delete(save=False)  # no row, no file
        if isinstance(problem, IntegrityError):
            raise OfficeError("另一张照片刚刚上传，请刷新后再试。") from problem
        raise
    return photo


def remove_photo(photo: NotePhoto, *, actor: User) -> None:
    """Take a picture away, row and file."""
    claim = photo.note.claim
    if not policies.can_work_on_claim(actor, claim):
        raise NotAllowed("只有认领单位联络员和社区可以删除照片。")
    with transaction.atomic():
        data, stored = {"photo": photo.pk}, photo.file
        if not NotePhoto.objects.filter(pk=photo.pk).delete()[0]:
            return
        audit.record("demands.claim.unphoto", claim, actor=actor, data=data)
        transaction.on_commit(lambda: stored.delete(save=False))
