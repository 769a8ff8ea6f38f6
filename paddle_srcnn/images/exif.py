"""EXIF of photos: a block of bytes that is carried as it is.

Only what the pixels make untrue changes: orientation, sizes, the position of the subject, the thumbnail. No value
moves, so that a maker's note, whose offsets count from the block's beginning, stays readable.
"""

from __future__ import annotations

import re
import struct

import numpy as np

from paddle_srcnn.images.exif_directories import Directory, append_directory, first_directory, new_block
from paddle_srcnn.images.photo import usable_dpi

__all__ = ["adapted_exif", "exif_dpi", "orientation_of", "tells_shape", "upright", "with_resolution"]

SHORT, RATIONAL = 3, 5
WIDTH, HEIGHT, ORIENTATION, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 256, 257, 274, 282, 283, 296
DESCRIPTION = 270
EXIF_POINTER, INTEROPERABILITY_POINTER = 34665, 40965
EXIF_WIDTH, EXIF_HEIGHT = 0xA002, 0xA003
RELATED_WIDTH, RELATED_HEIGHT = 0x1001, 0x1002
DPI_STEPS, INCH = 10000, 2
SUBJECT_POSITIONS = (0x9214, 0xA214)  # in pixels
THUMBNAIL_OFFSET, THUMBNAIL_LENGTH = 0x201, 0x202
# Descriptions of tifffile, ImageJ, SCIFIO, OME and other microscopes; they hold the sizes of the old picture.
SHAPES = re.compile(
    rb'\A\s*(?:\{"shape":|shape=\(|ImageJ=|SCIFIO=|Aperio )|<(?:\w+:)?OME[ >]|<SizeX>|\bSizeX="|"Width"\s*:'
)


def tells_shape(description: bytes) -> bool:
    """Tell whether a program wrote a description that holds the picture's shape."""
    return SHAPES.search(description) is not None


def orientation_of(block: bytes | None, xmp: bytes = b"") -> int:
    """Return the orientation that a block asks for, or XMP does where the block does not; 1 if neither does."""
    try:
        return first_directory(block or b"").number(block or b"", ORIENTATION)
    except (struct.error, ValueError, KeyError):
        found = re.search(rb'tiff:Orientation(?:="|>)([1-8])', xmp)
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
            if INTEROPERABILITY_POINTER in inner.entries:
                related = Directory(block, inner.number(block, INTEROPERABILITY_POINTER), first.order)
                related.put(block, RELATED_WIDTH, width)
                related.put(block, RELATED_HEIGHT, height)
            for tag in SUBJECT_POSITIONS:
                Directory(block, inner.start, first.order).drop(block, tag)
        _drop_shape(block, first)
        first = first_directory(block)
        return bytes(_without_thumbnail(block, first))
    except (struct.error, ValueError, KeyError):
        return None


def _drop_shape(block: bytearray, first: Directory) -> None:
    """Drop the description, if it holds the old picture's shape, and write zeros over it."""
    length = first.entries.get(DESCRIPTION, (0, 0, 0))[2]
    if length <= 4:
        return
    start = first.number(block, DESCRIPTION)
    if tells_shape(bytes(block[start : start + length])):
        block[start : start + length] = bytes(len(block[start : start + length]))
        first.drop(block, DESCRIPTION)


def _without_thumbnail(block: bytearray, first: Directory) -> bytearray:
    """Cut off the thumbnail's directory, and its bytes if they end the block; else write zeros over them."""
    if first.link + 4 > len(block):
        return block
    start = struct.unpack_from(first.order + "I", block, first.link)[0]
    struct.pack_into(first.order + "I", block, first.link, 0)
    try:
        second = Directory(block, start, first.order) if start else None
    except (struct.error, ValueError):  # the link points at no directory
        second = None
    if second is None:
        return block
    if THUMBNAIL_OFFSET in second.entries and THUMBNAIL_LENGTH in second.entries:
        begin, length = (second.number(block, tag) for tag in (THUMBNAIL_OFFSET, THUMBNAIL_LENGTH))
        if first.link + 4 <= begin and begin + length == len(block):
            del block[begin:]
        elif begin >= 8 and begin + length <= len(block) and not begin <= first.start < begin + length:
            block[begin : begin + length] = bytes(length)
    return block


def with_resolution(exif: bytes | None, dpi: tuple[float, float] | None) -> bytes | None:
    """Add a resolution to a block that has none that is usable.

    Parameters
    ----------
    exif : bytes or None
        None to make a block that holds the resolution alone.
    dpi : (float, float) or None
        Dots per inch, horizontally and vertically.

    Returns
    -------
    bytes or None
        The first directory moves behind all values, and no value moves.
    """
    if dpi is None or exif_dpi(exif):
        return exif
    block, order, entries = new_block("<"), "<", {}
    if exif:
        block, first = bytearray(exif), first_directory(exif)
        order = first.order
        for tag, (offset, kind, count) in first.entries.items():
            entries[tag] = (kind, count, exif[offset + 8 : offset + 12])
    for tag, value in ((X_RESOLUTION, dpi[0]), (Y_RESOLUTION, dpi[1])):
        entries[tag] = (RATIONAL, 1, struct.pack(order + "II", round(value * DPI_STEPS), DPI_STEPS))
    entries[RESOLUTION_UNIT] = (SHORT, 1, struct.pack(order + "H", INCH))
    struct.pack_into(order + "I", block, 4, append_directory(block, order, entries))
    return bytes(block)


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
