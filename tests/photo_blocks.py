"""TIFF and EXIF put together byte by byte."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from photo_sample import HEIGHT, WIDTH

BYTE, ASCII, SHORT, LONG, RATIONAL, SBYTE, UNDEFINED, SSHORT, SLONG, SRATIONAL = range(1, 11)
TYPE_FORMATS = {BYTE: "B", ASCII: "s", SHORT: "H", LONG: "I", RATIONAL: "II", SBYTE: "b", UNDEFINED: "s"}
TYPE_FORMATS |= {SSHORT: "h", SLONG: "i", SRATIONAL: "ii", 16: "Q"}
Directory = dict[int, tuple[int, Any]]  # tag: (type, bytes or sequence of numbers; pairs laid flat)
EXIF_IFD, GPS_IFD, INTEROPERABILITY_IFD, SUB_IFDS = 34665, 34853, 40965, 330


def value_bytes(kind: int, values: Any, order: str) -> tuple[int, bytes]:
    """Give the count and bytes of a tag's value."""
    if isinstance(values, bytes):
        return len(values), values
    code = TYPE_FORMATS[kind]
    data = b"".join(struct.pack(order + code[0], value) for value in values)
    return len(values) // len(code), data


def block(
    directories: Sequence[Directory], order: str = "<", *, nested: dict[int, Any] | None = None, data: bytes = b""
) -> bytes:
    """Lay out a TIFF block: header, `data` (which begins at offset 8), then the directories, each with its values.

    Parameters
    ----------
    directories : sequence of Directory
        Linked to each other.
    order : str
        ``<`` or ``>``.
    nested : dict, optional
        Directories that the first one points to, by tag; a pair (directory, its own nested ones) or a directory.
    data : bytes, optional
        Pixels, or anything that tags point to.
    """
    made = bytearray((b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 0) + data)
    link = 4
    for number, directory in enumerate(directories):
        directory = dict(directory)
        for tag, inner in (nested or {}).items() if number == 0 else ():
            inner_directory, inner_nested = inner if isinstance(inner, tuple) else (inner, {})
            directory[tag] = (LONG, [_append(made, inner_directory, order, inner_nested)[0]])
        start, next_link = _append(made, directory, order, {})
        struct.pack_into(order + "I", made, link, start)
        link = next_link
    return bytes(made)


def _append(made: bytearray, directory: Directory, order: str, nested: dict[int, Any]) -> tuple[int, int]:
    directory = dict(directory)
    for tag, inner in nested.items():
        directory[tag] = (LONG, [_append(made, inner, order, {})[0]])
    entries = b""
    for tag, (kind, values) in sorted(directory.items()):
        count, data = value_bytes(kind, values, order)
        if len(data) > 4:
            made += b"\0" * (len(made) % 2)
            offset = struct.pack(order + "I", len(made))
            made += data
        else:
            offset = data.ljust(4, b"\0")
        entries += struct.pack(order + "HHI", tag, kind, count) + offset
    made += b"\0" * (len(made) % 2)
    start = len(made)
    made += struct.pack(order + "H", len(directory)) + entries
    made += bytes(4)
    return start, len(made) - 4


def packed_lzw(data: bytes) -> bytes:
    """TIFF's LZW with nothing but literals: the table is cleared before its codes grow beyond nine bits."""
    codes = []
    for start in range(0, len(data), 250):
        codes += [256, *data[start : start + 250]]
    bits = "".join(f"{code:09b}" for code in [*codes, 257])
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def packed_bits(data: bytes) -> bytes:
    return b"".join(bytes([len(run) - 1]) + run for run in (data[i : i + 100] for i in range(0, len(data), 100)))


COMPRESSIONS: dict[str, tuple[int, Callable[[bytes], bytes]]] = {
    "none": (1, bytes),
    "lzw": (5, packed_lzw),
    "deflate": (8, zlib.compress),
    "olddeflate": (32946, zlib.compress),
    "packbits": (32773, packed_bits),
}


def _parts(group: np.ndarray, strip: int, tile: int) -> list[np.ndarray]:
    """Cut pixels into tiles, if they have a length, or into strips."""
    height, width = group.shape[:2]
    if not tile:
        return [group[y : y + strip] for y in range(0, height, strip)]
    padded = np.pad(group, ((0, -height % tile), (0, -width % tile), (0, 0)), mode="edge")
    return [padded[y : y + tile, x : x + tile] for y in range(0, height, tile) for x in range(0, width, tile)]


