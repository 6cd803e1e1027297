"""What people hand in as files: pictures are drawn anew, documents are what their first bytes say they are.

Nothing here trusts a file's name or the type a browser claims. Stored names are random; the name people see is kept
beside the file, never used as a path.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import PurePath
from uuid import uuid4

from PIL import Image, ImageOps, UnidentifiedImageError

from alliances.documents import safe_file_name
from alliances.errors import OfficeError

MOST_PIXELS = 40_000_000
LONGEST_SIDE = 2000
QUALITY = 85
PICTURES = ("JPEG", "PNG")
MOST_ENTRIES = 5000


@dataclass(frozen=True)
class Picture:
    """A JPEG without anything but its pixels."""

    content: bytes
    width: int
    height: int


def picture(content: bytes, *, most_bytes: int) -> Picture:
    """``content`` drawn anew: upright, at most 2000 pixels a side, without EXIF, place or comment.

    The size is read from the head before a pixel is decoded, so that a small file cannot unfold into gigabytes.
    Raises OfficeError for what is not a JPEG or PNG picture, is too large, or is broken.
    """
    if len(content) > most_bytes:
        raise OfficeError(f"图片不能超过{most_bytes // 2**20}MB。")
    try:
        with Image.open(io.BytesIO(content), formats=PICTURES) as source:
            if source.width * source.height > MOST_PIXELS:
                raise OfficeError("图片的尺寸太大，请缩小后再上传。")
            source.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG need not be decoded in full
            upright = ImageOps.exif_transpose(source)
            drawn = _flat(upright)
            drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
    ) as problem:
        raise OfficeError("这个文件不是可以打开的JPG或PNG图片。") from problem
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=QUALITY, optimize=True)
    return Picture(out.getvalue(), drawn.width, drawn.height)


def _flat(image: Image.Image) -> Image.Image:
    """The pixels alone on white: a new image has none of the old one's metadata."""
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        flat = Image.new("RGB", clear.size, "white")
        flat.paste(clear, mask=clear.getchannel("A"))
        return flat
    flat = Image.new("RGB", image.size)
    flat.paste(image.convert("RGB"))
    return flat


def random_name(extension: str) -> str:
    """A stored file's name: nothing of it can be guessed or comes from a person."""
    return f"{uuid4().hex}.{extension}"


@dataclass(frozen=True)
class Document:
    """A checked attachment: ``name`` as people read it, ``content`` as it is stored."""

    name: str
    content: bytes
    extension: str


DOCUMENTS = {"pdf": "PDF", "docx": "Word（docx）", "xlsx": "Excel（xlsx）", "jpg": "JPG", "png": "PNG"}
_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}


def document(name: str, content: bytes, *, most_bytes: int) -> Document:
    """An attachment whose content is what its name says: pdf, docx, xlsx, or a picture, which is drawn anew.

    Raises OfficeError for other types, files with macros, and files that are too large or broken.
    """
    if not content:
        raise OfficeError("文件是空的。")
    if len(content) > most_bytes:
        raise OfficeError(f"附件不能超过{most_bytes // 2**20}MB。")
    path = PurePath(name.replace("\\", "/"))
    claimed = path.suffix.lower().lstrip(".").replace("jpeg", "jpg")
    if claimed not in DOCUMENTS:
        raise OfficeError(f"附件只收{'、'.join(DOCUMENTS.values())}文件。")
    found = _sniff(content)
    if found != claimed:
        raise OfficeError("文件内容与扩展名不符，请另存后再上传。")
    if found in ("jpg", "png"):
        drawn = picture(content, most_bytes=most_bytes)
        return Document(safe_file_name(path.stem, "jpg"), drawn.content, "jpg")
    return Document(safe_file_name(path.stem, found), content, found)


def _sniff(content: bytes) -> str:
    if content.startswith(b"%PDF-"):
        return "pdf"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    return _office_type(content) if content.startswith(b"PK\x03\x04") else ""


def _office_type(content: bytes) -> str:
    """docx or xlsx by the parts the archive lists; nothing is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as problem:
        raise OfficeError("这个文件已损坏，打不开。") from problem
    if len(names) > MOST_ENTRIES:
        raise OfficeError("这个文件的内容太多，不能作附件。")
    if any(PurePath(entry).name.lower() == "vbaproject.bin" for entry in names):
        raise OfficeError("附件不收带宏的文件，请另存为不带宏的格式。")
    return next((kind for kind, part in _PARTS.items() if part in names), "")
