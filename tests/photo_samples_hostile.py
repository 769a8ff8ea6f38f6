"""Files that claim or inflate to more than they should."""

from __future__ import annotations

import contextlib
import struct
import zlib
from collections.abc import Iterator

import numpy as np
from photo_blocks import ASCII, LONG, SHORT, Directory, block, tiff, tiff_of, tiff_page
from photo_containers import PNG_SIGNATURE, bmp, chunk, jpeg, png, webp_with
from photo_sample import HEIGHT, WIDTH, Sample, encoded, picture
from PIL import Image

ANY = "too large|damaged|cannot be read|memory|not a|no picture|compressed as"


PAGE: Directory = {256: (SHORT, [WIDTH]), 257: (SHORT, [HEIGHT]), 258: (SHORT, [8] * 3), 259: (SHORT, [8])}
PAGE |= {262: (SHORT, [2]), 277: (SHORT, [3]), 278: (SHORT, [HEIGHT])}


def sample(name: str, content: bytes) -> Sample:
    return Sample(name, "hostile", content, None, refusal=ANY)


def claiming(content: bytes, place: int, form: str, *values: int) -> bytes:
    changed = bytearray(content)
    struct.pack_into(form, changed, place, *values)
    return bytes(changed)


def hostile() -> Iterator[Sample]:
    """Files that claim or inflate to more than they should; none may take memory, time or the process."""
    yield from claims()
    yield from bombs()
    yield from odd_directories()
    with contextlib.suppress(ImportError):
        yield from bombs_of_codecs()
        yield from claims_within({**PAGE, 258: (SHORT, [8]), 262: (SHORT, [1]), 277: (SHORT, [1])})


def claims() -> Iterator[Sample]:
    side = 60_000
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    yield sample("claims.png", PNG_SIGNATURE + header + png(picture(3))[33:])
    yield sample(
        "claims-16.png",
        PNG_SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 16, 6, 0, 0, 0)) + png(picture(4, 16))[33:],
    )
    content = jpeg(Image.fromarray(picture(3, smooth=True)))
    start = content.index(b"\xff\xc0")
    yield sample("claims.jpg", claiming(content, start + 5, ">HH", side, side))
    yield sample("claims.bmp", claiming(bmp(picture(1), bits=8, palette=bytes(1024)), 18, "<ii", side, side))
    for depth in (8, 16):
        wide = {256: (LONG, [side]), 257: (LONG, [side])}
        yield sample(f"claims-{depth}.tif", tiff(picture(3, depth), tags=wide))
        yield sample(f"claims-deflate-{depth}.tif", tiff(picture(3, depth), compression="deflate", tags=wide))
        lengths = {279: (LONG, [0xFFFFFFF0] * 3)}
        content = tiff(picture(3, depth), tags=lengths)
        yield Sample(f"long-strips-{depth}.tif", "hostile", content, picture(3, depth), refusal=ANY)
        one = {**wide, 278: (LONG, [side])}
        yield sample(f"claims-one-strip-{depth}.tif", tiff(picture(3, depth), compression="lzw", tags=one))
    content = png(picture(3)).replace(b"\0\0\0\0IEND", b"\xff\xff\xff\xffIDAT")
    yield Sample("claims-chunk.png", "hostile", content, picture(3), refusal=ANY)
    content = encoded(Image.fromarray(picture(1)), "GIF")
    yield sample("claims.gif", claiming(content, 6, "<HH", 65535, 65535))
    content = encoded(Image.fromarray(picture(3)), "WEBP", lossless=True)
    yield sample("claims.webp", webp_with(content, (2**24, 2**24)))
    with contextlib.suppress(KeyError, OSError):
        content = encoded(Image.fromarray(picture(3)), "AVIF")
        yield sample("claims.avif", claiming(content, content.index(b"ispe") + 8, ">II", side, side))


def bombs() -> Iterator[Sample]:
    inflated = zlib.compress(bytes(300_000_000))
    yield Sample(
        "inflates.tif", "hostile", tiff_of(PAGE, inflated), np.zeros((HEIGHT, WIDTH, 3), np.uint8), refusal=ANY
    )
    for kind, prefix in ((b"zTXt", b"Comment\0\0"), (b"iCCP", b"ICC\0\0"), (b"iTXt", b"Comment\0\1\0\0\0")):
        content = png(picture(3), chunk(kind, prefix + inflated))
        yield Sample(f"inflates-{kind.decode()}.png", "hostile", content, picture(3), refusal=ANY)
    rows = PNG_SIGNATURE + png(picture(3))[8:33] + chunk(b"IDAT", inflated) + chunk(b"IEND", b"")
    yield Sample("inflates-pixels.png", "hostile", rows, np.zeros((HEIGHT, WIDTH, 3), np.uint8), refusal=ANY)


