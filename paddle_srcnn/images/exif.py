"""EXIF of photos: a block of bytes that is carried as it is.

Only what the pixels make untrue changes: orientation, sizes, the position of the subject, the thumbnail. No value
moves, so that a maker's note, whose offsets count from the block's beginning, stays readable.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping

import numpy as np

from paddle_srcnn.images.photo import usable_dpi

__all__ = [
    "TYPE_SIZES",
    "Directory",
    "Entries",
    "adapted_exif",
    "append_directory",
    "byte_order",
    "exif_dpi",
    "first_directory",
    "new_block",
    "orientation_of",
    "resolution_block",
    "upright",
    "xmp_orientation",
]

TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}  # in bytes
SHORT, LONG, RATIONAL = 3, 4, 5
WIDTH, HEIGHT, ORIENTATION, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 256, 257, 274, 282, 283, 296
EXIF_POINTER = 34665
EXIF_WIDTH, EXIF_HEIGHT = 0xA002, 0xA003
SUBJECT_POSITIONS = (0x9214, 0xA214)  # in pixels
THUMBNAIL_OFFSET, THUMBNAIL_LENGTH = 0x201, 0x202
ENTRY = 12  # bytes
HEADERS = {"<": b"II*\0", ">": b"MM\0*"}

Entries = Mapping[int, tuple[int, int, bytes]]  # tag: type, count, bytes of the value


class Directory:
    """Positions of the entries of one directory of a block.

    Parameters
    ----------
    block : bytes or bytearray
    start : int
        Offset of the directory.
    order : str
        ``"<"`` or ``">"``.

    Attributes
    ----------
    start : int
    link : int
        Offset behind the entries, where the offset of the next directory is. It is lacking in some blocks.
    entries : dict
        By tag: offset of the entry, type, count.
    """

    def __init__(self, block: bytes | bytearray, start: int, order: str) -> None:
        self.start, self.order = start, order
        count = struct.unpack_from(order + "H", block, start)[0]
        self.link = start + 2 + ENTRY * count
        if self.link > len(block):
            raise ValueError("a directory of EXIF is cut")
        self.entries: dict[int, tuple[int, int, int]] = {}
        for offset in range(start + 2, self.link, ENTRY):
            tag, kind, number = struct.unpack_from(order + "HHI", block, offset)
            self.entries.setdefault(tag, (offset, kind, number))

    def number(self, block: bytes | bytearray, tag: int) -> int:
        """Return the first whole number of an entry."""
        offset, kind, _ = self.entries[tag]
        return struct.unpack_from(self.order + ("H" if kind == SHORT else "I"), block, offset + 8)[0]

    def put(self, block: bytearray, tag: int, value: int) -> None:
        """Give an entry, if there is one, another whole number. A SHORT becomes a LONG if it must."""
        if tag in self.entries:
            offset, kind, _ = self.entries[tag]
            short = kind == SHORT and value < 65536
            form = "HHI" + ("H2x" if short else "I")
            struct.pack_into(self.order + form, block, offset, tag, SHORT if short else LONG, 1, value)

    def drop(self, block: bytearray, tag: int) -> None:
        """Take an entry out, if there is one; later ones and the link move up by one entry."""
        if tag in self.entries:
            offset, end = self.entries[tag][0], min(self.link + 4, len(block))
            block[offset:end] = block[offset + ENTRY : end] + bytes(ENTRY)
            struct.pack_into(self.order + "H", block, self.start, (self.link - self.start - 2) // ENTRY - 1)


def byte_order(block: bytes | bytearray) -> str:
    """Return the byte order of a block as `struct` names it.

    Raises
    ------
    ValueError
        If the block begins otherwise.
    """
    for order, header in HEADERS.items():
        if bytes(block[:4]) == header:
            return order
    raise ValueError("EXIF does not begin with a byte order")


def first_directory(block: bytes | bytearray) -> Directory:
    """Return a block's first directory.

    Raises
    ------
    ValueError, struct.error
        If the block is damaged.
    """
    order = byte_order(block)
    return Directory(block, struct.unpack_from(order + "I", block, 4)[0], order)


def orientation_of(block: bytes | None) -> int:
    """Return the orientation that a block asks for; 1 without one, or where it is damaged."""
    try:
        return first_directory(block or b"").number(block or b"", ORIENTATION)
    except (struct.error, ValueError, KeyError):
        return 1


def xmp_orientation(text: bytes) -> int:
    """Return the orientation that XMP asks for; 1 without one."""
    found = re.search(rb'tiff:Orientation(?:="|>)([1-8])', text)
    return int(found[1]) if found else 1


def exif_dpi(block: bytes | None) -> tuple[float, float] | None:
    """Return the resolution that a block holds, in dots per inch, or None."""
    try:
        block = block or b""
        first = first_directory(block)
        unit = first.number(block, RESOLUTION_UNIT) if RESOLUTION_UNIT in first.entries else 2
        pairs = [
            struct.unpack_from(first.order + "II", block, first.number(block, tag))
            for tag in (X_RESOLUTION, Y_RESOLUTION)
            if first.entries[tag][1] == RATIONAL
        ]
        return usable_dpi([top / bottom * {2: 1, 3: 2.54}[unit] for top, bottom in pairs])
    except (struct.error, ValueError, KeyError, ZeroDivisionError):
        return None


def adapted_exif(exif: bytes, width: int, height: int) -> bytes | None:
    """Make a block true of an upright photo of a size.

    Parameters
    ----------
    exif : bytes
        The block, with or without the word Exif and two zeros before it.
    width, height : int
        The photo's.

    Returns
    -------
    bytes or None
        None if the block is damaged.
    """
    try:
        block = bytearray(exif.removeprefix(b"Exif\0\0"))
        first = first_directory(block)
        for tag, value in ((ORIENTATION, 1), (WIDTH, width), (HEIGHT, height)):
            first.put(block, tag, value)
        if EXIF_POINTER in first.entries:
            inner = Directory(block, first.number(block, EXIF_POINTER), first.order)
            inner.put(block, EXIF_WIDTH, width)
            inner.put(block, EXIF_HEIGHT, height)
            for tag in SUBJECT_POSITIONS:
                Directory(block, inner.start, first.order).drop(block, tag)
        return bytes(_without_thumbnail(block, first))
    except (struct.error, ValueError, KeyError):
        return None


def _without_thumbnail(block: bytearray, first: Directory) -> bytearray:
    """Cut off the thumbnail's directory, and its bytes if they end the block; else write zeros over them."""
    if first.link + 4 > len(block):
        return block
    start = struct.unpack_from(first.order + "I", block, first.link)[0]
    struct.pack_into(first.order + "I", block, first.link, 0)
    if not start:
        return block
    second = Directory(block, start, first.order)
    if THUMBNAIL_OFFSET in second.entries and THUMBNAIL_LENGTH in second.entries:
        begin, length = (second.number(block, tag) for tag in (THUMBNAIL_OFFSET, THUMBNAIL_LENGTH))
        if first.link + 4 <= begin and begin + length == len(block):
            del block[begin:]
        elif begin >= 8 and begin + length <= len(block) and not begin <= first.start < begin + length:
            block[begin : begin + length] = bytes(length)
    return block


