"""Names and phones that somebody typed into words: masked wherever they are read by those who may not open the contact,
and in the words themselves once the resident is forgotten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alliances import clock
from alliances.errors import OfficeError
from alliances.lifecycle import NotAllowed
from alliances.models import User
from alliances.registry import registries
from demands.models import Acceptance, Author, CallBack, Claim, Demand, Extension, NotePhoto, ProgressNote
from demands.selectors import contacts, papers_visit
from demands.services import acceptance, claims, notes, privacy, review, tracking
from demands.services.claims import Promise
from tests.cast import NOW, Cast
from tests.conftest import client_of
from tests.demands import loop
from tests.demands.test_list_rows import DEMAND, DEMANDS, bring, reasons
from tests.factories import demands as lists
from tests.import_runs import import_sheet
from tests.pictures import jpeg

NAME, PHONE = "方小超", "13800003449"
SAID = f"一楼{NAME}家水管坏了，电话138-0000 3449"
SECRET = "老人尿毒症，已陪诊"


def read(user: User, path: str) -> str:
    answer = client_of(user).get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def named_claim(cast: Cast) -> Claim:
    """Returned once, with the resident's name in everything that was typed."""
    demand = loop.opened(cast, content=SAID)
    claim = loop.claimed(cast, demand, Promise(f"联系{NAME}", "钱新民"))
    notes.add(claim, f"已打{PHONE}", actor=cast.liaison)
    claims.deliver(claim, result=f"{NAME}家修好了", actor=cast.liaison)
    acceptance.send_back(claim, f"{NAME}说还漏水", actor=cast.station)
    claim.refresh_from_db()
    return claim


def names(text: str) -> bool:
    return NAME in text or PHONE in text or "138-0000 3449" in text


# --- where words are read ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/demands/", "/demands/claims/", "/demands/acceptances/"])
def test_lists_mask_who_is_not_open_to_the_reader(cast: Cast, path: str) -> None:
    named_claim(cast)
    for part in ("other_liaison", "president", "street", "county", "leader"):
        text = read(cast.users[part], path)
        assert not names(text), part
        assert "方*" in text, part
    if path == "/demands/":
        assert NAME in read(cast.staff, path)


def test_pages_mask_what_was_typed_about_the_work(cast: Cast) -> None:
    claim = named_claim(cast)
    for part in ("other_liaison", "president", "street", "county"):
        text = read(cast.users[part], f"/demands/claims/{claim.pk}/")
        assert not names(text) and "方*说还漏水" in text, part
    assert f"{NAME}说还漏水" in read(cast.liaison, f"/demands/claims/{claim.pk}/")


def test_the_paper_for_the_visit_names_nobody(cast: Cast) -> None:
    claim = named_claim(cast)
    visits = list(Acceptance.objects.filter(claim=claim))
    assert not names(str(papers_visit.visit_sheet(claim, visits)))


def test_a_name_is_masked_before_a_title_is_cut(cast: Cast) -> None:
    demand = loop.opened(cast, content=f"{'水' * 18}{NAME}家")
    loop.claimed(cast, demand)
    text = read(cast.president, "/demands/claims/")
    assert "水方*" in text and "方小" not in text


def test_names_of_merged_demands_are_masked_too(cast: Cast) -> None:
    demand = loop.opened(cast, content="朱大年和我家都漏水")
    other, _ = loop.taken_in(cast, name="朱大年", phone="13900001111")
    review.merge(other, demand, actor=cast.staff)
    for path in ("/demands/", "/demands/hall/", f"/demands/{demand.pk}/"):
        text = read(cast.other_liaison, path)
        assert "朱大年" not in text and "朱*和我家" in text, path


# --- forgotten residents ----------------------------------------------------------------------------------------------


def words_at_rest() -> str:
    rows: list[Any] = [
        *Demand.objects.values_list("content", "reason", "share_text"),
        *Claim.objects.values_list("title", "measures", "result", "hand_back_reason"),
        *ProgressNote.objects.values_list("text"),
        *Extension.objects.values_list("reason", "answer"),
        *Acceptance.objects.values_list("to_mend", "mended"),
        *CallBack.objects.values_list("opinion", "follow_up"),
    ]
    return str(rows)


