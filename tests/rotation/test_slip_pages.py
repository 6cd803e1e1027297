"""The slip's page: reading never signs, one tap does, staff record paper, the files are the frozen paper."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date
from zipfile import ZipFile

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from alliances.models import LogEntry, User
from rotation.enums import SlipState
from rotation.models import Receipt, Slip
from rotation.services import slips
from tests.cast import Cast

ClientFor = Callable[[User | None], Client]


def url(name: str, slip: Slip, *more: str) -> str:
    return reverse(f"rotation:{name}", args=[slip.pk, *more])


def receipt_of(slip: Slip, unit: str) -> Receipt:
    return slip.receipts.get(member__unit__name=unit)


def test_slip_page_shows_the_paper_and_never_signs(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    client = client_for(cast.liaison)
    for _ in range(2):
        page = client.get(url("slip", march)).content.decode()
    assert march.number in page
    assert "3月主题活动" in page  # from the frozen paper
    assert "代表县图书馆签收。请于3月4日前签收。" in page
    assert not march.receipts.filter(signed_at__isnull=False).exists()
    assert client.get(url("slip-acknowledge", march)).status_code == 405


def test_liaison_signs_with_one_post_and_says_how(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    client = client_for(cast.liaison)
    receipt = receipt_of(march, "县图书馆")
    page = client.post(url("slip-acknowledge", march), {"receipt": receipt.pk}, follow=True)
    assert "县图书馆已签收" in page.content.decode()
    receipt.refresh_from_db()
    assert receipt.signer == cast.liaison.person
    assert "确认签收" not in page.content.decode()
    assert re.search(r"杨欣然 · 3月2日 09:00 · 本人在线", page.content.decode())
    assert Slip.objects.get(pk=march.pk).state == SlipState.ISSUED  # two units have not signed


def test_signing_without_naming_the_unit_signs_the_own_one(
    cast: Cast, march: Slip, client_for: ClientFor
) -> None:
    client_for(cast.second_liaison).post(url("slip-acknowledge", march))
    signed = march.receipts.filter(signed_at__isnull=False)
    assert [r.member.unit.name for r in signed] == ["县文体广电局"]


def test_signing_for_another_unit_is_forbidden(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    other = receipt_of(march, "县人民医院")
    assert (
        client_for(cast.liaison).post(url("slip-acknowledge", march), {"receipt": other.pk}).status_code
        == 403
    )
    for person in (cast.leader, cast.secretary, cast.staff, cast.street):
        assert client_for(person).post(url("slip-acknowledge", march)).status_code == 403
    for person in (cast.other_liaison, cast.foreign_liaison, cast.station, cast.administrator):
        assert client_for(person).post(url("slip-acknowledge", march)).status_code == 404
    assert not march.receipts.filter(signed_at__isnull=False).exists()


@pytest.mark.parametrize("name", ["other_liaison", "foreign_liaison", "foreign_secretary", "other_street"])
def test_slip_of_others_does_not_exist(cast: Cast, march: Slip, client_for: ClientFor, name: str) -> None:
    client = client_for(getattr(cast, name))
    assert client.get(url("slip", march)).status_code == 404
    assert client.get(url("slip-record", march)).status_code == 404
    assert client.get(url("slip-paper", march, "docx")).status_code == 404


def test_staff_record_a_paper_receipt_and_the_page_says_so(
    cast: Cast, march: Slip, client_for: ClientFor
) -> None:
    client = client_for(cast.staff)
    receipt = receipt_of(march, "县人民医院")
    page = client.get(url("slip-record", march), {"receipt": receipt.pk}).content.decode()
    assert 'value="邓医生"' in page  # nothing needs typing
    done = client.post(
        url("slip-record", march),
        {"receipt": receipt.pk, "signer_name": "门诊部张主任", "via": "paper", "signed_on": "2026-03-02"},
        follow=True,
    ).content.decode()
    receipt.refresh_from_db()
    assert (receipt.signer_name, receipt.via, receipt.recorded_by) == ("门诊部张主任", "paper", cast.staff)
    assert "门诊部张主任 · 3月2日 · 纸质，社区代录" in done
    assert "录入：周小雨" in done
    assert "县人民医院签收（纸质，社区代录）" in done


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("signer_name", " ", "请填写签收人姓名。"),
        ("signed_on", "2026-03-03", "签收日期应在提醒单发出之后、今天之前。"),
        ("signed_on", "昨天", "请按“2026-03-02”的样子填写日期。"),
        ("receipt", "0", "请选择还没签收的单位"),
        ("via", "screen", "请选择纸质或电话。"),
    ],
)
def test_wrong_record_keeps_what_was_typed(
    cast: Cast, march: Slip, client_for: ClientFor, field: str, value: str, sentence: str
) -> None:
    typed = {
        "receipt": str(receipt_of(march, "县人民医院").pk),
        "signer_name": "门诊部张主任",
        "via": "phone",
        "signed_on": "2026-03-02",
    } | {field: value}
    page = client_for(cast.secretary).post(url("slip-record", march), typed)
    assert page.status_code == 200
    assert sentence in page.content.decode()
    if field != "signer_name":
        assert 'value="门诊部张主任"' in page.content.decode()
    assert not march.receipts.filter(signed_at__isnull=False).exists()


@pytest.mark.parametrize("name", ["liaison", "leader", "president", "street"])
def test_recording_is_for_secretary_and_staff(
    cast: Cast, march: Slip, client_for: ClientFor, name: str
) -> None:
    client = client_for(getattr(cast, name))
    assert client.get(url("slip-record", march)).status_code == 403
    assert client.post(url("slip-record", march), {"signer_name": "某人"}).status_code == 403


def test_nothing_to_record_leads_back_with_a_sentence(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    for receipt in march.receipts.all():
        slips.record_receipt(
            receipt, signer_name="某人", via="paper", signed_on=date(2026, 3, 2), actor=cast.staff
        )
    page = client_for(cast.staff).get(url("slip-record", march), follow=True).content.decode()
    assert "没有要代录的签收" in page


def test_files_are_the_frozen_paper(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    client = client_for(cast.liaison)
    march.duty.theme = "后来改的主题"
    march.duty.save(update_fields=["theme"])
    word = client.get(url("slip-paper", march, "docx"))
    document = ZipFile(io.BytesIO(word.content)).read("word/document.xml").decode()
    assert "3月主题活动" in document
    assert "后来改的主题" not in document
    assert "filename*=utf-8''%E8%BD%AE%E5%80%BC" in word["Content-Disposition"]
    assert word["Cache-Control"] == "private, no-store"
    pdf = client.get(url("slip-paper", march, "pdf"))
    assert pdf["Content-Type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF-")
    assert client.get(f"/slips/{march.pk}/paper.xlsx").status_code == 404


def test_chat_text_carries_facts_and_link(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    page = client_for(cast.secretary).get(url("slip", march)).content.decode()
    text = re.search(r'<pre class="copy-text"[^>]*>(.*?)</pre>', page, re.S).group(1)
    assert march.number in text
    assert "轮值主席单位：县图书馆、县文体广电局、县人民医院" in text
    assert text.strip().endswith(f"{settings.SITE_URL}{url('slip', march)}")


def test_replaced_slip_and_its_successor_point_at_each_other(
    cast: Cast, march: Slip, client_for: ClientFor
) -> None:
    chair = march.duty.chairs.get(member__unit__name="县人民医院")
    chair.member = cast.members["县住建局"]
    chair.save(update_fields=["member"])
    newer = slips.reissue(march.duty, actor=cast.secretary)
    assert newer is not None
    secretary = client_for(cast.secretary)
    old_page = secretary.get(url("slip", march)).content.decode()
    assert "本单已收回" in old_page
    assert f'<a href="{url("slip", newer)}">{newer.number}</a>' in old_page
    assert "代录" not in old_page
    assert 'id="chat-text"' not in old_page
    assert (
        f'<a href="{url("slip", march)}">{march.number}</a>'
        in secretary.get(url("slip", newer)).content.decode()
    )
    # Who is no longer on duty still reads the old slip, and is told the new number without a dead link.
    gone = client_for(cast.third_liaison).get(url("slip", march)).content.decode()
    assert newer.number in gone
    assert url("slip", newer) not in gone
    assert "确认签收" not in gone


def test_signing_a_withdrawn_slip_is_refused_in_words(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    client = client_for(cast.liaison)
    slips.reissue(march.duty, actor=cast.secretary)
    page = client.post(url("slip-acknowledge", march), follow=True).content.decode()
    assert "提醒单现在是“已收回”，不能再签收" in page
    assert not march.receipts.filter(signed_at__isnull=False).exists()


def test_story_names_who_did_what(cast: Cast, march: Slip, client_for: ClientFor) -> None:
    slips.acknowledge(receipt_of(march, "县图书馆"), actor=cast.liaison)
    page = client_for(cast.president).get(url("slip", march)).content.decode()
    story = page[page.index("办理经过") :]
    assert story.index("发出提醒单") < story.index("县图书馆签收（本人在线）")
    assert "杨欣然 单位联络员" in story
    assert LogEntry.objects.filter(object_type="rotation.slip", object_id=march.pk).count() == 2


@pytest.mark.parametrize("name", ["liaison", "secretary", "street"])
def test_slip_page_costs_the_same_with_one_and_three_units(
    cast: Cast, march: Slip, client_for: ClientFor, name: str, django_assert_max_num_queries: Callable
) -> None:
    client = client_for(getattr(cast, name))
    alone = slips.issue(cast.duties[4])
    assert alone is not None
    pages = [march] if name == "liaison" else [march, alone]
    for slip in pages:
        with django_assert_max_num_queries(12):
            assert client.get(url("slip", slip)).status_code == 200
