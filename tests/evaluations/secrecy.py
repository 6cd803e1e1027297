"""Known people with ballots that nobody else has, and ways to look for those ballots wherever something is kept or shown."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from zipfile import ZipFile, is_zipfile

from django.db import connection
from django.test import Client

from config.logs import JsonFormatter
from evaluations.arithmetic import LEVELS
from evaluations.forms.ballots import KNOWS_NOT
from evaluations.models import Round
from evaluations.services import codes, rubrics
from tests.cast import Cast
from tests.conftest import client_of
from tests.evaluations import scoring
from tests.evaluations.ballot_forms import answers, code_url, draw, opened, unit_url

# Weights whose fifths are seldom seen elsewhere; the keys of the forms stay.
WEIGHTS = {"theme": 37, "planning": 23, "cooperation": 19, "attendance": 13, "effect": 8}
BALLOTS = "evaluations_ballot"


@dataclass(frozen=True)
class Voter:
    """Somebody known, and what they tap: one digit an item of activity and chair."""

    who: str
    activity: str
    chair: str

    @property
    def points(self) -> list[int | None]:
        """Worked out by hand: fifths of the weight, half-up."""
        most = len(LEVELS)
        return [
            None if digit == KNOWS_NOT else int(int(digit) * weight / most + 0.5)
            for digit, weight in zip(self.activity, WEIGHTS.values(), strict=True)
        ]

    @property
    def score(self) -> str:
        """As a page would print it, e.g. ``57.8``."""
        pairs = [(p, w) for p, w in zip(self.points, WEIGHTS.values(), strict=True) if p is not None]
        return f"{sum(p for p, _ in pairs) * 100 / sum(w for _, w in pairs):.1f}"

    @property
    def traces(self) -> list[re.Pattern[str]]:
        """The ballot's points in order, whatever stands between them; what was tapped; its score by itself."""
        return [
            _in_order("null|None|不了解" if p is None else str(p) for p in self.points),
            re.compile(
                r"activity-theme\W+" + self.activity[0] + r"\W+activity-planning\W+" + self.activity[1]
            ),
            re.compile(rf"(?<![\d.]){re.escape(self.score)}(?!\d)"),
        ]

    def is_keyed_in(self, text: str) -> bool:
        """Whether every item of the ballot stands in ``text`` with its points, in whatever order."""
        return all(
            re.search(rf"{key}\W{{1,4}}(?:{'null|None' if points is None else points})(?!\w)", text)
            for key, points in zip(WEIGHTS, self.points, strict=True)
        )


def _in_order(numbers: Iterable[str]) -> re.Pattern[str]:
    """The numbers one after the other with nothing but a few words between them."""
    return re.compile(r"[^\d]{1,24}".join(rf"(?<!\d)(?:{number})(?!\d)" for number in numbers))


SCHOOL = Voter("other_liaison", "55140", "5314")
POLICE = Voter("both_liaison", "11205", "2451")
FINANCE = Voter("staff", "24031", "1523")  # the one who writes it down
SECRETARY = Voter("secretary", "43502", "4132")
LIBRARY = Voter("liaison", "15403", "3241")
VOTERS = (SCHOOL, POLICE, FINANCE, SECRETARY, LIBRARY)


def open_round(cast: Cast) -> Round:
    items = [{"key": key, "title": f"第{n}项", "weight": w} for n, (key, w) in enumerate(WEIGHTS.items(), 1)]
    rubrics.save(cast.alliance, 2026, "activity", items, actor=cast.secretary)
    return scoring.open_round(cast)


class Votes:
    """The five vote, each in their own way; ``secrets`` are values that belong to a ballot or a code alone."""

    def __init__(self, cast: Cast, round: Round) -> None:
        self.cast, self.round = cast, round
        self.clients = {voter.who: client_of(getattr(cast, voter.who)) for voter in VOTERS}
        self.slips = codes.print_slips(round, 1, actor=cast.staff)
        self.secrets: set[str] = {round.venue_token, *self.slips}
        for client in self.clients.values():
            client.get("/inbox/")  # an office's session notes its first page

    def cast_ballot(self, voter: Voter) -> None:
        """Two units on their phones, one written down, two known people as residents in their usual browser."""
        client, more = self.clients[voter.who], {}
        if voter is SCHOOL or voter is POLICE:
            url = unit_url(self.round, "县实验小学" if voter is SCHOOL else "县交警队")
        elif voter is FINANCE:
            url = unit_url(self.round, "县财政局", "unit-ballot-record")
            more = {"voter_name": "李科长", "via": "paper"}
        else:
            url = draw(client, self.round) if voter is SECRETARY else code_url(self.slips[0])
            self.secrets.add(url.split("/")[2])
        form = opened(client, url) | answers(voter.activity, voter.chair) | more
        self.secrets.add(form["form_key"])
        answer = client.post(url, form)
        assert answer.status_code == 302, answer.content.decode()

    def all(self) -> None:
        for voter in VOTERS:
            self.cast_ballot(voter)


# --- looking ------------------------------------------------------------------------------------------------------


def found_in(text: str, voters: Iterable[Voter] = VOTERS) -> list[str]:
    """Whose ballot shows in ``text``, each with the words."""
    found = [
        f"{voter.who}: {hit[0]!r}"
        for voter in voters
        for trace in voter.traces
        if (hit := trace.search(text))
    ]
    if "theme" in text:
        found += [f"{voter.who}: item by item" for voter in voters if voter.is_keyed_in(text)]
    return found


def tables() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as the database keeps it."""
    found = {}
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{name}"')
            found[name] = [tuple(map(_plain, row)) for row in cursor.fetchall()]
    return found


def _plain(value: Any) -> str:
    if isinstance(value, memoryview | bytes):
        return bytes(value).decode(errors="replace")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def readable(content: bytes) -> str:
    """Text of a page or file: without tags; office files unpacked."""
    if is_zipfile(io.BytesIO(content)):
        with ZipFile(io.BytesIO(content)) as package:
            parts = [package.read(name).decode(errors="replace") for name in package.namelist()]
        content = "\n".join(parts).encode()
    return re.sub(r"<[^>]*>", " ", content.decode(errors="replace"))


def seen_by(client: Client, url: str) -> str:
    """What a GET shows; empty for what is not there for them."""
    answer = client.get(url)
    if answer.status_code != 200:
        return ""
    return readable(b"".join(answer.streaming_content) if answer.streaming else answer.content)


@contextmanager
def log_lines() -> Iterator[list[str]]:
    """Everything that is logged, as the server would write it."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Keep(logging.DEBUG)
    handler.setFormatter(JsonFormatter())
    loggers = [logging.getLogger(name) for name in ("", "django")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    yield lines
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)
