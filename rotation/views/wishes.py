"""Collecting wishes: the community sees who has said what, a liaison fills one short form."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from alliances import policies as foundation
from alliances.models import Member
from alliances.selectors import directory
from alliances.views.base import act, alliance_or_404, require, saved, visible_or_404
from rotation import policies
from rotation.enums import PlanState, WishSource
from rotation.forms.wishes import WishForm
from rotation.models import Plan, Wish
from rotation.selectors.wishes import wish_rows
from rotation.services import wishes as service

FILTERS = {"filled": "已填报", "missing": "未填报", "excused": "今年不轮值"}


@login_required
@require_safe
def wishes(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """All members by months. For those who run or oversee the alliance; units see their own form."""
    alliance = alliance_or_404(request, code)
    require(foundation.can_oversee_alliance(request.user, alliance), "其他单位的意愿只供社区安排时参考。")
    if not 2000 <= year <= 2100:
        raise Http404("年度不对。")
    rows = wish_rows(alliance, year)
    tests = {
        "filled": lambda row: row.wish is not None,
        "missing": lambda row: row.wish is None,
        "excused": lambda row: bool(row.wish and row.wish.excused_reason),
    }
    state = request.GET.get("state", "")
    content = {
        "alliance": alliance,
        "year": year,
        "months": range(1, 13),
        "counters": [
            {"key": key, "label": label, "count": sum(map(tests[key], rows)), "current": state == key}
            for key, label in FILTERS.items()
        ],
        "total": len(rows),
        "state": state if state in tests else "",
        "missing": [row.member.unit.name for row in rows if row.wish is None],
        "rows": [row for row in rows if state not in tests or tests[state](row)],
        "may_record": policies.can_record_for_units(request.user, alliance),
        "is_passed": _is_passed(alliance.pk, year),
        "crumbs": [
            {"label": f"{year}年度轮值主席安排表", "url": reverse("rotation:year", args=[code, year])}
        ],
    }
    return render(request, "rotation/wishes.html", content)


def _is_passed(alliance_id: int, year: int) -> bool:
    passed = [PlanState.PASSED, PlanState.CLOSED]
    return Plan.objects.filter(alliance_id=alliance_id, year=year, state__in=passed).exists()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def wish(request: HttpRequest, pk: int, year: int) -> HttpResponse:
    """One member's form: its liaison fills it, the community records what came on paper or by phone."""
    rows = Member.objects.current().select_related("unit", "alliance__organisation")
    member = visible_or_404(rows, request.user, pk=pk)
    if not 2000 <= year <= 2100:
        raise Http404("年度不对。")
    is_own = policies.can_fill_wish(request.user, member)
    records = not is_own and policies.can_record_for_units(request.user, member)
    reads = member in directory.own_members(request.user)  # a unit's leader reads it
    require(is_own or records or reads, "只有本单位和社区可以查看这份意愿。")
    standing = Wish.objects.filter(member=member, year=year).select_related("submitted_by__person").first()
    is_open = not _is_passed(member.alliance_id, year)
    may_write = is_open and (is_own or records)
    if request.method == "POST":
        require(is_own or records, "请由本单位联络员填报。")
    fields = ("preferred", "blackout", "theme", "resources", "excused_reason")
    initial = {name: getattr(standing, name) for name in fields} if standing else None
    form = WishForm(request.POST if request.method == "POST" else None, initial=initial)
    source = WishSource.FORM if is_own else WishSource.STAFF
    whole = reverse("rotation:wishes", args=[member.alliance.code, year])
    if request.method == "POST" and saved(
        form, lambda: service.submit(member, year, **form.cleaned_data, source=source, actor=request.user)
    ):
        back = reverse("rotation:wish", args=[pk, year]) if is_own else whole
        return act(request, lambda: None, done=f"{member.unit.name}{year}年度轮值意愿已保存。", back=back)
    content = {
        "member": member,
        "year": year,
        "wish": standing,
        "form": form,
        "records": records,
        "may_write": may_write,
        "is_open": is_open,
        "crumbs": [{"label": f"{year}年度轮值意愿", "url": whole}]
        if foundation.can_oversee_alliance(request.user, member)
        else [{"label": "年度轮值", "url": reverse("rotation:this-year")}],
    }
    return render(request, "rotation/wish.html", content, status=422 if form.is_bound else 200)
