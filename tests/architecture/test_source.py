"""Rules of the house that no linter knows, each checked over the source text of the checkout."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("alliances", "demands", "rotation", "evaluations")
# From another app only what it offers; bases for subclassing live in alliances (exporting, importing, ...).
PRIVATE = {
    "forms",
    "views",
    "tasks",
    "exports",
    "imports",
    "reminders",
    "admin",
    "urls",
    "management",
    "templatetags",
}
# What every screen of every app shares (404, 403, refusals as sentences, the month's chain) lies among the
# foundation's views.
SCREEN_MANNERS = ("alliances.views.base.", "alliances.views.chain.", "alliances.forms.fields.")
CODE_LINES = 400


def sources(*folders: str) -> list[Path]:
    """Python files of the folders, without migrations."""
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def tracked() -> list[Path]:
    """Files under version control that exist; all files of the folder where there is no repository."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    names = listing.stdout.split("\0") if listing.returncode == 0 else []
    assert names, "the list of files needs git"
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of every import, also inside functions; ``from a import b`` gives ``a.b``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def offending_imports(code: str, app: str) -> list[tuple[int, str]]:
    """Imports in ``code`` (a module of ``app``) that break a rule between apps."""
    found = []
    for line, name in imports(ast.parse(code)):
        first, *rest = name.split(".")
        if first == "config":
            found.append((line, f"{name}: no app imports config"))
        if name.startswith(("django.dispatch", "django.db.models.signals")):
            found.append((line, f"{name}: no ORM signals"))
        if name.startswith(SCREEN_MANNERS):
            continue
        if first in APPS and first != app and rest and rest[0] in PRIVATE:
            found.append((line, f"{name}: belongs to {first} alone"))
    return found


def test_imports_between_apps_keep_the_rules() -> None:
    broken = [
        f"{place(path, line)} {what}"
        for app in APPS
        for path in sources(app)
        for line, what in offending_imports(path.read_text(), app)
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    "code",
    [
        "from config.celery import app",
        "from django.db.models.signals import post_save",
        "def f():\n    from alliances.views import desk",
        "import alliances.tasks",
        "from alliances import forms",
    ],
)
def test_import_rule_finds_each_kind_of_offence(code: str) -> None:
    assert offending_imports(code, "rotation")


def offending_clocks(code: str) -> list[int]:
    """Lines that read the time elsewhere than through the one clock."""
    pattern = re.compile(
        r"\b(timezone\.(now|localdate|localtime)\(\s*\)|timezone\.now\b|date\.today\b"
        r"|datetime\.(now|utcnow|today)\b|time\.time\(|\bNow\(\))"
    )
    return [number for number, line in enumerate(code.splitlines(), 1) if pattern.search(line.split("#")[0])]


def test_time_is_read_through_the_one_clock() -> None:
    broken = [
        place(path, line)
        for path in sources(*APPS)
        if path != ROOT / "alliances" / "clock.py"
        for line in offending_clocks(path.read_text())
    ]
    assert not broken, "use alliances.clock.now() or today():\n" + "\n".join(broken)


@pytest.mark.parametrize(
    "code", ["timezone.now()", "default=timezone.now", "date.today()", "datetime.now(tz)"]
)
def test_clock_rule_finds_each_kind_of_offence(code: str) -> None:
    assert offending_clocks(code) == [1]


def test_user_data_is_never_marked_safe() -> None:
    broken = [
        place(path, number)
        for path in [*sources(*APPS), *sorted((ROOT / "templates").rglob("*.html"))]
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\bmark_safe\b|\|\s*safe(seq)?\b|autoescape\s+off|\bSafeString\(", line)
    ]
    assert not broken, "\n".join(broken)


def inline_code(html: str) -> list[str]:
    """Script, style and event handlers inside a page, which the Content-Security-Policy blocks."""
    html = re.sub(r"{%\s*comment.*?endcomment\s*%}|{#.*?#}", "", html, flags=re.S)
    rules = {
        "script without src": r"<script(?![^>]*\b(src=|type=\"application/json\"))[^>]*>",
        "style element": r"<style\b",
        "style attribute": r"<[^>]*\sstyle\s*=",
        "event handler": r"<[^>]*\son[a-z]+\s*=",
        "javascript address": r"javascript:",
        "handler of htmx": r"hx-on[:-]",
    }
    return [name for name, pattern in rules.items() if re.search(pattern, html, flags=re.I)]


def test_templates_hold_no_inline_code() -> None:
    pages = sorted((ROOT / "templates").rglob("*.html")) + [
        p for a in APPS for p in (ROOT / a).rglob("*.html")
    ]
    # Mail programs know no style sheets, and no policy applies there.
    broken = {
        str(path.relative_to(ROOT)): kinds
        for path in pages
        if "mail" not in path.parts and (kinds := inline_code(path.read_text()))
    }
    assert not broken


@pytest.mark.parametrize(
    "html",
    [
        "<script>go()</script>",
        "<style>p{}</style>",
        '<p style="color:red">',
        '<a onclick="go()">',
        '<a href="javascript:go()">',
        '<a hx-on:click="go()">',
    ],
)
def test_inline_code_rule_finds_each_kind_of_offence(html: str) -> None:
    assert inline_code(html)


def test_files_stay_small() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in sources(*APPS, "config", "tests")
        if (lines := len(path.read_text().splitlines())) > CODE_LINES * 1.25
    }
    assert not long, (
        f"split by who owns the verb (a file of more than {CODE_LINES} lines is a question): {long}"
    )


def strange_words(text: str) -> list[str]:
    """Names that must not be in the repository: package hosts and folders of one particular machine."""
    dot = r"\."
    hosts = (
        "pypi" + dot + "org",
        "pythonhosted" + dot + "org",
        "registry" + dot + "npmjs",
        "npmmirror" + dot,
    )
    folders = ("/" + "work/(main|shared|team)", r"\.\./" + "shared/", "/" + "root/")
    pattern = "|".join((*hosts, *folders))
    return [match.group(0) for match in re.finditer(pattern, text)]


def test_repository_names_no_host_and_no_machine() -> None:
    broken = {}
    for path in tracked():
        if path.suffix in {".xlsx", ".png", ".docx", ".pdf", ".woff2", ".ttf", ".otf"}:
            continue
        if words := strange_words(path.read_text(encoding="utf-8", errors="ignore")):
            broken[str(path.relative_to(ROOT))] = sorted(set(words))
    assert not broken


def test_strange_word_rule_finds_an_offence() -> None:
    assert strange_words("see ../" + "shared/seeds and https://pypi" + ".org/simple")
