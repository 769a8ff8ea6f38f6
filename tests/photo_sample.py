"""One small photo file and what is right for it, with the pictures that such files hold."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

HEIGHT, WIDTH = 18, 26
ROWS = {
    "tiff": "TIFF layouts",
    "compression": "TIFF compressions",
    "pages": "TIFF pages",
    "png": "PNG with large or spoilt chunks that carry no pixels",
    "text": "EXIF text in UTF-8 or Latin-1",
    "exif": "EXIF types, byte order, interoperability",
    "colour": "colour of PNG: gAMA, cHRM, sRGB, cICP",
    "grey": "grey profile",
    "dpi": "resolution",
    "description": "ImageDescription that tells a shape",
    "opaque": "alpha of 255 everywhere",
    "bmp": "BMP kinds",
    "endings": "endings and other formats",
    "animated": "animations",
    "cmyk": "CMYK",
    "hostile": "hostile files",
}


@dataclass(frozen=True)
class Sample:
    """One file and what is right for it.

    Attributes
    ----------
    name : str
        The file's name.
    row : str
        A key of `ROWS`.
    content : bytes
    pixels : array or None
        The right pixels. None: the file has to be refused.
    tolerance : int
        How far a right decoder may be off (lossy formats).
    refusal : str
        Regular expression of a true refusal. With `pixels`, either is right.
    kept : dict
        Metadata to be found: icc (bytes), exif (the TIFF block, bytes), dpi ((x, y)), png ({chunk: data}),
        description (bytes that must not survive).
    """

    name: str
    row: str
    content: bytes
    pixels: np.ndarray | None = None
    tolerance: int = 0
    refusal: str = ""
    kept: dict[str, Any] = field(default_factory=dict)


def picture(channels: int, depth: int = 8, *, smooth: bool = False) -> np.ndarray:
    """Make pixels in which no two channels, rows or columns are alike; smooth ones for lossy formats."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    ramps = [columns * 9 + 5, rows * 13 + 9, 240 - columns * 4 - rows * 3, 90 + rows * 5 + columns * 2]
    if channels == 2:
        ramps = [ramps[0], ramps[3]]
    made = np.stack(ramps[:channels], axis=-1).astype(np.int64)
    if not smooth:
        made = (made + np.random.default_rng(channels).integers(0, 60, made.shape)) % 256
    if depth == 16:
        low = np.random.default_rng(depth).integers(0, 256, made.shape)
        made = made * 256 + low
    return made.astype(f"u{depth // 8}").squeeze()


def upright(stored: np.ndarray, orientation: int) -> np.ndarray:
    """Turn pixels as a viewer does (EXIF 2.3)."""
    turned = stored.swapaxes(0, 1) if orientation >= 5 else stored
    turned = turned[:, ::-1] if orientation in (2, 3, 6, 7) else turned
    return turned[::-1] if orientation in (3, 4, 7, 8) else turned


def encoded(image: Image.Image, file_format: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, file_format, **options)
    return stream.getvalue()


def decoded(content: bytes, mode: str | None = None) -> np.ndarray:
    with Image.open(io.BytesIO(content)) as file:
        return np.asarray(file.convert(mode) if mode else file)