def new_block(order: str) -> bytearray:
    """Begin a block; its first directory's offset, at byte 4, is still to be written."""
    return bytearray(HEADERS[order] + bytes(4))


def append_directory(block: bytearray, order: str, entries: Entries) -> int:
    """Append a directory and the values of its entries to a block.

    Parameters
    ----------
    block : bytearray
    order : str
    entries : Entries

    Returns
    -------
    int
        Offset of the directory.
    """
    rows = b""
    for tag, (kind, count, data) in sorted(entries.items()):
        if len(data) > 4:
            block += bytes(len(block) % 2)
            value = struct.pack(order + "I", len(block))
            block += data
        else:
            value = data.ljust(4, b"\0")
        rows += struct.pack(order + "HHI", tag, kind, count) + value
    block += bytes(len(block) % 2)
    start = len(block)
    block += struct.pack(order + "H", len(entries)) + rows + bytes(4)
    return start


def resolution_block(dpi: tuple[float, float]) -> bytes:
    """Make a block that holds a resolution and nothing else."""
    block = new_block("<")
    entries = {tag: (RATIONAL, 1, struct.pack("<II", round(value * 10000), 10000)) for tag, value in _by_tag(dpi)}
    start = append_directory(block, "<", {**entries, RESOLUTION_UNIT: (SHORT, 1, b"\2\0")})
    struct.pack_into("<I", block, 4, start)
    return bytes(block)


def _by_tag(dpi: tuple[float, float]) -> tuple[tuple[int, float], ...]:
    return (X_RESOLUTION, dpi[0]), (Y_RESOLUTION, dpi[1])


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Apply an EXIF orientation.

    Parameters
    ----------
    pixels : (H, W, ...) array
    orientation : int
        1 to 8; 5 to 8 are 1 to 4 of the transposed image. Other numbers change nothing.

    Returns
    -------
    (H, W, ...) or (W, H, ...) array
        Contiguous.
    """
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
