"""The circle (共建“朋友圈”): its feed, one entry, publishing and taking down, files; what is public without an account."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alliances.enums import BulletinKind, Visibility
from alliances.errors import OfficeError
from alliances.exporting import MEDIA_TYPES
from alliances.forms.circle import AttachForm, PublishForm
from alliances.models import Alliance, Attachment, Bulletin
from alliances.policies import can_publish_bulletin
from alliances.selectors import circle, directory, paging
from alliances.services import bulletins
from alliances.views.base import act, require, saved, visible_or_404

PAGE_SIZE = 20
TYPES = {"pdf": "application/pdf", "jpg": "image/jpeg"} | {
    suffix: MEDIA_TYPES[suffix][1] for suffix in ("docx", "xlsx")
}
MAY_NOT = "只有社区书记、工作人员、会长和本级办公室可以发布。"


@login_required
@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """What the reader may read, newest first: of the chosen alliance and those above it; offices see all theirs."""
    alliance = directory.chosen_alliance(request)
    kind = request.GET.get("kind", "")
    kind = kind if kind in BulletinKind.values else ""
    rows = circle.feed(request.user, alliance, kind)
    if request.GET.get("total") == "1":
        return render(request, "alliances/_total.html", {"total": rows.count()})
    places = _places(request)
    context = {
        "alliance": alliance,
        "page": paging.page(rows, request.GET, PAGE_SIZE),
        "kind": kind,
        "kinds": BulletinKind.choices,
        "total_url": f"?kind={kind}&total=1",
        "may_publish": bool(places),
        "public": places[0] if places else None,
    }
    return render(request, "alliances/circle.html", context)


def _places(request: HttpRequest) -> list[Alliance]:
    """Alliances in which the reader may publish, the chosen one first."""
    chosen = directory.chosen_alliance(request)
    found = [a for a in directory.own_alliances(request) if can_publish_bulletin(request.user, a)]
    return sorted(found, key=lambda alliance: alliance != chosen)


@require_safe
def public(request: HttpRequest, code: str) -> HttpResponse:
    """What an alliance shows to everybody; no account, no names of people."""
    alliance = get_object_or_404(Alliance, code=code)
    context = {
        "alliance": alliance,
        "page": paging.page(circle.public_feed(alliance), request.GET, PAGE_SIZE),
    }
    return render(request, "alliances/circle_public.html", context)


# --- one entry ----------------------------------------------------------------------------------------------------


@require_safe
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """An entry; public ones without an account. Who is not logged in may find the others after logging in."""
    bulletin = _readable(request, pk)
    return bulletin if isinstance(bulletin, HttpResponse) else _show(request, bulletin)


def _readable(request: HttpRequest, pk: int) -> Bulletin | HttpResponse:
    rows = Bulletin.objects.select_related("alliance__organisation", "published_by__person").prefetch_related(
        "attachments"
    )
    try:
        return visible_or_404(rows, request.user, pk=pk)
    except Http404:
        if request.user.is_authenticated:
            raise
        return redirect_to_login(request.get_full_path())


def _show(
    request: HttpRequest, bulletin: Bulletin, *, attach: AttachForm | None = None, status: int = 200
) -> HttpResponse:
    known = request.user.is_authenticated
    may_publish = known and can_publish_bulletin(request.user, bulletin.alliance)
    files = list(bulletin.attachments.all())
    has_room = len(files) < bulletins.MOST_ATTACHMENTS
    url = reverse("alliances:circle") if known else _public_url(bulletin.alliance)
    context = {
        "entry": bulletin,
        "files": files,
        "known": known,
        "may_publish": may_publish,
        "attach": (attach or AttachForm()) if may_publish and has_room else None,
        "is_public": bulletin.visibility == Visibility.PUBLIC,
        "crumbs": [{"label": "朋友圈", "url": url}],
    }
    return render(request, "alliances/circle_entry.html", context, status=status)


def _public_url(alliance: Alliance) -> str:
    return reverse("alliances:circle-public", args=[alliance.code])


@require_safe
def file(request: HttpRequest, pk: int, attachment: int) -> HttpResponse | FileResponse:
    """A file for whoever may read its entry: to be saved, never opened as a page of this site."""
    bulletin = _readable(request, pk)
    if isinstance(bulletin, HttpResponse):
        return bulletin
    found = get_object_or_404(Attachment, bulletin=bulletin, pk=attachment)
    try:
        content = found.file.open("rb")
    except FileNotFoundError as problem:
        raise Http404("这个附件已经不在了。") from problem
    suffix = found.name.rsplit(".", 1)[-1]
    response = FileResponse(
        content,
        as_attachment=True,
        filename=found.name,
        content_type=TYPES.get(suffix, "application/octet-stream"),
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


# --- publishing ---------------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    places = _places(request)
    require(places, MAY_NOT)
    posted = request.method == "POST"
    form = PublishForm(request.POST if posted else None, request.FILES if posted else None, places=places)
    made: list[Bulletin] = []

    def deed() -> None:
        made.append(bulletins.publish(form.alliance, **form.parts(), actor=request.user))

    if posted and saved(form, deed):
        messages.success(request, "已发布。")
        return redirect("alliances:circle-entry", made[0].pk)
    context = {
        "form": form,
        "alliance": places[0] if len(places) == 1 else None,
        # A browser does not keep chosen files when a form comes back.
        "files_again": posted and bool(request.FILES),
        "crumbs": [{"label": "朋友圈", "url": reverse("alliances:circle")}],
    }
    return render(request, "alliances/circle_new.html", context, status=422 if posted else 200)


def _own_entry(request: HttpRequest, pk: int) -> Bulletin:
    rows = Bulletin.objects.select_related("alliance__organisation", "published_by__person").prefetch_related(
        "attachments"
    )
    bulletin = visible_or_404(rows, request.user, pk=pk)
    require(can_publish_bulletin(request.user, bulletin.alliance), "只有发布单位可以添加附件、撤下。")
    return bulletin


@login_required
@require_POST
def attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Further files; those before a refused one are kept, and the page says so."""
    bulletin = _own_entry(request, pk)
    form = AttachForm(request.POST, request.FILES)
    kept: list[Attachment] = []

    def deed() -> None:
        for name, content in form.cleaned_data["files"]:
            try:
                kept.append(bulletins.attach(bulletin, name, content, actor=request.user))
            except OfficeError as problem:
                words = f"“{name}”没有添加：{problem.message}"
                raise OfficeError(f"{words}前面{len(kept)}个已添加。" if kept else words) from problem

    if saved(form, deed):
        messages.success(request, f"已添加{len(kept)}个附件。")
        return redirect("alliances:circle-entry", bulletin.pk)
    if len(bulletin.attachments.all()) + len(kept) >= bulletins.MOST_ATTACHMENTS:
        for sentence in (line for lines in form.errors.values() for line in lines):
            messages.error(request, sentence)
        return redirect("alliances:circle-entry", bulletin.pk)
    return _show(request, _own_entry(request, pk), attach=form, status=422)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    bulletin = _own_entry(request, pk)
    return act(
        request,
        lambda: bulletins.withdraw(bulletin, actor=request.user),
        done="已撤下，别人看不到了。",
        back=reverse("alliances:circle"),
    )
