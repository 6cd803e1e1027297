"""Posts of a community, accounts of everybody: appoint, end, invite, new password, enable, disable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alliances.enums import PLACE_ROLES, Role
from alliances.errors import OfficeError
from alliances.forms.people import ADMINISTRATOR_ROLES, COMMUNITY_ROLES, PostForm
from alliances.models import Appointment, Person
from alliances.models.people import INVITATION_LIFE
from alliances.policies import (
    can_lead_alliance,
    can_run_alliance,
    is_administrator,
    may_manage_account,
)
from alliances.selectors import directory, paging, people
from alliances.services import accounts, appointments
from alliances.views.base import act, next_url, require, saved, visible_or_404

NOT_YOURS = "这位同志的账号不归您管：社区管本联盟的联络员和社区任职，其他由系统管理员办理。"


# --- posts of a community ----------------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def posts(request: HttpRequest) -> HttpResponse:
    """Who holds which post of the community; the secretary appoints and ends, staff look."""
    alliance = directory.chosen_alliance(request)
    require(alliance and can_run_alliance(request.user, alliance), "社区任职由社区书记和工作人员查看。")
    may_lead = can_lead_alliance(request.user, alliance)
    places = list(people.places_of(alliance))
    form = PostForm(
        request.POST or None, roles=COMMUNITY_ROLES, places=places, initial={"place": places[0].pk}
    )
    if request.method == "POST":
        require(may_lead, "社区任职由社区书记安排。")
        if saved(form, lambda: _appoint(request, form)):
            return redirect("alliances:posts")
    rows = [
        {"post": post, "invite": may_manage_account(request.user, post.person)}
        if not hasattr(post.person, "user")
        else {"post": post, "invite": False}
        for post in people.posts_of(alliance)
    ]
    context = {"alliance": alliance, "rows": rows, "form": form, "may_lead": may_lead}
    return render(request, "alliances/posts.html", context)


def _appoint(request: HttpRequest, form: PostForm) -> None:
    data = form.cleaned_data
    person = appointments.contact(data["name"], data["phone"])
    post = appointments.appoint(person, data["role"], organisation=form.chosen_place, actor=request.user)
    messages.success(request, f"{person.name}已任{post.organisation.name}{post.get_role_display()}。")


@login_required
@require_POST
def end_post(request: HttpRequest, pk: int) -> HttpResponse:
    """End a post of the own community, or as administrator any below; a unit's posts end on its page."""
    rows = Appointment.objects.current().select_related("person", "organisation__parent__alliance")
    post = visible_or_404(rows, request.user, pk=pk)
    require(_may_end(request.user, post), "这项任职不归您结束。")
    done = f"{post.person.name}不再任{post.place_name}{post.get_role_display()}。"
    back = next_url(request, reverse("alliances:posts"))
    return act(request, lambda: appointments.end(post, actor=request.user), done=done, back=back)


def _may_end(user: Any, post: Appointment) -> bool:
    if post.organisation is None:
        return False
    heads = [a.organisation for a in user.current_appointments if a.role == Role.ADMINISTRATOR]
    if any(post.organisation.is_under(head) for head in heads):
        return True
    place = post.organisation.parent if post.role == Role.STATION else post.organisation
    own = place is not None and hasattr(place, "alliance") and can_lead_alliance(user, place.alliance)
    return own and post.role in PLACE_ROLES - {Role.SECRETARY}


# --- accounts ----------------------------------------------------------------------------------------------------


