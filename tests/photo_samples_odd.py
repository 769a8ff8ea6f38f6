"""Samples that are rare, but whole: layouts and metadata of old scanners, microscopes and phones."""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Iterator

import numpy as np
import tifffile
from photo_blocks import (
    ASCII,
    BYTE,
    EXIF_IFD,
    LATIN1,
    LONG,
    SHORT,
    SSHORT,
    UTF8,
    Directory,
    block,
    exif_block,
    tiff,
    tiff_page,
)
from photo_containers import GAMMA, RGB_ICC, bmp, chunk, exif_segment, jpeg, png, webp_with
from photo_sample import HEIGHT, WIDTH, Sample, decoded, encoded, picture, upright
from PIL import Image


def odd_tiffs() -> Iterator[Sample]:
    for depth in (8, 16):
        both = picture(2, depth)
        expected = both.copy()
        expected[..., 0] = np.iinfo(both.dtype).max - both[..., 0]
        for planar in (False, True):
            content = tiff(both, photometric=0, planar=planar)
            yield Sample(f"white-la{depth}{'-planar' * planar}.tif", "tiff", content, expected)
    four = picture(4)
    content = tiff(four[..., [0, 1, 2, 0, 3]], tags={338: (SHORT, [0, 2])})
    yield Sample("alpha-behind-another-channel.tif", "tiff", content, four)
    yield from tiffs_without_lengths()
    content = tiff(four, photometric=5, tags={332: (SHORT, [2])})
    yield Sample("other-inks.tif", "cmyk", content, None, refusal="is in inks other than CMYK")
    texts = {
        "imagej": b"ImageJ=1.54f\nimages=5\nslices=5\n\0",
        "shaped": b'{"shape": [5, 18, 26], "truncated": true}\0',
    }
    for name, text in texts.items():
        directory, data = tiff_page(picture(1), strip=HEIGHT, tags={270: (ASCII, text)})
        yield Sample(f"{name}-one-of-five.tif", "pages", block([directory], data=data), picture(1))
        stack = block([directory], data=data * 5)
        yield Sample(
            f"{name}-stack-of-one-directory.tif", "pages", stack, None, refusal=r"holds 5 pictures \(a stack\)"
        )
    content = encoded(Image.fromarray(picture(3, smooth=True)), "JPEG", quality=90)
    tags: Directory = {256: (SHORT, [WIDTH]), 257: (SHORT, [HEIGHT]), 258: (SHORT, [8] * 3), 259: (SHORT, [7])}
    tags |= {262: (SHORT, [6]), 277: (SHORT, [3]), 278: (SHORT, [HEIGHT]), 273: (LONG, [0]), 279: (LONG, [0])}
    whole = bytearray(block([tags]) + content)
    first = struct.unpack_from("<I", whole, 4)[0]
    for place in range(first + 2, first + 2 + 12 * len(tags), 12):
        value = {273: len(whole) - len(content), 279: len(content)}.get(struct.unpack_from("<H", whole, place)[0])
        if value:
            struct.pack_into("<I", whole, place + 8, value)
    yield Sample("jpeg-cut.tif", "hostile", bytes(whole[:-200]), None, refusal="damaged .*cut short")


def tiffs_without_lengths() -> Iterator[Sample]:
    for planar in (False, True):
        directory, data = tiff_page(picture(3), planar=planar)
        name = f"without-lengths{'-planar' * planar}.tif"
        without = {tag: value for tag, value in directory.items() if tag != 279}
        yield Sample(name, "tiff", block([without], data=data), picture(3))
        without[279] = (LONG, [0] * len(directory[279][1]))
        yield Sample(f"zero-{name}", "tiff", block([without], data=data), picture(3))
    directory, data = tiff_page(picture(3), compression="lzw")
    directory[279] = (LONG, [0] * 3)
    content = block([directory], data=data)
    yield Sample("zero-lengths-lzw.tif", "hostile", content, None, refusal="damaged .*no lengths")


