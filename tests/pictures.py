"""Small files for tests of uploads, made on the spot."""

from __future__ import annotations

import io
import zipfile

from PIL import Image


def jpeg(size: tuple[int, int] = (60, 40), *, rotated: bool = False, place: bool = False) -> bytes:
    """A JPEG, red on its left half; ``rotated`` with the EXIF mark of a phone held upright, ``place`` with GPS."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    if rotated:
        exif[0x0112] = 6
    if place:
        exif[0x010F] = "SecretCamera"
        exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=b"SecretPlace" if place else b"")
    return out.getvalue()


def png(size: tuple[int, int] = (60, 40), mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, "PNG")
    return out.getvalue()


def archive(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return out.getvalue()
