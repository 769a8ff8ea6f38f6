"""Patches of an image: dense and overlapping, normalised, and averaged again. Both methods begin and end with them.

The patches are windows of 3x3 pixels on the small image's grid. On the enlarged image they have 3 `scale` pixels each
way and lie `scale` pixels apart, so nine of them cover each pixel.
"""

from __future__ import annotations

import cv2
import numpy as np

__all__ = ["WINDOW", "assembled", "average", "cut", "derivatives", "features", "normalised", "padded"]

WINDOW = 3  # pixels of the small image each way
FLAT = 0.1  # length of a feature vector below which a patch is nearly flat; images are on 0..1


def padded(image: np.ndarray, scale: int) -> np.ndarray:
    """Repeat the border of an image, so that as many patches cover its border as its inside.

    Parameters
    ----------
    image : (H, W) array
        H and W are multiples of `scale`.
    scale : int

    Returns
    -------
    (H + 4 scale, W + 4 scale) array
    """
    return np.pad(image, (WINDOW - 1) * scale, mode="edge")


def cut(image: np.ndarray, scale: int) -> np.ndarray:
    """Cut an image into overlapping patches.

    Parameters
    ----------
    image : (H, W) array
        H and W are multiples of `scale`, at least 3 `scale`.
    scale : int

    Returns
    -------
    (patches, 9 scale scale) array
        Patches from left to right, then from top to bottom, a row each.
    """
    size = WINDOW * scale
    windows = np.lib.stride_tricks.sliding_window_view(image, (size, size))[::scale, ::scale]
    return windows.reshape(-1, size * size)


def average(patches: np.ndarray, shape: tuple[int, ...], scale: int) -> np.ndarray:
    """Put patches back to their positions, and average them where they overlap.

    Parameters
    ----------
    patches : (patches, 9 scale scale) array
        In the order of `cut`.
    shape : tuple of int
        Height and width of the image.
    scale : int

    Returns
    -------
    (H, W) array of float64
    """
    total, count = np.zeros(shape), np.zeros(shape)
    size = WINDOW * scale
    rows, columns = (length // scale - WINDOW + 1 for length in shape)
    pixels = patches.reshape(rows, columns, size, size)
    for row in range(size):
        for column in range(size):
            here = (slice(row, row + scale * rows, scale), slice(column, column + scale * columns, scale))
            total[here] += pixels[:, :, row, column]
            count[here] += 1
    return total / count


def derivatives(image: np.ndarray, scale: int) -> list[np.ndarray]:
    """Filter an image by first and second derivatives, along rows and along columns.

    Parameters
    ----------
    image : (H, W) array
        On 0..1.
    scale : int
        Distance between the taps: neighbours in the small image.

    Returns
    -------
    list of four (H, W) arrays of float32

    References
    ----------
    Zeyde, Elad and Protter 2010, and the programs of Timofte et al. 2013 and 2014.
    """
    first, second = np.zeros((1, scale + 1)), np.zeros((1, 2 * scale + 1))
    first[0, [0, -1]] = 1, -1
    second[0, [0, scale, -1]] = 0.5, -1, 0.5
    source = image.astype(np.float32)
    kernels = (first, first.T, second, second.T)
    return [cv2.filter2D(source, -1, kernel, borderType=cv2.BORDER_REPLICATE) for kernel in kernels]


def features(image: np.ndarray, scale: int) -> np.ndarray:
    """Return the derivatives of an image's patches, one after the other: a (patches, 36 scale scale) array."""
    return np.hstack([cut(derivative, scale) for derivative in derivatives(image, scale)])


def normalised(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Divide vectors by their lengths; those of nearly flat patches keep less than unit length.

    Parameters
    ----------
    vectors : (patches, N) array

    Returns
    -------
    directions : (patches, N) array
    lengths : (patches, 1) array
        At least `FLAT`.
    """
    lengths = np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), np.float32(FLAT))
    return vectors / lengths, lengths


def assembled(details: np.ndarray, enlarged: np.ndarray, scale: int) -> np.ndarray:
    """Average overlapping patches of detail, add them to the enlarged image, and remove the pixels of `padded`."""
    border = (WINDOW - 1) * scale
    return (enlarged + average(details, enlarged.shape, scale))[border:-border, border:-border]
