"""Forms of what the office decides about a demand: reasons, merging, sharing, and why a contact is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from alliances.models import Organisation
from demands.enums import UnresolvedReason
from demands.models import Demand
from demands.services.privacy import RevealReason
from demands.services.review import MERGE_INTO


def sentence(label: str, missing: str, *, most: int = 200, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": missing, "max_length": f"最多{most}字。"},
        **more,
    )


class DeclineForm(forms.Form):
    reason = sentence(
        "不予受理的原因",
        "请写明不予受理的原因，需求人会看到。",
        help_text="需求人凭查询码看得到这句话。写清楚为什么、可以找谁。",
    )


class GiveUpForm(forms.Form):
    why = forms.ChoiceField(
        label="未能解决的原因",
        choices=UnresolvedReason.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "请从列表中选择未能解决的原因。",
            "invalid_choice": "请从列表中选择未能解决的原因。",
        },
    )
    sentence = sentence("给需求人的说明", "请给需求人写一句说明。", help_text="需求人凭查询码看得到这句话。")


class HandUpForm(forms.Form):
    note = sentence(
        "上报说明", "请写明上报的原因。", help_text="上级会看到。请不要写居民的姓名、电话、住址。"
    )


class ShareForm(forms.Form):
    """Where to, and in which words; what is sensitive leaves the community only in words written for it."""

    office = forms.ChoiceField(
        label="共享到",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择共享到哪一级大厅。", "invalid_choice": "请选择共享到哪一级大厅。"},
    )
    share_text = sentence("对外表述", "请写一段不含个人信息的对外表述再共享。", most=300, required=False)

    def __init__(self, *args: Any, demand: Demand, offices: Sequence[Organisation], **kwargs: Any) -> None:
        self.offices = {str(office.pk): office for office in offices}
        chosen = demand.shared_to_id or (offices[0].pk if offices else "")
        kwargs["initial"] = {"office": str(chosen), "share_text": demand.share_text}
        super().__init__(*args, **kwargs)
        self.fields["office"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (key, f"{office.name}大厅（辖区内所有联盟的成员单位可以认领）")
            for key, office in self.offices.items()
        ]
        words = self.fields["share_text"]
        words.required = demand.is_sensitive
        words.help_text = (
            "这项需求涉及敏感信息，其他联盟的单位只看得到这段话。请写要办的事，不写姓名、电话、门牌和病情。"
            if demand.is_sensitive
            else "其他联盟的单位看到的就是这段话；不写则原样显示需求内容。"
        )


class MergeForm(forms.Form):
    """Into one of the suggested demands, or one whose number is typed. ``into_demand`` is the one meant."""

    into = forms.ChoiceField(
        label="合并到",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "请选择要合并到哪一件。"},
    )
    number = forms.CharField(
        label="或者填编号",
        required=False,
        max_length=60,
        help_text="完整编号，或“需〔2026〕”后面的序号，如“12”。",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, demand: Demand, alike: Sequence[Demand], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.demand = demand
        self.into_demand: Demand | None = None
        self.alike = {str(row.pk): row for row in alike}
        if not self.alike:
            del self.fields["into"]
            number = self.fields["number"]
            number.label, number.required = "合并到（编号）", True
            number.error_messages["required"] = "请填要合并到的那一件的编号。"
            return
        self.fields["into"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (key, f"{row.number}（{row.get_state_display()}）：{row.content[:60]}")
            for key, row in self.alike.items()
        ]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        typed = values.get("number", "").strip()
        if typed:
            self.into_demand = self._by_number(typed)
            if self.into_demand is None:
                self.add_error("number", "没有找到这个编号的需求，请核对；只能与本社区的需求合并。")
        elif chosen := values.get("into"):
            self.into_demand = self.alike[chosen]
        elif not self.errors:
            self.add_error(next(iter(self.fields)), "请选择要合并到哪一件，或者填编号。")
        return values

    def _by_number(self, typed: str) -> Demand | None:
        if "\0" in typed:
            return None
        rows = Demand.objects.filter(alliance=self.demand.alliance_id)
        digits = typed.removesuffix("号")
        if digits.isascii() and digits.isdigit() and len(digits) < 10:
            return rows.filter(serial=int(digits)).order_by("-year").first()
        return rows.filter(number=typed).first()


class RevealForm(forms.Form):
    reason = forms.ChoiceField(
        label="为什么要看",
        choices=RevealReason.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "请选择查看联系方式的原因。",
            "invalid_choice": "请选择查看联系方式的原因。",
        },
    )


def mergeable(alike: Sequence[Demand]) -> list[Demand]:
    """Of the look-alikes those that still can take another one in."""
    return [row for row in alike if row.state in MERGE_INTO]