def odd_bmps() -> Iterator[Sample]:
    rgba = picture(4).astype(np.uint32)

    def fields(name: str, masks: tuple[int, ...], bits: int, expected: np.ndarray) -> Sample:
        numbers = np.zeros((HEIGHT, WIDTH), np.uint32)
        for index, mask in enumerate(masks):
            if mask:
                lowest = mask & -mask
                numbers |= (rgba[..., index] * 257 >> (16 - (mask // lowest).bit_length())) * np.uint32(lowest)
        return Sample(name, "bmp", bmp(numbers, bits=bits, compression=3, masks=masks, header=124), expected)

    def kept(bits: list[int]) -> np.ndarray:
        most = [2**count - 1 for count in bits]
        values = [
            np.rint((rgba[..., i] * 257 >> (16 - n)) * (255 / m))
            for i, (n, m) in enumerate(zip(bits, most, strict=True))
        ]
        return np.stack(values, axis=-1).astype(np.uint8)

    yield fields("565.bmp", (0xF800, 0x7E0, 0x1F, 0), 16, kept([5, 6, 5]))
    yield fields("1555.bmp", (0x7C00, 0x3E0, 0x1F, 0x8000), 16, kept([5, 5, 5, 1]))
    yield fields("4444.bmp", (0xF00, 0xF0, 0xF, 0xF000), 16, kept([4, 4, 4, 4]))
    yield fields("gbra.bmp", (0xFF0000, 0xFF000000, 0xFF00, 0xFF), 32, kept([8, 8, 8, 8]))
    ten = np.rint((rgba[..., :3] * 257 >> 6) * (65535 / 1023)).astype(np.uint16)
    yield fields("10-bits.bmp", (0x3FF00000, 0xFFC00, 0x3FF, 0), 32, ten)
    content = bytearray(bmp(np.ascontiguousarray(picture(3)[..., ::-1]), bits=24, header=124))
    content[70:74] = b"DEBM"
    struct.pack_into("<II", content, 126, len(content) - 14, len(RGB_ICC))
    yield Sample("profile.bmp", "bmp", bytes(content) + RGB_ICC, picture(3), kept={"icc": RGB_ICC})
    inside = encoded(Image.fromarray(picture(3)), "PNG")
    content = bmp(picture(1), bits=24, compression=5, data=inside)
    yield Sample("png-inside.bmp", "bmp", bytes(content), None, refusal="is a BMP that is not read")


def odd_endings() -> Iterator[Sample]:
    wide = bytearray(jpeg(Image.fromarray(picture(1, smooth=True))))
    wide[wide.index(b"\xff\xc0") + 4] = 12
    yield Sample("12-bits.jpg", "endings", bytes(wide), None, refusal="is a JPEG of 12 bits per channel")
    content = b"\xff\xd8\xff\xf7\0\x0b\x08\0\x12\0\x1a\1\1\x11\0" + bytes(40)
    yield Sample("jpeg-ls.jpg", "endings", content, None, refusal="is JPEG-LS")
    rgb = Image.fromarray(picture(3, smooth=True))
    with contextlib.suppress(KeyError, OSError):
        content = encoded(rgb, "AVIF", quality=95, subsampling="4:4:4")
        mixed = content.replace(b"ftypavif", b"ftypmif1", 1)
        yield Sample("general-brand.avif", "endings", mixed, np.asarray(rgb), tolerance=12)
        place = content.index(b"colrnclx") + 8
        bright = content[:place] + bytes([0, 9, 0, 16]) + content[place + 4 :]
        kept = {"png": {b"cICP": bytes([9, 16, 0, 1])}}
        yield Sample("bright.avif", "colour", bright, np.asarray(rgb), tolerance=12, kept=kept)


def odd_chunks() -> Iterator[Sample]:
    rgb = picture(3)
    apple = png(rgb)
    apple = apple[:8] + chunk(b"CgBI", b"\x50\0\x20\2") + apple[8:]
    yield Sample("apple.png", "png", apple, None, refusal="is a PNG for Apple's devices alone")
    transparent = chunk(b"tRNS", struct.pack(">3H", *rgb[0, 0].tolist()), spoilt=True)
    yield Sample("spoilt-transparency.png", "png", png(rgb, transparent), rgb)
    lengths = [chunk(b"gAMA", GAMMA + b"\0"), chunk(b"cHRM", bytes(5)), chunk(b"cICP", b"\1"), chunk(b"sRGB", b"\0\0")]
    yield Sample("lengths-of-colours.png", "colour", png(rgb, *lengths), rgb, kept={"png": {}})


def odd_exif() -> Iterator[Sample]:
    rgb = Image.fromarray(picture(3, smooth=True))
    plain = encoded(rgb, "WEBP", lossless=True, exact=True)
    for order, end in (("<", "le"), (">", "be")):
        for kind, name in ((BYTE, "byte"), (LONG, "long"), (SSHORT, "sshort")):
            exif = block([{271: (ASCII, b"Maker\0"), 274: (kind, [6])}], order)
            content = jpeg(rgb, exif_segment(exif))
            with Image.open(io.BytesIO(content)) as file:
                turned = upright(np.asarray(file), 6)
            yield Sample(f"orientation-{name}-{end}.jpg", "exif", content, turned, kept={"exif": exif})
            content = png(picture(3), chunk(b"eXIf", exif))
            yield Sample(f"orientation-{name}-{end}.png", "exif", content, upright(picture(3), 6), kept={"exif": exif})
            content = webp_with(plain, rgb.size, exif=exif)
            expected = upright(np.asarray(rgb), 6)
            yield Sample(f"orientation-{name}-{end}.webp", "exif", content, expected, kept={"exif": exif})
        exif = exif_block(order)
        first = struct.unpack_from(order + "I", exif, 4)[0]
        link = first + 2 + 12 * struct.unpack_from(order + "H", exif, first)[0]
        astray = exif[:link] + b"\x7f" * 4 + exif[link + 4 :]
        content = png(picture(3), chunk(b"eXIf", astray))
        yield Sample(f"exif-link-astray-{end}.png", "exif", content, picture(3), kept={"exif": exif})
        exif = exif_block(order, resolution=False)
        content = jpeg(rgb, exif_segment(exif), jfif=(1, 300, 240))
        kept = {"exif": exif, "dpi": (300, 240)}
        yield Sample(f"jfif-with-exif-{end}.jpg", "dpi", content, decoded(content), kept=kept)


def odd_descriptions() -> Iterator[Sample]:
    texts = {
        "scifio": b"SCIFIO=0.40\naxes=X,Y\nlengths=26,18\n",
        "scanner": b"Aperio Image Library v10.0.51\n26x18 [0,0 26x18] (26x18) JPEG/RGB Q=30",
        "micromanager": b'{"Width": 26, "Height": 18}',
        "ome-prefix": b'<?xml version="1.0"?><OME:OME><OME:Pixels SizeX="26"/></OME:OME>',
    }
    for name, text in texts.items():
        content = tiff(picture(3), tags={270: (ASCII, text + b"\0")})
        yield Sample(f"description-{name}.tif", "description", content, picture(3), kept={"no description": text})
        exif = block(
            [{270: (ASCII, text + b"\0"), 271: (ASCII, b"Maker\0")}], nested={EXIF_IFD: {0x9000: (7, b"0232")}}
        )
        content = png(picture(3), chunk(b"eXIf", exif))
        yield Sample(f"description-{name}.png", "description", content, picture(3), kept={"no description": text})
    for name, text in (("utf8", UTF8), ("latin1", LATIN1)):
        content = io.BytesIO()
        tags = [(315, 2, 0, text, True), (269, 2, 0, b"A document", True)]
        options = {"photometric": "rgb", "byteorder": ">", "extratags": tags}
        tifffile.imwrite(content, picture(3), bigtiff=True, description="A day", **options)  # its shape follows
        kept = {"text": text, "no description": b'"shape"', "dpi": None}
        yield Sample(f"bigtiff-{name}.tif", "text", content.getvalue(), picture(3), kept=kept)
