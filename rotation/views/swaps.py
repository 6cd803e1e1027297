"""Changing a passed table: ask from a month, agree on screen or by paper, file - each on one page that says what follows."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alliances import clock
from alliances.enums import Role
from alliances.models import Member
from alliances.selectors import directory, paging
from alliances.views.base import act, alliance_or_404, require, saved, visible_or_404
from rotation import policies
from rotation.enums import PlanState, SwapState
from rotation.forms.swaps import RecordForm, RefuseForm, SwapForm
from rotation.models import Duty, Swap
from rotation.selectors import changes, tables
from rotation.selectors import year as years
from rotation.selectors.papers import describe_swap
from rotation.services import swaps as service


@login_required
@require_safe
def swaps(request: HttpRequest) -> HttpResponse:
    """The chosen alliance's changes, newest first; ``?total=1`` is the count alone."""
    if request.user.holds(Role.OFFICE) and directory.chosen_alliance(request) is None:
        return redirect("alliances:office")
    alliance = alliance_or_404(request)
    rows = changes.swaps_seen_by(request.user, alliance)
    state = request.GET.get("state", "")
    if state in SwapState.values:
        rows = rows.filter(state=state)
    if request.GET.get("total"):
        return render(request, "alliances/_total.html", {"total": rows.count()})
    page = paging.page(rows, request.GET)
    content = {
        "alliance": alliance,
        "page": page,
        "rows": [_line(swap) for swap in page.rows],
        "states": SwapState.choices,
        "state": state,
    }
    return render(request, "rotation/swaps.html", content)


def _line(swap: Swap) -> dict[str, Any]:
    return {"swap": swap, "words": describe_swap(swap), "tone": changes.TONES[SwapState(swap.state)]}


def _swap_or_404(request: HttpRequest, pk: int) -> Swap:
    rows = Swap.objects.select_related(
        "alliance__organisation",
        "plan",
        "asker__unit",
        "other__unit",
        "duty__plan",
        "other_duty__plan",
        "asked_by__person",
    )
    return visible_or_404(rows, request.user, pk=pk)


@login_required
@require_safe
def swap(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, _swap_or_404(request, pk))


