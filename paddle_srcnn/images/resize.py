"""MATLAB's `imresize` with bicubic interpolation, which the paper's inputs are made by."""

from __future__ import annotations

import math

import cv2
import numpy as np

REACH = 3  # input pixels on each side that an enlarged one takes from, at most


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


def enlarge(plane: np.ndarray, scale: int, rows: slice | None = None) -> np.ndarray:
    """Enlarge a picture, or some of its rows, as `imresize` does, in single precision and much faster.

    Parameters
    ----------
    plane : (H, W) array of float32
    scale : int
        Above 0.
    rows : slice, optional
        Which rows of the result to compute; its ends are multiples of `scale`.

    Returns
    -------
    (rows, scale W) array of float32
        `imresize`'s, up to float rounding.
    """
    height, width = plane.shape
    start, stop, _ = (rows or slice(None)).indices(scale * height)
    first, last = start // scale, stop // scale
    above, below = min(first, REACH), min(height - last, REACH)
    given = plane[first - above : last + below]
    kernels = phase_kernels(scale)
    enlarged = np.empty((last - first, scale, width, scale), np.float32)
    for row, vertical in enumerate(kernels):
        for column, horizontal in enumerate(kernels):
            phase = cv2.sepFilter2D(given, cv2.CV_32F, horizontal, vertical, borderType=cv2.BORDER_REFLECT)
            enlarged[:, row, :, column] = phase[above : above + last - first]
    return enlarged.reshape(stop - start, scale * width)


def phase_kernels(scale: int) -> list[np.ndarray]:
    """For each of the `scale` pixels that one becomes, the weights of the 7 input pixels around that one."""
    middle = 2 * REACH
    weights, indices = contributions(2 * middle, scale)
    kernels = []
    for place in range(scale * middle, scale * (middle + 1)):
        kernel = np.zeros(2 * REACH + 1)
        near = np.abs(indices[place] - middle) <= REACH
        np.add.at(kernel, indices[place][near] - middle + REACH, weights[place][near])
        kernels.append(kernel)
    return kernels
