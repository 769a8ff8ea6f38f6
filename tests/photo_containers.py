"""PNG, BMP, JPEG, WebP and colour profiles put together byte by byte."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from photo_sample import encoded
from PIL import Image, ImageCms

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}
GAMMA = struct.pack(">I", 100000)
CHROMATICITIES = struct.pack(">8I", 31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)  # Display P3
CICP_PQ = bytes([9, 16, 0, 1])  # BT.2020, PQ


def chunk(kind: bytes, data: bytes, *, spoilt: bool = False) -> bytes:
    checksum = zlib.crc32(kind + data) ^ (0x5555 if spoilt else 0)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def png(
    pixels: np.ndarray,
    *chunks: bytes,
    spoilt: bytes = b"",
    after: Sequence[bytes] = (),
    palette: Sequence[Sequence[int]] | None = None,
) -> bytes:
    """Make a PNG with `chunks` before its pixels and `after` behind them; the checksum of `spoilt` is wrong."""
    height, width = pixels.shape[:2]
    bits = 8 * pixels.dtype.itemsize
    colour_type = 3 if palette else COLOUR_TYPES[1 if pixels.ndim == 2 else pixels.shape[2]]
    rows = pixels.astype(f">u{bits // 8}").reshape(height, -1).view(np.uint8)
    filtered = np.concatenate([np.zeros((height, 1), np.uint8), rows], axis=1)
    made = [
        chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0), spoilt=spoilt == b"IHDR")
    ]
    made += [each for each in chunks if each[4:8] != b"tRNS"]
    if palette:
        made += [chunk(b"PLTE", bytes(value for colour in palette for value in colour), spoilt=spoilt == b"PLTE")]
    made += [each for each in chunks if each[4:8] == b"tRNS"]
    made += [chunk(b"IDAT", zlib.compress(filtered.tobytes()), spoilt=spoilt == b"IDAT"), *after, chunk(b"IEND", b"")]
    return PNG_SIGNATURE + b"".join(made)


def icc_chunk(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"ICC Profile\0\0" + zlib.compress(profile))


def icc(space: bytes, device: bytes, tags: dict[bytes, bytes], pcs: bytes = b"XYZ ") -> bytes:
    """Lay out an ICC profile of version 2."""
    text = b"text\0\0\0\0CC0\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"test\0" + bytes(78)
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061)
    tags = {b"desc": description, b"cprt": text, b"wtpt": white, **tags}
    table, data, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        value += b"\0" * (-len(value) % 4)
        table += name + struct.pack(">II", start + len(data), len(value))
        data += value
    header = struct.pack(">I4sI4s4s4s", start + len(data), b"test", 0x02400000, device, space, pcs)
    header += struct.pack(">6H", 2020, 1, 2, 3, 4, 5) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + data


RGB_ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GREY_ICC = icc(b"GRAY", b"mntr", {b"kTRC": b"curv\0\0\0\0" + struct.pack(">IH", 1, 563) + b"\0\0"})

# Reference: Lindbloom, "sRGB, D50": linear sRGB to XYZ under D50 (Bradford).
TO_XYZ = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)
D50 = np.array([0.9642, 1.0, 0.8249])
INKS = np.array([[0, 158, 224], [230, 0, 126], [255, 237, 0], [35, 31, 32]]) / 255  # cyan, magenta, yellow, black


def ink_colours(dots: np.ndarray) -> np.ndarray:
    """Give the sRGB (0..1) of ink that covers all or nothing: the inks' colours multiplied."""
    return np.where(dots[..., :, np.newaxis] > 0, INKS, 1.0).prod(axis=-2)


