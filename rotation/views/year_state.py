"""Taking the table to the meeting and back, passing it, comparing its versions."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alliances import clock
from alliances.views.base import act, require, saved
from rotation import policies
from rotation.enums import PlanState
from rotation.forms.year import PassForm
from rotation.models import Plan, PlanVersion
from rotation.selectors import tables
from rotation.selectors import year as years
from rotation.services import plans, versions
from rotation.views.year_edit import crumbs, plan_to_edit


def _back(plan: Plan) -> str:
    return reverse("rotation:year", args=[plan.alliance.code, plan.year])


@login_required
@require_POST
def submit(request: HttpRequest, code: str, year: int) -> HttpResponse:
    plan = plan_to_edit(request, code, year)
    done = "已提交讨论，各成员单位现在可以看到讨论稿。"
    return act(request, lambda: plans.submit(plan, actor=request.user), done=done, back=_back(plan))


@login_required
@require_POST
def take_back(request: HttpRequest, code: str, year: int) -> HttpResponse:
    plan = plan_to_edit(request, code, year)
    done = "已退回修改，成员单位暂时看不到。"
    return act(request, lambda: plans.take_back(plan, actor=request.user), done=done, back=_back(plan))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def pass_plan(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """The meeting passed it: which meeting, which day. The secretary's alone."""
    plan = get_object_or_404(years.plans_of(request.user, code), year=year)
    require(policies.can_pass_plan(request.user, plan), "只有社区书记可以登记会议通过。")
    if plan.state != PlanState.DISCUSSING and request.method != "POST":
        return redirect(_back(plan))
    form = PassForm(request.POST or None, initial={"passed_on": clock.today()})
    if request.method == "POST" and saved(
        form, lambda: plans.pass_plan(plan, **form.cleaned_data, actor=request.user)
    ):
        return act(
            request,
            lambda: None,
            done=f"{plan.year}年度安排表已通过，各单位联络员将收到消息。",
            back=_back(plan),
        )
    content = {"form": form, "crumbs": crumbs(plan), **years.board(plan, request.user)}
    return render(request, "rotation/year_pass.html", content, status=422 if form.is_bound else 200)


@login_required
@require_safe
def compare(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """Two versions month by month, by default the last two. Drafts are the community's own."""
    plan = plan_to_edit(request, code, year)
    kept = list(PlanVersion.objects.filter(plan=plan).select_related("made_by__person").order_by("-number"))
    by_number = {str(version.number): version for version in kept}
    new = by_number.get(request.GET.get("new", ""), kept[0] if kept else None)
    old = by_number.get(request.GET.get("old", ""), kept[min(1, len(kept) - 1)] if kept else None)
    rows = tables.compare(old, new) if old and new else []
    content = {
        "plan": plan,
        "versions": kept,
        "old": old,
        "new": new,
        "rows": rows,
        "changed": sum(row["changed"] for row in rows),
        "may_restore": plans.may_edit(request.user, plan),
        "crumbs": crumbs(plan),
    }
    return render(request, "rotation/compare.html", content)


@login_required
@require_POST
def restore(request: HttpRequest, code: str, year: int, number: int) -> HttpResponse:
    plan = plan_to_edit(request, code, year)
    version = PlanVersion.objects.filter(plan=plan, number=number).first()
    if version is None:
        raise Http404("没有这个版本。")
    version.plan = plan
    done = f"已恢复为第{number}版，锁定的月份没有动；恢复前的安排另存为一版。"
    return act(request, lambda: versions.restore(version, actor=request.user), done=done, back=_back(plan))
