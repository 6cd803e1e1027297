"""The circle (共建“朋友圈”): published, with attachments, and taken down again (seeds 000, 001, 003)."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import F

from alliances import clock
from alliances.enums import BulletinKind, Visibility
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed, TooLate
from alliances.models import Alliance, Attachment, Bulletin, User
from alliances.policies import can_publish_bulletin
from alliances.services import audit, files

MOST_ATTACHMENTS = 5
MOST_BYTES = 10 * 2**20


def publish(
    alliance: Alliance,
    *,
    kind: str,
    title: str,
    body: str,
    visibility: str = Visibility.ALLIANCE,
    path: str = "",
    source: str = "",
    attachments: Sequence[tuple[str, bytes]] = (),
    actor: User,
) -> Bulletin:
    """A new entry. ``attachments`` are (name, content), all or nothing. With ``source`` (another part's own name for
    what it publishes) a repeated call returns the entry that is there. Raises OfficeError, NotAllowed."""
    if not can_publish_bulletin(actor, alliance):
        raise NotAllowed("只有社区书记、工作人员、会长和本级办公室可以发布。")
    if kind not in BulletinKind.values or visibility not in Visibility.values:
        raise OfficeError("请选择类型和可见范围。")
    if not title.strip() or not body.strip():
        raise OfficeError("请填写标题和内容。")
    if source and (known := _published(alliance, source)):
        return known
    checked = _checked(attachments)
    stored: list[Attachment] = []
    try:
        with transaction.atomic():
            bulletin = Bulletin.objects.create(
                alliance=alliance,
                kind=kind,
                title=title.strip()[:100],
                body=body.strip(),
                visibility=visibility,
                path=path,
                source=source,
                published_by=actor,
            )
            audit.record("alliances.bulletin.publish", bulletin, actor=actor, data={"kind": kind})
            for document in checked:
                stored.append(_store(bulletin, document))
    except Exception as problem:
        for attachment in stored:
            attachment.file.delete(save=False)  # no row, no file
        if source and isinstance(problem, IntegrityError) and (known := _published(alliance, source)):
            return known  # another process published the same a moment ago
        raise
    return bulletin


def _published(alliance: Alliance, source: str) -> Bulletin | None:
    return Bulletin.objects.filter(alliance=alliance, source=source).first()


def _checked(attachments: Sequence[tuple[str, bytes]]) -> list[files.Document]:
    if len(attachments) > MOST_ATTACHMENTS:
        raise OfficeError(f"最多{MOST_ATTACHMENTS}个附件。")
    return [files.document(name, content, most_bytes=MOST_BYTES) for name, content in attachments]


def _store(bulletin: Bulletin, document: files.Document) -> Attachment:
    attachment = Attachment(bulletin=bulletin, name=document.name, size=len(document.content))
    attachment.file.save(files.random_name(document.extension), ContentFile(document.content), save=False)
    try:
        attachment.save()
    except Exception:
        attachment.file.delete(save=False)
        raise
    return attachment


def attach(bulletin: Bulletin, name: str, content: bytes, *, actor: User) -> Attachment:
    """Add a file to a standing entry, up to five of 10 MB each."""
    if not can_publish_bulletin(actor, bulletin.alliance):
        raise NotAllowed("只有发布单位可以添加附件。")
    document = files.document(name, content, most_bytes=MOST_BYTES)
    with transaction.atomic():
        # The entry's row first: two files added at once count each other.
        if not Bulletin.objects.filter(pk=bulletin.pk, withdrawn_at=None).update(title=F("title")):
            raise TooLate("这条内容已经撤下。")
        if Attachment.objects.filter(bulletin=bulletin).count() >= MOST_ATTACHMENTS:
            raise OfficeError(f"最多{MOST_ATTACHMENTS}个附件。")
        attachment = _store(bulletin, document)
        audit.record("alliances.bulletin.attach", bulletin, actor=actor, data={"attachment": attachment.pk})
    return attachment


def withdraw(bulletin: Bulletin, *, actor: User) -> Bulletin:
    """Take an entry down: nobody sees it any more, its row and files stay. Twice is harmless."""
    if not can_publish_bulletin(actor, bulletin.alliance):
        raise NotAllowed("只有发布单位可以撤下。")
    with transaction.atomic():
        if Bulletin.objects.filter(pk=bulletin.pk, withdrawn_at=None).update(withdrawn_at=clock.now()):
            audit.record("alliances.bulletin.withdraw", bulletin, actor=actor)
    bulletin.refresh_from_db(fields=["withdrawn_at"])
    return bulletin
