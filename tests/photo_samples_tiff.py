"""Samples of TIFF: layouts, compressions, pages."""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from photo_blocks import (
    COMPRESSIONS,
    LONG,
    RATIONAL,
    SHORT,
    SUB_IFDS,
    Directory,
    big_tiff,
    block,
    tiff,
    tiff_of,
    tiff_page,
)
from photo_sample import HEIGHT, WIDTH, Sample, decoded, encoded, picture, upright
from PIL import Image


def tiff_layouts() -> Iterator[Sample]:
    def sample(name: str, content: bytes, pixels: np.ndarray | None, **more: Any) -> Sample:
        return Sample(f"{name}.tif", "tiff", content, pixels, **more)

    for order, end in (("<", "le"), (">", "be")):
        for depth in (8, 16):
            for planar in (False, True):
                layout = "planar" if planar else "chunky"
                for channels, colour in ((3, "rgb"), (4, "rgba")):
                    pixels = picture(channels, depth)
                    yield sample(f"{colour}{depth}-{layout}-{end}", tiff(pixels, order=order, planar=planar), pixels)
            grey = picture(1, depth)
            yield sample(f"grey{depth}-{end}", tiff(grey, order=order), grey)
            yield sample(f"white{depth}-{end}", tiff(grey, order=order, photometric=0), np.iinfo(grey.dtype).max - grey)
            both = picture(2, depth)
            yield sample(f"la{depth}-{end}", tiff(both, order=order), both)
            yield sample(f"la{depth}-planar-{end}", tiff(both, order=order, planar=True), both)
            rgb = picture(3, depth)
            content = tiff(rgb, order=order, predictor=True, compression="deflate")
            yield sample(f"rgb{depth}-predictor-{end}", content, rgb)
            yield sample(f"rgb{depth}-tiles-{end}", tiff(rgb, order=order, tile=16, compression="lzw"), rgb)
            content = tiff(rgb, order=order, tile=16, planar=True, compression="deflate", predictor=True)
            yield sample(f"rgb{depth}-tiles-planar-predictor-{end}", content, rgb)
        yield from tiff_palettes(order, end)
        yield from tiff_signed(order, end)
    yield from tiff_alphas()
    yield from tiff_odd_bits()
    yield sample("bigtiff-rgb8", big_tiff(picture(3)), picture(3))
    yield sample("bigtiff-rgb16", big_tiff(picture(3, 16)), picture(3, 16))
    for orientation in range(1, 9):
        for depth in (8, 16):
            pixels = picture(3, depth)
            content = tiff(pixels, tags={274: (SHORT, [orientation])}, compression="deflate", planar=depth == 16)
            yield sample(f"rgb{depth}-orientation{orientation}", content, upright(pixels, orientation))


def tiff_palettes(order: str, end: str) -> Iterator[Sample]:
    indices, colours = picture(1) % 16, picture(3).reshape(-1, 3)[:256]
    for scale, name in ((257, "65535"), (1, "255")):
        table = (colours.T.astype(int) * scale).ravel().tolist()
        content = tiff(picture(1), order=order, photometric=3, tags={320: (SHORT, table)})
        yield Sample(f"palette8-{name}-{end}.tif", "tiff", content, colours[picture(1)])
        table = (colours[:16].T.astype(int) * scale).ravel().tolist()
        packed = (indices[:, ::2] << 4 | indices[:, 1::2]).tobytes()
        tags: Directory = {256: (SHORT, [WIDTH]), 257: (SHORT, [HEIGHT]), 258: (SHORT, [4]), 259: (SHORT, [1])}
        tags |= {262: (SHORT, [3]), 277: (SHORT, [1]), 278: (SHORT, [HEIGHT]), 320: (SHORT, table)}
        yield Sample(f"palette4-{name}-{end}.tif", "tiff", tiff_of(tags, packed, order), colours[indices])


