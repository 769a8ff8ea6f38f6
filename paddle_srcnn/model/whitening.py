"""Coordinates in which a first layer learns faster: those of patches without mean, whose directions vary alike.

Nearly all of a patch's variance is its mean and its slow changes, so that the fine detail, which super-resolution is
about, hardly moves the filters: gradients follow the variance of the inputs. Here the filters that are trained answer
to patches that are centred and whitened. Both are linear, so each is an ordinary filter with a bias all the same, which
is what a network is stored and used with.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from paddle_srcnn.errors import UserError

BAND = 128  # rows of patches that are held at a time
STEP = 4  # between patches that are looked at: neighbours say the same again
FLOOR = 0.01  # of the mean variance, added to each: what is too rare to be learned is not blown up
FLAT = 1e-9  # of the mean square, a variance that is rounding alone


def whitening_matrix(pictures: Iterable[np.ndarray], size: int, unit: float) -> np.ndarray:
    """Matrix by which filters and biases follow from those that answer to whitened patches.

    Whitened patches have as much variance in all as the patches themselves, so that learning rates mean the same.

    Parameters
    ----------
    pictures : iterable of (C, H, W) arrays
        What enters the network, on 0..255; their patches are what is whitened.
    size : int
        Side of the first layer's filters, in pixels.
    unit : float
        What the network makes of a pixel of 1: its value range over 255.

    Returns
    -------
    (N + 1, N + 1) array of float32, where N = C size size
        ``[filter, bias] = [whitened filter, its bias] @ matrix``, filters written as rows.

    Raises
    ------
    UserError
        If the pictures are flat, so that no direction varies.

    References
    ----------
    LeCun, Bottou, Orr and Müller 1998, "Efficient BackProp", section 4.3: centred, decorrelated and equalised inputs.
    """
    count, total, products = 0, np.zeros(1), np.zeros(1)
    for planes in pictures:
        windows = np.lib.stride_tricks.sliding_window_view(planes, (size, size), axis=(1, 2))[:, ::STEP, ::STEP]
        for top in range(0, windows.shape[1], BAND):
            rows = np.moveaxis(windows[:, top : top + BAND], 0, 2).reshape(-1, len(planes) * size * size)
            rows = np.multiply(rows, unit, dtype=np.float64)
            count, total, products = count + len(rows), total + rows.sum(axis=0), products + rows.T @ rows
    mean = total / count
    variances, directions = np.linalg.eigh(products / count - np.outer(mean, mean))
    if variances.mean() <= FLAT * np.mean(np.diag(products) / count):
        raise UserError("the pictures to train on are flat, from which nothing is learned: give others")
    scales = 1 / np.sqrt(variances + FLOOR * variances.mean())
    scales *= np.sqrt(variances.mean() / np.mean(variances * scales**2))
    whiten = directions * scales @ directions.T
    matrix = np.eye(len(mean) + 1)
    matrix[:-1, :-1], matrix[:-1, -1] = whiten, -whiten @ mean
    return matrix.astype(np.float32)


def rows_of(weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Filters (out, in, size, size) and their biases (out,) as the rows that `whitening_matrix` speaks of."""
    return np.column_stack([weight.reshape(len(weight), -1), bias])


def whitened(weight: np.ndarray, bias: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Rows that give these filters and biases by `whitening_matrix`: (out, N + 1) of float32."""
    rows = rows_of(weight, bias).astype(np.float64)
    return np.linalg.solve(matrix.T.astype(np.float64), rows.T).T.astype(np.float32)


def unwhitened(rows: np.ndarray, matrix: np.ndarray, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Filters of a shape (out, in, size, size) and their biases, float32, that rows give by `whitening_matrix`."""
    product = rows.astype(np.float64) @ matrix
    return product[:, :-1].reshape(shape).astype(np.float32), product[:, -1].astype(np.float32)
