"""The browser files: what is loaded, how heavy it is, whether it can be read, and that pages hold a strict policy."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "static" / "site"
TEMPLATES = ROOT / "templates"
CSS = (SITE / "site.css").read_text(encoding="utf-8")


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2) of #rgb or #rrggbb."""
    digits = colour.lstrip("#")
    if len(digits) == 3:
        digits = "".join(d * 2 for d in digits)
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TOKENS = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{3,6});", CSS))


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        (ink, ground)
        for ink in ("ink", "ink-2", "ink-3", "red-ink")
        for ground in ("card", "paper", "red-wash", "wait-wash")
    ]
    + [("red", "card"), ("red", "paper"), ("card", "red"), ("done", "done-wash"), ("wait", "wait-wash")],
)
def test_text_colours_reach_four_and_a_half_to_one(ink: str, ground: str) -> None:
    assert contrast(TOKENS[ink], TOKENS[ground]) >= 4.5


def test_field_borders_reach_three_to_one() -> None:
    assert contrast(TOKENS["line-strong"], TOKENS["card"]) >= 3
    assert contrast(TOKENS["line-strong"], TOKENS["paper"]) >= 3


def test_lock_file_names_no_host_and_keeps_every_hash() -> None:
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    packages = {name: entry for name, entry in json.loads(text)["packages"].items() if name}
    assert {name.removeprefix("node_modules/") for name in packages} == set(
        json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    )
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())


def test_vendored_files_are_there_without_source_maps() -> None:
    names = {path.name for path in (ROOT / "static" / "vendor").iterdir()}
    assert names == {"bootstrap.min.css", "sortable.min.js"}
    for name in names:
        assert "sourceMappingURL" not in (ROOT / "static" / "vendor" / name).read_text(encoding="utf-8")


def test_heaviest_page_loads_at_most_eighty_kilobytes() -> None:
    import django_htmx

    htmx = Path(django_htmx.__file__).parent / "static" / "django_htmx" / "htmx-2.min.js"
    vendor = ROOT / "static" / "vendor"
    year_page = [vendor / "bootstrap.min.css", vendor / "sortable.min.js", htmx, SITE / "icons.svg"] + [
        SITE / name for name in ("site.css", "parts.css", "year.css", "print.css", "site.js", "year.js")
    ]
    assert sum(len(gzip.compress(path.read_bytes(), 9)) for path in year_page) <= 80 * 1024


@pytest.mark.parametrize(
    "path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_template_has_no_inline_script_style_or_handler(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=\"|javascript:", text)
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert " src=" in tag or 'type="application/json"' in tag


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "500.html"])
def test_error_page_renders_without_request_or_shell(name: str) -> None:
    from django.template.loader import render_to_string

    page = render_to_string(name)
    assert "保留了什么" in page
    assert "可以怎么办" in page


def test_every_icon_named_in_a_template_exists() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z]+)"', (SITE / "icons.svg").read_text(encoding="utf-8")))
    for path in TEMPLATES.rglob("*.html"):
        for used in re.findall(r"icons\.svg' %\}#([a-z]+)", path.read_text(encoding="utf-8")):
            assert used in drawn, f"{path.name}: {used}"
