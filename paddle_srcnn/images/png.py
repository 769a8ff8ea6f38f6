"""PNG: chunks here, pixels through imagecodecs.

The decoder receives a file of header, palette, transparency and pixels alone. So no profile or text reaches it, and its
limits on them do not matter.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import imagecodecs
import numpy as np

from paddle_srcnn.images.exif import orientation_of, upright
from paddle_srcnn.images.limits import RefusedFile, check_size
from paddle_srcnn.images.photo import Photo, resolved_palette, usable_dpi

__all__ = ["read_png", "write_png"]

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIXEL_CHUNKS = (b"IHDR", b"PLTE", b"IDAT")
# Lengths of their data, in an order that PNG allows.
COLOUR_CHUNKS = {b"cICP": 4, b"mDCV": 24, b"cLLI": 8, b"gAMA": 4, b"cHRM": 32, b"sRGB": 1}
# Chunks whose loss changes what is seen or kept.
SAID_IF_LOST = (*COLOUR_CHUNKS, b"iCCP", b"tRNS", b"eXIf", b"pHYs")
LARGEST_PROFILE = 16 << 20  # bytes, inflated
LARGEST_OLD_EXIF = 1 << 20
INCH = 0.0254  # metres
PALETTE = 3  # the colour type
HEADER_END = 33  # bytes of signature and IHDR
# Level of zlib and filter of rows, by bytes of a value. On 16 bits, level 6 takes twice the time and saves 1%, and
# choosing a filter for each row takes a third more and saves 1%.
ENCODING: dict[int, dict[str, int]] = {1: {"level": 6}, 2: {"level": 3, "filter": imagecodecs.PNG.FILTER.UP}}


@dataclass
class _Chunks:
    """The chunks of a file that matter here."""

    pixels: list[bytes] = field(default_factory=list)
    texts: list[bytes] = field(default_factory=list)
    others: dict[bytes, bytes] = field(default_factory=dict)
    spoilt: list[bytes] = field(default_factory=list)


def read_png(stream: BinaryIO) -> Photo:
    """Read a PNG.

    A chunk with a wrong checksum is left out and noted, unless it carries pixels.

    Parameters
    ----------
    stream : binary file

    Returns
    -------
    Photo

    Raises
    ------
    RefusedFile
        If it is an animation, or Apple's variant of PNG.
    TooLargeFile, ValueError
        If it has too many pixels, or is damaged. The decoder raises errors of its own.
    """
    chunks = _collect(stream.read())
    others = chunks.others
    if len(others.get(b"IHDR", b"")) != 13 or not chunks.pixels:
        raise ValueError("it has no header or no pixels")
    width, height, _, colour_type = struct.unpack(">IIBB", others[b"IHDR"][:10])
    check_size(width, height)
    pixels = imagecodecs.png_decode(_plain_file(chunks))
    icc_profile: bytes | None = None
    notes: tuple[str, ...] = ()
    if lost := [kind.decode() for kind in SAID_IF_LOST if kind in chunks.spoilt and kind not in others]:
        notes = (f"has chunks with wrong checksums ({', '.join(lost)}); they are dropped",)
    if b"iCCP" in others:
        icc_profile = _inflated(others[b"iCCP"].partition(b"\0")[2][1:], LARGEST_PROFILE)
        if icc_profile is None:
            notes += ("has a colour profile that is damaged or above 16 MB; it is dropped",)
    exif = others.get(b"eXIf", b"").removeprefix(b"Exif\0\0") or _old_exif(chunks.texts)
    orientation = orientation_of(exif, b"".join(chunks.texts))
    if colour_type == PALETTE:
        pixels = resolved_palette(pixels, icc_profile)
    colours = {kind: others[kind] for kind, size in COLOUR_CHUNKS.items() if len(others.get(kind, b"")) == size}
    return Photo(upright(pixels, orientation), icc_profile, exif, _dpi(others.get(b"pHYs", b"")), colours, notes)


def _collect(content: bytes) -> _Chunks:
    chunks = _Chunks()
    for kind, data in _sound_chunks(content, chunks.spoilt):
        if kind == b"CgBI":
            raise RefusedFile("is a PNG for Apple's devices alone (CgBI): save it as an ordinary PNG")
        if kind == b"acTL" and (count := int.from_bytes(data[:4], "big")) > 1:
            raise RefusedFile(f"is an animation of {count} pictures: save the one you want as PNG")
        if kind == b"IDAT":
            chunks.pixels.append(data)
        elif kind in (b"iTXt", b"tEXt", b"zTXt"):
            if data.startswith((b"XML:com.adobe.xmp\0", b"Raw profile type ")):
                chunks.texts.append(data)
        else:
            chunks.others.setdefault(kind, data)
    return chunks


def _sound_chunks(content: bytes, spoilt: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """List kinds and data of chunks whose checksums are right; append the other kinds to `spoilt`."""
    start = len(SIGNATURE)
    while start + 12 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, start)
        data = content[start + 8 : start + 8 + length]
        if len(data) < length:
            return
        checksum = int.from_bytes(content[start + 8 + length : start + 12 + length], "big")
        if zlib.crc32(data, zlib.crc32(kind)) == checksum:
            yield kind, data
        elif kind in PIXEL_CHUNKS:
            raise ValueError(f"wrong checksum of {kind.decode()}")
        else:
            spoilt.append(kind)
        if kind == b"IEND":
            return
        start += 12 + length


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(data, zlib.crc32(kind))
    return b"".join((struct.pack(">I", len(data)), kind, data, struct.pack(">I", checksum)))


def _plain_file(chunks: _Chunks) -> bytes:
    head = [_chunk(kind, chunks.others[kind]) for kind in (b"IHDR", b"PLTE", b"tRNS") if kind in chunks.others]
    return b"".join((SIGNATURE, *head, *(_chunk(b"IDAT", data) for data in chunks.pixels), _chunk(b"IEND", b"")))


def _inflated(data: bytes, most: int) -> bytes | None:
    """Inflate data; None if it is damaged or longer than `most`."""
    engine = zlib.decompressobj()
    try:
        made = engine.decompress(data, most)
    except zlib.error:
        return None
    return made if engine.eof and made else None


def _dpi(data: bytes) -> tuple[float, float] | None:
    """Return the resolution of pHYs; without a unit it tells the shape of pixels alone."""
    if len(data) != 9 or data[8] != 1:
        return None
    return usable_dpi([value * INCH for value in struct.unpack(">II", data[:8])])


def _old_exif(texts: list[bytes]) -> bytes | None:
    """Read EXIF as ImageMagick wrote it before PNG had a chunk for it: hexadecimal digits in compressed text."""
    for data in texts:
        if data.startswith((b"Raw profile type exif\0\0", b"Raw profile type APP1\0\0")):
            text = _inflated(data[23:], LARGEST_OLD_EXIF) or b""
            try:
                return bytes.fromhex("".join(text.decode().split()[2:])).removeprefix(b"Exif\0\0") or None
            except ValueError:
                continue
    return None


def write_png(file: BinaryIO, photo: Photo, exif: bytes | None, dpi: tuple[float, float] | None) -> None:
    """Write a PNG of 8 or 16 bits with all metadata of a photo.

    Parameters
    ----------
    file : binary file
    photo : Photo
    exif : bytes or None
        The block, adapted to the pixels.
    dpi : (float, float) or None
    """
    pixels = np.ascontiguousarray(photo.pixels)
    made = imagecodecs.png_encode(pixels, **ENCODING[pixels.dtype.itemsize])
    extra = [(kind, photo.colour_chunks[kind]) for kind in COLOUR_CHUNKS if kind in photo.colour_chunks]
    if photo.icc_profile:
        extra.append((b"iCCP", b"ICC Profile\0\0" + zlib.compress(photo.icc_profile)))
    if dpi:
        extra.append((b"pHYs", struct.pack(">IIB", *(round(value / INCH) for value in dpi), 1)))
    if exif:
        extra.append((b"eXIf", exif))
    file.write(made[:HEADER_END])
    for kind, data in extra:
        file.write(_chunk(kind, data))
    file.write(memoryview(made)[HEADER_END:])