def tiff_signed(order: str, end: str) -> Iterator[Sample]:
    words = "signed|below 0|negative"
    for depth in (8, 16):
        unsigned = picture(1, depth)
        content = tiff(unsigned.astype(f"i{depth // 8}"), order=order)
        yield Sample(f"int{depth}-negative-{end}.tif", "tiff", content, None, refusal=words)
        half = unsigned >> 1
        content = tiff(half.astype(f"i{depth // 8}"), order=order)
        yield Sample(f"int{depth}-positive-{end}.tif", "tiff", content, half, refusal=words)
    content = tiff(picture(1, 16).astype(np.uint32), order=order)
    yield Sample(f"uint32-{end}.tif", "tiff", content, picture(1, 16), refusal="32 bits|more than 16 bits")
    content = tiff(picture(1, 16).astype(np.uint32) << 12, order=order)
    yield Sample(f"uint32-large-{end}.tif", "tiff", content, None, refusal="32 bits|more than 16 bits")
    for kind in ("f2", "f4"):
        content = tiff((picture(3, 8) / 255).astype(kind), order=order)
        yield Sample(f"float{kind[1]}-{end}.tif", "tiff", content, None, refusal="floating")


def tiff_alphas() -> Iterator[Sample]:
    for depth in (8, 16):
        top = 2**depth - 1
        straight = picture(4, depth)
        straight[..., 3] |= 1 << (depth - 1)
        stored = straight.copy()
        stored[..., :3] = np.rint(straight[..., :3].astype(float) * straight[..., 3:] / top)
        expected = stored.copy()
        expected[..., :3] = np.minimum(np.rint(stored[..., :3] / stored[..., 3:].astype(float) * top), top)
        for planar in (False, True):
            content = tiff(stored, planar=planar, tags={338: (SHORT, [1])})
            name = f"rgba{depth}-premultiplied{'-planar' * planar}.tif"
            yield Sample(name, "tiff", content, expected, tolerance=1 if depth == 16 else 2)
        content = tiff(straight, tags={338: (SHORT, [0])})
        yield Sample(f"rgb{depth}-unspecified-extra.tif", "tiff", content, straight[..., :3])
        five = np.dstack([straight, picture(1, depth)])
        yield Sample(f"rgba{depth}-and-one-more.tif", "tiff", tiff(five), straight, refusal="5 channels|colour")


