"""The two deployments run the same commands; what they are built from is locked, and names no host."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text()))


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text().splitlines()
    return dict(re.split(r":\s+(?:exec )?", line, maxsplit=1) for line in lines)


def locked(path: Path) -> dict[str, str]:
    """Package -> version."""
    return dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\]+)", path.read_text(), flags=re.M | re.I))


def test_compose_runs_the_commands_of_the_demo() -> None:
    services = compose()["services"]
    for name in ("web", "worker", "beat"):
        assert services[name]["command"] == procfile()[name]


def test_compose_services_are_watched_and_unprivileged() -> None:
    services = compose()["services"]
    assert set(services) == {"migrate", "web", "worker", "beat", "database", "redis"}
    for name, service in services.items():
        assert service.get("healthcheck"), name
        assert not service.get("privileged"), name
        if service.get("image") == "gongjian:latest":
            assert service["cap_drop"] == ["ALL"], name


def test_compose_holds_no_secret() -> None:
    for name, service in compose()["services"].items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"SECRET|PASSWORD|DATABASE_URL", variable):
                assert variable.endswith("_FILE"), f"{name}: {variable}"
                assert value.startswith("/run/secrets/"), f"{name}: {variable}"


def test_compose_variables_are_settings_that_exist() -> None:
    known = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "settings.md").read_text(), flags=re.M))
    for name in ("migrate", "web", "worker", "beat"):
        given = {variable.removesuffix("_FILE") for variable in compose()["services"][name]["environment"]}
        assert given <= known, name


def test_image_runs_as_an_ordinary_user() -> None:
    last = (ROOT / "Dockerfile").read_text().rsplit("FROM ", 1)[1]
    assert re.findall(r"^USER (\S+)", last, flags=re.M) == ["gongjian"]
    assert "HEALTHCHECK" in last
    assert "--require-hashes" in (ROOT / "Dockerfile").read_text()


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_lock_holds_a_hash_for_each_package_and_no_host(path: Path) -> None:
    text = path.read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert entries
    for entry in entries:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]
    assert "://" not in text
    assert "--index" not in text


def test_locks_agree_and_cover_what_is_declared() -> None:
    product, embedded, dev = (
        locked(ROOT / "requirements" / f"{name}.txt") for name in ("product", "embedded", "dev")
    )
    assert product.items() <= embedded.items() <= dev.items()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())

    def names(entries: list[str]) -> set[str]:
        return {re.split(r"[\[<>=;! ]", entry)[0].lower() for entry in entries}

    assert names(project["project"]["dependencies"]) <= set(product)
    assert names(project["dependency-groups"]["embedded"]) <= set(embedded)
    assert names(project["dependency-groups"]["dev"]) <= set(dev)


def test_npm_lock_names_no_host() -> None:
    text = (ROOT / "package-lock.json").read_text()
    assert "://" not in text
    assert '"integrity": "sha512-' in text
