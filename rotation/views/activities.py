"""Activities: their list, one activity's page, planning and changing what is planned."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from alliances import clock
from alliances.enums import Role
from alliances.models import Alliance
from alliances.registry import registries
from alliances.selectors import directory, history, paging
from alliances.views.base import alliance_or_404, require, saved, visible_or_404
from rotation import policies
from rotation.enums import ActivityKind, ActivityState, PlanState
from rotation.forms.activities import CancelForm, HoldForm, JoinForm, PhotosForm, PlanForm
from rotation.models import Activity, Duty
from rotation.selectors import activities as reads
from rotation.selectors import meetings, tables
from rotation.selectors import month as months
from rotation.selectors.asked import Asked
from rotation.services import activities
from rotation.services.photos import MOST_PHOTOS

YEARS_BACK = 5
OPEN = activities.OPEN


# --- the list -----------------------------------------------------------------------------------------------------


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Activities of the chosen alliance, newest first; offices choose a community first."""
    if request.user.holds(Role.OFFICE) and directory.chosen_alliance(request) is None:
        return redirect("alliances:office")
    alliance = alliance_or_404(request)
    asked = {name: request.GET.get(name, "") for name in ("kind", "state", "year")}
    more = Asked.read(request.GET)
    rows = more.activities(reads.filtered(reads.activities_of(request.user, alliance), **asked))
    if request.GET.get("total") == "1":
        return render(request, "alliances/_total.html", {"total": rows.count()})
    page = paging.page(rows, request.GET)
    this = clock.today().year
    query = request.GET.copy()
    query["total"] = "1"
    context = {
        "alliance": alliance,
        "asked": asked,
        "is_filtered": any(asked.values()) or bool(more),
        "narrowed": more.words(),
        "page": page,
        "rows": [_row(row) for row in page.rows],
        "kinds": ActivityKind.choices,
        "states": ActivityState.choices,
        "years": [str(this + 1 - back) for back in range(YEARS_BACK + 1)],
        "total_url": f"?{query.urlencode()}",
        "new": _new_links(request.user, alliance),
    }
    return render(request, "rotation/activities.html", context)


def _row(activity: Any) -> dict[str, Any]:
    """``activity`` carries the figures of ``activities_of``."""
    tone = reads.TONES[ActivityState(activity.state)]
    return {"activity": activity, "tone": tone, "others": activity.units - activity.chairs}


def _new_links(user: Any, alliance: Alliance) -> list[dict[str, str]]:
    """Planning from here: in the running month for its units, outside the rotation for the community."""
    today = clock.today()
    new = reverse("rotation:activity-new")
    found = []
    duty = tables.duty_in(alliance, today.year, today.month)
    if duty is not None and policies.can_plan_in_duty(user, duty):
        found.append({"label": f"安排{duty.month}月活动", "url": f"{new}?duty={duty.pk}"})
    if policies.can_plan_outside(user, alliance):
        found.append({"label": "安排轮值之外的活动", "url": new})
    return found


# --- one activity -------------------------------------------------------------------------------------------------


@login_required
@require_safe
def activity(request: HttpRequest, pk: int) -> HttpResponse:
    return show(request, found_or_404(request, pk))


def found_or_404(request: HttpRequest, pk: int) -> Activity:
    return visible_or_404(reads.full(), request.user, pk=pk)


