"""Member units: the roster, a unit's page, joining, correcting, handing over, agreements, leaving."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from alliances import clock
from alliances.enums import Role, Sector
from alliances.forms.members import (
    AgreementForm,
    EditMemberForm,
    LeaveForm,
    LiaisonForm,
    NewMemberForm,
)
from alliances.models import Agreement, Alliance, Appointment, Member
from alliances.policies import can_run_alliance, reads_unit_records
from alliances.registry import registries
from alliances.selectors import directory, paging
from alliances.services import appointments, membership
from alliances.views.base import require, saved, visible_or_404

ASK = require_http_methods(["GET", "HEAD", "POST"])


@login_required
@require_safe
def members(request: HttpRequest) -> HttpResponse:
    """The roster in its own order, filtered by ``q``, ``sector``, ``account=none``, ``left=1``."""
    alliance = directory.chosen_alliance(request)
    if alliance is None:
        if request.user.holds(Role.OFFICE):
            messages.info(request, "请先在社区一览里选一个社区。")
            return redirect("alliances:office")
        raise PermissionDenied("成员单位名册供联盟内的单位和社区查看。")
    left = request.GET.get("left") == "1"
    rows = _filtered(directory.roster(alliance, left=left), request.GET)
    if request.GET.get("total") == "1":
        return render(request, "alliances/_total.html", {"total": rows.count()})
    agreed = Agreement.objects.filter(member=OuterRef("pk"), valid_until__isnull=False)
    until = Subquery(agreed.order_by("-valid_until").values("valid_until")[:1])
    page = paging.page(rows.annotate(valid_until=until), request.GET, ascending=True)
    may_run = can_run_alliance(request.user, alliance)
    query = request.GET.copy()
    query["total"] = "1"
    context = {
        "alliance": alliance,
        "page": page,
        "rows": [_row(member) for member in page.rows],
        "may_run": may_run,
        "reads_commitments": reads_unit_records(request.user, alliance),
        "sectors": Sector.choices,
        "filters": request.GET,
        "is_filtered": any(request.GET.get(key) for key in ("q", "sector", "account")),
        "left": left,
        "total_url": f"?{query.urlencode()}",
    }
    return render(request, "alliances/members.html", context)


def _filtered(rows: QuerySet[Member], params: Any) -> QuerySet[Member]:
    if q := params.get("q", "").strip()[:40]:
        rows = rows.filter(Q(unit__name__icontains=q) | Q(unit__party_branch__icontains=q))
    if (sector := params.get("sector")) in Sector.values:
        rows = rows.filter(unit__sector=sector)
    if params.get("account") == "none":
        has = Appointment.objects.current().filter(role=Role.LIAISON, person__user__isnull=False)
        rows = rows.exclude(pk__in=has.filter(member__isnull=False).values("member_id"))
    return rows


def _row(member: Member) -> dict[str, Any]:
    liaison = directory.holder(member, Role.LIAISON)
    return {
        "member": member,
        "leader": directory.holder(member, Role.LEADER),
        "liaison": liaison,
        "has_account": liaison is not None and hasattr(liaison.person, "user"),
        "lapsed": member.valid_until is not None and member.valid_until < clock.today(),
    }


# --- a unit's page -----------------------------------------------------------------------------------------------


def _member(request: HttpRequest, pk: int) -> Member:
    rows = Member.objects.select_related("unit", "alliance__organisation")
    return visible_or_404(rows, request.user, pk=pk)


@login_required
@require_safe
def member(request: HttpRequest, pk: int) -> HttpResponse:
    """What a new liaison needs on the first day: contacts, duties over the years, wishes, agreements."""
    found = _member(request, pk)
    posts = list(
        Appointment.objects.filter(member=found).select_related("person__user").order_by("-starts_on", "-pk")
    )
    today = clock.today()
    current = [post for post in posts if post.ends_on is None or post.ends_on > today]
    may_run = can_run_alliance(request.user, found.alliance)
    context = {
        "member": found,
        "posts": current,
        "earlier": [post for post in posts if post not in current],
        "uninvited": [p for p in current if may_run and p.person.phone and not hasattr(p.person, "user")],
        "agreements": list(found.agreements.all()),
        "panels": [
            (panel.template, panel.context(request.user, found)) for panel in registries.member_panels
        ],
        "may_run": may_run and found.left_on is None,
        "crumbs": _crumbs(),
    }
    return render(request, "alliances/member.html", context)


def _crumbs(member: Member | None = None) -> list[dict[str, str]]:
    crumbs = [{"label": "成员单位", "url": reverse("alliances:members")}]
    if member:
        crumbs.append({"label": member.unit.name, "url": reverse("alliances:member", args=[member.pk])})
    return crumbs


# --- changing ----------------------------------------------------------------------------------------------------


@login_required
@ASK
def new(request: HttpRequest) -> HttpResponse:
    alliance = _own(request)
    form = NewMemberForm(request.POST or None)
    made: list[Member] = []

    def enrol() -> None:
        data = form.cleaned_data
        made.append(
            membership.enrol(
                alliance,
                unit=form.unit,
                name=data["name"],
                sector=data["sector"],
                details=form.unit_details,
                duty_mode=data["duty_mode"],
                joined_on=data["joined_on"],
                leader=data["leader"],
                liaison=data["liaison"].strip(),
                phone=data["phone"],
                actor=request.user,
            )
        )

    if request.method == "POST" and saved(form, enrol):
        messages.success(request, f"{made[0].unit.name}已加入{alliance.name}。")
        return redirect("alliances:member", pk=made[0].pk)
    context = {
        "form": form,
        "title": "添加成员单位",
        "lead": "手头有整张名册的，用“导入”更快。",
        "button": "保存",
        "back": reverse("alliances:members"),
        "crumbs": _crumbs(),
        "draft": f"member-new-{alliance.pk}",
    }
    return render(request, "alliances/member_form.html", context)


def _own(request: HttpRequest) -> Alliance:
    """The chosen alliance if the user runs it."""
    alliance = directory.chosen_alliance(request)
    require(alliance and can_run_alliance(request.user, alliance), "成员单位由社区书记或社区工作人员登记。")
    return alliance  # type: ignore[return-value]  # without one the line above has raised


def _to_change(request: HttpRequest, pk: int) -> Member:
    found = _member(request, pk)
    require(can_run_alliance(request.user, found.alliance), "成员单位由社区书记或社区工作人员登记。")
    return found


def _form_page(request: HttpRequest, member: Member, form: Any, **words: Any) -> HttpResponse:
    context = {
        "form": form,
        "back": reverse("alliances:member", args=[member.pk]),
        "crumbs": _crumbs(member),
        **words,
    }
    return render(request, "alliances/member_form.html", context)


@login_required
@ASK
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = _to_change(request, pk)
    form = EditMemberForm(request.POST or None, member=found)

    def correct() -> None:
        membership.correct(
            found,
            unit_details=form.unit_details,
            details=form.details,
            leader=form.cleaned_data["leader"],
            actor=request.user,
        )

    if request.method == "POST" and saved(form, correct):
        messages.success(request, "已保存。")
        return redirect("alliances:member", pk=pk)
    elsewhere = found.unit.memberships.filter(left_on=None).exclude(pk=pk).count()
    lead = f"这家单位还在另外 {elsewhere} 个联盟，单位资料各联盟共用。" if elsewhere else ""
    return _form_page(
        request, found, form, title="修改成员资料", lead=lead, button="保存", draft=f"member-{pk}"
    )


@login_required
@ASK
def liaison(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand over: the post ends for one and begins for the other, open tasks go along."""
    found = _to_change(request, pk)
    form = LiaisonForm(request.POST or None)
    done: list[Appointment] = []

    def hand_over() -> None:
        data = form.cleaned_data
        done.append(appointments.hand_over(found, name=data["name"], phone=data["phone"], actor=request.user))

    if request.method == "POST" and saved(form, hand_over):
        name = done[0].person.name
        words = "" if hasattr(done[0].person, "user") else "请把邀请链接发给本人，设好密码就能办理。"
        messages.success(request, f"{name}已接任{found.unit.name}联络员，未办的事一并移交。{words}")
        return redirect("alliances:member", pk=pk)
    holder = directory.holder(found, Role.LIAISON)
    tasks = [line for entry in registries.hand_overs for line in entry.tasks(found)]
    lead = f"现任：{holder.person.name}。" if holder else "现在没有联络员。"
    lead += "下列未办的事由新联络员接着办。" if tasks else "目前没有要移交的未办事项。"
    return _form_page(
        request,
        found,
        form,
        title="更换联络员",
        lead=lead,
        button="确定更换",
        tasks=tasks,
        draft=f"liaison-{pk}",
    )


@login_required
@ASK
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    found = _to_change(request, pk)
    form = AgreementForm(request.POST or None)
    if request.method == "POST" and saved(
        form, lambda: membership.sign_agreement(found, **form.cleaned_data, actor=request.user)
    ):
        messages.success(request, "协议已登记。")
        return redirect("alliances:member", pk=pk)
    lead = "登记双方签过字的纸质协议；原件仍由社区保管。"
    return _form_page(
        request, found, form, title="登记协议", lead=lead, button="登记", draft=f"agreement-{pk}"
    )


@login_required
@ASK
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    found = _to_change(request, pk)
    form = LeaveForm(request.POST or None)
    if request.method == "POST" and saved(
        form, lambda: membership.leave(found, on=form.cleaned_data["on"], actor=request.user)
    ):
        messages.success(request, f"{found.unit.name}已退出联盟，往年的轮值和协议仍可查看。")
        return redirect("alliances:member", pk=pk)
    lead = "退出后，联络员和负责人的任职随即结束；已排的轮值月会显示空缺，可安排代理。"
    return _form_page(
        request,
        found,
        form,
        title=f"{found.unit.name}退出联盟",
        lead=lead,
        button="确定退出",
        confirm="退出后不能撤回，只能重新加入。",
    )
