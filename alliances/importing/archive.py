"""Opening an .xlsx package that may be hostile, and walking its XML parts in bounded memory.

An .xlsx file is a zip of XML. Nothing of it is believed: sizes are checked in the directory and counted
again while unpacking, a document type or entity declaration ends the reading, and no tree is ever built:
expat calls a walker element by element. (openpyxl holds whole rows, styles and string tables as trees,
and does not know merged cells when it streams, so it is not used for reading.)
"""

from __future__ import annotations

import io
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Protocol
from xml.parsers import expat

from alliances.importing.base import Limits, Unreadable

DAMAGED = "文件已损坏，无法读取。请用 Excel 或 WPS 打开后另存为 .xlsx 再试。"
TOO_BIG_INSIDE = "文件解压后过大，不予读取。请删去多余的空行、格式和图片后另存为 .xlsx 再试。"
_BOMB = "文件的压缩比例异常，为安全起见不予读取。请用 Excel 或 WPS 打开后另存为 .xlsx 再试。"
_DECLARED = "文件里含有不允许的 XML 声明，为安全起见不予读取。请用 Excel 或 WPS 打开后另存为 .xlsx 再试。"
_ODD = "文件结构异常，为安全起见不予读取。请用 Excel 或 WPS 打开后另存为 .xlsx 再试。"

_CHUNK = 64 * 1024
_DEEPEST, _MOST_NAMES, _LONGEST_TOKEN = 100, 5_000, 2**20
_DIRECTORY_BYTES = 1 * 2**20
# "<!DOCTYPE" and "<!ENTITY" in the encodings an XML part may have.
_DECLARATION = re.compile(
    b"|".join(
        re.escape(word.encode(code))
        for word in ("<!DOCTYPE", "<!ENTITY")
        for code in ("utf-8", "utf-16-le", "utf-16-be")
    )
)
# What zipfile raises on a package that is cut, patched or made up.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    OverflowError,
    RuntimeError,
    NotImplementedError,
)
_OVERLAP = 2 * len("<!DOCTYPE") - 1


class Walker(Protocol):
    """Receives the elements of a part in document order; names come without their prefix."""

    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, data: str) -> None: ...


class Package:
    """An opened package: every XML part was unpacked once and found small enough and free of
    declarations.
    """

    def __init__(self, data: bytes, limits: Limits) -> None:
        self.limits = limits
        self._elements = 0
        if _directory_bytes(data) > _DIRECTORY_BYTES:
            raise Unreadable(_ODD)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _BROKEN:
            raise Unreadable(DAMAGED) from None
        self._parts = self._check_directory()
        self._check_parts()

    def __contains__(self, name: str) -> bool:
        return self._key(name) in self._parts

    def names(self) -> Iterator[str]:
        """Part names in lower case."""
        return iter(self._parts)

    @staticmethod
    def _key(name: str) -> str:
        return posixpath.normpath(name.replace("\\", "/").lstrip("/")).lower()

    def _check_directory(self) -> dict[str, zipfile.ZipInfo]:
        entries = self._zip.infolist()
        if len(entries) > self.limits.parts:
            raise Unreadable(_ODD)
        parts: dict[str, zipfile.ZipInfo] = {}
        unpacked = packed = 0
        for entry in entries:
            if entry.flag_bits & 0x1:
                raise Unreadable("文件设有密码，无法读取。请取消密码后再导入。")
            if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise Unreadable(_ODD)  # the other methods unpack without a bound
            unpacked += entry.file_size
            packed += entry.compress_size
            # Small parts may be very regular; a bomb is never small.
            if entry.file_size > 2**20 and entry.file_size > self.limits.ratio * max(entry.compress_size, 1):
                raise Unreadable(_BOMB)
            key = self._key(entry.filename)
            if key in parts:
                raise Unreadable(_ODD)
            parts[key] = entry
        if unpacked > self.limits.unpacked:
            raise Unreadable(TOO_BIG_INSIDE)
        if unpacked > 2**20 and unpacked > self.limits.ratio * max(packed, 1):
            raise Unreadable(_BOMB)
        return parts

    def _check_parts(self) -> None:
        """Unpack every XML part once, counting what really comes out, and look for declarations."""
        budget = self.limits.unpacked
        for key in self._parts:
            if not key.endswith((".xml", ".rels")):
                continue
            tail = b""
            for chunk in self._chunks(key):
                budget -= len(chunk)
                if budget < 0:
                    raise Unreadable(TOO_BIG_INSIDE)
                if _DECLARATION.search(tail + chunk):
                    raise Unreadable(_DECLARED)
                tail = (tail + chunk)[-_OVERLAP:]

    def _chunks(self, key: str) -> Iterator[bytes]:
        try:
            with self._zip.open(self._parts[key]) as stream:
                while chunk := stream.read(_CHUNK):
                    yield chunk
        except _BROKEN:
            raise Unreadable(DAMAGED) from None

    def walk(self, name: str, walker: Walker) -> None:
        """Send the elements of part ``name`` to ``walker``. The part must exist."""
        known: dict[str, str] = {}
        local: dict[str, str] = {}
        depth = 0

        def start(tag: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            self._elements += 1
            short = local.get(tag)
            if short is None:
                short = local[tag] = tag.rpartition(":")[2]
            walker.start(short, attributes)

        def end(tag: str) -> None:
            nonlocal depth
            depth -= 1
            walker.end(local[tag])

        def declared(*_: object) -> None:
            raise Unreadable(_DECLARED)

        parser = expat.ParserCreate(intern=known)
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = walker.text
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = declared
        fed = 0
        try:
            for chunk in self._chunks(self._key(name)):
                parser.Parse(chunk, False)
                fed += len(chunk)
                # What expat keeps grows with these; none is large in a real workbook.
                waiting = fed - parser.CurrentByteIndex
                if depth > _DEEPEST or len(known) > _MOST_NAMES or waiting > _LONGEST_TOKEN:
                    raise Unreadable(_ODD)
                if self._elements > self.limits.elements:
                    raise Unreadable(TOO_BIG_INSIDE)
            parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError):  # the last two: an encoding nobody knows
            raise Unreadable(DAMAGED) from None


def _directory_bytes(data: bytes) -> int:
    """The size of the zip directory as its end record states it (the reader loads exactly that much)."""
    end = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    if end < 0 or len(data) < end + 22:
        raise Unreadable(DAMAGED)
    sizes = [int(struct.unpack_from("<L", data, end + 12)[0])]
    if data[max(0, end - 20) :][:4] == b"PK\x06\x07":
        # A 64-bit directory: its record stands right before the locator, or where the locator points.
        stated = int(struct.unpack_from("<Q", data, end - 12)[0])
        records = [place for place in (end - 76, stated) if data[max(0, place) :][:4] == b"PK\x06\x06"]
        records = [place for place in records if place + 48 <= len(data)]
        sizes += [int(struct.unpack_from("<Q", data, place + 40)[0]) for place in records]
        sizes = [size for size in sizes if size != 0xFFFFFFFF]
    return max(sizes, default=0)
