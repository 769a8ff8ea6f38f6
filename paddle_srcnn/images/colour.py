"""Colour conversions of both protocols: OpenCV's full-range YCrCb and MATLAB's YCbCr."""

from __future__ import annotations

import cv2
import numpy as np

# Rows of Y, Cb, Cr for R, G, B in 0..1, on 0..255.
YCBCR = np.array([[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]])
YCBCR_OFFSETS = np.array([16.0, 128.0, 128.0])


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


LUMA_WEIGHTS = (0.299, 0.587, 0.114)  # of R, G and B in Y: BT.601, full range, as OpenCV's YCrCb has it
