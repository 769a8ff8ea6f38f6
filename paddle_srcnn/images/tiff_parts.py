"""Parts of a TIFF (strips and tiles): checks that hostile files need before pixels are decoded."""

from __future__ import annotations

import io
import math
import re
import struct
from itertools import zip_longest

import tifffile
from PIL import Image

from paddle_srcnn.images.limits import RefusedFile
from paddle_srcnn.images.tiff_pixels import FAX, PLANAR

__all__ = ["check_parts"]

NONE = 1
# Compressions that inflate into the room they are given, and those whose streams claim a size of their own.
BOUNDED = {1, 5, 8, 32946, 32773, 50000, 34925, *FAX}
JPEG, LERC = 7, 34887
SIZED = {JPEG: "JPEG", 34892: "JPEG", 34712: "JPEG2000", 33003: "JPEG2000", 33005: "JPEG2000", 50001: "WEBP"}
SIZED |= {34933: "PNG"}
LERC_HEADER, LONGEST_HEADER = 64, 1 << 16  # bytes
ADVICE = "save it as PNG, or as TIFF with LZW"
# ImageJ and tifffile write a stack of pictures with a directory for the first one alone.
IMAGEJ_STACK, SHAPED_STACK = re.compile(r"\AImageJ=[^\0]*?\nimages=(\d+)"), re.compile(r'\A\{"shape": \[([\d, ]+)\]')


def check_parts(page: tifffile.TiffPage) -> None:
    """Check that no compressed part claims more pixels than the TIFF has room for, and give lacking lengths.

    Parameters
    ----------
    page : tifffile.TiffPage

    Raises
    ------
    RefusedFile
        If the compression is not read, or further pictures of a stack lie behind the page's.
    ValueError
        If the parts are damaged.
    """
    compression = int(page.compression)
    if compression == NONE and not page.is_tiled:
        _give_lengths(page)
    if any(offset and not count for offset, count in zip_longest(page.dataoffsets, page.databytecounts)):
        raise ValueError("its parts have no lengths")
    if compression == NONE:
        _check_stack(page)
    if compression in BOUNDED:
        return
    if compression != LERC and compression not in SIZED:
        raise RefusedFile(f"is compressed as {getattr(page.compression, 'name', compression)}: {ADVICE}")
    width, height = (page.tilewidth, page.tilelength) if page.is_tiled else (page.imagewidth, page.imagelength)
    room = width * height * page.samplesperpixel
    file = page.parent.filehandle
    for offset, count in zip(page.dataoffsets, page.databytecounts, strict=False):
        if not count:
            continue
        if offset + count > file.size:  # decoders of JPEG would make up the rest
            raise ValueError("its parts are cut short")
        file.seek(offset)
        data = file.read(min(count, LERC_HEADER if compression == LERC else LONGEST_HEADER))
        if compression == JPEG and page.jpegtables:
            data = data[:2] + page.jpegtables[2:-2] + data[2:]
        across, down, channels = _lerc_size(data) if compression == LERC else _size(data, SIZED[compression])
        if across > width or down > height or across * down * channels > room:
            raise ValueError("its parts claim other sizes than the whole")


def _size(data: bytes, file_format: str) -> tuple[int, int, int]:
    with Image.open(io.BytesIO(data), formats=[file_format]) as file:
        return *file.size, len(file.getbands())


def _lerc_size(data: bytes) -> tuple[int, int, int]:
    if data[:6] != b"Lerc2 ":
        raise RefusedFile(f"is compressed as LERC 1: {ADVICE}")
    version = struct.unpack_from("<i", data, 6)[0]
    start = 14 if version >= 3 else 10  # a checksum is new in version 3
    height, width = struct.unpack_from("<ii", data, start)
    return width, height, struct.unpack_from("<i", data, start + 8)[0] if version >= 4 else 1


def _give_lengths(page: tifffile.TiffPage) -> None:
    """Work out the lengths of uncompressed strips, which writers of TIFF 4 left out."""
    planes = page.samplesperpixel if page.planarconfig == PLANAR else 1
    row = -(-page.imagewidth * page.samplesperpixel // planes * int(page.bitspersample) // 8)
    rows, height = min(page.rowsperstrip, page.imagelength), page.imagelength
    lacking = len(page.databytecounts) < len(page.dataoffsets) or not any(page.databytecounts)
    if lacking and len(page.dataoffsets) == planes * -(-height // rows):
        page.databytecounts = tuple(row * min(rows, height - top) for top in range(0, height, rows)) * planes


def _check_stack(page: tifffile.TiffPage) -> None:
    text, pictures, size = page.description, 1, sum(page.databytecounts)
    if found := IMAGEJ_STACK.match(text):
        pictures = int(found[1][:9])
    elif found := SHAPED_STACK.match(text):
        values = math.prod(int(side) for side in found[1].split(",") if side.strip())
        pictures = values // (page.imagelength * page.imagewidth * page.samplesperpixel)
    if pictures > 1 and page.dataoffsets and page.dataoffsets[0] + pictures * size <= page.parent.filehandle.size:
        raise RefusedFile(f"holds {pictures} pictures (a stack): save the one you want as PNG")