def tiff_odd_bits() -> Iterator[Sample]:
    tags: Directory = {256: (SHORT, [WIDTH]), 257: (SHORT, [HEIGHT]), 259: (SHORT, [1]), 277: (SHORT, [1])}
    tags |= {278: (SHORT, [HEIGHT])}
    for bits in (1, 2, 4, 12):
        levels = picture(1, 16) % 2**bits
        rows = ["".join(f"{level:0{bits}b}" for level in row) for row in levels.tolist()]
        packed = b"".join(int(r.ljust(-(-len(r) // 8) * 8, "0"), 2).to_bytes(-(-len(r) // 8), "big") for r in rows)
        for white in (False, True):
            black = levels if not white else 2**bits - 1 - levels
            top = 255 if bits <= 8 else 65535
            expected = np.rint(black * (top / (2**bits - 1))).astype(np.uint8 if bits <= 8 else np.uint16)
            content = tiff_of({**tags, 258: (SHORT, [bits]), 262: (SHORT, [0 if white else 1])}, packed)
            refusal = "12 bits" if bits == 12 else ""
            yield Sample(f"{'white' if white else 'grey'}{bits}.tif", "tiff", content, expected, refusal=refusal)
    bits = np.packbits(picture(1) > 127, axis=1)
    turned = np.packbits(np.unpackbits(bits, axis=1).reshape(HEIGHT, -1, 8)[..., ::-1].reshape(HEIGHT, -1), axis=1)
    content = tiff_of({**tags, 258: (SHORT, [1]), 262: (SHORT, [1]), 266: (SHORT, [2])}, turned.tobytes())
    yield Sample("grey1-fillorder2.tif", "tiff", content, np.where(picture(1) > 127, 255, 0).astype(np.uint8))


def tiff_compressions() -> Iterator[Sample]:
    def sample(name: str, content: bytes, pixels: np.ndarray | None, **more: Any) -> Sample:
        return Sample(f"{name}.tif", "compression", content, pixels, **more)

    for name in COMPRESSIONS:
        for depth in (8, 16):
            for planar in (False, True):
                pixels = picture(3, depth)
                content = tiff(pixels, compression=name, planar=planar, order="<>"[planar])
                yield sample(f"{name}-rgb{depth}-{'planar-be' if planar else 'chunky-le'}", content, pixels)
    yield from tiff_jpegs()
    black = Image.fromarray(picture(1)).convert("1")
    expected = np.where(np.asarray(black), 255, 0).astype(np.uint8)
    for name in ("group3", "group4", "tiff_ccitt"):
        yield sample(name, encoded(black, "TIFF", compression=name), expected)
    yield from tiff_ycbcr()
    lab = tiff(picture(3), photometric=8)
    yield sample("cielab8", lab, None, refusal="Lab|colour")
    with contextlib.suppress(ImportError):
        import imagecodecs

        for depth in (8, 16):
            rgb, order = picture(3, depth), "<"
            page: Directory = {256: (SHORT, [WIDTH]), 257: (SHORT, [HEIGHT]), 258: (SHORT, [depth] * 3)}
            page |= {262: (SHORT, [2]), 277: (SHORT, [3]), 278: (SHORT, [HEIGHT])}
            raw = rgb.astype(rgb.dtype.newbyteorder(order)).tobytes()
            made = {
                "zstd": (50000, imagecodecs.zstd_encode(raw)),
                "lzma": (34925, imagecodecs.lzma_encode(raw)),
                "lerc": (34887, imagecodecs.lerc_encode(rgb)),
                "jpeg2000": (34712, imagecodecs.jpeg2k_encode(rgb, level=0, reversible=True)),
                "jpegxl": (50002, imagecodecs.jpegxl_encode(rgb, lossless=True)),
                "png": (34933, imagecodecs.png_encode(rgb)),
            }
            if depth == 8:
                made["webp"] = (50001, imagecodecs.webp_encode(rgb, lossless=True))
            for name, (code, data) in made.items():
                tags = {**page, 259: (SHORT, [code])}
                if name == "lerc":
                    tags[50674] = (LONG, [4, 0])
                yield sample(f"{name}-rgb{depth}", tiff_of(tags, data), rgb, refusal="compressed as")
        COMPRESSIONS["zstd"] = (50000, imagecodecs.zstd_encode)
        rgb = picture(3, 16)
        content = tiff(rgb, compression="zstd", planar=True, tile=16, predictor=True, order=">")
        yield sample("zstd-rgb16-planar-tiles-predictor-be", content, rgb)


def tiff_jpegs() -> Iterator[Sample]:
    """JPEG in TIFF; right is what the same JPEG gives by itself."""
    tags: Directory = {256: (SHORT, [WIDTH]), 257: (SHORT, [HEIGHT]), 259: (SHORT, [7]), 278: (SHORT, [HEIGHT])}
    rgb, grey = Image.fromarray(picture(3, smooth=True)), Image.fromarray(picture(1, smooth=True))
    for subsampling, factors in ((0, [1, 1]), (1, [2, 1]), (2, [2, 2])):
        content = encoded(rgb, "JPEG", quality=90, subsampling=subsampling)
        more = {258: (SHORT, [8] * 3), 262: (SHORT, [6]), 277: (SHORT, [3]), 530: (SHORT, factors)}
        name = f"jpeg-ycbcr-4{('44', '22', '20')[subsampling]}.tif"
        yield Sample(name, "compression", tiff_of({**tags, **more}, content), decoded(content))
    content = encoded(grey, "JPEG", quality=90)
    more = {258: (SHORT, [8]), 262: (SHORT, [1]), 277: (SHORT, [1])}
    yield Sample("jpeg-grey.tif", "compression", tiff_of({**tags, **more}, content), decoded(content))
    with contextlib.suppress(TypeError):
        content = encoded(rgb, "JPEG", quality=90, keep_rgb=True)
        more = {258: (SHORT, [8] * 3), 262: (SHORT, [2]), 277: (SHORT, [3])}
        yield Sample("jpeg-rgb.tif", "compression", tiff_of({**tags, **more}, content), decoded(content))


def tiff_ycbcr() -> Iterator[Sample]:
    """Subsampled YCbCr without JPEG, as old scanners write it: one colour for every 2 x 2 pixels."""
    luma = picture(1) // 2 + 40
    chroma = picture(3, smooth=True)[::2, ::2, :2] // 4 + 96
    units = [luma[::2, ::2], luma[::2, 1::2], luma[1::2, ::2], luma[1::2, 1::2], chroma[..., 0], chroma[..., 1]]
    data = np.stack(units, axis=-1).astype(np.uint8).tobytes()
    tags: Directory = {256: (SHORT, [WIDTH]), 257: (SHORT, [HEIGHT]), 258: (SHORT, [8] * 3), 259: (SHORT, [1])}
    tags |= {262: (SHORT, [6]), 277: (SHORT, [3]), 278: (SHORT, [HEIGHT]), 530: (SHORT, [2, 2])}
    tags[532] = (RATIONAL, [v for w in (0, 255, 128, 255, 128, 255) for v in (w, 1)])
    cb, cr = (chroma[..., i].repeat(2, 0).repeat(2, 1).astype(float) - 128 for i in (0, 1))
    rgb = np.stack([luma + 1.402 * cr, luma - 0.344136 * cb - 0.714136 * cr, luma + 1.772 * cb], axis=-1)
    expected = np.clip(np.rint(rgb), 0, 255).astype(np.uint8)
    yield Sample("ycbcr-420-raw.tif", "compression", tiff_of(tags, data), expected, tolerance=2, refusal="YCbCr|colour")


def tiff_pages() -> Iterator[Sample]:
    def pages(*made: tuple[np.ndarray, Directory]) -> bytes:
        directories, data = [], b""
        for pixels, tags in made:
            directory, more = tiff_page(pixels, tags=tags, base=8 + len(data))
            directories.append(directory)
            data += more
        return block(directories, data=data)

    rgb, small = picture(3), picture(3)[::3, ::3]
    kind = lambda value: {254: (LONG, [value])}  # noqa: E731
    yield Sample("thumbnail-second.tif", "pages", pages((rgb, {}), (small, kind(1))), rgb)
    yield Sample("thumbnail-second-16.tif", "pages", pages((picture(3, 16), {}), (small, kind(1))), picture(3, 16))
    yield Sample("thumbnail-old-tag.tif", "pages", pages((rgb, {255: (SHORT, [1])}), (small, {255: (SHORT, [2])})), rgb)
    yield Sample("mask-second.tif", "pages", pages((rgb, {}), (picture(1), kind(4))), rgb)
    yield Sample("two-pages.tif", "pages", pages((rgb, {}), (rgb[::-1], {})), None, refusal="2 pictures")
    yield Sample(
        "two-pages-named.tif", "pages", pages((rgb, kind(2)), (rgb[::-1], kind(2))), None, refusal="2 pictures"
    )
    three = pages((rgb, {}), (small, kind(1)), (rgb[::-1], {}))
    yield Sample("page-thumbnail-page.tif", "pages", three, None, refusal="2 pictures|3 pictures")
    yield Sample("preview-first.tif", "pages", pages((small, kind(1)), (rgb, {})), None, refusal="preview|2 pictures")
    directory, data = tiff_page(rgb)
    inner, more = tiff_page(small, base=8 + len(data), tags=kind(1))
    content = block([directory], data=data + more, nested={SUB_IFDS: inner})
    yield Sample("thumbnail-sub-directory.tif", "pages", content, rgb)
    ring = bytearray(pages((rgb, {}), (small, kind(1))))
    first = struct.unpack_from("<I", ring, 4)[0]
    count = struct.unpack_from("<H", ring, first)[0]
    second = struct.unpack_from("<I", ring, first + 2 + 12 * count)[0]
    struct.pack_into("<I", ring, second + 2 + 12 * struct.unpack_from("<H", ring, second)[0], first)
    yield Sample("pages-in-a-ring.tif", "pages", bytes(ring), rgb, refusal="damaged|pictures")
