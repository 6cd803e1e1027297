"""Names and phones at rest: encrypted, masked when shown, found by keyed hash, readable after a change of keys."""

from __future__ import annotations

import pytest
from django.core.exceptions import FieldError
from django.db import IntegrityError, connection, transaction
from django.test import override_settings

from demands.errors import ContactUnreadable
from demands.fields import decrypt, encrypt, keyed_hash, mask_name, mask_phone
from demands.models import Author, Booking
from demands.selectors import contacts
from tests.cast import NOW, Cast
from tests.factories import demands as lists


def test_database_holds_no_name_and_no_phone(cast: Cast) -> None:
    author = lists.author(lists.demand(cast.alliance), name="方小超", phone="13800003449")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM demands_author")
        (row,) = cursor.fetchall()
    words = " ".join(map(str, row))
    assert "方小超" not in words
    assert "13800003449" not in words
    again = Author.objects.get(pk=author.pk)
    assert (again.name, again.phone) == ("方小超", "13800003449")


def test_same_name_is_never_the_same_token() -> None:
    assert encrypt("方小超") != encrypt("方小超")
    assert encrypt("") == ""
    assert decrypt("") == ""


def test_booking_of_a_resident_is_encrypted_too(cast: Cast) -> None:
    lists.booking(lists.venue(cast.members["县图书馆"]), asker_name="李大明", asker_phone="13900000001")
    with connection.cursor() as cursor:
        cursor.execute("SELECT asker_name, asker_phone FROM demands_booking")
        assert not {"李大明", "13900000001"} & set(cursor.fetchone())
    assert Booking.objects.get().asker_name == "李大明"


def test_encrypted_fields_know_no_search(cast: Cast) -> None:
    for lookup in ("name__contains", "phone__startswith", "name__in", "phone__gt"):
        with pytest.raises(FieldError):
            Author.objects.filter(**{lookup: "13"}).exists()
    lists.author(lists.demand(cast.alliance), name="方小超", phone="")
    assert Author.objects.filter(phone="").count() == 1
    assert Author.objects.filter(name="方小超").count() == 0


def test_old_keys_still_read_and_new_ones_write() -> None:
    with override_settings(CONTACT_KEYS=["first-key"]):
        token, key = encrypt("13800003449"), keyed_hash("13800003449")
    with override_settings(CONTACT_KEYS=["second-key", "first-key"]):
        assert decrypt(token) == "13800003449"
        assert keyed_hash("13800003449") == key  # the oldest key goes on finding them
        newer = encrypt("13800003449")
    with override_settings(CONTACT_KEYS=["second-key"]):
        assert decrypt(newer) == "13800003449"
        with pytest.raises(ContactUnreadable, match="CONTACT_KEYS"):
            decrypt(token)


def test_secret_key_serves_where_no_other_is_set() -> None:
    with override_settings(CONTACT_KEYS=[], SECRET_KEY="one", SECRET_KEY_FALLBACKS=[]):
        token = encrypt("方小超")
    with override_settings(CONTACT_KEYS=[], SECRET_KEY="two", SECRET_KEY_FALLBACKS=["one"]):
        assert decrypt(token) == "方小超"


@pytest.mark.parametrize(
    ("name", "masked"), [("张三丰", "张*"), ("欧阳庆丰", "欧*"), ("张", "*"), ("", ""), ("段女士", "段*")]
)
def test_names_are_masked(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("13800003449", "138****3449"), ("0311-1234567", "031****67"), ("1234", "****"), ("", "")],
)
def test_phones_are_masked(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


def test_list_shows_everybody_masked_also_those_merged_in(cast: Cast) -> None:
    main = lists.demand(cast.alliance)
    lists.author(main)
    merged = lists.demand(cast.alliance, state="merged", merged_into=main)
    lists.author(merged, name="李大明", phone="")
    nobody = lists.demand(cast.alliance)
    found = contacts.authors_of([main, merged, nobody])
    assert contacts.masked(found[main.pk]) == "方* 138****3449、李*"
    assert contacts.masked(found[nobody.pk]) == "匿名"
    assert [author.name for author in contacts.standing_authors(main)] == ["方小超", "李大明"]


def test_author_never_shows_a_name_by_accident(cast: Cast) -> None:
    author = lists.author(lists.demand(cast.alliance), name="方小超")
    assert "方" not in f"{author} {author!r}"


def test_cleared_author_keeps_nothing(cast: Cast) -> None:
    author = lists.author(lists.demand(cast.alliance), phone_key="0" * 64)
    for kept in ({"name": ""}, {"name": "", "phone": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Author.objects.filter(pk=author.pk).update(anonymised_at=NOW, **kept)
    Author.objects.filter(pk=author.pk).update(anonymised_at=NOW, name="", phone="", phone_key="")


def test_words_that_leave_the_community(cast: Cast) -> None:
    plain = lists.demand(cast.alliance, content="路灯不亮")
    sensitive = lists.demand(cast.alliance, content="孩子有自闭症", is_sensitive=True)
    told = lists.demand(cast.alliance, content="孩子有自闭症", is_sensitive=True, share_text="需要康复指导")
    assert [contacts.words_outside(d) for d in (plain, sensitive, told)] == [
        "路灯不亮",
        contacts.HIDDEN,
        "需要康复指导",
    ]
