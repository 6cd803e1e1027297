"""At most three pictures of an activity; optional, drawn anew, without place or camera (design, papers and trust)."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import User
from alliances.services import audit, files
from rotation import policies
from rotation.enums import ActivityState
from rotation.models import Activity, Photo

MOST_PHOTOS = 3
MOST_BYTES = 8 * 2**20


def add(activity: Activity, content: bytes, *, actor: User) -> Photo:
    """Keep ``content`` (JPEG or PNG, at most 8 MB) as the next picture. Raises OfficeError, NotAllowed."""
    if not policies.can_lead_activity(actor, activity):
        raise NotAllowed("只有当月轮值单位联络员和社区可以上传照片。")
    if activity.state == ActivityState.CANCELLED:
        raise OfficeError("活动已取消，不能上传照片。")
    drawn = files.picture(content, most_bytes=MOST_BYTES)
    taken = set(Photo.objects.filter(activity=activity).values_list("order", flat=True))
    places = [order for order in range(1, MOST_PHOTOS + 1) if order not in taken]
    if not places:
        raise OfficeError(f"每项活动最多{MOST_PHOTOS}张照片，请先删去一张。")
    photo = Photo(activity=activity, width=drawn.width, height=drawn.height, order=places[0], added_by=actor)
    photo.file.save(files.random_name("jpg"), ContentFile(drawn.content), save=False)
    try:
        with transaction.atomic():
            photo.save()
            audit.record("rotation.activity.photo", activity, actor=actor, data={"photo": photo.pk})
    except Exception as problem:
        photo.file.delete(save=False)  # no row, no file
        if isinstance(problem, IntegrityError):
            raise OfficeError("另一张照片刚刚上传，请刷新后再试。") from problem
        raise
    return photo


def remove(photo: Photo, *, actor: User) -> None:
    """Take a picture away, row and file."""
    if not policies.can_lead_activity(actor, photo.activity):
        raise NotAllowed("只有当月轮值单位联络员和社区可以删除照片。")
    with transaction.atomic():
        data = {"photo": photo.pk}
        stored = photo.file
        if not Photo.objects.filter(pk=photo.pk).delete()[0]:
            return
        audit.record("rotation.activity.unphoto", photo.activity, actor=actor, data=data)
        transaction.on_commit(lambda: stored.delete(save=False))
