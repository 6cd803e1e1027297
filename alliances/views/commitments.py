"""Commitments (承诺事项): their list, one commitment, writing one down, confirming, leaving out, taking back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alliances import clock
from alliances.enums import CommitmentState, Role
from alliances.forms.commitments import CommitmentForm, FulfilForm, WaiveForm
from alliances.lifecycles import COMMITMENT
from alliances.models import Alliance, Commitment, Member
from alliances.policies import can_lead_alliance, can_oversee_alliance, can_run_alliance, reads_unit_records
from alliances.selectors import commitments as reads
from alliances.selectors import directory, history, paging, periods
from alliances.services import commitments as service
from alliances.views.base import act, alliance_or_404, require, saved, visible_or_404

ASK = require_http_methods(["GET", "HEAD", "POST"])
MOST_MEMBERS = 200  # more units than this are no choice for a phone; their own pages lead here
NOT_YOURS = "承诺事项供社区、上级办公室查看，单位看自己的。"
STAFF_ONLY = "承诺事项由社区书记和工作人员登记。"
SECRETARY_ONLY = "不再考核和更正由社区书记决定。"
# States of the chooser; the others only come by a link.
OFFERED = ("open", reads.DUE, "fulfilled", "waived", reads.COUNTED)


@login_required
@require_safe
def commitments(request: HttpRequest) -> HttpResponse:
    """Filters ``period``, ``state``, ``member``; ``?total=1`` is the count alone. A unit reads its own."""
    if request.user.holds(Role.OFFICE) and directory.chosen_alliance(request) is None:
        return redirect("alliances:office")
    alliance = alliance_or_404(request)
    require(reads_unit_records(request.user, alliance), NOT_YOURS)
    sees_all = can_oversee_alliance(request.user, alliance)
    question = reads.Question.read(request.GET)
    rows = question.rows(alliance).visible_to(request.user)  # type: ignore[attr-defined]  # our querysets have it
    if request.GET.get("total") == "1":
        return render(request, "alliances/_total.html", {"total": rows.count()})
    page = paging.page(reads.shown(rows), request.GET)
    query = request.GET.copy()
    for key in ("before", "after"):
        query.pop(key, None)
    query["total"] = "1"
    today = clock.today()
    context = {
        "alliance": alliance,
        "question": question,
        "page": page,
        "rows": [(row, *reads.state_words(row, today)) for row in page.rows],
        "periods": periods.offered(question.period),
        "states": _states(question),
        "members": _members(alliance) if sees_all else [],
        "chosen_member": str(question.member or ""),
        "is_filtered": any(question.params().values()),
        "total_url": f"?{query.urlencode()}",
        "all_url": _with(request, {}),
        "may_run": can_run_alliance(request.user, alliance),
        "exports": _exports(alliance, question) if sees_all else [],
        "crumbs": [{"label": "成员单位", "url": reverse("alliances:members")}],
    }
    return render(request, "alliances/commitments.html", context)


def _states(question: reads.Question) -> list[tuple[str, str]]:
    """Those of the chooser, and the one a link has asked for."""
    names = dict.fromkeys([*OFFERED, *([question.state] if question.state else [])])
    return [(name, reads.STATES[name]) for name in names]


def _members(alliance: Alliance) -> list[tuple[str, str]]:
    """Units to choose from, also those that have left: their promises stand in past years."""
    rows = Member.objects.filter(alliance=alliance).order_by("pk").values_list("pk", "unit__name")
    pairs = [(str(pk), name) for pk, name in rows[: MOST_MEMBERS + 1]]
    return pairs if len(pairs) <= MOST_MEMBERS else []


def _with(request: HttpRequest, params: dict[str, str]) -> str:
    """The page with ``params`` alone, still of the alliance that the address names."""
    named = request.GET.get(directory.CHOSEN)
    query = ({directory.CHOSEN: named} if named else {}) | params
    return f"{request.path}?{urlencode(query)}" if query else request.path


def _exports(alliance: Alliance, question: reads.Question) -> list[tuple[str, str]]:
    """(label, address) of the files that can be taken: the list as it is shown, the year's 责任清单."""
    year = question.period.year if question.period else clock.today().year
    listed = {"alliance": alliance.code, **{k: v for k, v in question.params().items() if v}}
    paper = {"alliance": alliance.code, "year": str(year)}
    return [
        ("责任清单", f"{reverse('alliances:export', args=['responsibility'])}?{urlencode(paper)}"),
        ("导出表格", f"{reverse('alliances:export', args=['commitments'])}?{urlencode(listed)}"),
    ]


# --- one commitment -----------------------------------------------------------------------------------------------


def found_or_404(request: HttpRequest, pk: int) -> Commitment:
    return visible_or_404(reads.shown(Commitment.objects.all()), request.user, pk=pk)


