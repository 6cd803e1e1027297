"""Listing a resource, correcting it, and a venue's hours: the unit's liaison, or the office for it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from alliances.enums import Role
from alliances.models import Member
from alliances.selectors import directory
from alliances.views.base import require, saved
from demands import policies
from demands.enums import ResourceKind, ResourceState
from demands.forms.resources import HoursForm, ResourceForm, entry_of
from demands.models import OpeningHour, Resource
from demands.services import resources
from demands.views.resources import MAY_NOT_KEEP, crumbs_of, found_or_404

ASK = require_http_methods(["GET", "HEAD", "POST"])


def _members(request: HttpRequest) -> list[Member]:
    """Units that the user may list for: a liaison's own, and all of the alliance for those who run it."""
    own = [a.member for a in request.user.current_appointments if a.role == Role.LIAISON and a.member]
    alliance = directory.chosen_alliance(request)
    if alliance is not None and policies.can_take_in(request.user, alliance):
        rows = Member.objects.current().filter(alliance=alliance).select_related("unit", "alliance")
        own += list(rows.order_by("pk"))
    return [m for m in dict.fromkeys(own) if m.left_on is None]


@login_required
@ASK
def new(request: HttpRequest) -> HttpResponse:
    """One entry of a unit's menu; the liaison's own name and phone are filled in."""
    members = _members(request)
    require(members, "只有成员单位的联络员和社区可以登记资源。")
    named = request.GET.get("member", "")
    chosen = next((m for m in members if str(m.pk) == named), members[0] if len(members) == 1 else None)
    if request.method != "POST":
        kind = request.GET.get("kind", "")
        initial = {
            "kind": kind if kind in ResourceKind.values else "",
            "member": str(chosen.pk) if chosen else "",
        }
        if chosen is not None and (post := directory.holder(chosen, Role.LIAISON)) is not None:
            initial |= {"contact_name": post.person.name, "contact_phone": post.person.phone}
        return _page(request, ResourceForm(members=members, initial=initial), chosen=chosen)
    form = ResourceForm(request.POST, members=members)
    made: list[Resource] = []

    def deed() -> None:
        made.append(resources.list_(form.member(), form.offering(), actor=request.user))

    if not saved(form, deed):
        return _page(request, form, chosen=chosen, status=422)
    listed = made[0]
    if listed.is_bookable:
        messages.success(request, "已登记。请接着设置开放时间，设好后才能预约。")
        return redirect("demands:resource-hours", listed.pk)
    messages.success(request, "已登记，联盟各单位都能看到。")
    if "again" in request.POST:
        return redirect(f"{reverse('demands:resource-new')}?member={listed.member_id}&kind={listed.kind}")
    return redirect("demands:resource", listed.pk)


@login_required
@ASK
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = found_or_404(request, pk)
    require(policies.can_keep_resource(request.user, found), MAY_NOT_KEEP)
    if found.state == ResourceState.WITHDRAWN:
        messages.info(request, "资源已撤下，不能再修改；需要时请重新登记。")
        return redirect("demands:resource", found.pk)
    form = ResourceForm(request.POST if request.method == "POST" else None, initial=entry_of(found))
    if request.method == "POST" and saved(
        form, lambda: resources.change(found, form.offering(), actor=request.user)
    ):
        messages.success(request, "已保存。")
        return redirect("demands:resource", found.pk)
    return _page(request, form, resource=found, status=422 if form.is_bound else 200)


def _page(
    request: HttpRequest,
    form: ResourceForm,
    *,
    resource: Resource | None = None,
    chosen: Member | None = None,
    status: int = 200,
) -> HttpResponse:
    back = reverse("demands:resource", args=[resource.pk]) if resource else "/demands/resources/"
    if resource is None and chosen is not None:
        back = reverse("demands:menu", args=[chosen.pk])
    context = {
        "form": form,
        "resource": resource,
        "member": resource.member if resource else chosen,
        "asks_member": "member" in form.fields,
        "back": back,
        "crumbs": crumbs_of(resource),
    }
    return render(request, "demands/resource_edit.html", context, status=status)


@login_required
@ASK
def hours(request: HttpRequest, pk: int) -> HttpResponse:
    """The week of a venue; a button adds lines without a script and keeps what was typed."""
    found = found_or_404(request, pk)
    require(policies.can_keep_resource(request.user, found), "只有本单位联络员和社区可以修改开放时间。")
    if not found.is_bookable or found.state == ResourceState.WITHDRAWN:
        messages.info(request, "只有可以按时段预约的场地才设置开放时间。")
        return redirect("demands:resource", found.pk)
    context = {"resource": found, "crumbs": crumbs_of(found)}
    if request.method != "POST":
        rows = OpeningHour.objects.filter(resource=found).order_by("weekday", "starts")
        return render(request, "demands/resource_hours.html", {**context, "form": HoursForm(hours=rows)})
    if "more" in request.POST:
        form = HoursForm(request.POST, more=2)
        return render(request, "demands/resource_hours.html", {**context, "form": _unjudged(form)})
    form = HoursForm(request.POST)
    if saved(form, lambda: resources.set_hours(found, form.hours(), actor=request.user)):
        messages.success(request, "开放时间已保存。已有的预约不受影响。")
        return redirect("demands:resource", found.pk)
    return render(request, "demands/resource_hours.html", {**context, "form": form}, status=422)


def _unjudged(form: HoursForm) -> HoursForm:
    """The same lines with what was typed, before anybody asked whether they are right."""
    form.errors.clear()
    return form
