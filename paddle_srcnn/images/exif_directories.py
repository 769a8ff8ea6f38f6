"""Directories of EXIF and of TIFF: where their entries lie, and new ones behind a block."""

from __future__ import annotations

import struct
from collections.abc import Mapping

__all__ = ["TYPE_SIZES", "Directory", "Entries", "append_directory", "byte_order", "first_directory", "new_block"]

TYPE_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}  # in bytes
SHORT, LONG = 3, 4
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
        form = {1: "B", 2: "H"}.get(TYPE_SIZES.get(kind, 4), "I")
        return struct.unpack_from(self.order + form, block, offset + 8)[0]

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
