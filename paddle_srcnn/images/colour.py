"""Colour conversions: OpenCV's full-range YCrCb for the article, MATLAB's YCbCr for the paper and for photos."""

from __future__ import annotations

import cv2
import numpy as np

__all__ = [
    "LUMA_WEIGHTS",
    "rgb_channels_to_ycbcr",
    "rgb_to_ycbcr",
    "rgb_to_ycrcb",
    "ycbcr_channels_to_rgb",
    "ycbcr_to_rgb",
    "ycrcb_to_rgb",
]

LUMA_WEIGHTS = (0.299, 0.587, 0.114)  # of R, G and B in the Y of OpenCV's YCrCb: BT.601, full range

# MATLAB's YCbCr on 0..255. The rows give Y, Cb and Cr; the columns take R, G and B in 0..1.
YCBCR = np.array([[65.481, 128.553, 24.966], [-37.797, -74.203, 112.0], [112.0, -93.786, -18.214]])
YCBCR_OFFSETS = np.array([16.0, 128.0, 128.0])

# The same in single precision, for channels of R, G and B on 0..255.
TO_YCBCR = (YCBCR / 255).astype(np.float32)
FROM_YCBCR = np.linalg.inv(YCBCR / 255).astype(np.float32)
CHANNEL_OFFSETS = YCBCR_OFFSETS.astype(np.float32)[:, np.newaxis, np.newaxis]


def rgb_to_ycbcr(rgb: np.ndarray) -> np.ndarray:
    """Convert 8-bit RGB to YCbCr as MATLAB's ``rgb2ycbcr`` does, which the paper uses.

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
    """Convert MATLAB's YCbCr to 8-bit RGB; the inverse of `rgb_to_ycbcr` up to rounding.

    Parameters
    ----------
    ycbcr : (H, W, 3) array of uint8

    Returns
    -------
    (H, W, 3) array of uint8
    """
    rgb = (ycbcr - YCBCR_OFFSETS) @ np.linalg.inv(YCBCR / 255).T
    return np.floor(np.clip(rgb, 0, 255) + 0.5).astype(np.uint8)


def rgb_channels_to_ycbcr(channels: np.ndarray) -> np.ndarray:
    """Convert RGB to MATLAB's YCbCr in single precision, neither clipped nor rounded.

    Parameters
    ----------
    channels : (3, H, W) array of float32
        R, G and B on 0..255.

    Returns
    -------
    (3, H, W) array of float32
        Y around 16..235, Cb and Cr around 16..240.
    """
    return _mix(TO_YCBCR, channels) + CHANNEL_OFFSETS


def ycbcr_channels_to_rgb(channels: np.ndarray) -> np.ndarray:
    """Convert MATLAB's YCbCr to RGB in single precision; the inverse of `rgb_channels_to_ycbcr`.

    Parameters
    ----------
    channels : (3, H, W) array of float32
        Y around 16..235, Cb and Cr around 16..240.

    Returns
    -------
    (3, H, W) array of float32
        R, G and B around 0..255.
    """
    return _mix(FROM_YCBCR, channels - CHANNEL_OFFSETS)


def _mix(matrix: np.ndarray, channels: np.ndarray) -> np.ndarray:
    """Multiply a 3x3 matrix by three channels.

    NumPy's matrix product would start threads, which keep the network's cores busy afterwards.
    """
    one, two, three = channels
    return np.stack([first * one + second * two + third * three for first, second, third in matrix])


def rgb_to_ycrcb(rgb: np.ndarray) -> np.ndarray:
    """Convert 8-bit RGB to full-range YCrCb as OpenCV defines it, which the article uses.

    Parameters
    ----------
    rgb : (H, W, 3) or (H, W) array of uint8
        A grey image is its own luma, with neutral chroma (128).

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
    """Convert full-range YCrCb to 8-bit RGB; the inverse of `rgb_to_ycrcb` up to rounding.

    Parameters
    ----------
    ycrcb : (H, W, 3) array of uint8

    Returns
    -------
    (H, W, 3) array of uint8
    """
    return cv2.cvtColor(ycrcb, cv2.COLOR_YCrCb2RGB)
