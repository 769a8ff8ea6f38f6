"""EXIF of a TIFF, whose directories are spread over its file: types and bytes stay as they are."""

from __future__ import annotations

import struct
from collections.abc import Collection
from dataclasses import dataclass
from typing import BinaryIO

from paddle_srcnn.images.exif import tells_shape
from paddle_srcnn.images.exif_directories import TYPE_SIZES, append_directory, new_block

__all__ = ["exif_of_tiff"]

EXIF, GPS, INTEROPERABILITY = 34665, 34853, 40965  # tags that point to directories
DESCRIPTION = 270
# Entries of the first directory that describe the photo. The others describe how its file stores it.
DESCRIPTIVE = frozenset({269, DESCRIPTION, 271, 272, 282, 283, 285, 296, 305, 306, 315, 316, 33432})
DESCRIPTIVE |= {18246, 18249, 40091, 40092, 40093, 40094, 40095}
MOST_ENTRIES = 4096
LARGEST_VALUE = 1 << 20  # bytes
LONG = 4
LONG_POINTERS = {16: 8, 18: 8}  # types of BigTIFF; EXIF has none of them

Found = dict[int, tuple[int, int, bytes]]


@dataclass(frozen=True)
class _Source:
    """A TIFF, or a BigTIFF, whose counts and offsets have 64 bits."""

    stream: BinaryIO
    order: str
    big: bool

    def number(self, data: bytes) -> int:
        """Return the offset that a value is."""
        return int.from_bytes(data, "little" if self.order == "<" else "big")

    def entries(self, offset: int, tags: Collection[int] | None = None) -> Found:
        """Read the directory at an offset; of the entries of one tag the first."""
        head, entry, inline = (8, 20, 8) if self.big else (2, 12, 4)
        self.stream.seek(offset)
        count = self.number(self.stream.read(head))
        if count > MOST_ENTRIES:
            raise ValueError("a directory has too many entries")
        rows, made = self.stream.read(entry * count), {}
        for start in range(0, entry * count, entry):
            tag, kind, number = struct.unpack_from(self.order + ("HHQ" if self.big else "HHI"), rows, start)
            pointer = tag in (EXIF, GPS, INTEROPERABILITY)
            length = ({**TYPE_SIZES, **LONG_POINTERS} if pointer else TYPE_SIZES).get(kind, 0) * number
            if tag in made or (tags is not None and tag not in tags) or not 0 < length <= LARGEST_VALUE:
                continue
            data = rows[start + entry - inline : start + entry]
            if length > inline:
                self.stream.seek(self.number(data))
                data = self.stream.read(length)
            if len(data) >= length and not (tag == DESCRIPTION and tells_shape(data)):
                made[tag] = (kind, number, data[:length])
        return made

    def moved(self, block: bytearray, pointer: bytes) -> tuple[int, int, bytes]:
        """Append the directory at an offset, and the one that it points to, and return the entry that points to it."""
        inner = self.entries(self.number(pointer))
        if INTEROPERABILITY in inner:
            deepest = self.entries(self.number(inner[INTEROPERABILITY][2]))
            inner[INTEROPERABILITY] = self._appended(block, deepest)
        return self._appended(block, inner)

    def _appended(self, block: bytearray, entries: Found) -> tuple[int, int, bytes]:
        return LONG, 1, struct.pack(self.order + "I", append_directory(block, self.order, entries))


def exif_of_tiff(stream: BinaryIO, offset: int, order: str, *, big: bool) -> bytes | None:
    """Collect EXIF into a block, as other formats hold it.

    Parameters
    ----------
    stream : binary file
        The TIFF.
    offset : int
        Of the directory of the picture.
    order : str
        ``"<"`` or ``">"``.
    big : bool
        True for BigTIFF.

    Returns
    -------
    bytes or None
        None if there is nothing to keep, or the directories are damaged. A description that tells the old shape is left
        out.
    """
    source = _Source(stream, order, big)
    try:
        entries, block = source.entries(offset, DESCRIPTIVE), new_block(order)
        for tag, (_, _, pointer) in source.entries(offset, {EXIF, GPS}).items():
            entries[tag] = source.moved(block, pointer)
        if not entries:
            return None
        struct.pack_into(order + "I", block, 4, append_directory(block, order, entries))
        return bytes(block)
    except (struct.error, ValueError):
        return None
