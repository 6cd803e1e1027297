"""Forms of dispatch: taking a demand, writing a unit's word down, offering it to units, saying no. What is known is
filled in; a unit claims with three fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms

from alliances import clock
from alliances.enums import Via
from alliances.forms.fields import PhoneField
from alliances.models import Alliance, Member
from demands.models import Resource
from demands.selectors.fitting import Fitting
from demands.services.dispatch import MOST_OFFERS

DAY_ERRORS = {"required": "请填写日期。", "invalid": "请按“2026-03-20”的样子填写日期。"}
WAYS = [(Via.PHONE.value, "电话告知"), (Via.PAPER.value, "纸质回执")]
CHOOSE = "请从列表中选择单位。"


def _day(label: str, *, first: date | None = None, last: date | None = None, **more: Any) -> forms.DateField:
    limits = {"min": first and first.isoformat(), "max": last and last.isoformat()}
    attrs = {"type": "date", **{key: value for key, value in limits.items() if value}}
    widget = forms.DateInput(attrs=attrs, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=widget, error_messages=DAY_ERRORS, **more)


def _way() -> forms.ChoiceField:
    return forms.ChoiceField(
        label="单位怎样告知",
        choices=WAYS,
        initial=Via.PHONE.value,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择纸质或电话。", "invalid_choice": "请选择纸质或电话。"},
    )


def _member(members: Sequence[Member], home: Alliance) -> forms.TypedChoiceField:
    """A choice of units; those of another alliance are told apart by their community."""
    choices = [(m.pk, unit_label(m, home)) for m in members]
    return forms.TypedChoiceField(
        label="单位",
        coerce=int,
        choices=choices if len(choices) == 1 else [("", "请选择"), *choices],
        error_messages={"required": "请选择单位。", "invalid_choice": CHOOSE},
    )


def unit_label(member: Member, home: Alliance) -> str:
    name = member.unit.name
    return name if member.alliance_id == home.pk else f"{name}（{member.alliance.organisation.name}）"


class ClaimForm(forms.Form):
    """A unit's promise: three fields. Which of the reader's units, and one of its resources, only where there is a choice."""

    measures = forms.CharField(
        label="服务措施",
        max_length=500,
        help_text="打算怎么办，一两句话即可。",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请填写服务措施。"},
    )
    responsible = forms.CharField(
        label="责任人", max_length=40, error_messages={"required": "请填写责任人。"}
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        home: Alliance,
        members: Sequence[Member],
        resources: Sequence[Resource] = (),
        latest: date,
        initial: dict[str, Any],
    ) -> None:
        super().__init__(data, initial={"due_on": latest, **initial})
        self.members = {member.pk: member for member in members}
        self.resources = {row.pk: row for row in resources}
        self.fields["due_on"] = _day(
            "完成时限",
            first=clock.today(),
            last=latest,
            help_text=f"最迟{latest.month}月{latest.day}日；还不够的，认领后可以申请延期。",
        )
        if len(members) > 1:
            self.fields["member"] = _member(members, home)
            self.fields["member"].label = "以哪家单位认领"
        if resources:
            several = len({row.member.unit_id for row in resources}) > 1
            names = [(r.pk, f"{r.member.unit.name}：{r.name}" if several else r.name) for r in resources]
            self.fields["resource"] = forms.TypedChoiceField(
                label="用到的服务资源",
                coerce=int,
                empty_value=None,
                required=False,
                choices=[("", "不选"), *names],
                error_messages={"invalid_choice": "请从列表中选择本单位的服务资源。"},
            )

    @property
    def main_fields(self) -> list[forms.BoundField]:
        names = ("member", "measures", "responsible", "due_on")
        return [self[name] for name in names if name in self.fields]

    @property
    def opens_resource(self) -> bool:
        return "resource" in self.fields and bool(self["resource"].value() or self["resource"].errors)

    @property
    def chosen_member(self) -> Member:
        """Only of a valid form."""
        return self.members[self.cleaned_data.get("member") or next(iter(self.members))]

    @property
    def chosen_resource(self) -> Resource | None:
        return self.resources.get(self.cleaned_data.get("resource") or 0)


class RecordForm(forms.Form):
    """What a unit said on paper or by telephone, written down by the office. A later deadline than usual is the office's
    own decision."""

    via = _way()
    measures = forms.CharField(
        label="服务措施",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "请填写服务措施。"},
    )
    responsible = forms.CharField(
        label="责任人", max_length=40, error_messages={"required": "请填写责任人。"}
    )
    responsible_phone = PhoneField(label="责任人电话", required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        home: Alliance,
        members: Sequence[Member],
        latest: date,
        initial: dict[str, Any],
    ) -> None:
        super().__init__(data, initial={"due_on": latest, **initial})
        self.members = {member.pk: member for member in members}
        self.fields["due_on"] = _day("完成时限", first=clock.today())
        self.fields["member"] = _member(members, home)
        self.order_fields(["member", "via", "measures", "responsible", "responsible_phone", "due_on"])

    @property
    def main_fields(self) -> list[forms.BoundField]:
        return list(self)

    @property
    def chosen_member(self) -> Member:
        return self.members[self.cleaned_data["member"]]

    chosen_resource: Resource | None = None


class OffersForm(forms.Form):
    """Units to ask: those suggested with why, the alliance's others, and where the demand is shared one from elsewhere."""

    note = forms.CharField(
        label="派单说明",
        max_length=200,
        required=False,
        help_text="单位会看到，请不要写居民的姓名、电话。",
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        home: Alliance,
        suggested: Sequence[Fitting],
        others: Sequence[Member],
        reply_by: date,
    ) -> None:
        super().__init__(data, initial={"reply_by": reply_by})
        first = {row.member.pk: row.member for row in suggested}
        self.suggested = len(first)
        self.known = {**first, **{member.pk: member for member in others}}
        near = {pk: m for pk, m in self.known.items() if pk in first or m.alliance_id == home.pk}
        far = [m for pk, m in self.known.items() if pk not in near]
        # One field for both kinds of boxes: what is suggested may have changed by the time the form is sent.
        self.fields["units"] = forms.TypedMultipleChoiceField(
            label="派给哪些单位",
            coerce=int,
            required=False,
            choices=[(pk, unit_label(m, home)) for pk, m in near.items()],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"invalid_choice": "请从列表中选择单位；有的单位可能刚刚认领或已退出。"},
        )
        if far:
            self.fields["far"] = forms.TypedChoiceField(
                label="其他社区的单位",
                coerce=int,
                required=False,
                empty_value=None,
                choices=[("", "不选"), *((m.pk, unit_label(m, home)) for m in far)],
                error_messages={"invalid_choice": CHOOSE},
            )
        self.fields["reply_by"] = _day("回复期限", first=clock.today())
        self.order_fields(["units", "far", "reply_by", "note"])

    @property
    def opens_others(self) -> bool:
        """Whether one of the others is ticked, or nothing is suggested: then they are not folded away."""
        first = {str(pk) for pk in list(self.known)[: self.suggested]}
        return not first or any(str(pk) not in first for pk in self["units"].value() or ())

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        picked = list(values.get("units", []))
        if far := values.get("far"):
            picked.append(far)
        if not picked and not self.errors:
            raise forms.ValidationError("请选择派单的单位。")
        if len(picked) > MOST_OFFERS:
            raise forms.ValidationError(f"一次最多派给{MOST_OFFERS}家单位。")
        values["members"] = [self.known[pk] for pk in picked]
        return values


class DeclineForm(forms.Form):
    """No, and why. ``on_behalf``: the office writes down what the unit said, and when."""

    reason = forms.CharField(
        label="不能承接的原因",
        max_length=200,
        help_text="社区会看到，以便另派单位。",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "请写明不能承接的原因。"},
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, on_behalf: bool = False, since: date | None = None
    ) -> None:
        super().__init__(data)
        if on_behalf:
            today = clock.today()
            self.fields["via"] = _way()
            self.fields["on"] = _day("回复日期", first=since, last=today, initial=today)
            self.order_fields(["via", "on", "reason"])

    def parts(self) -> dict[str, Any]:
        """Arguments of ``dispatch.decline`` beside the offer; only of a valid form."""
        values = self.cleaned_data
        found = {"reason": values["reason"]}
        if "via" in values:
            found |= {"via": values["via"], "on": values["on"]}
        return found