def to_lab(srgb: np.ndarray) -> np.ndarray:
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    ratio = linear @ TO_XYZ.T / D50
    root = np.where(ratio > 216 / 24389, np.cbrt(ratio), (24389 / 27 * ratio + 16) / 116)
    x, y, z = np.moveaxis(root, -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def from_lab(lab: np.ndarray) -> np.ndarray:
    y = (lab[..., 0] + 16) / 116
    root = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    ratio = np.where(root > 6 / 29, root**3, (116 * root - 16) * 27 / 24389)
    linear = np.clip(ratio * D50 @ np.linalg.inv(TO_XYZ).T, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def cmyk_profile() -> bytes:
    """A printer whose 16 full inks are in a table; what lies between is interpolated."""
    dots = np.array([[c, m, y, k] for c in (0, 1) for m in (0, 1) for y in (0, 1) for k in (0, 1)])
    table = (np.rint(to_lab(ink_colours(dots)) * [2.55, 1, 1] + [0, 128, 128])).astype(np.uint8).tobytes()
    identity = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    curve = bytes(range(256))
    lut = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + identity + curve * 4 + table + curve * 3
    return icc(b"CMYK", b"prtr", {b"A2B0": lut}, pcs=b"Lab ")


CMYK_ICC = cmyk_profile()


def cmyk_picture() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Blocks of full inks: their CMYK, the sRGB through `CMYK_ICC`, and a rough sRGB of any press."""
    dots = np.array([[(i >> 3) & 1, (i >> 2) & 1, (i >> 1) & 1, i & 1] for i in range(16)])
    lab = np.rint(to_lab(ink_colours(dots)) * [2.55, 1, 1] + [0, 128, 128])
    through = np.rint(255 * from_lab((lab - [0, 128, 128]) / [2.55, 1, 1])).astype(np.uint8)
    rough = np.rint(255 * ink_colours(dots)).astype(np.uint8)
    blocks = np.arange(16).reshape(4, 4).repeat(16, 0).repeat(16, 1)
    return (255 * dots[blocks]).astype(np.uint8), through[blocks], rough[blocks]


def bmp(
    pixels: np.ndarray,
    *,
    bits: int,
    compression: int = 0,
    masks: Sequence[int] = (),
    header: int = 40,
    ppm: tuple[int, int] = (0, 0),
    top_down: bool = False,
    data: bytes | None = None,
    palette: bytes = b"",
) -> bytes:
    """Make a BMP; `pixels` are the numbers of each pixel's bits."""
    height, width = pixels.shape[:2]
    if data is None:
        rows = pixels if top_down else pixels[::-1]
        raw = np.ascontiguousarray(rows.astype(f"<u{bits // 8}") if bits in (8, 16, 32) else rows)
        raw = raw.reshape(height, -1).view(np.uint8)
        data = np.pad(raw, ((0, 0), (0, -raw.shape[1] % 4))).tobytes()
    info = struct.pack(
        "<IiiHHIIiiII",
        header,
        width,
        -height if top_down else height,
        1,
        bits,
        compression,
        len(data),
        *ppm,
        len(palette) // 4,
        0,
    )
    rest = b"".join(struct.pack("<I", mask) for mask in masks)
    if header > 40:
        info = (info + rest.ljust(16, b"\0") + b"BGRs").ljust(header, b"\0")
    else:
        info += rest
    start = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + info + palette + data


def bgra(pixels: np.ndarray) -> np.ndarray:
    red, green, blue, alpha = (pixels[..., i].astype(np.uint32) for i in range(4))
    return alpha << 24 | red << 16 | green << 8 | blue


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def jpeg(image: Image.Image, *segments: bytes, jfif: tuple[int, int, int] | None = None, **options: Any) -> bytes:
    """Make a JPEG with segments of its own, and a JFIF header of (unit, x, y) or none."""
    content = encoded(image, "JPEG", quality=92, **options)
    start = 2
    if content[2:4] == b"\xff\xe0":
        start += 2 + int.from_bytes(content[4:6], "big")
    first = segment(0xE0, b"JFIF\0\1\2" + struct.pack(">BHHBB", *jfif, 0, 0)) if jfif else b""
    return b"\xff\xd8" + first + b"".join(segments) + content[start:]


def exif_segment(exif: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0" + exif)


def icc_segment(profile: bytes) -> bytes:
    return segment(0xE2, b"ICC_PROFILE\0\1\1" + profile)


def webp_with(
    content: bytes, size: tuple[int, int], *, exif: bytes = b"", profile: bytes = b"", alpha: bool = False
) -> bytes:
    """Put the chunks of an extended WebP around a simple one."""
    flags = 0x20 * bool(profile) + 0x08 * bool(exif) + 0x10 * alpha
    width, height = (side - 1 for side in size)
    pieces = [(b"VP8X", bytes([flags, 0, 0, 0]) + width.to_bytes(3, "little") + height.to_bytes(3, "little"))]
    pieces += [(b"ICCP", profile)] if profile else []
    body = b"".join(n + struct.pack("<I", len(d)) + d + b"\0" * (len(d) % 2) for n, d in pieces) + content[12:]
    body += b"EXIF" + struct.pack("<I", len(exif)) + exif + b"\0" * (len(exif) % 2) if exif else b""
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
