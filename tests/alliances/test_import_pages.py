"""Importing in the browser: who may, upload, preview, questions, commit, and what becomes of the file."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from alliances import clock
from alliances.enums import Role
from alliances.errors import OfficeError
from alliances.importing import read_tables
from alliances.models import ImportDraft, LogEntry, Member, Unit
from alliances.registry import registries
from alliances.services import appointments, imports, membership
from rotation.models import Plan, Wish
from tests.hostile import HOSTILE
from tests.import_runs import everything
from tests.spreadsheets import roster, workbook

QUERIES = 12
NEW = [
    50,
    "县气象局",
    "机关",
    "同心社区",
    "中共县气象局支部委员会",
    8,
    "单独",
    "甲",
    "乙",
    "13712340001",
    "2026-01-05",
]
ALSO = [51, "县档案馆", "事业单位", "同心社区", None, 5, "单独", "丙", "丁", "13712340002", None]
ELSEWHERE = [52, "县法院", "机关", "清河社区", None, 5, "单独", None, None, None, None]
NEAR = [53, "县文体和广电局", "机关", "同心社区", None, 5, "集体", None, None, None, None]


def upload(client, body, kind="members", **more):
    """Upload a roster; returns the response."""
    file = SimpleUploadedFile("名册.xlsx", body if isinstance(body, bytes) else roster(body))
    return client.post(reverse("alliances:import-new", args=[kind]), {"file": file, **more})


def page(name, draft, client, data=None, follow=True):
    return client.post(reverse(f"alliances:import-{name}", args=[draft.pk]), data or {}, follow=follow)


def show(draft, client):
    return client.get(reverse("alliances:import-draft", args=[draft.pk]))


@pytest.fixture
def secretary(cast, client_for):
    return client_for(cast.secretary)


def test_upload_preview_commit(secretary, cast):
    before = everything()
    response = upload(secretary, [NEW, ALSO])
    draft = ImportDraft.objects.get()
    assert response["Location"] == reverse("alliances:import-draft", args=[draft.pk])
    assert everything() == {**before, "alliances.ImportDraft": 1}
    html = show(draft, secretary).content.decode()
    assert "确认导入 2 行" in html
    assert "县气象局（同心社区）" in html
    done = page("commit", draft, secretary)
    assert "导入完成：新增 2，更改 0，不变 0。" in done.content.decode()
    member = Member.objects.get(unit__name="县气象局")
    assert member.alliance == cast.alliance
    entry = LogEntry.objects.get(action="alliances.import.commit")
    assert (entry.actor, entry.capacity, entry.alliance) == (cast.secretary, Role.SECRETARY, cast.alliance)
    assert entry.data == {"kind": "members", "added": 2, "changed": 0, "unchanged": 0, "refused": 0}
    draft.refresh_from_db()
    assert bytes(draft.content) == b""


def test_the_form_sent_twice_imports_once(secretary):
    upload(secretary, [NEW])
    draft = ImportDraft.objects.get()
    page("commit", draft, secretary)
    after = everything()
    assert "已经导入过了" in page("commit", draft, secretary).content.decode()
    assert everything() == after


def test_rows_of_other_communities_are_refused_and_can_be_skipped(secretary, cast):
    upload(secretary, [NEW, ELSEWHERE])
    draft = ImportDraft.objects.get()
    html = show(draft, secretary).content.decode()
    assert "本次只导入同心社区，这里写的是“清河社区”" in html
    before = everything()
    assert "还有不能导入的行" in page("commit", draft, secretary).content.decode()
    assert everything() == before
    page("commit", draft, secretary, {"skip": "1"})
    assert Member.objects.filter(alliance=cast.alliance, unit__name="县气象局").exists()
    assert not Member.objects.filter(unit__name="县法院", alliance=cast.alliance).exists()


def test_questions_are_answered_by_choice(secretary):
    upload(secretary, [NEAR])
    draft = ImportDraft.objects.get()
    html = show(draft, secretary).content.decode()
    assert "请先回答 1 个问题" in html
    unanswered = page("answer", draft, secretary)
    assert "请选一项" in unanswered.content.decode()
    invented = page("answer", draft, secretary, {"q0": "same:县财政局"})
    assert invented.status_code == 200
    assert ImportDraft.objects.get().report["answers"] == {}
    page("answer", draft, secretary, {"q0": "same:县文体广电局"})
    assert "更改" in show(draft, secretary).content.decode()
    page("answer", draft, secretary, {"q0": "new"})  # second thoughts
    assert "将新增 1 行、更改 0 行" in show(draft, secretary).content.decode()
    page("answer", draft, secretary, {"q0": "same:县文体广电局"})
    page("commit", draft, secretary)
    assert Unit.objects.get(name="县文体广电局").aliases == ["县文体和广电局"]
    assert not Unit.objects.filter(name="县文体和广电局").exists()


def test_what_changed_since_the_preview_is_shown_again(secretary, cast):
    upload(secretary, [NEW, ALSO])
    draft = ImportDraft.objects.get()
    membership.add_unit("县气象局", "government", actor=None)
    before = everything()
    html = page("commit", draft, secretary).content.decode()
    assert "预览以后，系统里的资料有了变动，没有导入" in html
    assert "单位已登记，加入本社区" in html
    assert everything() == before
    assert "导入完成" in page("commit", draft, secretary).content.decode()


def test_hostile_file_ends_as_a_sentence_in_the_form(secretary):
    before = everything()
    for name in ("renamed_picture", "zip_bomb", "entity_in_sheet", "empty_book", "old_xls"):
        _, build, words = HOSTILE[name]
        response = upload(secretary, build())
        assert response.status_code == 200
        assert words in response.content.decode()
    assert "文件是空的" in upload(secretary, b"").content.decode()
    assert (
        "请选择表格文件" in secretary.post(reverse("alliances:import-new", args=["members"])).content.decode()
    )
    too_long = roster([[number, *NEW[1:]] for number in range(1_001)])
    assert "超过 1000 行" in upload(secretary, too_long).content.decode()
    assert "超过 5 MB" in upload(secretary, b"PK" + b"0" * (5 * 2**20)).content.decode()
    assert everything() == before


def test_drafts_belong_to_their_owner(secretary, cast, client_for):
    upload(secretary, [NEW])
    draft = ImportDraft.objects.get()
    for user in (cast.staff, cast.foreign_secretary, cast.administrator, cast.street, cast.liaison):
        other = client_for(user)
        assert show(draft, other).status_code == 404
        for name in ("answer", "commit", "drop"):
            assert page(name, draft, other).status_code == 404
    anonymous = client_for(None)
    assert show(draft, anonymous).status_code == 302
    assert page("commit", draft, anonymous, follow=False).status_code == 302
    assert not Unit.objects.filter(name="县气象局").exists()


def test_drafts_live_a_day(secretary, frozen):
    upload(secretary, [NEW])
    draft = ImportDraft.objects.get()
    frozen.forward(hours=23)
    assert imports.purge_drafts(clock.now()) == []
    assert imports.draft_of(draft.owner, draft.pk) == draft
    frozen.forward(hours=1)
    assert imports.draft_of(draft.owner, draft.pk) is None
    assert imports.purge_drafts(clock.now()) == ["清理导入草稿 1 份"]
    assert not ImportDraft.objects.exists()


def test_a_dropped_draft_leaves_nothing(secretary):
    before = everything()
    upload(secretary, [NEW])
    html = page("drop", ImportDraft.objects.get(), secretary).content.decode()
    assert "已放弃，没有导入任何内容" in html
    assert everything() == before


def test_only_the_last_five_drafts_are_kept(secretary):
    for _ in range(6):
        upload(secretary, [NEW])
    assert ImportDraft.objects.count() == 5


def test_who_may(cast, client_for):
    own, tree = (
        reverse("alliances:import-new", args=["members"]),
        reverse("alliances:import-new", args=["organisations"]),
    )
    expected = {
        "secretary": (200, 200, 403),
        "staff": (200, 200, 403),
        "foreign_secretary": (200, 200, 403),
        "administrator": (200, 200, 200),
        **dict.fromkeys(
            ("president", "liaison", "leader", "station", "street", "county", "auditor", "foreign_liaison"),
            (403, 403, 403),
        ),
    }
    found = {}
    for name in expected:
        client = client_for(getattr(cast, name))
        found[name] = tuple(client.get(url).status_code for url in (reverse("alliances:imports"), own, tree))
    assert found == expected
    assert client_for(None).get(own).status_code == 302


def test_unknown_kinds_do_not_exist_and_get_commits_nothing(secretary):
    assert secretary.get("/imports/unknown/").status_code == 404
    assert secretary.get("/imports/unknown/template/").status_code == 404
    upload(secretary, [NEW])
    draft = ImportDraft.objects.get()
    for name in ("answer", "commit", "drop"):
        assert secretary.get(reverse(f"alliances:import-{name}", args=[draft.pk])).status_code == 405


def test_the_administrator_sets_up_all_communities(cast, client_for):
    client = client_for(cast.administrator)
    upload(client, [NEW, [*ELSEWHERE[:1], "县检察院", *ELSEWHERE[2:]]])
    draft = ImportDraft.objects.get()
    assert draft.organisation is None
    page("commit", draft, client)
    assert Member.objects.filter(alliance=cast.foreign_alliance, unit__name="县检察院").exists()
    chosen = upload(client, [ALSO, ELSEWHERE], alliance=cast.alliance.code)
    html = client.get(chosen["Location"]).content.decode()
    assert "本次只导入同心社区" in html


def test_a_secretary_cannot_choose_another_alliance(secretary, cast):
    upload(secretary, [ELSEWHERE], alliance=cast.foreign_alliance.code)
    assert ImportDraft.objects.get().organisation == cast.community
    with pytest.raises(OfficeError, match="请选择为哪个联盟导入"):
        imports.upload(
            imports.kind_of("members"),
            roster([NEW]),
            "名册.xlsx",
            only=None,
            year=None,
            actor=cast.fresh(cast.secretary),
        )
    with pytest.raises(OfficeError, match="不负责这个社区"):
        imports.upload(
            imports.kind_of("members"),
            roster([NEW]),
            "名册.xlsx",
            only=cast.foreign_alliance,
            year=None,
            actor=cast.fresh(cast.secretary),
        )


def test_a_post_that_ended_between_preview_and_commit_imports_nothing(secretary, cast):
    upload(secretary, [NEW])
    draft = ImportDraft.objects.get()
    for post in cast.secretary.person.appointments.all():
        appointments.end(post, actor=None)
    with pytest.raises(OfficeError, match="您的身份不能导入"):
        imports.commit(imports.draft_of(cast.fresh(cast.secretary), draft.pk), skip_refused=False)
    assert not Unit.objects.filter(name="县气象局").exists()


def test_wishes_and_past_tables_take_a_year_from_the_form(secretary, cast):
    body = [["单位名称", "意向月份"], ["县图书馆", "4月、8月"]]
    upload(secretary, workbook(("意愿", body)), kind="wishes", year="2027")
    page("commit", ImportDraft.objects.get(), secretary)
    assert Wish.objects.get(year=2027).preferred == [4, 8]
    table = [["月份", "轮值主席单位"], ["1月", "县图书馆"]]
    upload(secretary, workbook(("Sheet1", table)), kind="plan", year="2024")
    page("commit", ImportDraft.objects.first(), secretary)
    assert Plan.objects.get(year=2024).alliance == cast.alliance
    wrong = upload(secretary, workbook(("Sheet1", table)), kind="plan", year="明年")
    assert "请填四位数字的年度" in wrong.content.decode()


def test_hostile_names_are_text_on_the_page(secretary):
    name = "<script>alert(1)</script>"
    upload(secretary, [[50, name, *NEW[2:]], [51, name, *NEW[2:]]])
    html = show(ImportDraft.objects.get(), secretary).content.decode()
    assert name not in html
    assert "&lt;script&gt;alert(1)" in html


@pytest.mark.parametrize("kind", list(registries.importers), ids=lambda kind: kind.name)
def test_templates_are_read_back_by_their_importer(kind, cast, client_for):
    response = client_for(cast.administrator).get(reverse("alliances:import-template", args=[kind.name]))
    assert response["Content-Disposition"].startswith("attachment")
    tables = read_tables(io.BytesIO(response.content), "模板.xlsx", kind.columns)
    assert (list(tables.rows()), list(tables.refusals())) == ([], [])


def queries(client, url) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


def test_pages_ask_the_database_little_and_no_more_for_more_rows(secretary):
    new = reverse("alliances:import-new", args=["members"])
    upload(secretary, [NEW])
    one = ImportDraft.objects.get()
    counts = {
        "index": queries(secretary, reverse("alliances:imports")),
        "draft": queries(secretary, reverse("alliances:import-draft", args=[one.pk])),
        "new": queries(secretary, new),
    }
    upload(secretary, [NEW, ALSO, ELSEWHERE])
    upload(secretary, [ALSO])
    three = ImportDraft.objects.filter(report__outcome__added=2).get()
    assert max(counts.values()) <= QUERIES, counts
    assert queries(secretary, reverse("alliances:imports")) == counts["index"]
    assert queries(secretary, reverse("alliances:import-draft", args=[three.pk])) == counts["draft"]


def test_the_sweep_is_on_the_clock(secretary, frozen):
    upload(secretary, [NEW])
    sweep = registries.sweeps.get("alliances.import_drafts")
    assert sweep.run(clock.now() + timedelta(days=2)) == ["清理导入草稿 1 份"]


def test_what_a_preview_quotes_is_sealed_as_well(cast, secretary):
    """The page says which number cannot be right; a backup of the table does not, neither before nor after the import."""
    typo = [54, "县气象台", "机关", "同心社区", None, 5, "单独", "戊", "己", "1371234000", None]
    upload(secretary, [NEW, typo])
    draft = ImportDraft.objects.get()
    assert "1371234000" in show(draft, secretary).content.decode()
    assert "1371234000" not in str(draft.report) and "县气象局" not in str(draft.report)
    page("commit", draft, secretary, {"skip": "1"})
    assert Unit.objects.filter(name="县气象局").exists()
    draft = ImportDraft.objects.get()
    assert "1371234000" in show(draft, secretary).content.decode()
    assert "1371234000" not in str(draft.report) and "县气象局" not in str(draft.report)


def test_an_uploaded_sheet_is_sealed_until_it_is_taken(cast, secretary, settings):
    """It holds names and phones: a backup of the table must not tell them, nor another installation's keys."""
    upload(secretary, [NEW])
    stored = bytes(ImportDraft.objects.get().content)
    assert not stored.startswith(b"PK") and "县气象局".encode() not in stored
    settings.CONTACT_KEYS = ["another installation's"]
    answer = page("commit", ImportDraft.objects.get(), secretary)
    assert "上传的表格已经打不开，请重新上传" in answer.content.decode()
    assert not Unit.objects.filter(name="县气象局").exists()
