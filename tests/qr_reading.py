"""Reads QR codes from a picture of a page, as a phone would: finds the corners, samples the modules, decodes the text.

Small on purpose: upright codes of versions 1 to 7, error level M, byte mode, undamaged (ISO/IEC 18004). It shares no code
with the program that draws them.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

BLOCKS = {
    1: (1, 16),
    2: (1, 28),
    3: (1, 44),
    4: (2, 32),
    5: (2, 43),
    6: (4, 27),
    7: (4, 31),
}  # (blocks, bytes) of M
ALIGNED = {1: [], 2: [6, 18], 3: [6, 22], 4: [6, 26], 5: [6, 30], 6: [6, 34], 7: [6, 22, 38]}
MASKS = (
    lambda r, c: (r + c) % 2 == 0,
    lambda r, c: r % 2 == 0,
    lambda r, c: c % 3 == 0,
    lambda r, c: (r + c) % 3 == 0,
    lambda r, c: (r // 2 + c // 3) % 2 == 0,
    lambda r, c: r * c % 2 + r * c % 3 == 0,
    lambda r, c: (r * c % 2 + r * c % 3) % 2 == 0,
    lambda r, c: ((r + c) % 2 + r * c % 3) % 2 == 0,
)


Corner = tuple[float, float, float]  # y and x of the centre, size of a module; in pixels


def pages(pdf: bytes, folder: Path, dpi: int = 300) -> list[Any]:
    """The pages of a PDF as pictures of grey; skips the test where poppler-utils is not installed."""
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm (poppler-utils) is not installed")
    (folder / "paper.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", str(dpi), "-gray", "paper.pdf", "page"], cwd=folder, check=True)
    return [
        np.asarray(Image.open(io.BytesIO(path.read_bytes()))) for path in sorted(folder.glob("page-*.pgm"))
    ]


def read(page: Any) -> list[str]:
    """The texts of all codes on a page, from top to bottom and from left to right; what cannot be read is no code."""
    dark = page < 128
    corners = _corners(dark)
    found = []
    for top, left, size in corners:
        for version in BLOCKS:
            span = 10 + 4 * version  # modules between the centres of two corners
            beside, below = (
                _corner_near(corners, top, left + span * size, size),
                _corner_near(corners, top + span * size, left, size),
            )
            if beside and below:
                step = (beside[1] - left + below[0] - top) / 2 / span
                try:
                    text = _decode(_sample(dark, top, left, step, version), version)
                except (AssertionError, ValueError):
                    continue  # now and then the data of a code look like a corner of a smaller one
                found.append((round(top / 50), left, text))
                break
    return [text for _, _, text in sorted(found)]


def _corner_near(corners: list[Corner], y: float, x: float, size: float) -> Corner | None:
    return next((c for c in corners if abs(c[0] - y) < 2 * size and abs(c[1] - x) < 2 * size), None)


def _corners(dark: Any) -> list[Corner]:
    """Centres (y, x) and module sizes of the squares in the corners of codes: runs of 1:1:3:1:1 both ways."""
    found: list[list[Corner]] = []
    for y in range(0, dark.shape[0], 2):
        for x, size in _runs(dark[y]):
            column = dark[max(0, y - int(5 * size)) : y + int(5 * size), int(x)]
            for at, other in _runs(column):
                centre = max(0, y - int(5 * size)) + at
                if abs(other - size) < size / 3 and abs(centre - y) < 2 * size:
                    for group in found:
                        if abs(group[0][0] - centre) < 2 * size and abs(group[0][1] - x) < 2 * size:
                            group.append((centre, x, size))
                            break
                    else:
                        found.append([(centre, x, size)])
    return [tuple(np.mean(group, axis=0)) for group in found]


def _runs(line: Any) -> list[tuple[float, float]]:
    """Middles of dark-light-dark-light-dark of 1:1:3:1:1 in a line, with the size of one module."""
    edges = np.flatnonzero(np.diff(line.astype(np.int8))) + 1
    found = []
    for i in range(len(edges) - 5):
        if not line[edges[i]]:
            continue
        widths = np.diff(edges[i : i + 6])
        size = widths.sum() / 7
        if size >= 2 and np.all(np.abs(widths - size * np.array([1, 1, 3, 1, 1])) < size * 0.6):
            found.append(((edges[i] + edges[i + 5] - 1) / 2, size))
    return found


def _sample(dark: Any, top: float, left: float, size: float, version: int) -> Any:
    count = 17 + 4 * version
    at = (np.arange(count) - 3) * size
    rows, columns = np.rint(top + at).astype(int), np.rint(left + at).astype(int)
    return dark[np.ix_(rows, columns)]


def _decode(modules: Any, version: int) -> str:
    bits = [modules[8, c] for c in (0, 1, 2, 3, 4, 5, 7, 8)] + [modules[r, 8] for r in (7, 5, 4, 3, 2, 1, 0)]
    facts = int("".join(str(int(bit)) for bit in bits), 2) ^ 0b101010000010010
    assert facts >> 13 == 0, "not of level M"
    mask = MASKS[(facts >> 10) & 7]
    stream = [bool(modules[r, c]) ^ mask(r, c) for r, c in _path(version)]
    words = [int("".join("01"[bit] for bit in stream[i : i + 8]), 2) for i in range(0, len(stream) - 7, 8)]
    blocks, each = BLOCKS[version]
    data = [words[i * blocks + block] for block in range(blocks) for i in range(each)]
    text = "".join(f"{word:08b}" for word in data)
    assert text[:4] == "0100", "not in byte mode"
    length = int(text[4:12], 2)
    return bytes(int(text[12 + 8 * i : 20 + 8 * i], 2) for i in range(length)).decode()


def _path(version: int) -> list[tuple[int, int]]:
    """Places of the data modules in their order: two columns at a time, up and down, from the right."""
    count = 17 + 4 * version
    fixed = np.zeros((count, count), dtype=bool)
    fixed[:9, :9] = fixed[:9, -8:] = fixed[-8:, :9] = True
    fixed[6, :] = fixed[:, 6] = True
    if version >= 7:
        fixed[:6, -11:-8] = fixed[-11:-8, :6] = True
    middles = ALIGNED[version]
    for r in middles:
        for c in middles:
            if (r, c) not in ((6, 6), (6, middles[-1]), (middles[-1], 6)):
                fixed[r - 2 : r + 3, c - 2 : c + 3] = True
    places, up = [], True
    for right in [*range(count - 1, 6, -2), *range(5, 0, -2)]:
        rows = range(count - 1, -1, -1) if up else range(count)
        places += [(r, c) for r in rows for c in (right, right - 1) if not fixed[r, c]]
        up = not up
    return places