def _show(
    request: HttpRequest, swap: Swap, *, refusal: RefuseForm | None = None, status: int = 200
) -> HttpResponse:
    user, is_asked = request.user, swap.state == SwapState.ASKED
    is_open = is_asked or swap.state == SwapState.AGREED
    lines = changes.consents(swap)
    waiting = [line["member"] for line in lines if line["when"] is None] if is_asked else []
    mine = policies.may_agree_for(user, swap) if is_asked else []
    code, year = swap.alliance.code, swap.plan.year
    content = {
        "swap": swap,
        "words": describe_swap(swap),
        "tone": changes.TONES[SwapState(swap.state)],
        "consents": lines,
        "effect": changes.effect(swap),
        "slips": changes.standing_slips(swap) if is_open else [],
        "is_open": is_open,
        "agree_for": [line["member"] for line in lines if line["member"].pk in mine],
        "may_refuse": bool(mine),
        "refusal": refusal or RefuseForm(),
        "record": RecordForm(members=waiting)
        if waiting and policies.can_record_for_units(user, swap)
        else None,
        "may_cancel": is_open and policies.can_cancel_swap(user, swap),
        "may_file": swap.state == SwapState.AGREED and policies.can_file_swap(user, swap),
        "waiting": waiting,
        "crumbs": [
            {"label": f"{year}年度轮值主席安排表", "url": reverse("rotation:year", args=[code, year])},
            {"label": "轮值调整", "url": reverse("rotation:swaps")},
        ],
    }
    return render(request, "rotation/swap.html", content, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a change of one month: by a chair's own people, or by the community for a chair."""
    duties = Duty.objects.select_related("plan", "alliance__organisation").prefetch_related(tables.CHAIRS)
    duty = visible_or_404(duties, request.user, pk=pk)
    plans = years.plans_of(request.user, duty.alliance.code)
    plan = get_object_or_404(plans, pk=duty.plan_id)  # the months of a draft are as invisible as the draft
    require(policies.can_ask_swap(request.user, duty), "只有当月轮值单位或社区可以申请调整。")
    back = reverse("rotation:year", args=[plan.alliance.code, plan.year])
    if plan.state != PlanState.PASSED or duty.ends_on < clock.today():
        messages.error(request, "这个月的安排不能申请调整：安排表没有通过，或者月份已经过去。")
        return redirect(back)
    form = _ask_form(request, duty)
    if not form.askers:
        raise Http404("这个月没有可以申请的单位。")
    made: list[Swap] = []
    if request.method == "POST" and saved(
        form, lambda: made.append(service.ask(duty, **form.parts(), actor=request.user))
    ):
        return act(
            request,
            lambda: None,
            done="已提交，等单位同意后由社区备案。",
            back=reverse("rotation:swap", args=[made[0].pk]),
        )
    content = {
        "form": form,
        "duty": duty,
        "units": tables.chair_names(duty),
        "back": back,
        "crumbs": [{"label": f"{plan.year}年度轮值主席安排表", "url": back}],
    }
    return render(request, "rotation/swap_new.html", content, status=422 if form.is_bound else 200)


def _ask_form(request: HttpRequest, duty: Duty) -> SwapForm:
    """Choices narrowed to this alliance, to months still open, and to units not already in the month."""
    here = [chair.member for chair in duty.chairs.all()]
    runs = policies.can_record_for_units(request.user, duty)
    own = {member.pk for member in directory.own_members(request.user, duty.alliance)}
    today = clock.today()
    slots = [
        (other, chair.member)
        for other in tables.duties_of(duty.plan)
        if other.pk != duty.pk and other.ends_on >= today
        for chair in other.chairs.all()
        if chair.member not in here and chair.member.left_on is None
    ]
    current = Member.objects.current().filter(alliance=duty.alliance).select_related("unit").order_by("pk")
    return SwapForm(
        request.POST if request.method == "POST" else None,
        duty=duty,
        askers=[member for member in here if runs or member.pk in own],
        slots=slots,
        others=[member for member in current if member not in here],
    )


def _back(swap: Swap) -> str:
    return reverse("rotation:swap", args=[swap.pk])


@login_required
@require_POST
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    swap = _swap_or_404(request, pk)
    require(policies.can_agree_swap(request.user, swap), "只有调整双方单位可以同意。")
    return act(
        request, lambda: service.agree(swap, actor=request.user), done="已同意，记录在案。", back=_back(swap)
    )


@login_required
@require_POST
def refuse(request: HttpRequest, pk: int) -> HttpResponse:
    swap = _swap_or_404(request, pk)
    require(policies.can_agree_swap(request.user, swap), "只有调整双方单位可以答复。")
    form = RefuseForm(request.POST)
    if saved(form, lambda: service.refuse(swap, answer=form.cleaned_data["answer"], actor=request.user)):
        return act(request, lambda: None, done="已答复不同意，申请单位会收到消息。", back=_back(swap))
    return _show(request, swap, refusal=form, status=422)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    swap = _swap_or_404(request, pk)
    require(policies.can_cancel_swap(request.user, swap), "只有申请单位和社区可以撤回。")
    return act(request, lambda: service.cancel(swap, actor=request.user), done="已撤回。", back=_back(swap))


@login_required
@require_POST
def file(request: HttpRequest, pk: int) -> HttpResponse:
    swap = _swap_or_404(request, pk)
    require(policies.can_file_swap(request.user, swap), "只有社区书记可以备案。")
    return act(
        request,
        lambda: service.file(swap, actor=request.user),
        done="已备案：安排表、提醒单和时限已一并更新，双方单位会收到消息。",
        back=_back(swap),
    )


@login_required
@require_POST
def record(request: HttpRequest, pk: int) -> HttpResponse:
    swap = _swap_or_404(request, pk)
    require(policies.can_record_for_units(request.user, swap), "只有社区书记和工作人员可以代录。")
    form = RecordForm(request.POST, members=[line["member"] for line in changes.consents(swap)])
    if not form.is_valid():
        messages.error(request, "请选好单位，并说明是纸质还是电话。")
        return redirect(_back(swap))
    member = form.members[form.cleaned_data["member"]]

    def deed() -> None:
        service.record_consent(swap, member, via=form.cleaned_data["via"], actor=request.user)

    return act(request, deed, done=f"已代录：{member.unit.name}同意。", back=_back(swap))