def show(request: HttpRequest, activity: Activity, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The page; ``forms`` are those that came back with an error (``join``, ``hold``, ``cancel``, ``photos``)."""
    user, state = request.user, activity.state
    record = reads.record_of(activity)
    is_open = state in OPEN
    may_lead = policies.can_lead_activity(user, activity)
    first = activity.duty.starts_on if activity.duty else None
    proposed = min(activity.planned_on, clock.today())
    context = {
        "activity": activity,
        "tone": reads.TONES[ActivityState(state)],
        "record": record,
        "units": [*record.chairs, *record.others],
        "photos": list(activity.photos.all()),
        "may_lead": may_lead,
        "may_record_units": is_open and policies.can_record_participation(user, activity),
        "may_add_photos": _may_add_photos(user, activity),
        "own": _own(user, activity, forms.get("join")) if is_open else [],
        "is_planned": state == ActivityState.PLANNED,
        "is_held": state == ActivityState.HELD,
        "happened": state in reads.HAPPENED,
        "day_has_come": activity.planned_on <= clock.today() and (first is None or first <= clock.today()),
        "hold": forms.get("hold") or HoldForm(initial={"held_on": proposed}),
        "cancel": forms.get("cancel") or CancelForm(),
        "upload": forms.get("photos") or PhotosForm(),
        "links": [
            (entry.label, items) for entry in registries.activity_links if (items := entry.items(activity))
        ],
        "story": _story(activity),
        "crumbs": _crumbs(activity),
    }
    return render(request, "rotation/activity.html", context, status=status)


def came_back(request: HttpRequest, pk: int, name: str, form: Form) -> HttpResponse:
    """The page with a refused form of it (``hold``, ``cancel``, ``photos``); where the form has no place any more,
    because somebody else was faster, its sentences above the page."""
    activity = found_or_404(request, pk)  # the refused deed has touched the object in hand
    has_place = (
        _may_add_photos(request.user, activity)
        if name == "photos"
        else activity.state == ActivityState.PLANNED
    )
    if has_place:
        return show(request, activity, status=422, **{name: form})
    for sentences in form.errors.values():
        for sentence in sentences:
            messages.error(request, sentence)
    return redirect("rotation:activity", pk)


def _may_add_photos(user: Any, activity: Activity) -> bool:
    return (
        policies.can_lead_activity(user, activity)
        and activity.state != ActivityState.CANCELLED
        and len(activity.photos.all()) < MOST_PHOTOS
    )


def _own(user: Any, activity: Activity, bound: JoinForm | None) -> list[dict[str, Any]]:
    """The units that ``user`` answers for: each with its participation, if any, and the form for it."""
    rows = {row.member_id: row for row in activity.participations.all()}
    found = []
    for post in user.current_appointments:
        member = post.member
        if member is None or member.alliance_id != activity.alliance_id or member.left_on is not None:
            continue
        if post.role != Role.LIAISON:
            continue
        row = rows.get(member.pk)
        form = JoinForm(initial={"heads": row.heads if row else None}, auto_id=f"id_{member.pk}_%s")
        if bound is not None and bound.data.get("member") == str(member.pk):
            form = bound
        found.append({"member": member, "row": row, "form": form})
    return found


WARNINGS = {"rotation.activity.cancel"}


def _story(activity: Activity) -> list[dict[str, Any]]:
    """What happened to the activity, oldest first, as ``rotation/_slip_story.html`` shows it."""
    units = {row.member_id: row.member.unit.name for row in activity.participations.all()}
    found = []
    for entry in reversed(history.of_object(activity)):
        what = history.sentence(entry).removeprefix("活动：")
        unit = units.get(entry.data.get("member"))
        who = "系统按时办理"
        if entry.actor is not None:
            role = Role(entry.capacity).label if entry.capacity in Role.values else ""
            who = f"{entry.actor.person.name} {role}".strip()
        found.append(
            {
                "at": clock.local(entry.at),
                "what": f"{what}：{unit}" if unit else what,
                "who": who,
                "is_warning": entry.action in WARNINGS,
            }
        )
    return found


def _crumbs(activity: Activity) -> list[dict[str, str]]:
    found = [{"label": "活动", "url": reverse("rotation:activities")}]
    if activity.duty is not None:
        url = months.path_of(activity.duty)
        found.insert(0, {"label": f"{activity.duty.month}月轮值", "url": url})
    return found


# --- planning -----------------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Plan one activity: in the month of ``?duty=``, or outside the rotation."""
    duty = _duty_or_404(request) if "duty" in request.GET else None
    alliance = duty.alliance if duty else alliance_or_404(request)
    if duty is not None:
        require(policies.can_plan_in_duty(request.user, duty), "只有当月轮值单位联络员和社区可以安排活动。")
    else:
        require(
            policies.can_plan_outside(request.user, alliance),
            "轮值之外的活动由社区安排；轮值单位请从本月进程里安排当月活动。",
        )
    if request.method != "POST":
        form = PlanForm(duty=duty, initial=reads.plan_draft(alliance, duty))
        return _plan_page(request, form, alliance, duty)
    form = PlanForm(request.POST, duty=duty)
    if alike := _unseen(request, form, alliance):
        return _plan_page(request, form, alliance, duty, alike=alike)
    made: list[Activity] = []

    def deed() -> None:
        meeting = meetings.seminar_of(duty) if duty else None
        parts = form.parts()
        made.append(activities.plan(alliance, **parts, duty=duty, meeting=meeting, actor=request.user))

    if not saved(form, deed):
        return _plan_page(request, form, alliance, duty, status=422)
    planned = made[0]
    if planned.planned_on < clock.today():
        messages.success(request, "已登记，请接着填写活动记录。")
        return redirect("rotation:activity-record", planned.pk)
    messages.success(request, "活动已安排，各单位会收到是否参加的询问。")
    return redirect("rotation:activity", planned.pk)


def _duty_or_404(request: HttpRequest) -> Duty:
    text = request.GET["duty"]
    pk = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    rows = (
        Duty.objects.filter(plan__state__in=[PlanState.PASSED, PlanState.CLOSED])
        .select_related("plan", "alliance__organisation")
        .prefetch_related(tables.CHAIRS)
    )
    return visible_or_404(rows, request.user, pk=pk)


def _unseen(
    request: HttpRequest, form: PlanForm, alliance: Alliance, but: int | None = None
) -> list[Activity]:
    """Similar activities of the last 90 days that the reader has not yet confirmed to know (``seen``)."""
    if not form.is_valid():
        return []
    parts = form.cleaned_data
    alike = reads.similar(alliance, kind=parts["kind"], title=parts["title"], on=parts["planned_on"], but=but)
    seen = set(request.POST.get("seen", "").split(","))
    return alike if any(str(row.pk) not in seen for row in alike) else []


def _plan_page(
    request: HttpRequest,
    form: PlanForm,
    alliance: Alliance,
    duty: Duty | None,
    *,
    alike: list[Activity] | None = None,
    activity: Activity | None = None,
    status: int = 200,
) -> HttpResponse:
    seen = [str(row.pk) for row in alike] if alike else []
    if status == 422 and not alike:
        seen = request.POST.get("seen", "").split(",")  # what was confirmed stays so
    context = {
        "form": form,
        "alliance": alliance,
        "duty": duty,
        "units": tables.chair_names(duty) if duty else "",
        "activity": activity,
        "alike": alike or [],
        "days": reads.SIMILAR_DAYS,
        "seen": ",".join(seen),
        "back": reads.path_of(activity)
        if activity
        else months.path_of(duty)
        if duty
        else reverse("rotation:activities"),
        "crumbs": _crumbs(activity)
        if activity
        else [{"label": "活动", "url": reverse("rotation:activities")}],
    }
    return render(request, "rotation/activity_plan.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct what was planned; the same warning as for a new one."""
    activity = found_or_404(request, pk)
    require(
        policies.can_lead_activity(request.user, activity), "只有当月轮值单位联络员和社区可以修改活动安排。"
    )
    if activity.state != ActivityState.PLANNED:
        messages.info(request, f"活动现在是“{activity.get_state_display()}”，不能再修改安排。")
        return redirect("rotation:activity", activity.pk)
    duty, alliance = activity.duty, activity.alliance
    if request.method != "POST":
        names = ("kind", "title", "planned_on", "place", "plan")
        form = PlanForm(duty=duty, initial={name: getattr(activity, name) for name in names})
        return _plan_page(request, form, alliance, duty, activity=activity)
    form = PlanForm(request.POST, duty=duty)
    if alike := _unseen(request, form, alliance, but=activity.pk):
        return _plan_page(request, form, alliance, duty, alike=alike, activity=activity)
    if not saved(form, lambda: activities.change(activity, **form.parts(), actor=request.user)):
        return _plan_page(request, form, alliance, duty, activity=activity, status=422)
    messages.success(request, "已修改；时间、地点有变的，参加单位会收到消息。")
    return redirect("rotation:activity", activity.pk)
