"""Files sealed for this installation, a megabyte at a time: neither side holds more than one piece of one in memory.

A sealed file is a row of records: four bytes of length (big endian), then a token of ``sealing.seal``. Sealed with each piece are
its number, from 0, and whether it is the last, so that pieces that were swapped, left out or cut off are noticed.
"""

from __future__ import annotations

import io
import struct
from typing import IO, BinaryIO

from alliances.sealing import Unopenable, seal, unseal

PIECE = 1 << 20
_LENGTH = struct.Struct(">I")
_HEAD = struct.Struct(">Q?")
# Of a token: base64 of a padded piece with its own head and signature.
_LONGEST = PIECE * 3 // 2


def seal_file(source: IO[bytes], target: IO[bytes]) -> None:
    """Write what is left of ``source`` into ``target``, sealed."""
    number, piece = 0, source.read(PIECE)
    while True:
        following = source.read(PIECE) if piece else b""
        token = seal(_HEAD.pack(number, not following) + piece)
        target.write(_LENGTH.pack(len(token)) + token)
        if not following:
            return
        number, piece = number + 1, following


def open_sealed(file: IO[bytes]) -> BinaryIO:
    """The content of a sealed ``file``, to be read from its beginning to its end; closing it closes ``file``.

    Raises Unopenable, and closes ``file``, when this installation did not seal it; reading raises it where a later piece is
    not what was sealed.
    """
    raw = _Unsealed(file)
    try:
        raw.fill()
    except Unopenable:
        raw.close()
        raise
    return io.BufferedReader(raw)


class _Unsealed(io.RawIOBase):
    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self._rest = memoryview(b"")
        self._number = 0
        self._is_over = False

    def fill(self) -> None:
        """Open the next piece."""
        head = self._file.read(_LENGTH.size)
        if len(head) != _LENGTH.size:
            raise Unopenable
        (length,) = _LENGTH.unpack(head)
        if not 0 < length <= _LONGEST:
            raise Unopenable
        content = unseal(self._file.read(length))
        if len(content) < _HEAD.size:
            raise Unopenable
        number, self._is_over = _HEAD.unpack_from(content)
        if number != self._number:
            raise Unopenable
        self._number += 1
        self._rest = memoryview(content)[_HEAD.size :]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # typeshed's buffer has no slices
        while not self._rest and not self._is_over:
            self.fill()
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
