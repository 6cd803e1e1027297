"""What people do with an activity: take part, hold it, record it, call it off; the office for those who said it elsewhere."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from alliances.models import Member
from alliances.views.base import act, require, saved
from rotation import policies
from rotation.forms.activities import CancelForm, HoldForm, JoinForm, RecordForm, UnitForm
from rotation.models import Activity
from rotation.selectors import activities as reads
from rotation.selectors import served
from rotation.services import activities
from rotation.views.activities import OPEN, came_back, found_or_404, show

MAY_NOT_LEAD = "只有当月轮值单位联络员和社区可以办理。"


def _page(activity: Activity) -> str:
    return reverse("rotation:activity", args=[activity.pk])


def _members(activity: Activity) -> list[Member]:
    rows = Member.objects.current().filter(alliance=activity.alliance_id).select_related("unit")
    return list(rows.order_by("pk"))


def _member_or_404(request: HttpRequest, activity: Activity) -> Member:
    """The unit named in a POST; without a name the user's own, if it is one alone."""
    text = request.POST.get("member", "")
    if not text:
        own = [
            post.member_id
            for post in request.user.current_appointments
            if post.member is not None
            and post.member.alliance_id == activity.alliance_id
            and policies.can_join_activity(request.user, post.member)
        ]
        require(own, "只有本单位联络员可以回复是否参加。")
        text = str(own[0])
    pk = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    return get_object_or_404(
        Member.objects.filter(alliance=activity.alliance_id).select_related("unit", "alliance"), pk=pk
    )


@login_required
@require_POST
def join(request: HttpRequest, pk: int) -> HttpResponse:
    """One tap of a unit's own liaison; the number of people is optional."""
    activity = found_or_404(request, pk)
    member = _member_or_404(request, activity)
    require(policies.can_join_activity(request.user, member), "只有本单位联络员可以回复是否参加。")
    form = JoinForm(request.POST, auto_id=f"id_{member.pk}_%s")
    if saved(
        form,
        lambda: activities.join(activity, member, heads=form.cleaned_data["heads"], actor=request.user),
    ):
        heads = form.cleaned_data["heads"]
        messages.success(request, f"{member.unit.name}参加{f'，{heads}人' if heads else ''}，谢谢。")
        return redirect(_page(activity))
    if activity.state not in OPEN:  # nothing left to correct: the sentence says why
        return act(
            request,
            lambda: activities.join(activity, member, actor=request.user),
            done="",
            back=_page(activity),
        )
    form.data = form.data.copy()
    form.data["member"] = str(member.pk)
    return show(request, activity, join=form, status=422)


@login_required
@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    activity = found_or_404(request, pk)
    member = _member_or_404(request, activity)
    require(
        policies.can_join_activity(request.user, member)
        or policies.can_record_participation(request.user, activity),
        "只有本单位联络员可以回复是否参加。",
    )
    return act(
        request,
        lambda: activities.step_back(activity, member, actor=request.user),
        done=f"已记下{member.unit.name}不参加。",
        back=_page(activity),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    """Secretary or staff write down that a unit comes, as it said on paper or by telephone."""
    activity = found_or_404(request, pk)
    require(
        policies.can_record_participation(request.user, activity), "只有社区书记和工作人员可以代录参加单位。"
    )
    if activity.state not in OPEN:
        messages.info(request, f"活动现在是“{activity.get_state_display()}”，不能再改参加单位。")
        return redirect(_page(activity))
    known = {row.member_id: row for row in activity.participations.all()}
    named = request.GET.get("member", "")
    row = next((row for pk, row in known.items() if str(pk) == named), None)
    initial = {"member": named, "heads": row.heads if row else None, "via": row.via if row else "phone"}
    if initial["via"] not in ("paper", "phone"):
        initial["via"] = "phone"
    form = UnitForm(
        request.POST if request.method == "POST" else None, members=_members(activity), initial=initial
    )

    def deed() -> None:
        activities.join(
            activity,
            form.members[form.cleaned_data["member"]],
            heads=form.cleaned_data["heads"],
            via=form.cleaned_data["via"],
            actor=request.user,
        )

    if request.method == "POST" and saved(form, deed):
        name = form.members[form.cleaned_data["member"]].unit.name
        messages.success(request, f"已记下{name}参加。")
        return redirect(_page(activity))
    context = {"activity": activity, "form": form, "crumbs": _crumbs(activity)}
    return render(request, "rotation/activity_unit.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """It has taken place; what came of it can follow at once or later."""
    activity = found_or_404(request, pk)
    require(policies.can_lead_activity(request.user, activity), MAY_NOT_LEAD)
    form = HoldForm(request.POST)
    if saved(
        form, lambda: activities.hold(activity, held_on=form.cleaned_data["held_on"], actor=request.user)
    ):
        messages.success(request, "已登记举办。人数等情况现在填、以后填都可以。")
        return redirect("rotation:activity-record", activity.pk)
    return came_back(request, pk, "hold", form)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """People of every unit, beneficiaries, a few words; also holds what was only planned (all from paper at once)."""
    activity = found_or_404(request, pk)
    require(policies.can_lead_activity(request.user, activity), MAY_NOT_LEAD)
    if activity.state not in OPEN:
        messages.info(request, f"活动现在是“{activity.get_state_display()}”，没有要填写的记录。")
        return redirect(_page(activity))
    units = reads.record_of(activity)
    there = [*units.chairs, *units.others]
    inside = {row.member_id for row in there}
    form = RecordForm(
        request.POST if request.method == "POST" else None,
        activity=activity,
        units=there,
        others=[member for member in _members(activity) if member.pk not in inside],
        on_behalf=policies.can_record_participation(request.user, activity),
        claims=list(served.claims_for(activity)),
    )
    if request.method == "POST" and saved(
        form, lambda: activities.record(activity, **form.parts(), actor=request.user)
    ):
        messages.success(request, "活动记录已完成，可以下载《活动记录》，也可以补几张照片。")
        return redirect(_page(activity))
    context = {
        "activity": activity,
        "form": form,
        "asks_day": "held_on" in form.fields,
        "asks_claims": "claims" in form.fields,
        "asks_via": "via" in form.fields,
        "crumbs": _crumbs(activity),
    }
    return render(request, "rotation/activity_record.html", context, status=422 if form.is_bound else 200)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    activity = found_or_404(request, pk)
    require(policies.can_lead_activity(request.user, activity), MAY_NOT_LEAD)
    form = CancelForm(request.POST)
    if saved(
        form, lambda: activities.cancel(activity, reason=form.cleaned_data["reason"], actor=request.user)
    ):
        messages.success(request, "活动已取消，参加单位会收到消息。")
        return redirect(_page(activity))
    return came_back(request, pk, "cancel", form)


def _crumbs(activity: Activity) -> list[dict[str, str]]:
    return [
        {"label": "活动", "url": reverse("rotation:activities")},
        {"label": activity.title, "url": _page(activity)},
    ]