@login_required
@require_safe
def commitment(request: HttpRequest, pk: int) -> HttpResponse:
    found = found_or_404(request, pk)
    word, tone = reads.state_words(found, clock.today())
    context = {
        "commitment": found,
        "word": word,
        "tone": tone,
        "moves": {move.name for move in COMMITMENT.open_to(request.user, found)},
        "story": _story(found),
        "crumbs": _crumbs(found.member),
    }
    return render(request, "alliances/commitment.html", context)


def _story(commitment: Commitment) -> list[dict[str, Any]]:
    """What happened to it, oldest first, as ``alliances/_story.html`` shows it."""
    found = []
    for entry in reversed(history.of_object(commitment)):
        role = Role(entry.capacity).label if entry.capacity in Role.values else ""
        who = f"{entry.actor.person.name} {role}".strip() if entry.actor else "系统按时办理"
        what = history.sentence(entry).removeprefix("承诺事项：")
        found.append({"at": clock.local(entry.at), "what": what, "who": who})
    return found


def _crumbs(member: Member, commitment: Commitment | None = None) -> list[dict[str, str]]:
    crumbs = [
        {"label": "成员单位", "url": reverse("alliances:members")},
        {"label": member.unit.name, "url": reverse("alliances:member", args=[member.pk])},
    ]
    if commitment is not None:
        crumbs.append({"label": "承诺事项", "url": reverse("alliances:commitment", args=[commitment.pk])})
    return crumbs


# --- writing ------------------------------------------------------------------------------------------------------


@login_required
@ASK
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Write down one promise of the unit; the next one can be typed right after it."""
    member = visible_or_404(
        Member.objects.select_related("unit", "alliance__organisation"), request.user, pk=pk
    )
    require(can_run_alliance(request.user, member.alliance), STAFF_ONLY)
    form = CommitmentForm(request.POST or None, member=member)
    if request.method == "POST" and saved(
        form, lambda: service.add(member, **form.cleaned_data, actor=request.user)
    ):
        messages.success(request, "承诺事项已登记。")
        if "more" in request.POST:
            return redirect("alliances:commitment-new", pk=pk)
        return redirect("alliances:member", pk=pk)
    return _form_page(
        request,
        form,
        member,
        title="登记承诺事项",
        lead=f"{member.unit.name}在协议书、目标责任书里承诺的事项。",
        button="登记",
        more="登记，再写一条",
        draft=f"commitment-new-{pk}",
        no_agreement=not form.agreements,
    )


def _form_page(
    request: HttpRequest,
    form: Any,
    member: Member,
    commitment: Commitment | None = None,
    **words: Any,
) -> HttpResponse:
    back = (
        reverse("alliances:commitment", args=[commitment.pk])
        if commitment
        else reverse("alliances:member", args=[member.pk])
    )
    context = {"form": form, "member": member, "back": back, "crumbs": _crumbs(member, commitment), **words}
    return render(request, "alliances/commitment_form.html", context)


@login_required
@ASK
def fulfil(request: HttpRequest, pk: int) -> HttpResponse:
    found = found_or_404(request, pk)
    require(can_run_alliance(request.user, found), "是否兑现由社区书记和工作人员确认。")
    form = FulfilForm(request.POST or None)
    if request.method == "POST" and saved(
        form, lambda: service.fulfil(found, **form.cleaned_data, actor=request.user)
    ):
        messages.success(request, "已确认兑现。")
        return redirect("alliances:commitment", pk=pk)
    return _form_page(
        request,
        form,
        found.member,
        found,
        title="确认兑现",
        lead=found.text,
        button="确认兑现",
        draft=f"commitment-fulfil-{pk}",
        settled=found.state != CommitmentState.OPEN,
    )


@login_required
@ASK
def waive(request: HttpRequest, pk: int) -> HttpResponse:
    found = found_or_404(request, pk)
    require(can_lead_alliance(request.user, found), SECRETARY_ONLY)
    form = WaiveForm(request.POST or None)
    if request.method == "POST" and saved(
        form, lambda: service.waive(found, **form.cleaned_data, actor=request.user)
    ):
        messages.success(request, "这一项不再列入考核。")
        return redirect("alliances:commitment", pk=pk)
    return _form_page(
        request,
        form,
        found.member,
        found,
        title="不再考核",
        lead=found.text,
        button="不再考核",
        draft=f"commitment-waive-{pk}",
        settled=found.state != CommitmentState.OPEN,
    )


@login_required
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    found = found_or_404(request, pk)
    require(can_lead_alliance(request.user, found), SECRETARY_ONLY)
    back = reverse("alliances:commitment", args=[pk])
    return act(
        request,
        lambda: service.reopen(found, actor=request.user),
        done="已更正为待兑现，可以重新确认。",
        back=back,
    )
