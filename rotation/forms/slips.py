"""Recording a receipt that reached the community on paper or by telephone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from alliances import clock
from alliances.enums import Via
from rotation.models import Receipt

WAYS = [(Via.PAPER.value, "纸质回执"), (Via.PHONE.value, "电话答复")]


class RecordReceiptForm(forms.Form):
    """Who signed for which unit, how and when. What is known is filled in: usually nothing needs typing.

    ``receipts`` are those still unsigned, ``liaisons`` the names of their liaisons by member id, ``chosen`` the
    receipt that the page was opened for.
    """

    receipt = forms.ChoiceField(
        label="签收单位",
        widget=forms.RadioSelect,
        error_messages={
            "required": "请选择签收单位。",
            "invalid_choice": "请选择还没签收的单位；这家可能刚刚已经签收。",
        },
    )
    signer_name = forms.CharField(
        label="签收人",
        max_length=40,
        help_text="实际签收或答复的人，默认是该单位联络员。",
        error_messages={"required": "请填写签收人姓名。"},
    )
    via = forms.ChoiceField(
        label="方式",
        choices=WAYS,
        initial=Via.PAPER.value,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择纸质或电话。", "invalid_choice": "请选择纸质或电话。"},
    )
    signed_on = forms.DateField(
        label="签收日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写签收日期。", "invalid": "请按“2026-03-02”的样子填写日期。"},
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        receipts: Sequence[Receipt],
        liaisons: Mapping[int, str],
        chosen: Receipt,
    ) -> None:
        super().__init__(data)
        self.receipts = {str(receipt.pk): receipt for receipt in receipts}
        self.fields["receipt"].choices = [(pk, r.member.unit.name) for pk, r in self.receipts.items()]
        if len(receipts) == 1:
            self.fields["receipt"].widget = forms.HiddenInput()
        self.initial = {
            "receipt": str(chosen.pk),
            "signer_name": liaisons.get(chosen.member_id, ""),
            "via": Via.PAPER.value,
            "signed_on": clock.today(),
        }

    @property
    def chosen_receipt(self) -> Receipt:
        """The receipt that was chosen; only of a valid form."""
        return self.receipts[self.cleaned_data["receipt"]]
