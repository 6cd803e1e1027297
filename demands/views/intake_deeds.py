"""What people decide about a demand: taken up, declined, merged, corrected, shared, handed up, given up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from alliances.views.base import act, next_url, require, saved
from demands import policies
from demands.enums import DEMAND_ENDED, DemandState
from demands.forms.intake import CategoryField, ChangeForm
from demands.forms.intake_deeds import DeclineForm, GiveUpForm, HandUpForm, MergeForm, ShareForm, mergeable
from demands.models import Demand
from demands.selectors import places, story
from demands.services import categories, intake, review
from demands.views.intake import stations_of
from demands.views.intake_story import SHAREABLE, found_or_404, halls_above

MAY_NOT_REVIEW = "只有社区书记和工作人员可以办理。"
EARLY = (DemandState.SUBMITTED, DemandState.OPEN)


def _back(request: HttpRequest, demand: Demand) -> str:
    return next_url(request, places.of_demand(demand))


def _too_late(request: HttpRequest, demand: Demand, what: str) -> HttpResponseRedirect:
    """The page of a deed that is no longer to be done: nothing to fill in, the sentence says why."""
    messages.info(request, f"需求现在是“{demand.get_state_display()}”，不能{what}。")
    return redirect(_back(request, demand))


def _page(
    request: HttpRequest, demand: Demand, form: Form | None, title: str, button: str, **more: Any
) -> HttpResponse:
    context = {
        "demand": demand,
        "form": form,
        "title": title,
        "button": button,
        "words": story.words(request.user, demand, story.people(request.user, demand)),
        "next": request.POST.get("next", ""),
        "back": _back(request, demand),
        "crumbs": [
            {"label": "需求清单", "url": places.of_demands()},
            {"label": demand.number, "url": places.of_demand(demand)},
        ],
        **more,
    }
    status = 422 if form is not None and form.is_bound else 200
    return render(request, "demands/intake_deed.html", context, status=status)


def _said(
    request: HttpRequest,
    demand: Demand,
    form: Form,
    deed: Callable[[], Any],
    *,
    title: str,
    button: str,
    done: str,
    **more: Any,
) -> HttpResponse:
    """A deed that needs words: its page, and back with them where the service refused."""
    if request.method == "POST" and saved(form, deed):
        messages.success(request, done)
        return redirect(_back(request, demand))
    return _page(request, demand, form, title, button, **more)


# --- without words ---------------------------------------------------------------------------------------------------


@login_required
@require_POST
def open_(request: HttpRequest, pk: int) -> HttpResponse:
    """Into the open hall; with ``to=offers`` on to the page where units are chosen."""
    demand = found_or_404(request, pk)
    require(policies.can_review_demand(request.user, demand), "只有社区书记和工作人员可以受理需求。")
    if request.POST.get("to") == "offers":
        return act(
            request,
            lambda: review.open_(demand, to_hall=False, actor=request.user),
            done=f"已受理{demand.number}，请选择派单的单位。",
            back=f"{places.of_demand(demand)}offers/",
        )
    return act(
        request,
        lambda: review.open_(demand, actor=request.user),
        done=f"已受理{demand.number}，进入领办大厅。",
        back=_back(request, demand),
    )


@login_required
@require_POST
def take_up(request: HttpRequest, pk: int) -> HttpResponse:
    demand = found_or_404(request, pk)
    require(policies.can_review_demand(request.user, demand), MAY_NOT_REVIEW)
    return act(
        request,
        lambda: review.take_up(demand, actor=request.user),
        done="已重新受理，进入领办大厅。",
        back=_back(request, demand),
    )


@login_required
@require_POST
def unshare(request: HttpRequest, pk: int) -> HttpResponse:
    demand = found_or_404(request, pk)
    require(policies.can_share_demand(request.user, demand), "只有社区书记和上级办公室可以取消共享。")
    return act(
        request,
        lambda: review.unshare(demand, actor=request.user),
        done="已取消共享。",
        back=_back(request, demand),
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """The page asks once; it cannot be undone."""
    demand = found_or_404(request, pk)
    require(policies.can_withdraw_demand(request.user, demand), "只有提出单位和社区可以撤回需求。")
    if request.method == "POST":
        return act(
            request,
            lambda: review.withdraw(demand, actor=request.user),
            done=f"已撤回{demand.number}。",
            back=_back(request, demand),
        )
    if demand.state not in EARLY:
        return _too_late(request, demand, "撤回")
    why = "撤回后不再办理，也不能恢复。请按需求人或提出单位的意思办理。"
    return _page(request, demand, None, "撤回需求", "撤回", why=why)


# --- with words -------------------------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    demand = found_or_404(request, pk)
    require(policies.can_review_demand(request.user, demand), MAY_NOT_REVIEW)
    if request.method != "POST" and demand.state not in EARLY:
        return _too_late(request, demand, "不予受理")
    form = DeclineForm(request.POST if request.method == "POST" else None)
    return _said(
        request,
        demand,
        form,
        lambda: review.decline(demand, form.cleaned_data["reason"], actor=request.user),
        title="不予受理",
        button="不予受理",
        done=f"{demand.number}不予受理，需求人凭查询码可以看到原因。",
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    demand = found_or_404(request, pk)
    require(policies.can_give_up_demand(request.user, demand), MAY_NOT_REVIEW)
    if request.method != "POST" and demand.state != DemandState.OPEN:
        return _too_late(request, demand, "这样结束")
    form = GiveUpForm(request.POST if request.method == "POST" else None)

    def deed() -> None:
        values = form.cleaned_data
        review.give_up(demand, values["why"], values["sentence"], actor=request.user)

    return _said(
        request,
        demand,
        form,
        deed,
        title="未能解决",
        button="结束这项需求",
        done=f"{demand.number}记为未能解决，需求人凭查询码可以看到说明。",
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Into one that resembles it, or one whose number is typed."""
    demand = found_or_404(request, pk)
    require(policies.can_review_demand(request.user, demand), MAY_NOT_REVIEW)
    if request.method != "POST" and demand.state not in EARLY:
        return _too_late(request, demand, "合并")
    alike = mergeable(intake.similar(demand.alliance, demand.content, besides=demand))
    form = MergeForm(request.POST if request.method == "POST" else None, demand=demand, alike=alike)

    def deed() -> None:
        if form.into_demand is not None:
            review.merge(demand, form.into_demand, actor=request.user)

    into = ""
    if form.is_bound and form.is_valid() and form.into_demand:
        into = form.into_demand.number
    return _said(
        request,
        demand,
        form,
        deed,
        title="合并到另一件",
        button="合并",
        done=f"{demand.number}已并入{into}，需求人跟着看那一件的进展。",
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    demand = found_or_404(request, pk)
    require(policies.can_review_demand(request.user, demand), "只有社区书记和工作人员可以修改需求。")
    if request.method != "POST" and demand.state in DEMAND_ENDED:
        return _too_late(request, demand, "修改")
    form = ChangeForm(
        request.POST if request.method == "POST" else None,
        demand=demand,
        stations=stations_of(demand.alliance),
    )

    def deed() -> None:
        pair = CategoryField.pair_of(form.cleaned_data["category"])
        known = (demand.category.group, demand.category.name)
        category = None if pair == known else categories.ensure(*pair, actor=request.user)
        review.change(demand, category=category, **form.parts(), actor=request.user)

    return _said(
        request, demand, form, deed, title="修改登记内容", button="保存", done="已修改。", hides_words=True
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def share(request: HttpRequest, pk: int) -> HttpResponse:
    demand = found_or_404(request, pk)
    require(policies.can_share_demand(request.user, demand), "只有社区书记和上级办公室可以共享需求。")
    if request.method != "POST" and demand.state not in SHAREABLE:
        return _too_late(request, demand, "共享")
    offices = halls_above(demand)
    form = ShareForm(request.POST if request.method == "POST" else None, demand=demand, offices=offices)

    def deed() -> None:
        values = form.cleaned_data
        review.share(demand, form.offices[values["office"]], values["share_text"], actor=request.user)

    return _said(
        request,
        demand,
        form,
        deed,
        title="共享到上级大厅",
        button="共享",
        done="已共享，辖区内各联盟的成员单位可以认领。",
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def hand_up(request: HttpRequest, pk: int) -> HttpResponse:
    demand = found_or_404(request, pk)
    require(policies.can_hand_up_demand(request.user, demand), "只有社区书记可以上报需求。")
    if request.method != "POST" and demand.state not in SHAREABLE:
        return _too_late(request, demand, "上报")
    form = HandUpForm(request.POST if request.method == "POST" else None)
    return _said(
        request,
        demand,
        form,
        lambda: review.hand_up(demand, form.cleaned_data["note"], actor=request.user),
        title="上报街道",
        button="上报",
        done="已上报，上级会收到消息；需求在本社区继续办理。",
    )