@login_required
@require_safe
def accounts_list(request: HttpRequest) -> HttpResponse:
    """People and their accounts for the administrator, newest first, filtered by ``q`` and ``account``."""
    require(is_administrator(request.user), "账号由系统管理员管理。")
    rows = people.people_of(request.user)
    if q := request.GET.get("q", "").strip()[:40]:
        rows = rows.filter(Q(name__icontains=q) | Q(phone__startswith=q))
    state = request.GET.get("account")
    if state == "none":
        rows = rows.filter(user=None)
    elif state == "open":
        rows = rows.filter(user__is_active=True)
    elif state == "off":
        rows = rows.filter(user__is_active=False)
    if request.GET.get("total") == "1":
        return render(request, "alliances/_total.html", {"total": rows.count()})
    query = request.GET.copy()
    query["total"] = "1"
    context = {
        "page": paging.page(rows, request.GET),
        "filters": request.GET,
        "total_url": f"?{query.urlencode()}",
        "states": (("open", "已开通"), ("none", "未开通"), ("off", "已停用")),
    }
    return render(request, "alliances/accounts.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def appoint(request: HttpRequest) -> HttpResponse:
    """The administrator gives somebody a post anywhere below."""
    require(is_administrator(request.user), "由系统管理员任命。")
    places = list(people.administered_by(request.user))
    form = PostForm(request.POST or None, roles=ADMINISTRATOR_ROLES, places=places)
    if request.method == "POST" and saved(form, lambda: _appoint(request, form)):
        return redirect(f"{reverse('alliances:accounts')}?q={form.cleaned_data['phone']}")
    context = {"form": form, "crumbs": [{"label": "账号", "url": reverse("alliances:accounts")}]}
    return render(request, "alliances/appoint.html", context)


def _managed(request: HttpRequest, pk: int) -> Person:
    """The person if visible; 403 when the account is somebody else's to manage."""
    user = request.user
    if is_administrator(user) and (found := people.people_of(user).filter(pk=pk).first()):
        person = found
    else:
        person = get_object_or_404(Person.objects.select_related("user"), pk=pk)
        if not Appointment.objects.current().visible_to(user).filter(person=person).exists():
            raise Http404("没有这位联系人。")
    require(may_manage_account(user, person), NOT_YOURS)
    return person


@login_required
@require_safe
def account(request: HttpRequest, pk: int) -> HttpResponse:
    """One person's account and posts, for those who manage it."""
    person = _managed(request, pk)
    rows = Appointment.objects.filter(person=person).select_related(
        "organisation", "member__unit", "member__alliance"
    )
    context = {
        "person": person,
        "account": getattr(person, "user", None),
        "posts": [(post, _may_end(request.user, post)) for post in rows.order_by("-pk")],
        "is_administrator": is_administrator(request.user),
        "crumbs": [{"label": "账号", "url": reverse("alliances:accounts")}]
        if is_administrator(request.user)
        else [{"label": "成员单位", "url": reverse("alliances:members")}],
    }
    return render(request, "alliances/account.html", context)


@login_required
@require_POST
@never_cache
@sensitive_variables("token", "link", "text")
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a one-time link and show it once: to copy into WeChat, to scan, to print."""
    person = _managed(request, pk)
    back = next_url(request, reverse("alliances:members"))
    try:
        token = accounts.invite(person, actor=request.user)
    except OfficeError as problem:
        messages.error(request, problem.message)
        return redirect(back)
    link = f"{settings.SITE_URL}{reverse('alliances:invitation', args=[token])}"
    post = (
        Appointment.objects.current()
        .filter(person=person)
        .select_related("organisation", "member__unit")
        .first()
    )
    title = f"{post.place_name}{post.get_role_display()}" if post else ""
    text = (
        f"{person.name}同志：请您作为{title}使用共建平台。点开链接设一个登录密码即可，不用下载软件：\n{link}\n"
        f"登录名是您的手机号。链接只能用一次，{INVITATION_LIFE.days} 天内有效，请勿转发他人。"
    )
    context = {
        "person": person,
        "link": link,
        "text": text,
        "qr": segno.make(link, error="m").svg_data_uri(scale=5, border=2, dark="#22201c", light="#ffffff"),
        "days": INVITATION_LIFE.days,
        "back": back,
    }
    return render(request, "alliances/invite.html", context)


@login_required
@require_POST
@never_cache
@sensitive_variables("password")
def reset_password(request: HttpRequest, pk: int) -> HttpResponse:
    """A temporary password, shown once; the person must choose another at the next login."""
    person = _managed(request, pk)
    user = _account_of(person)
    require(user.pk != request.user.pk, "修改自己的密码请用右上角的“修改密码”。")
    password = accounts.reset_password(user, actor=request.user)
    return render(request, "alliances/new_password.html", {"person": person, "password": password})


def _account_of(person: Person) -> Any:
    user = getattr(person, "user", None)
    if user is None:
        raise Http404("这位同志还没有账号。")
    return user


def _switch(active: bool) -> Callable[[HttpRequest, int], HttpResponse]:
    @login_required
    @require_POST
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        """Enable or disable an account; disabling ends its sessions. Administrators only, and never one's own."""
        require(is_administrator(request.user), "账号由系统管理员启用或停用。")
        person = _managed(request, pk)
        user = _account_of(person)
        require(user.pk != request.user.pk, "不能停用自己的账号。")
        done = f"{person.name}的账号已{'启用' if active else '停用，已登录的设备随即退出'}。"
        back = reverse("alliances:account", args=[pk])
        return act(
            request, lambda: accounts.set_active(user, active, actor=request.user), done=done, back=back
        )

    return view


enable = _switch(True)
disable = _switch(False)