def tiff_page(
    pixels: np.ndarray,
    *,
    order: str = "<",
    photometric: int | None = None,
    planar: bool = False,
    compression: str = "none",
    strip: int = 7,
    tile: int = 0,
    predictor: bool = False,
    base: int = 8,
    tags: Directory | None = None,
) -> tuple[Directory, bytes]:
    """Make a directory and its pixels, which are to lie at `base`. The dtype tells bits and sample format."""
    pixels = pixels[..., np.newaxis] if pixels.ndim == 2 else pixels
    height, width, channels = pixels.shape
    bits, kind = pixels.dtype.itemsize * 8, {"u": 1, "i": 2, "f": 3}[pixels.dtype.kind]
    if photometric is None:
        photometric = 1 if channels < 3 else 2
    code, compress = COMPRESSIONS[compression]
    plain = {0: 1, 1: 1, 2: 3, 3: 1, 5: 4, 6: 3, 8: 3}[photometric]
    groups = [pixels[..., i : i + 1] for i in range(channels)] if planar else [pixels]
    segments = []
    for part in [part for group in groups for part in _parts(group, strip, tile)]:
        stored = np.concatenate([part[:, :1], np.diff(part, axis=1)], axis=1) if predictor else part
        segments.append(compress(stored.astype(part.dtype.newbyteorder(order)).tobytes()))
    offsets = np.cumsum([base, *map(len, segments)])[:-1].tolist()
    directory: Directory = {
        256: (SHORT, [width]),
        257: (SHORT, [height]),
        258: (SHORT, [bits] * channels),
        259: (SHORT, [code]),
        262: (SHORT, [photometric]),
        277: (SHORT, [channels]),
        284: (SHORT, [2 if planar else 1]),
    }
    lengths = [len(segment) for segment in segments]
    if tile:
        directory |= {322: (SHORT, [tile]), 323: (SHORT, [tile]), 324: (LONG, offsets), 325: (LONG, lengths)}
    else:
        directory |= {273: (LONG, offsets), 278: (SHORT, [strip]), 279: (LONG, lengths)}
    if predictor:
        directory[317] = (SHORT, [2])
    if channels > plain:
        directory[338] = (SHORT, [2] + [0] * (channels - plain - 1))
    if kind != 1:
        directory[339] = (SHORT, [kind] * channels)
    return {**directory, **(tags or {})}, b"".join(segments)


def tiff(pixels: np.ndarray, *, order: str = "<", nested: dict[int, Any] | None = None, **options: Any) -> bytes:
    directory, data = tiff_page(pixels, order=order, **options)
    return block([directory], order, data=data, nested=nested)


def tiff_of(directory: Directory, data: bytes, order: str = "<") -> bytes:
    """Make a TIFF of one strip whose bytes are given."""
    return block([{**directory, 273: (LONG, [8]), 279: (LONG, [len(data)])}], order, data=data)


def big_tiff(pixels: np.ndarray) -> bytes:
    """Make a BigTIFF of one strip of grey or RGB."""
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    data, bits = pixels.astype(pixels.dtype.newbyteorder("<")).tobytes(), 8 * pixels.dtype.itemsize
    entries = [(256, [pixels.shape[1]]), (257, [pixels.shape[0]]), (258, [bits] * channels), (259, [1])]
    entries += [(262, [1 if channels == 1 else 2]), (273, [16]), (277, [channels]), (278, [pixels.shape[0]])]
    entries += [(279, [len(data)])]
    made = b"II" + struct.pack("<HHHQ", 43, 8, 0, 16 + len(data)) + data + struct.pack("<Q", len(entries))
    for tag, values in entries:
        made += struct.pack("<HHQ", tag, SHORT, len(values)) if tag != 273 else struct.pack("<HHQ", tag, 16, 1)
        made += (struct.pack("<Q", values[0]) if tag == 273 else struct.pack(f"<{len(values)}H", *values)).ljust(
            8, b"\0"
        )
    return made + bytes(8)


UTF8, LATIN1 = "Ünïcøde 东京 é".encode(), "Fran\xe7ois \xa9 2020".encode("latin-1")
THUMBNAIL = b"\xff\xd8 a small picture \xff\xd9"
NOTE = b"MAKER\0\1\2 a note that points at \x08\0\0\0 itself"


def exif_block(
    order: str = "<",
    *,
    orientation: int | None = None,
    thumbnail: bool = False,
    artist: bytes = b"Someone\0",
    size: tuple[int, int] | None = (WIDTH, HEIGHT),
    resolution: bool = True,
) -> bytes:
    """Make EXIF of many types: UNDEFINED, signed, an unknown tag, a maker's note, GPS, and Adobe RGB by R03."""
    first: Directory = {
        271: (ASCII, b"Maker\0"),
        315: (ASCII, artist),
        0x9C9B: (BYTE, "Überschrift é".encode("utf-16-le") + b"\0\0"),
        0xC5A5: (SSHORT, [-7, 8, -9]),
    }
    if resolution:
        first |= {282: (RATIONAL, [300, 1]), 283: (RATIONAL, [300, 1]), 296: (SHORT, [2])}
    if orientation is not None:
        first[274] = (SHORT, [orientation])
    inner: Directory = {
        0x829A: (RATIONAL, [1, 250]),
        0x9000: (UNDEFINED, b"0232"),
        0x9003: (ASCII, b"2020:01:02 03:04:05\0"),
        0x9101: (UNDEFINED, bytes([1, 2, 3, 0])),
        0x9204: (SRATIONAL, [-1, 3]),
        0x927C: (UNDEFINED, NOTE),
        0x9286: (UNDEFINED, b"ASCII\0\0\0a comment"),
        0xA001: (SHORT, [0xFFFF]),
        0xA300: (UNDEFINED, b"\3"),
        0xA301: (UNDEFINED, b"\1"),
    }
    if size:
        inner |= {0xA002: (SHORT, [size[0]]), 0xA003: (LONG, [size[1]])}
    interoperability: Directory = {1: (ASCII, b"R03\0"), 2: (UNDEFINED, b"0100")}
    gps: Directory = {0: (BYTE, [2, 3, 0, 0]), 1: (ASCII, b"N\0"), 2: (RATIONAL, [52, 1, 31, 1, 12, 1]), 5: (BYTE, [0])}
    nested = {EXIF_IFD: (inner, {INTEROPERABILITY_IFD: interoperability}), GPS_IFD: gps}
    if not thumbnail:
        return block([first], order, nested=nested)
    second: Directory = {259: (SHORT, [6]), 0x201: (LONG, [8]), 0x202: (LONG, [len(THUMBNAIL)])}
    return block([first, second], order, nested=nested, data=THUMBNAIL)
