"""Read and write pictures; colour conversions of both protocols."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from paddle_srcnn.errors import UserError
from paddle_srcnn.exif import read_exif, upright
from paddle_srcnn.files import atomic_path
from paddle_srcnn.opening import FORMATS, opened_picture

PICTURE_SUFFIXES = frozenset(FORMATS)

# Rows of Y, Cb, Cr for R, G, B in 0..1, on 0..255.
YCBCR = np.array([[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]])
YCBCR_OFFSETS = np.array([16.0, 128.0, 128.0])

GREY_MODES = frozenset({"1", "L", "LA", "La"})
DEEP_GREY_MODES = frozenset({"I", "I;16", "I;16L", "I;16B"})


def read_image(path: Path | str) -> np.ndarray:
    """Read a picture as 8-bit RGB or grey.

    Sixteen-bit grey is reduced to eight bits, an alpha channel is dropped, and the EXIF orientation is applied.

    Parameters
    ----------
    path : path
        A PNG, JPEG, TIFF, BMP or WebP picture.

    Returns
    -------
    (H, W, 3) or (H, W) array of uint8
        RGB, or grey where the file is grey.

    Raises
    ------
    UserError
        If the file cannot be read, is no such picture, is truncated or too large, or holds floating-point values or
        more than 16 bits per channel.
    """
    with opened_picture(path) as (file, _):
        if file.mode == "F":
            raise UserError(f"{path} holds floating-point values: convert it to 8 or 16 bits per channel")
        file.load()
        orientation, _ = read_exif(file)
        if file.mode in DEEP_GREY_MODES:
            values = np.asarray(file, np.int64)
            if values.min() < 0 or values.max() > 65535:
                raise UserError(f"{path} holds values of more than 16 bits: convert it to 8 or 16 bits per channel")
            pixels = np.rint(values / 257).astype(np.uint8)
        else:
            pixels = np.asarray(file.convert("L" if file.mode in GREY_MODES else "RGB"))
        return upright(pixels, orientation)


def rgb_to_ycbcr(rgb: np.ndarray) -> np.ndarray:
    """YCbCr of 8-bit RGB as MATLAB's ``rgb2ycbcr`` gives it, which the paper uses.

    Parameters
    ----------
    rgb : (H, W, 3) array of uint8

    Returns
    -------
    (H, W, 3) array of uint8
        Y in 16..235, Cb and Cr in 16..240, rounded.

    References
    ----------
    Recommendation ITU-R BT.601.
    """
    return np.floor(rgb @ (YCBCR.T / 255) + YCBCR_OFFSETS + 0.5).astype(np.uint8)


def ycbcr_to_rgb(ycbcr: np.ndarray) -> np.ndarray:
    """8-bit RGB of MATLAB's YCbCr; the inverse of `rgb_to_ycbcr` up to rounding.

    Parameters
    ----------
    ycbcr : (H, W, 3) array of uint8

    Returns
    -------
    (H, W, 3) array of uint8
    """
    rgb = (ycbcr - YCBCR_OFFSETS) @ np.linalg.inv(YCBCR / 255).T
    return np.floor(np.clip(rgb, 0, 255) + 0.5).astype(np.uint8)


def write_image(path: Path, picture: np.ndarray) -> None:
    """Write a picture so that `path` holds the whole of it or what it held before.

    Parameters
    ----------
    path : Path
        Its suffix chooses the format.
    picture : (H, W, 3) or (H, W) array of uint8
        RGB or grey.
    """
    with atomic_path(path) as temporary:
        Image.fromarray(picture).save(temporary)


def rgb_to_ycrcb(rgb: np.ndarray) -> np.ndarray:
    """Full-range YCrCb of 8-bit RGB, as OpenCV defines it and the article uses it.

    Parameters
    ----------
    rgb : (H, W, 3) or (H, W) array of uint8
        A grey picture is its own luma, with neutral chroma (128).

    Returns
    -------
    (H, W, 3) array of uint8
        Y, Cr, Cb in 0..255.
    """
    if rgb.ndim == 2:
        neutral = np.full_like(rgb, 128)
        return np.stack([rgb, neutral, neutral], axis=-1)
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2YCrCb)


def ycrcb_to_rgb(ycrcb: np.ndarray) -> np.ndarray:
    """8-bit RGB of full-range YCrCb; the inverse of `rgb_to_ycrcb` up to rounding.

    Parameters
    ----------
    ycrcb : (H, W, 3) array of uint8

    Returns
    -------
    (H, W, 3) array of uint8
    """
    return cv2.cvtColor(ycrcb, cv2.COLOR_YCrCb2RGB)
