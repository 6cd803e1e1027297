"""The quarter and the year's end with everything in every state, built once for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import override_settings

from tests.evaluations.quarter_world import QuarterWorld, quarter_world


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[QuarterWorld]:
    """What a request writes its test undoes; files lie in a folder of the module's own."""
    folder: Path = tmp_path_factory.mktemp("files")
    files = override_settings(MEDIA_ROOT=folder / "media", VAR_DIR=folder / "var")
    with django_db_blocker.unblock(), files, quarter_world() as built:
        yield built
