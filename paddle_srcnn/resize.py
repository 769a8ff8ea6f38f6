"""MATLAB's `imresize` with bicubic interpolation, which the paper's inputs are made by."""

from __future__ import annotations

import math

import numpy as np


def imresize(planes: np.ndarray, scale: float) -> np.ndarray:
    """Resize the last two axes as MATLAB's ``imresize(picture, scale, 'bicubic')`` does in floating point.

    Cubic convolution with a = -0.5, widened by 1 / `scale` when reducing (anti-aliasing), with borders mirrored.

    Parameters
    ----------
    planes : (..., H, W) array
        Any real numbers, in any range.
    scale : float
        Above 0; lengths are rounded up, as MATLAB does.

    Returns
    -------
    (..., ceil(scale H), ceil(scale W)) array of float64

    References
    ----------
    Keys 1981, "Cubic convolution interpolation for digital image processing"; MATLAB's documentation of ``imresize``.
    """
    if scale <= 0:
        raise ValueError(f"scale must be above 0, got {scale}")
    resized = planes.astype(np.float64)
    for axis in (-2, -1):
        resized = _resized(resized, axis, scale)
    return resized


def _resized(planes: np.ndarray, axis: int, scale: float) -> np.ndarray:
    length = planes.shape[axis]
    weights, indices = contributions(length, scale)
    moved = np.moveaxis(planes, axis, -1)
    resized = np.zeros((*moved.shape[:-1], len(weights)))
    for tap, index in zip(weights.T, indices.T, strict=True):
        resized += tap * moved[..., index]
    return np.moveaxis(resized, -1, axis)


def contributions(length: int, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """What each output pixel of a line takes from which input pixels.

    Parameters
    ----------
    length : int
        Pixels of the input line.
    scale : float

    Returns
    -------
    weights : (out, taps) array of float64
        Each row sums to 1.
    indices : (out, taps) array of int
        Input pixels from 0; those beyond the ends are mirrored.
    """
    out = math.ceil(round(scale * length, 9))  # 1/3 of 51 is 17, whatever the rounding of 1/3
    stretch = max(1.0, 1.0 / scale)  # of the kernel, against aliasing
    # Centres of the output pixels in the input's coordinates; pixel 0 covers -0.5 to 0.5.
    centres = (np.arange(out) + 0.5) / scale - 0.5
    first = np.floor(centres - 2 * stretch).astype(int)
    indices = first[:, np.newaxis] + np.arange(math.ceil(4 * stretch) + 2)
    weights = cubic((centres[:, np.newaxis] - indices) / stretch)
    weights /= weights.sum(axis=1, keepdims=True)
    mirrored = indices % (2 * length)
    return weights, np.where(mirrored < length, mirrored, 2 * length - 1 - mirrored)


def cubic(x: np.ndarray) -> np.ndarray:
    """Keys' cubic convolution kernel with a = -0.5: 1 at 0, and 0 at all other whole numbers and beyond 2."""
    x = np.abs(x)
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x <= 1, near, np.where(x <= 2, far, 0.0))
