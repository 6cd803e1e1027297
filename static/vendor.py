"""Copy the few third-party browser files that pages load from node_modules/ to static/vendor/.

Run after ``npm ci --ignore-scripts``; needs nothing but the standard library. static/vendor/ is git-ignored and
made anew each time. Source map comments are removed: hashed static storage fails on a map that is not there.

    python static/vendor.py            copy
    python static/vendor.py --lock     remove web addresses from package-lock.json (after ``npm install``)
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "node_modules"
TARGET = ROOT / "static" / "vendor"

# file in node_modules -> file in static/vendor
FILES = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap.min.css",
    "sortablejs/Sortable.min.js": "sortable.min.js",
}

SOURCE_MAP = re.compile(r"\n?(/\*[#@] sourceMappingURL=.*?\*/|//[#@] sourceMappingURL=[^\n]*)\n?")


def copy() -> list[Path]:
    """Write every file of FILES to static/vendor/ and return the written paths.

    Raises SystemExit with a sentence if a package is not installed.
    """
    missing = [name for name in FILES if not (SOURCE / name).is_file()]
    if missing:
        raise SystemExit(f"not installed: {', '.join(missing)} - run `npm ci --ignore-scripts` first")
    shutil.rmtree(TARGET, ignore_errors=True)
    TARGET.mkdir(parents=True)
    written = []
    for name, short in FILES.items():
        text = (SOURCE / name).read_text(encoding="utf-8")
        path = TARGET / short
        path.write_text(SOURCE_MAP.sub("\n", text), encoding="utf-8")
        written.append(path)
    return written


def clean_lock() -> None:
    """Drop the ``resolved`` and ``funding`` addresses from package-lock.json; versions and hashes stay."""
    path = ROOT / "package-lock.json"
    lock = json.loads(path.read_text(encoding="utf-8"))
    for package in lock["packages"].values():
        package.pop("resolved", None)
        package.pop("funding", None)
    path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    if "--lock" in sys.argv[1:]:
        clean_lock()
    else:
        for file in copy():
            print(f"{file.relative_to(ROOT)}  {file.stat().st_size:,} bytes")