def test_deleting_ones_data_masks_the_words(cast: Cast) -> None:
    claim = named_claim(cast)
    claims.ask_extension(claim, claim.due_on + timedelta(days=3), f"{NAME}外出", actor=cast.liaison)
    visit = Acceptance.objects.get()
    lists.answer(visit, opinion=f"我是{NAME}", follow_up=f"给{PHONE}回电话")
    Claim.objects.update(hand_back_reason=f"{NAME}不在家")
    assert words_at_rest().count(NAME) == 7
    tracking.delete_my_data(Author.objects.get())
    assert not names(words_at_rest())
    assert "一楼方*家水管坏了，电话138****3449" in words_at_rest()
    assert not names(read(cast.liaison, f"/demands/{claim.demand_id}/"))


def test_the_sweep_masks_the_words(cast: Cast) -> None:
    demand = loop.opened(cast, content=SAID)
    review.give_up(demand, "no_unit", f"{NAME}家没有单位承接", actor=cast.staff)
    Demand.objects.update(ended_at=clock.now() - timedelta(days=100))
    assert privacy.anonymise_due(clock.now())
    assert not names(words_at_rest()) and "方*家没有单位承接" in words_at_rest()


def test_a_merged_resident_is_masked_in_the_demand_that_goes_on(cast: Cast) -> None:
    demand = loop.opened(cast, content="朱大年和我家都漏水")
    loop.claimed(cast, demand, Promise("给朱大年送水", "钱新民"))
    other, _ = loop.taken_in(cast, name="朱大年", phone="13900001111")
    review.merge(other, demand, actor=cast.staff)
    tracking.delete_my_data(Author.objects.get(demand=other))
    assert "朱大年" not in words_at_rest() and "给朱*送水" in words_at_rest()


def test_a_list_does_not_bring_a_forgotten_name_back(cast: Cast, tmp_path: Path) -> None:
    row = [*DEMAND]
    row[DEMANDS.index("需求内容")] = f"{row[DEMANDS.index('需求人')]}家楼下很吵"
    bring(tmp_path, "demands", row)
    tracking.delete_my_data(Author.objects.get())
    bring(tmp_path, "demands", row)
    assert Demand.objects.get().content == "方*家楼下很吵"


# --- sensitive needs --------------------------------------------------------------------------------------------------


@pytest.fixture
def sensitive(cast: Cast, settings: Any, tmp_path: Path) -> Claim:
    settings.MEDIA_ROOT = tmp_path
    demand = loop.opened(cast, is_sensitive=True, content=SECRET)
    review.share(demand, cast.county_place, "一位老人需要陪护", actor=cast.secretary)
    claim = loop.claimed(cast, demand, Promise(SECRET, "钱新民"))
    notes.add_photo(notes.add(claim, SECRET, actor=cast.liaison), jpeg(), actor=cast.liaison)
    claims.deliver(claim, result=SECRET, actor=cast.liaison)
    acceptance.send_back(claim, SECRET, actor=cast.station)
    Claim.objects.filter(pk=claim.pk).update(title="尿毒症陪诊")
    return claim


def test_outside_only_state_unit_and_dates_of_a_sensitive_claim(cast: Cast, sensitive: Claim) -> None:
    photo = NotePhoto.objects.get()
    for part in ("foreign_liaison", "county", "street"):
        text = read(cast.users[part], f"/demands/claims/{sensitive.pk}/")
        assert "尿毒症" not in text and "陪诊" not in text, part
        assert f"/demands/photos/{photo.pk}/" not in text, part
        assert "县图书馆" in text and "整改" in text, part
        assert client_of(cast.users[part]).get(f"/demands/photos/{photo.pk}/").status_code == 404, part
        if part != "foreign_liaison":
            assert "尿毒症" not in read(cast.users[part], "/demands/claims/"), part
    for part in ("staff", "station", "liaison", "president"):
        assert SECRET in read(cast.users[part], f"/demands/claims/{sensitive.pk}/"), part
        assert client_of(cast.users[part]).get(f"/demands/photos/{photo.pk}/").status_code == 200, part


