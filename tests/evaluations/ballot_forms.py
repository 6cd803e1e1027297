"""Forms of ballots as a browser posts them."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from evaluations.models import Round, UnitMark
from tests.evaluations.scoring import ACTIVITY, CHAIR, mark

HIDDEN = re.compile(r'name="(form_key|csrfmiddlewaretoken)" value="([^"]+)"')


def answers(activity: str, chair: str | None = "") -> dict[str, str]:
    """Posted fields: one digit an item, ``5`` 很好 to ``1`` 很差, ``0`` 不了解; ``chair`` None leaves it out."""
    fields = dict(zip((f"activity-{key}" for key in ACTIVITY), activity, strict=True))
    if chair is None:
        return fields | {"skip_chair": "1"}
    if chair:
        fields |= dict(zip((f"chair-{key}" for key in CHAIR), chair, strict=True))
    return fields


def hidden(page: str) -> dict[str, str]:
    """Hidden values of a page's form."""
    return dict(HIDDEN.findall(page))


def unit_url(round: Round, unit: str, name: str = "unit-ballot") -> str:
    return reverse(f"evaluations:{name}", args=[mark(round, unit).pk])


def code_url(code: str) -> str:
    return reverse("evaluations:resident-ballot", args=[code])


def venue_url(round: Round) -> str:
    return reverse("evaluations:resident-venue", args=[round.venue_token])


def opened(client: Client, url: str) -> dict[str, str]:
    """Look at a ballot; its hidden values."""
    answer = client.get(url)
    assert answer.status_code == 200, answer.status_code
    return hidden(answer.content.decode())


def vote(
    client: Client, url: str, activity: str = "55555", chair: str | None = "5555", /, **more: str
) -> Any:
    """Look at a ballot and post it."""
    return client.post(url, opened(client, url) | answers(activity, chair) | more)


def draw(client: Client, round: Round) -> str:
    """Scan the venue's QR and press the button; the address of the ballot."""
    answer = client.post(venue_url(round), opened(client, venue_url(round)))
    assert answer.status_code == 302, answer.status_code
    return str(answer.headers["Location"])


def has_voted(round: Round, unit: str) -> bool:
    return UnitMark.objects.filter(round=round, member__unit__name=unit, voted_on__isnull=False).exists()
