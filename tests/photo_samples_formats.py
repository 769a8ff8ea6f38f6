"""Samples of other formats: alpha, BMP, endings, animations, CMYK."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from photo_blocks import UNDEFINED, Directory, tiff
from photo_containers import CMYK_ICC, bgra, bmp, cmyk_picture, jpeg, png
from photo_sample import Sample, decoded, encoded, picture
from PIL import Image


def opaque_alphas() -> Iterator[Sample]:
    for depth in (8, 16):
        for channels, name in ((4, "rgba"), (2, "la")):
            pixels = picture(channels, depth)
            pixels[..., -1] = np.iinfo(pixels.dtype).max
            yield Sample(f"opaque-{name}-{depth}.png", "opaque", png(pixels), pixels)
            yield Sample(f"opaque-{name}-{depth}.tif", "opaque", tiff(pixels), pixels)


def bmps() -> Iterator[Sample]:
    rgba = picture(4)
    numbers = bgra(rgba)
    masks = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    empty = numbers & 0xFFFFFF
    yield Sample("alpha-v5.bmp", "bmp", bmp(numbers, bits=32, compression=3, masks=masks, header=124), rgba)
    yield Sample("alpha-v4.bmp", "bmp", bmp(numbers, bits=32, compression=3, masks=masks, header=108), rgba)
    for header in (108, 124):
        content = bmp(empty, bits=32, compression=3, masks=masks, header=header)
        yield Sample(f"alpha-zeros-{header}.bmp", "bmp", content, rgba[..., :3])
    yield Sample("alpha-zeros-plain.bmp", "bmp", bmp(empty, bits=32), rgba[..., :3])
    yield Sample("fourth-byte-plain.bmp", "bmp", bmp(numbers, bits=32), rgba[..., :3])
    content = bmp(empty, bits=32, compression=3, masks=(*masks[:3], 0), header=124)
    yield Sample("alpha-no-mask.bmp", "bmp", content, rgba[..., :3])
    five = (rgba[..., :3] >> 3).astype(np.uint16)
    packed = five[..., 0] << 10 | five[..., 1] << 5 | five[..., 2]
    wide = np.rint(five * (255 / 31)).astype(np.uint8)
    yield Sample("555.bmp", "bmp", bmp(packed, bits=16), wide, tolerance=4)
    rows = np.ascontiguousarray(rgba[..., 2::-1])
    yield Sample("top-down.bmp", "bmp", bmp(rows, bits=24, top_down=True), rgba[..., :3])
    grey = picture(1)
    table = b"".join(bytes([i, i, i, 0]) for i in range(256))
    yield Sample("grey8.bmp", "bmp", bmp(grey, bits=8, palette=table), grey)
    runs = b"".join(b"".join(bytes([1, v]) for v in row) + b"\0\0" for row in grey[::-1].tolist()) + b"\0\1"
    yield Sample("rle8.bmp", "bmp", bmp(grey, bits=8, compression=1, palette=table, data=runs), grey)


def endings() -> Iterator[Sample]:
    rgb = Image.fromarray(picture(3, smooth=True))
    content = jpeg(rgb)
    for name in ("a.jfif", "a.jpe", "a.jif", "a.JPE", "a.JFIF"):
        yield Sample(name, "endings", content, decoded(content))
    first, second = rgb, Image.new("RGB", (8, 8), (200, 10, 10))
    content = encoded(first, "MPO", save_all=True, append_images=[second])
    yield Sample("a.mpo", "endings", content, decoded(content))
    yield Sample("mpo.jpg", "endings", content, decoded(content))
    yield Sample("a.dib", "endings", bmp(np.ascontiguousarray(picture(3)[..., ::-1]), bits=24), picture(3))
    yield Sample("a.TIF", "endings", tiff(picture(3)), picture(3))
    palette = rgb.quantize(200)
    yield Sample("a.gif", "endings", encoded(palette, "GIF"), np.asarray(palette.convert("RGB")))
    content = encoded(palette, "GIF", transparency=0)
    yield Sample("transparent.gif", "endings", content, decoded(content, "RGBA"))
    with contextlib.suppress(KeyError, OSError):
        content = encoded(rgb, "AVIF", quality=95, subsampling="4:4:4")
        yield Sample("a.avif", "endings", content, np.asarray(rgb), tolerance=12)
    deep = picture(3, 16, smooth=True)
    with contextlib.suppress(ImportError):
        import imagecodecs

        content = imagecodecs.avif_encode(deep >> 6, level=98, bitspersample=10)
        yield Sample("ten-bits.avif", "endings", content, deep, tolerance=3000)
    with contextlib.suppress(ImportError):
        import pillow_heif

        for mode, bits, pixels in (("RGB", 8, np.asarray(rgb)), ("RGB;16", 10, deep)):
            stream = io.BytesIO()
            heif = pillow_heif.from_bytes(mode=mode, size=rgb.size, data=pixels.tobytes())
            pillow_heif.options.SAVE_HDR_TO_12_BIT = False
            heif.save(stream, quality=95, chroma=444)
            name = "a.heic" if bits == 8 else "ten-bits.heic"
            yield Sample(name, "endings", stream.getvalue(), pixels, tolerance=12 if bits == 8 else 3000)


def animations() -> Iterator[Sample]:
    frames = [Image.fromarray(np.roll(picture(3, smooth=True), shift, axis=1)) for shift in (0, 5, 9)]
    options: dict[str, Any] = {"save_all": True, "append_images": frames[1:], "duration": 100}
    words = "animation|3 pictures|pages"
    for file_format, ending in (("GIF", "gif"), ("PNG", "png"), ("WEBP", "webp"), ("AVIF", "avif")):
        with contextlib.suppress(KeyError, OSError):
            content = encoded(frames[0], file_format, **options)
            yield Sample(f"animated.{ending}", "animated", content, None, refusal=words)


def cmyks() -> Iterator[Sample]:
    dots, through, rough = cmyk_picture()
    image = Image.fromarray(dots, "CMYK") if dots.size else None
    for name, profile, expected, tolerance in (("profile", CMYK_ICC, through, 4), ("plain", b"", rough, 85)):
        options = {"icc_profile": profile} if profile else {}
        content = encoded(image, "JPEG", quality=100, subsampling=0, **options)
        kept = {"icc from": "CMYK"}
        yield Sample(f"cmyk-{name}.jpg", "cmyk", content, expected, tolerance=tolerance + 4, kept=kept)
        tags: Directory = {34675: (UNDEFINED, profile)} if profile else {}
        for planar in (False, True):
            content = tiff(dots, photometric=5, planar=planar, tags=tags, compression="lzw")
            layout = "-planar" * planar
            yield Sample(f"cmyk-{name}{layout}.tif", "cmyk", content, expected, tolerance=tolerance, kept=kept)
        content = tiff(dots.astype(np.uint16) * 257, photometric=5, tags=tags)
        wide = expected.astype(np.uint16) * 257
        yield Sample(f"cmyk16-{name}.tif", "cmyk", content, wide, tolerance=tolerance * 257, kept=kept)
