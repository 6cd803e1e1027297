"""The county's four lists end with exactly the counts of its books; importing them again changes nothing."""

import io
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db.models import Count, F, Sum

from alliances.models import LogEntry, Message, Organisation, Unit
from alliances.registry import registries
from demands.models import Acceptance, Author, CallBack, Category, Claim, Demand, Resource
from demands.selectors import rates
from demands.selectors.lists import Question
from tests.import_runs import FILES, LISTS, everything, import_sheet

pytestmark = pytest.mark.usefixtures("lists_county")

# community: demands, without a claim, claims, accepted visits
COMMUNITIES = {
    "同心社区": (30, 2, 41, 40),
    "北关社区": (30, 2, 42, 39),
    "文苑社区": (29, 1, 35, 32),
    "燕兴社区": (29, 1, 39, 33),
    "南湖社区": (32, 2, 41, 39),
    "迎宾社区": (22, 1, 29, 25),
    "和顺社区": (28, 1, 38, 35),
    "新城社区": (32, 2, 39, 32),
}
UNCLAIMED = [154, 217, *range(223, 233)]
NO_RESOURCE = {
    "县融媒体中心", "县人民法院", "县妇幼保健院", "县职业技术教育中心", "县道路运输协会", "县个体私营经济协会",
    "安康居家养老服务中心", "县残疾人互助协会", "县医药行业协会", "县建筑装饰行业协会", "县巾帼志愿者协会", "县羽毛球协会",
}  # fmt: skip


def counted(rows, *fields: str) -> Counter:
    return Counter(rows.order_by().values_list(*fields, flat=len(fields) == 1))


def test_all_rows_are_added_and_none_refused(lists_county):
    assert {kind: lists_county[kind].counts for kind in LISTS} == {
        "resources": (75, 0, 0, 0),
        "demands": (232, 0, 0, 0),
        "claims": (304, 0, 0, 0),
        "acceptances": (275, 0, 0, 0),
    }
    assert {run.code for run in lists_county.values()} == {0}
    assert not any(run.report["questions"] for run in lists_county.values())
    assert lists_county["claims"].report["details"] == {"认领": 304, "跨社区认领": 135}


def test_resources_by_kind_and_the_units_without(lists_county):
    assert counted(Resource.objects, "kind") == {
        "service": 31, "information": 8, "venue": 8, "material": 8, "people": 20,
    }  # fmt: skip
    with_some = Resource.objects.values("member__unit")
    assert with_some.distinct().count() == 58
    assert set(Unit.objects.exclude(pk__in=with_some).values_list("name", flat=True)) == NO_RESOURCE


def test_demands_by_source_category_urgency_and_month(lists_county):
    demands = Demand.objects.all()
    assert counted(demands, "source") == {
        "visit": 53, "wechat": 36, "hotline_12345": 32, "online": 32, "wish": 25, "mailbox": 21, "hotline": 20,
        "opinion_box": 13,
    }  # fmt: skip
    assert counted(demands, "category__group") == {
        "民政帮扶": 41, "房屋设施": 32, "环境": 26, "安全": 26, "卫生健康": 21, "教育": 19, "文化": 18,
        "交通出行": 17, "法律": 13, "经济": 12, "政务服务": 7,
    }  # fmt: skip
    assert Category.objects.count() == 53
    assert counted(demands, "urgency") == {"normal": 144, "soon": 59, "urgent": 29}
    months = Counter(day.strftime("%Y-%m") for day in demands.values_list("raised_on", flat=True))
    assert months == {
        "2025-10": 63, "2025-11": 55, "2025-12": 41, "2026-01": 27, "2026-02": 18, "2026-03": 28,
    }  # fmt: skip
    assert sorted(demands.values_list("source_no", flat=True)) == list(range(1, 233))
    assert {d.source_organisation.level for d in demands.select_related("source_organisation")[:5]} == {
        "county"
    }


def test_nobody_is_the_author_of_what_nobody_signed(lists_county):
    anonymous = Demand.objects.filter(authors=None)
    assert counted(anonymous, "source") == {"opinion_box": 5}
    surnames = [a.name for a in Author.objects.all() if a.name.endswith(("先生", "女士"))]
    assert len(surnames) == 20
    by_name = {a.demand_id for a in Author.objects.all() if a.name in surnames}
    assert counted(Demand.objects.filter(pk__in=by_name), "source") == {"hotline_12345": 20}
    assert Author.objects.count() == 227


def test_demands_with_n_claims_and_those_without(lists_county):
    demands = Demand.objects.annotate(n=Count("claims"))
    assert counted(demands, "n") == {0: 12, 1: 150, 2: 56, 3: 14}
    assert sorted(demands.filter(n=0).values_list("source_no", flat=True)) == UNCLAIMED


def test_every_community_has_its_figures(lists_county):
    found = {}
    for name in COMMUNITIES:
        demands = Demand.objects.filter(alliance__organisation__name=name)
        claims = Claim.objects.filter(alliance__organisation__name=name)
        visits = Acceptance.objects.filter(claim__in=claims)
        found[name] = (demands.count(), demands.filter(claims=None).count(), claims.count(), visits.count())
    assert found == COMMUNITIES
    stations = Organisation.objects.filter(level="station", demands__isnull=False).distinct()
    assert stations.count() == 49


