"""The import contracts of pyproject.toml: the order of the apps, the layers inside them, the pure cores."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_import_contracts_hold() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


def test_import_contracts_notice_a_broken_order(tmp_path: Path) -> None:
    """The twin: one import against the order, in an otherwise empty house, is found."""
    contracts = (ROOT / "pyproject.toml").read_text()
    start = contracts.index("[tool.importlinter]")
    end = contracts.index('\n[[tool.importlinter.contracts]]\nname = "Pure cores')
    (tmp_path / "pyproject.toml").write_text(contracts[start:end])
    for app in ("config", "evaluations", "rotation", "demands", "alliances"):
        (tmp_path / app).mkdir()
        (tmp_path / app / "__init__.py").touch()
    assert lint(tmp_path).returncode == 0
    (tmp_path / "alliances" / "policies.py").write_text("import rotation\n")
    assert lint(tmp_path).returncode != 0
