"""Samples of PNG's chunks, EXIF, colours, profiles, resolutions and descriptions."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from photo_blocks import (
    ASCII,
    EXIF_IFD,
    GPS_IFD,
    INTEROPERABILITY_IFD,
    LATIN1,
    RATIONAL,
    SHORT,
    SRATIONAL,
    SSHORT,
    UNDEFINED,
    UTF8,
    Directory,
    block,
    exif_block,
    tiff,
    tiff_page,
)
from photo_containers import (
    CHROMATICITIES,
    CICP_PQ,
    GAMMA,
    GREY_ICC,
    RGB_ICC,
    bmp,
    chunk,
    exif_segment,
    icc_chunk,
    icc_segment,
    jpeg,
    png,
    webp_with,
)
from photo_sample import Sample, decoded, encoded, picture, upright
from PIL import Image


def png_chunks() -> Iterator[Sample]:
    noise = np.random.default_rng(0).integers(0, 256, 2_000_000, dtype=np.uint8).tobytes()
    even, uneven = RGB_ICC + bytes(2_000_000), RGB_ICC + noise
    large = {
        "iccp-2mb-zeros": (icc_chunk(struct.pack(">I", len(even)) + even[4:]), "icc"),
        "iccp-2mb-noise": (icc_chunk(struct.pack(">I", len(uneven)) + uneven[4:]), "icc"),
        "ztxt-3mb": (chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"long " * 600_000)), ""),
        "itxt-3mb": (chunk(b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(b"long " * 600_000)), ""),
        "text-3mb": (chunk(b"tEXt", b"Comment\0" + b"long " * 600_000), ""),
    }
    for depth in (8, 16):
        rgb = picture(3, depth)
        for name, (extra, kept) in large.items():
            found = {"icc": zlib.decompress(extra[8 + 13 : -4])} if kept else {}
            yield Sample(f"{name}-{depth}.png", "png", png(rgb, extra), rgb, kept=found)
        many = [chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"long " * 190_000)) for _ in range(80)]
        yield Sample(f"ztxt-80-times-1mb-{depth}.png", "png", png(rgb, *many), rgb)
        spoilt = {
            "text": chunk(b"tEXt", b"Comment\0words", spoilt=True),
            "phys": chunk(b"pHYs", struct.pack(">IIB", 11811, 11811, 1), spoilt=True),
            "gama": chunk(b"gAMA", GAMMA, spoilt=True),
            "time": chunk(b"tIME", bytes([7, 228, 1, 2, 3, 4, 5]), spoilt=True),
            "exif": chunk(b"eXIf", exif_block(), spoilt=True),
            "private": chunk(b"prVt", b"something", spoilt=True),
            "iccp": icc_chunk(RGB_ICC)[:-4] + b"sums",
        }
        for name, extra in spoilt.items():
            yield Sample(f"spoilt-{name}-{depth}.png", "png", png(rgb, extra), rgb)
        late = chunk(b"tEXt", b"Comment\0words", spoilt=True)
        yield Sample(f"spoilt-text-late-{depth}.png", "png", png(rgb, after=[late]), rgb)
        # The rows have a checksum of their own (zlib's), which is right: Pillow reads such a file, browsers do not.
        yield Sample(f"spoilt-idat-{depth}.png", "png", png(rgb, spoilt=b"IDAT"), rgb, refusal="damaged")
        yield Sample(f"damaged-ihdr-sum-{depth}.png", "png", png(rgb, spoilt=b"IHDR"), None, refusal="damaged")
        content = bytearray(png(rgb))
        content[content.index(b"IDAT") + 40] ^= 0xFF
        yield Sample(f"damaged-pixels-{depth}.png", "png", bytes(content), None, refusal="damaged")
        yield Sample(f"cut-{depth}.png", "png", png(rgb)[:-200], None, refusal="damaged|truncated|cut")
        yield Sample(f"behind-the-end-{depth}.png", "png", png(rgb) + b"more" * 99, rgb)
    content = png(picture(1) % 4, spoilt=b"PLTE", palette=[(9, 8, 7), (60, 50, 40), (0, 255, 0), (1, 2, 3)])
    yield Sample("damaged-palette-sum.png", "png", content, None, refusal="damaged")


def exif_carriers(name: str, row: str, exif: bytes, **more: Any) -> Iterator[Sample]:
    """The same EXIF in JPEG, PNG of both depths, WebP and TIFF."""
    rgb = Image.fromarray(picture(3, smooth=True))
    content = jpeg(rgb, exif_segment(exif))
    yield Sample(f"{name}.jpg", row, content, decoded(content), kept={"exif": exif, **more})
    for depth in (8, 16):
        pixels = picture(3, depth)
        yield Sample(f"{name}-{depth}.png", row, png(pixels, chunk(b"eXIf", exif)), pixels, kept={"exif": exif, **more})
    content = webp_with(encoded(rgb, "WEBP", lossless=True, exact=True), rgb.size, exif=exif)
    yield Sample(f"{name}.webp", row, content, np.asarray(rgb), kept={"exif": exif, **more})


def exif_tiff(order: str, artist: bytes) -> bytes:
    """A TIFF whose own directory holds what EXIF does elsewhere."""
    directory, data = tiff_page(picture(3), order=order)
    directory |= {271: (ASCII, b"Maker\0"), 315: (ASCII, artist), 0xC5A5: (SSHORT, [-7, 8, -9])}
    inner: Directory = {0x9000: (UNDEFINED, b"0232"), 0x9204: (SRATIONAL, [-1, 3]), 0xA001: (SHORT, [0xFFFF])}
    inner |= {0xA300: (UNDEFINED, b"\3"), 0x9286: (UNDEFINED, b"ASCII\0\0\0a comment")}
    nested = {EXIF_IFD: (inner, {INTEROPERABILITY_IFD: {1: (ASCII, b"R03\0")}}), GPS_IFD: {1: (ASCII, b"N\0")}}
    return block([directory], order, nested=nested, data=data)


def exif_texts() -> Iterator[Sample]:
    for name, text in (("utf8", UTF8), ("latin1", LATIN1)):
        yield from exif_carriers(f"text-{name}", "text", exif_block(artist=text + b"\0"))
        yield Sample(f"text-{name}.tif", "text", exif_tiff("<", text + b"\0"), picture(3), kept={"text": text})


def exif_types() -> Iterator[Sample]:
    for order, end in (("<", "le"), (">", "be")):
        yield from exif_carriers(f"exif-{end}", "exif", exif_block(order, thumbnail=True))
        yield Sample(f"exif-{end}.tif", "exif", exif_tiff(order, b"Someone\0"), picture(3), kept={"text": b"R03"})
        for orientation in (3, 6):
            exif = exif_block(order, orientation=orientation)
            content = png(picture(3, 16), chunk(b"eXIf", exif))
            expected = upright(picture(3, 16), orientation)
            yield Sample(f"exif-{end}-turned{orientation}.png", "exif", content, expected, kept={"exif": exif})
    late = png(picture(3), after=[chunk(b"eXIf", exif_block(orientation=6))])
    yield Sample("exif-behind-pixels.png", "exif", late, upright(picture(3), 6))


def png_colours() -> Iterator[Sample]:
    groups = {
        "gamma": {b"gAMA": GAMMA},
        "chromaticities": {b"gAMA": struct.pack(">I", 45455), b"cHRM": CHROMATICITIES},
        "srgb": {b"sRGB": b"\0", b"gAMA": struct.pack(">I", 45455)},
        "cicp": {b"cICP": CICP_PQ},
        "hdr": {b"cICP": CICP_PQ, b"mDCV": bytes(24), b"cLLI": struct.pack(">II", 10_000_000, 4_000_000)},
        "sbit": {b"sBIT": bytes([5, 6, 5])},
    }
    for name, chunks in groups.items():
        for depth in (8, 16):
            pixels = picture(3, depth)
            content = png(pixels, *(chunk(kind, data) for kind, data in chunks.items()))
            kept = {kind: data for kind, data in chunks.items() if kind != b"sBIT"}  # untrue of enlarged pixels
            yield Sample(f"{name}-{depth}.png", "colour", content, pixels, kept={"png": kept})


def grey_profiles() -> Iterator[Sample]:
    for depth in (8, 16):
        for channels, name in ((1, "grey"), (2, "la")):
            pixels = picture(channels, depth)
            content = png(pixels, icc_chunk(GREY_ICC))
            yield Sample(f"{name}-profile-{depth}.png", "grey", content, pixels, kept={"icc": GREY_ICC})
    grey = Image.fromarray(picture(1, smooth=True))
    content = jpeg(grey, icc_segment(GREY_ICC))
    yield Sample("grey-profile.jpg", "grey", content, decoded(content), kept={"icc": GREY_ICC})
    wrong = png(picture(3), icc_chunk(GREY_ICC))
    yield Sample("rgb-with-grey-profile.png", "grey", wrong, picture(3))
    indices = picture(1) % 3
    colours = np.array([[10, 20, 30], [200, 100, 0], [0, 0, 255]], np.uint8)
    content = png(indices, icc_chunk(GREY_ICC), palette=colours.tolist())
    yield Sample("palette-with-grey-profile.png", "grey", content, colours[indices])


def resolutions() -> Iterator[Sample]:
    def sample(name: str, content: bytes, pixels: np.ndarray, dpi: tuple[float, float] | None) -> Sample:
        return Sample(name, "dpi", content, pixels, kept={"dpi": dpi})

    rgb = Image.fromarray(picture(3, smooth=True))
    for unit, density, dpi in ((1, (300, 240), (300, 240)), (2, (118, 59), (299.72, 149.86)), (0, (4, 3), None)):
        content = jpeg(rgb, jfif=(unit, *density))
        yield sample(f"jfif-unit{unit}.jpg", content, decoded(content), dpi)
    for depth in (8, 16):
        content = png(picture(3, depth), chunk(b"pHYs", struct.pack(">IIB", 11811, 5906, 1)))
        yield sample(f"phys-{depth}.png", content, picture(3, depth), (299.9994, 150.0124))
        content = png(picture(3, depth), chunk(b"pHYs", struct.pack(">IIB", 2, 1, 0)))
        yield sample(f"phys-aspect-{depth}.png", content, picture(3, depth), None)
    rows = np.ascontiguousarray(picture(3)[..., ::-1])
    yield sample("resolution.bmp", bmp(rows, bits=24, ppm=(11811, 5906)), picture(3), (299.9994, 150.0124))
    for unit, scale in ((2, 1), (3, 2.54)):
        tags: Directory = {282: (RATIONAL, [600, 2]), 283: (RATIONAL, [150, 1]), 296: (SHORT, [unit])}
        content = tiff(picture(3), tags=tags)
        yield sample(f"resolution-unit{unit}.tif", content, picture(3), (300 * scale, 150 * scale))


def descriptions() -> Iterator[Sample]:
    ome = b'<?xml version="1.0"?><OME><Image><Pixels SizeX="26" SizeY="18" DimensionOrder="XYCZT"/></Image></OME>\0'
    texts = {
        "tifffile": b'{"shape": [18, 26, 3]}\0',
        "imagej": b"ImageJ=1.54f\nimages=1\nslices=1\nhyperstack=true\n\0",
        "ome": ome,
    }
    for name, text in texts.items():
        kept = {"no description": text.rstrip(b"\0")}
        content = tiff(picture(3), tags={270: (ASCII, text), 305: (ASCII, b"tifffile.py\0")})
        yield Sample(f"description-{name}.tif", "description", content, picture(3), kept=kept)
    content = tiff(picture(3), tags={270: (ASCII, b"A day at the sea {shape}\0")})
    yield Sample(
        "description-human.tif", "description", content, picture(3), kept={"text": b"A day at the sea {shape}"}
    )
