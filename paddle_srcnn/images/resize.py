"""MATLAB's bicubic `imresize`, which makes the paper's inputs, and a fast version for whole factors."""

from __future__ import annotations

import math

import cv2
import numpy as np

__all__ = ["contributions", "cubic", "imresize", "upscale"]

REACH = 3  # input pixels to each side that an upscaled pixel depends on, at most


def imresize(channels: np.ndarray, scale: float) -> np.ndarray:
    """Resize the last two axes as MATLAB's ``imresize(image, scale, 'bicubic')`` does in floating point.

    The method is cubic convolution with a = -0.5. For `scale` below 1 the kernel is widened by 1 / `scale` against
    aliasing. Borders are mirrored.

    Parameters
    ----------
    channels : (..., H, W) array
        Any real numbers, in any range.
    scale : float
        Above 0; lengths are rounded up, as MATLAB does.

    Returns
    -------
    (..., ceil(scale H), ceil(scale W)) array of float64

    Raises
    ------
    ValueError
        If `scale` is not above 0.

    References
    ----------
    Keys 1981, "Cubic convolution interpolation for digital image processing"; MATLAB's documentation of ``imresize``.
    """
    if scale <= 0:
        raise ValueError(f"scale must be above 0, got {scale}")
    resized = channels.astype(np.float64)
    for axis in (-2, -1):
        resized = _resized(resized, axis, scale)
    return resized


def _resized(channels: np.ndarray, axis: int, scale: float) -> np.ndarray:
    weights, indices = contributions(channels.shape[axis], scale)
    moved = np.moveaxis(channels, axis, -1)
    resized = np.zeros((*moved.shape[:-1], len(weights)))
    for tap, index in zip(weights.T, indices.T, strict=True):
        resized += tap * moved[..., index]
    return np.moveaxis(resized, -1, axis)


def contributions(length: int, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Compute the input pixels that each output pixel of a line is a weighted sum of.

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
    """Evaluate Keys' cubic convolution kernel with a = -0.5.

    Parameters
    ----------
    x : array
        Distances in pixels.

    Returns
    -------
    array of float64
        1 at 0; 0 at all other whole numbers and beyond 2.
    """
    x = np.abs(x)
    near = (1.5 * x - 2.5) * x * x + 1
    far = ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x <= 1, near, np.where(x <= 2, far, 0.0))


def upscale(channel: np.ndarray, scale: int, rows: slice | None = None) -> np.ndarray:
    """Upscale a channel, or some of its rows, as `imresize` does, in single precision and much faster.

    Parameters
    ----------
    channel : (H, W) array of float32
    scale : int
        Above 0.
    rows : slice, optional
        Rows of the result to compute; its ends are multiples of `scale`.

    Returns
    -------
    (rows, scale W) array of float32
        Equal to `imresize`'s up to float rounding.
    """
    height, width = channel.shape
    start, stop, _ = (rows or slice(None)).indices(scale * height)
    first, last = start // scale, stop // scale
    above, below = min(first, REACH), min(height - last, REACH)
    source = channel[first - above : last + below]
    kernels = _phase_kernels(scale)
    result = np.empty((last - first, scale, width, scale), np.float32)
    for row, vertical in enumerate(kernels):
        for column, horizontal in enumerate(kernels):
            phase = cv2.sepFilter2D(source, cv2.CV_32F, horizontal, vertical, borderType=cv2.BORDER_REFLECT)
            result[:, row, :, column] = phase[above : above + last - first]
    return result.reshape(stop - start, scale * width)


def _phase_kernels(scale: int) -> list[np.ndarray]:
    """Compute one kernel of 7 taps for each of the `scale` pixels that replace one input pixel."""
    middle = 2 * REACH
    weights, indices = contributions(2 * middle, scale)
    kernels = []
    for index in range(scale * middle, scale * (middle + 1)):
        kernel = np.zeros(2 * REACH + 1)
        near = np.abs(indices[index] - middle) <= REACH
        np.add.at(kernel, indices[index][near] - middle + REACH, weights[index][near])
        kernels.append(kernel)
    return kernels