def test_an_offices_list_of_a_sensitive_claim_is_not_taken_back(
    cast: Cast, sensitive: Claim, tmp_path: Path
) -> None:
    """What it prints in place of the words would be written over them."""
    for name in ("claims", "acceptances"):
        kind = registries.exports.get(name)
        assert kind
        path = tmp_path / f"{name}.xlsx"
        with path.open("wb") as file:
            kind.asked_by(cast.county).write("xlsx", file, cast.alliance)
        run = import_sheet(name, path, tmp_path, "--alliance", cast.alliance.code, "--skip-refused")
        assert run.counts == (0, 0, 0, 1)
        assert "已经脱敏" in run.reasons[0]
    sensitive.refresh_from_db()
    assert sensitive.measures == SECRET


def test_a_foreign_unit_reads_the_work_on_its_own_sensitive_claim(cast: Cast) -> None:
    demand = lists.demand(
        cast.alliance, state="claimed", is_sensitive=True, content=SECRET, share_text="一位老人需要陪护"
    )
    claim = lists.claim(demand, cast.foreign_members["县法院"], measures="每周上门")
    assert "每周上门" in read(cast.foreign_liaison, f"/demands/claims/{claim.pk}/")
    # Its own community keeps the record, not the work.
    assert "每周上门" not in read(cast.users["foreign_secretary"], f"/demands/claims/{claim.pk}/")


def test_only_the_secretary_takes_the_mark_off(cast: Cast, tmp_path: Path) -> None:
    demand = loop.opened(cast, is_sensitive=True)
    with pytest.raises(NotAllowed, match="只有社区书记可以取消敏感标记"):
        review.change(demand, is_sensitive=False, actor=cast.staff)
    assert Demand.objects.get().is_sensitive
    review.change(demand, urgency="urgent", is_sensitive=True, actor=cast.staff)
    run = bring(
        tmp_path,
        "demands",
        [demand.number, None, *DEMAND, "否"],
        head=["编号", "原序号", *DEMANDS, "涉及敏感信息"],
    )
    assert "只有社区书记可以取消敏感标记" in reasons(run)[0]
    review.change(demand, is_sensitive=False, actor=cast.secretary)
    assert not Demand.objects.get().is_sensitive


# --- words for others -------------------------------------------------------------------------------------------------


def test_words_for_others_name_no_merged_resident(cast: Cast) -> None:
    demand = loop.opened(cast)
    other, _ = loop.taken_in(cast, name="朱大年", phone="13900001111")
    review.merge(other, demand, actor=cast.staff)
    for words in ("朱大年家漏水", "请打139 0000 1111"):
        with pytest.raises(OfficeError, match="需求人的姓名或电话"):
            review.share(demand, cast.county_place, words, actor=cast.secretary)
    review.share(demand, cast.county_place, actor=cast.secretary)
    with pytest.raises(OfficeError, match="需求人的姓名或电话"):
        review.change(demand, content=f"{NAME}家漏水", actor=cast.staff)
    review.change(demand, content="三楼漏水", actor=cast.staff)


def test_imported_words_for_others_name_nobody(cast: Cast, tmp_path: Path) -> None:
    head = [*DEMANDS, "对外表述"]
    run = bring(tmp_path, "demands", [*DEMAND, f"{NAME}家噪声"], head=head)
    assert "对外表述里写有需求人的姓名或电话" in reasons(run)[0]
    bring(tmp_path, "demands", [*DEMAND, "一户噪声"], head=head)
    assert Demand.objects.get().share_text == "一户噪声"
    run = bring(tmp_path, "demands", [*DEMAND, f"请打{PHONE}"], head=head)
    assert "对外表述里写有需求人的姓名或电话" in reasons(run)[0]


def test_what_counts_as_written(cast: Cast) -> None:
    demand = lists.demand(cast.alliance, raised_on=NOW.date())
    one = lists.author(demand, name="王小", phone="")
    two = lists.author(demand, name="王小明", phone="0912-2345678")
    veiled = contacts.veil("王小明、王小、王 小 明，电话09122345678，小王", [one, two])
    assert veiled == "王*、王*、王*，电话091****78，小王"
    assert contacts.veil("李先生", [lists.author(demand, name="李", phone="")]) == "李先生"
