"""Whitening of a first layer's inputs: coordinates in which its filters learn faster.

Nearly all of a patch's variance is its mean and its slow changes, and gradients follow the variance of the inputs. Fine
detail, which super-resolution is about, therefore hardly moves the filters. Here the trained filters respond to patches
that are centred and whitened. Both steps are linear, so each trained filter equals an ordinary filter with a bias.
Files of weights hold these ordinary filters.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from paddle_srcnn.errors import UserError

__all__ = ["rows_of", "unwhitened", "whitened", "whitening_matrix"]

BAND = 128  # rows of patches in memory at a time
STEP = 4  # distance between sampled patches: neighbours are nearly alike
FLOOR = 0.01  # share of the mean variance that is added to each variance: directions too rare to learn stay small
FLAT = 1e-9  # share of the mean square below which a variance is rounding alone


def whitening_matrix(images: Iterable[np.ndarray], size: int, unit: float) -> np.ndarray:
    """Compute the matrix from filters for whitened patches to ordinary filters and biases.

    Whitened patches have the same total variance as the patches themselves, so learning rates keep their meaning.

    Parameters
    ----------
    images : iterable of (C, H, W) arrays
        Inputs of the network, on 0..255.
    size : int
        Size of the first layer's filters, in pixels.
    unit : float
        Value at the network's input of a pixel of 1: its value range over 255.

    Returns
    -------
    (N + 1, N + 1) array of float32, where N = C size size
        ``[filter, bias] = [whitened filter, its bias] @ matrix``, filters written as rows.

    Raises
    ------
    UserError
        If the images are flat, so that no direction varies.

    References
    ----------
    LeCun, Bottou, Orr and Müller 1998, "Efficient BackProp", section 4.3: centred, decorrelated and equalised inputs.
    """
    count, total, products = 0, np.zeros(1), np.zeros(1)
    for image in images:
        windows = np.lib.stride_tricks.sliding_window_view(image, (size, size), axis=(1, 2))[:, ::STEP, ::STEP]
        for top in range(0, windows.shape[1], BAND):
            rows = np.moveaxis(windows[:, top : top + BAND], 0, 2).reshape(-1, len(image) * size * size)
            rows = np.multiply(rows, unit, dtype=np.float64)
            count, total, products = count + len(rows), total + rows.sum(axis=0), products + rows.T @ rows
    mean = total / count
    variances, directions = np.linalg.eigh(products / count - np.outer(mean, mean))
    if variances.mean() <= FLAT * np.mean(np.diag(products) / count):
        raise UserError("the images to train on are flat, and nothing can be learned from them: give others")
    scales = 1 / np.sqrt(variances + FLOOR * variances.mean())
    scales *= np.sqrt(variances.mean() / np.mean(variances * scales**2))
    whiten = directions * scales @ directions.T
    matrix = np.eye(len(mean) + 1)
    matrix[:-1, :-1], matrix[:-1, -1] = whiten, -whiten @ mean
    return matrix.astype(np.float32)


def rows_of(weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Write filters and biases as rows, which `whitening_matrix` multiplies.

    Parameters
    ----------
    weight : (out, in, size, size) array
    bias : (out,) array

    Returns
    -------
    (out, N + 1) array, where N = in size size
    """
    return np.column_stack([weight.reshape(len(weight), -1), bias])


def whitened(weight: np.ndarray, bias: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Find the rows that become these filters and biases by `whitening_matrix`.

    Parameters
    ----------
    weight : (out, in, size, size) array
    bias : (out,) array
    matrix : (N + 1, N + 1) array, where N = in size size

    Returns
    -------
    (out, N + 1) array of float32
    """
    rows = rows_of(weight, bias).astype(np.float64)
    return np.linalg.solve(matrix.T.astype(np.float64), rows.T).T.astype(np.float32)


def unwhitened(rows: np.ndarray, matrix: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Turn rows into filters and biases by `whitening_matrix`.

    Parameters
    ----------
    rows : (out, N + 1) array, where N = in size size
    matrix : (N + 1, N + 1) array
    shape : tuple of int
        Shape of the filters: (out, in, size, size).

    Returns
    -------
    weight : (out, in, size, size) array of float32
    bias : (out,) array of float32
    """
    product = rows.astype(np.float64) @ matrix
    return product[:, :-1].reshape(shape).astype(np.float32), product[:, -1].astype(np.float32)
