"""EXIF of a TIFF, whose directories are spread over its file: types and bytes stay as they are."""

from __future__ import annotations

import struct
from collections.abc import Collection
from typing import BinaryIO

from paddle_srcnn.images.exif import TYPE_SIZES, append_directory, new_block

__all__ = ["exif_of_tiff"]

EXIF, GPS, INTEROPERABILITY = 34665, 34853, 40965  # tags that point to directories
DESCRIPTION = 270
# Entries of the first directory that describe the photo. The others describe how its file stores it.
DESCRIPTIVE = frozenset({DESCRIPTION, 271, 272, 282, 283, 296, 305, 306, 315, 316, 33432})
DESCRIPTIVE |= {18246, 18249, 40091, 40092, 40093, 40094, 40095}
MOST_ENTRIES = 4096
LARGEST_VALUE = 1 << 20  # bytes
LONG = 4

Found = dict[int, tuple[int, int, bytes]]


def exif_of_tiff(stream: BinaryIO, offset: int, order: str, *, described: bool = True) -> bytes | None:
    """Collect EXIF into a block, as other formats hold it.

    Parameters
    ----------
    stream : binary file
        The TIFF.
    offset : int
        Of the directory of the picture.
    order : str
        ``"<"`` or ``">"``.
    described : bool
        False to leave out the description.

    Returns
    -------
    bytes or None
        None if there is nothing to keep, or the directories are damaged.
    """
    try:
        entries = _entries(stream, offset, order, DESCRIPTIVE if described else DESCRIPTIVE - {DESCRIPTION})
        block = new_block(order)
        for tag, pointer in _entries(stream, offset, order, {EXIF, GPS}).items():
            entries[tag] = _moved(stream, block, order, _offset(pointer, order))
        if not entries:
            return None
        struct.pack_into(order + "I", block, 4, append_directory(block, order, entries))
        return bytes(block)
    except (struct.error, ValueError):
        return None


def _moved(stream: BinaryIO, block: bytearray, order: str, offset: int) -> tuple[int, int, bytes]:
    """Append the directory at an offset, and the one that it points to, and return the entry that points to it."""
    inner = _entries(stream, offset, order)
    if INTEROPERABILITY in inner:
        deepest = _entries(stream, _offset(inner[INTEROPERABILITY], order), order)
        inner[INTEROPERABILITY] = (LONG, 1, struct.pack(order + "I", append_directory(block, order, deepest)))
    return LONG, 1, struct.pack(order + "I", append_directory(block, order, inner))


def _offset(entry: tuple[int, int, bytes], order: str) -> int:
    return struct.unpack_from(order + "I", entry[2])[0]


def _entries(stream: BinaryIO, offset: int, order: str, tags: Collection[int] | None = None) -> Found:
    stream.seek(offset)
    count = struct.unpack(order + "H", stream.read(2))[0]
    if count > MOST_ENTRIES:
        raise ValueError("a directory has too many entries")
    rows, made = stream.read(12 * count), {}
    for start in range(0, 12 * count, 12):
        tag, kind, number = struct.unpack_from(order + "HHI", rows, start)
        length = TYPE_SIZES.get(kind, 0) * number
        if (tags is not None and tag not in tags) or not 0 < length <= LARGEST_VALUE:
            continue
        data = rows[start + 8 : start + 8 + length]
        if length > 4:
            stream.seek(struct.unpack_from(order + "I", rows, start + 8)[0])
            data = stream.read(length)
        if len(data) == length:
            made[tag] = (kind, number, data)
    return made