def bombs_of_codecs() -> Iterator[Sample]:
    import imagecodecs

    data = imagecodecs.zstd_encode(bytes(300_000_000))
    content = tiff_of({**PAGE, 259: (SHORT, [50000])}, data)
    yield Sample("inflates-zstd.tif", "hostile", content, np.zeros((HEIGHT, WIDTH, 3), np.uint8), refusal=ANY)
    for code, name, encode in (
        (34712, "jpeg2000", imagecodecs.jpeg2k_encode),
        (50002, "jpegxl", imagecodecs.jpegxl_encode),
    ):
        data = encode(np.zeros((9000, 9000), np.uint8))
        content = tiff_of({**PAGE, 258: (SHORT, [8]), 262: (SHORT, [1]), 277: (SHORT, [1]), 259: (SHORT, [code])}, data)
        yield Sample(f"larger-{name}.tif", "hostile", content, np.zeros((HEIGHT, WIDTH), np.uint8), refusal=ANY)
    for code, name, encode in ((5, "lzw", imagecodecs.lzw_encode), (34925, "lzma", imagecodecs.lzma_encode)):
        content = tiff_of({**PAGE, 259: (SHORT, [code])}, encode(bytes(300_000_000)))
        black = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        yield Sample(f"inflates-{name}.tif", "hostile", content, black, refusal=ANY)


def odd_directories() -> Iterator[Sample]:
    for name, tag in (("deep", 32997), ("channels", 277)):
        content = tiff(picture(1), tags={tag: (SHORT, [65535])})
        yield Sample(f"claims-{name}.tif", "hostile", content, None, refusal=ANY + "|channels")
    many = block([tiff_page(picture(1)[:1, :1])[0] for _ in range(5_000)], data=b"x" * 8)
    yield Sample("many-pages.tif", "hostile", many, None, refusal="5000 pictures")
    large = encoded(Image.new("L", (12_000, 12_000)), "JPEG", quality=10)
    content = tiff_of({**PAGE, 258: (SHORT, [8]), 262: (SHORT, [1]), 277: (SHORT, [1]), 259: (SHORT, [7])}, large)
    yield Sample("larger-jpeg.tif", "hostile", content, np.zeros((HEIGHT, WIDTH), np.uint8), refusal=ANY)
    directory, data = tiff_page(picture(3))
    many = {60000 + i: (SHORT, [i % 99]) for i in range(5_000)}
    yield Sample("many-tags.tif", "hostile", block([{**directory, **many}], data=data), picture(3), refusal=ANY)
    counted = bytearray(tiff(picture(3), tags={315: (ASCII, b"somebody else\0")}))
    first = struct.unpack_from("<I", counted, 4)[0]
    for place in range(first + 2, len(counted) - 12, 12):
        if struct.unpack_from("<H", counted, place)[0] == 315:
            struct.pack_into("<I", counted, place + 4, 0xFFFFFFFF)
    yield Sample("long-text.tif", "hostile", bytes(counted), picture(3), refusal=ANY)
    yield Sample("empty.png", "hostile", b"", None, refusal=ANY)
    yield Sample("words.jpg", "hostile", b"no picture\n" * 50, None, refusal=ANY)


def claims_within(page: Directory) -> Iterator[Sample]:
    """Small TIFFs whose compressed streams claim 60,000 x 60,000 pixels."""
    import imagecodecs

    side, grey = 60_000, picture(1, smooth=True)
    streams = {
        "jpeg": (7, imagecodecs.jpeg8_encode(grey), b"\xff\xc0", 5, ">HH"),
        "jpeg2000": (34712, imagecodecs.jpeg2k_encode(grey, level=0), b"ihdr", 4, ">II"),
        "png": (34933, imagecodecs.png_encode(grey), b"IHDR", 4, ">II"),
        "lerc": (34887, imagecodecs.lerc_encode(grey), b"Lerc2 ", 14, "<ii"),
    }
    for name, (code, stream, mark, after, form) in streams.items():
        changed = bytearray(stream)
        place = changed.index(mark) + after
        struct.pack_into(form, changed, place, side, side)
        if name == "png":
            struct.pack_into(">I", changed, 29, zlib.crc32(bytes(changed[12:29])))
        if name == "jpeg2000":
            place = changed.index(b"\xff\x51") + 6
            struct.pack_into(">IIIIII", changed, place, side, side, 0, 0, side, side)
        more: Directory = {50674: (LONG, [4, 0])} if name == "lerc" else {}
        content = tiff_of({**page, **more, 259: (SHORT, [code])}, bytes(changed))
        yield Sample(f"claims-within-{name}.tif", "hostile", content, None, refusal=ANY)