def test_claims_by_state_place_and_unit(lists_county):
    claims = Claim.objects.all()
    assert counted(claims, "state") == {"accepted": 270, "returned": 5, "delivered": 6, "in_service": 23}
    overdue = [c.source_no for c in claims if c.is_overdue(date(2026, 3, 31))]
    assert sorted(overdue) == [178, 238, 257, 274, 277, 296, 299]
    waiting = claims.filter(state="delivered").values_list("source_no", flat=True)
    assert sorted(waiting) == [271, 285, 289, 291, 294, 303]
    mending = claims.filter(state="returned").values_list("source_no", flat=True)
    assert sorted(mending) == [138, 158, 169, 282, 286]
    own = claims.filter(alliance=F("member__alliance")).count()
    assert (own, claims.count() - own) == (169, 135)
    assert claims.exclude(alliance=F("demand__alliance")).count() == 0
    by_unit = counted(claims, "member__unit__name")
    assert [
        by_unit[name]
        for name in (
            "县住房和城乡建设局",
            "县城市管理综合行政执法局",
            "县公安局",
            "县消防救援大队",
            "县物业管理协会",
        )
    ] == [21, 17, 12, 12, 12]
    idle = Unit.objects.exclude(memberships__claims__isnull=False).values_list("name", flat=True)
    assert set(idle) == {"县委政法委", "县委宣传部", "县羽毛球协会"}


def test_claims_are_led_by_one_unit_and_acted_for_by_the_membership_of_the_place(lists_county):
    assert Claim.objects.filter(part="lead").count() == 220
    both = Claim.objects.filter(member__unit__name="县公安局").select_related("member__alliance", "alliance")
    for claim in both:
        here = claim.alliance.organisation.name
        serves_through = claim.member.alliance.organisation.name
        assert serves_through == (here if here in ("同心社区", "迎宾社区") else "同心社区")


def test_deliveries_volunteers_and_days(lists_county):
    claims = Claim.objects.all()
    done = claims.exclude(delivered_on=None)
    assert done.count() == 281
    assert claims.aggregate(n=Sum("volunteers"))["n"] == 3067
    assert claims.filter(delivered_on=None).exclude(volunteers=None).count() == 0
    assert done.filter(delivered_on__gt=F("due_on")).count() == 21
    figures = rates.figures(Question())
    assert (figures.days, figures.volunteers, figures.overdue) == (Decimal("16.4"), 3067, 7)
    assert figures.demands == {"open": 12, "claimed": 27, "served": 5, "closed": 188}
    assert (figures.demands_total, figures.claims_total) == (232, 304)


def test_acceptances_answers_and_the_satisfaction(lists_county):
    visits = Acceptance.objects.all()
    assert counted(visits, "verdict") == {"passed": 259, "mended": 11, "failed": 5}
    failed = visits.filter(verdict="failed").values_list("claim__state", flat=True)
    assert set(failed) == {"returned"}
    answers = CallBack.objects.filter(state="answered")
    assert counted(answers, "satisfaction") == {"very_good": 118, "good": 131, "fair": 20, "bad": 6}
    assert counted(answers, "method") == {"phone": 120, "visit": 68, "on_site": 49, "wechat": 38}
    assert answers.exclude(answered_on=F("acceptance__visited_on")).count() == 0
    found = rates.rates(since=date(2025, 10, 1), until=date(2026, 3, 31))
    assert found.satisfied.words == "97.8%（269/275）"
    assert found.strictly.words == "90.5%（249/275）"
    assert visits.exclude(inspector=None).exclude(inspector__name=F("inspector_name")).count() == 0
    assert visits.exclude(station=F("claim__demand__station")).count() == 0


def test_188_demands_are_closed_on_the_day_of_their_last_visit(lists_county):
    assert counted(Demand.objects, "state") == {"closed": 188, "open": 12, "claimed": 27, "served": 5}
    late = Claim.objects.filter(state="accepted").exclude(acceptances__visited_on=F("accepted_on"))
    assert late.count() == 0


def test_the_lists_reconcile(lists_county):
    assert [sentence for check in registries.integrity for sentence in check.find()] == []
    said = io.StringIO()
    call_command("check_integrity", stdout=said)
    assert "四项清单合计：一致" in said.getvalue()


def test_one_day_follows_another(lists_county):
    last = date(2026, 3, 31)
    claims = Claim.objects.all()
    assert not claims.filter(claimed_on__lt=F("demand__raised_on")).exists()
    assert not claims.filter(due_on__lt=F("claimed_on")).exists()
    assert not claims.filter(delivered_on__lt=F("claimed_on")).exists()
    assert not Acceptance.objects.filter(visited_on__lt=F("claim__delivered_on")).exists()
    assert not Acceptance.objects.filter(visited_on__gt=last).exists()
    assert not Demand.objects.filter(raised_on__gt=last).exists()


def test_imports_send_nothing_and_ask_nobody(lists_county):
    assert Message.objects.count() == 0
    assert CallBack.objects.exclude(state="answered").count() == 0
    assert Demand.objects.exclude(shared_to=None).count() == 0


def test_importing_again_changes_nothing(lists_county, tmp_path):
    before = everything()
    again = {kind: import_sheet(kind, FILES[kind], tmp_path) for kind in LISTS}
    assert {kind: run.counts for kind, run in again.items()} == {
        "resources": (0, 0, 75, 0),
        "demands": (0, 0, 232, 0),
        "claims": (0, 0, 304, 0),
        "acceptances": (0, 0, 275, 0),
    }
    assert everything() == before


def test_the_log_names_no_resident(lists_county):
    words = "".join(str(row.data) for row in LogEntry.objects.filter(action__startswith="demands."))
    for author in Author.objects.all()[:20]:
        assert author.name not in words
        assert author.phone not in words


def test_a_dry_run_tells_the_same_and_writes_nothing(lists_county, tmp_path):
    Acceptance.objects.filter(source_no=275).update(source_no=None, source_organisation=None)
    before = everything()
    dry = import_sheet("acceptances", FILES["acceptances"], tmp_path, "--dry-run")
    assert everything() == before
    assert dry.counts == (0, 0, 275, 0)  # found by its day where its number is lost
