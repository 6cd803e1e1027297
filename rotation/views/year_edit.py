"""Changing the table before it is passed. Each POST answers htmx with the board, everybody else with the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import Member
from alliances.views.base import require
from rotation import policies
from rotation.forms.year import DescribeForm, MoveForm
from rotation.models import Duty, Plan
from rotation.selectors import tables
from rotation.selectors import year as years
from rotation.services import plans, versions
from rotation.views import year as year_page


def plan_to_edit(request: HttpRequest, code: str, year: int) -> Plan:
    """404 for plans one cannot see, 403 for those who only read it."""
    plan = get_object_or_404(years.plans_of(request.user, code), year=year)
    require(policies.can_edit_plan(request.user, plan), "只有社区书记和工作人员可以修改安排表。")
    return plan


def change(
    request: HttpRequest, plan: Plan, deed: Callable[[], Any], done: str, *, moved: int | None = None
) -> HttpResponse:
    """Do the deed; htmx gets the fresh board (with its messages), a plain form goes back to the page.

    An empty ``done`` says nothing. A refusal of many sentences (the planner's) is shown whole, on the board itself.
    """
    refusal: list[str] = []
    try:
        deed()
    except NotAllowed as problem:
        raise PermissionDenied(problem.message) from problem
    except OfficeError as problem:
        refusal = problem.message.split("\n")
        if len(refusal) == 1:
            messages.error(request, refusal[0])
    else:
        if done:
            messages.success(request, done)
    if not request.htmx and len(refusal) < 2:
        return redirect("rotation:year", plan.alliance.code, plan.year)
    found = list(years.plans_of(request.user, plan.alliance.code))
    fresh = next(row for row in found if row.pk == plan.pk)
    content = year_page.page(request, fresh, found) | {"refusal": refusal, "moved": moved}
    return render(request, "rotation/_year_board.html" if request.htmx else "rotation/year.html", content)


@login_required
@require_POST
def run(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """Draft the months that are not locked; what was arranged by hand is kept as a version before."""
    plan = plan_to_edit(request, code, year)

    def draft() -> None:
        versions.keep_if_changed(plan, actor=request.user)
        plans.run_planner(plan, actor=request.user)

    return change(request, plan, draft, "已重新起草，锁定的月份没有动；起草前的安排可在“比较版本”里找回。")


@login_required
@require_POST
def move(request: HttpRequest, code: str, year: int) -> HttpResponse:
    plan = plan_to_edit(request, code, year)
    form = MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, "没有选好单位或月份，请再选一次。")
        return change(request, plan, lambda: None, "")
    values = form.cleaned_data
    member = get_object_or_404(
        Member.objects.select_related("unit"), pk=values["member"], alliance=plan.alliance_id
    )
    name, source, target = member.unit.name, values["source"], values["target"]
    words = {
        "move": f"{name}已从{source}月移到{target}月。",
        "exchange": f"{source}月与{target}月已对换。",
        "add": f"{name}已排到{target}月。",
        "out": f"{name}已移出{source}月。",
        "lead": f"{source}月改由{name}牵头。",
    }

    def deed() -> None:
        if values["deed"] in ("move", "exchange"):
            exchange = values["deed"] == "exchange"
            plans.move(plan, member, source=source, target=target, exchange=exchange, actor=request.user)
        else:
            _rearrange(request, plan, member, values)

    return change(request, plan, deed, words[values["deed"]], moved=member.pk)


def _rearrange(request: HttpRequest, plan: Plan, member: Member, values: dict[str, Any]) -> None:
    """Add to a month, take out of it, or put first."""
    duty = _duty(plan, values["target"] if values["deed"] == "add" else values["source"])
    if duty.is_locked:
        raise OfficeError(f"{duty.month}月已锁定，先解锁再调整。")
    standing = [chair.member for chair in duty.chairs.all()]
    others = [m for m in standing if m.pk != member.pk]
    if values["deed"] == "add":
        if len(others) < len(standing):
            raise OfficeError(f"{member.unit.name}已经在{duty.month}月。")
        plans.set_chairs(duty, [*standing, member], actor=request.user)
        return
    if len(others) == len(standing):
        raise OfficeError(f"{member.unit.name}已经不在{duty.month}月，请看看是否有人先改了。")
    first = [member] if values["deed"] == "lead" else []
    plans.set_chairs(duty, [*first, *others], actor=request.user)


def _duty(plan: Plan, month: int | None) -> Duty:
    for duty in tables.duties_of(plan):
        if duty.month == month:
            return duty
    raise Http404("这张表里没有这个月份。")


def _month_of(request: HttpRequest) -> int | None:
    text = request.POST.get("month", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 3 else None


@login_required
@require_POST
def lock(request: HttpRequest, code: str, year: int) -> HttpResponse:
    plan = plan_to_edit(request, code, year)
    duty = _duty(plan, _month_of(request))
    locked = request.POST.get("locked") == "1"
    done = f"{duty.month}月已{'锁定' if locked else '解锁'}。"
    return change(request, plan, lambda: plans.set_locked(duty, locked, actor=request.user), done)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def describe(request: HttpRequest, code: str, year: int, month: int) -> HttpResponse:
    """Theme, partners and note of one month: a panel on the board, a page of its own without scripts."""
    plan = plan_to_edit(request, code, year)
    duty = _duty(plan, month)
    words = {"theme": duty.theme, "partners": duty.partners, "note": duty.note}
    form = DescribeForm(request.POST if request.method == "POST" else None, initial=words)
    if request.method == "POST" and form.is_valid():
        done = f"{month}月的主题、协办和备注已保存。"
        return change(
            request, plan, lambda: plans.describe(duty, **form.cleaned_data, actor=request.user), done
        )
    content = {
        "plan": plan,
        "duty": duty,
        "form": form,
        "units": tables.chair_names(duty),
        "crumbs": crumbs(plan),
    }
    response = render(
        request,
        "rotation/year_describe.html",
        content,
        status=422 if form.is_bound and not request.htmx else 200,
    )
    if request.htmx:  # words that do not fit come back on a page of their own, nothing typed is lost
        response["HX-Retarget"] = response["HX-Reselect"] = "#main"
        response["HX-Reswap"] = "outerHTML show:top"
    return response


@login_required
@require_POST
def save_version(request: HttpRequest, code: str, year: int) -> HttpResponse:
    plan = plan_to_edit(request, code, year)
    return change(
        request, plan, lambda: plans.save_version(plan, actor=request.user), "已保存为一个版本，可随时比较。"
    )


def crumbs(plan: Plan) -> list[dict[str, str]]:
    url = reverse("rotation:year", args=[plan.alliance.code, plan.year])
    return [{"label": f"{plan.year}年度轮值主席安排表", "url": url}]
