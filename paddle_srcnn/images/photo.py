"""The photo that all readers return, and that all writers take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

__all__ = ["Photo", "resolved_palette", "usable_dpi"]

LARGEST_DPI = 65535  # that JFIF holds


@dataclass(frozen=True)
class Photo:
    """A photo as its file holds it, upright.

    Attributes
    ----------
    pixels : array of uint8 or uint16
        (H, W) grey, (H, W, 2) grey and alpha, (H, W, 3) RGB or (H, W, 4) RGBA; alpha is straight, not premultiplied.
    icc_profile : bytes or None
        The colour profile. It is one for the channels of `pixels`.
    exif : bytes or None
        EXIF's own bytes, beginning with its byte order. Orientation, sizes and thumbnail are those of `pixels`.
    dpi : (float, float) or None
        Dots per inch, horizontally and vertically, as the format itself holds them.
    colour_chunks : mapping of bytes to bytes
        Chunks of PNG that say which colours the numbers mean: cICP, mDCV, cLLI, gAMA, cHRM, sRGB.
    notes : tuple of str
        Sentences on the reading that a user should know. Each continues the file's name.
    jpeg_quality : int or None
        The quality of the JPEG that was read, from 1 to 100, as its quantisation table tells it. None for photos that
        no JPEG held. A JPEG inside a TIFF does not count.
    """

    pixels: np.ndarray
    icc_profile: bytes | None = None
    exif: bytes | None = None
    dpi: tuple[float, float] | None = None
    colour_chunks: Mapping[bytes, bytes] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    jpeg_quality: int | None = None


def usable_dpi(values: Sequence[float] | None) -> tuple[float, float] | None:
    """Return a resolution that formats can hold, or None.

    Parameters
    ----------
    values : sequence of float, or None
        Dots per inch, horizontally and vertically.

    Returns
    -------
    (float, float) or None
    """
    if values is None or len(values) != 2:
        return None
    across, down = float(values[0]), float(values[1])
    return (across, down) if all(math.isfinite(v) and 0 < v <= LARGEST_DPI for v in (across, down)) else None


def resolved_palette(colours: np.ndarray, icc_profile: bytes | None) -> np.ndarray:
    """Reduce the colours of a palette to grey, if all are grey and no profile of RGB belongs to them.

    Parameters
    ----------
    colours : (H, W, 3) or (H, W, 4) array
    icc_profile : bytes or None

    Returns
    -------
    array
    """
    if icc_profile is not None or not (colours[..., :1] == colours[..., 1:3]).all():
        return colours
    return colours[..., [0, 3]] if colours.shape[2] == 4 else colours[..., 0]
