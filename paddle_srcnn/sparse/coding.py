"""Sparse codes, and the dictionary that fits codes best. scikit-learn comes with the extra `sparse`."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from paddle_srcnn.errors import UserError

__all__ = ["encode", "fitted", "improved", "matched", "unit_rows"]

BAND = 4096  # samples coded at a time; the arrays of codes are dense
EQUAL = np.float32(1e-6)  # added to products of atoms, two of which may be equal
RIDGE = 1e-4  # share of the mean energy of an atom's codes, added against division by almost nothing


def encode(samples: np.ndarray, atoms: np.ndarray, *, penalty: float, sweeps: int) -> np.ndarray:
    """Code samples over a dictionary, with a penalty on the l1 norm of the codes, by scikit-learn.

    Parameters
    ----------
    samples : (samples, N) array
    atoms : (atoms, N) array
        Rows of unit length.
    penalty : float
        Weight of the l1 norm beside half the squared error.
    sweeps : int
        Most sweeps of coordinate descent over a code.

    Returns
    -------
    (samples, atoms) array of float32

    Raises
    ------
    UserError
        If scikit-learn is not installed.
    """
    sklearn = _scikit_learn()
    codes = np.empty((len(samples), len(atoms)), np.float32)
    gram = atoms @ atoms.T
    with _bounded():
        for start in range(0, len(samples), BAND):
            band = slice(start, start + BAND)
            codes[band] = sklearn.sparse_encode(
                samples[band], atoms, gram=gram, algorithm="lasso_cd", alpha=penalty, max_iter=sweeps
            )
    return codes


def improved(atoms: np.ndarray, samples: np.ndarray, *, penalty: float, sweeps: int, seed: int) -> np.ndarray:
    """Code all samples by l1, and fit the dictionary to the codes: one iteration of scikit-learn's method.

    Parameters
    ----------
    atoms : (atoms, N) array
        Rows of unit length.
    samples : (samples, N) array
    penalty, sweeps
        As in `encode`.
    seed : int
        Chooses samples in place of atoms that no code uses.

    Returns
    -------
    (atoms, N) array of float32
        Rows of unit length.

    Raises
    ------
    UserError
        If scikit-learn is not installed.
    """
    learning = _scikit_learn().DictionaryLearning(
        len(atoms),
        alpha=penalty,
        max_iter=1,
        fit_algorithm="cd",
        transform_max_iter=sweeps,
        dict_init=atoms,
        code_init=np.zeros((len(samples), len(atoms)), samples.dtype),  # it ignores dict_init without this
        random_state=seed,
    )
    with _bounded():
        return unit_rows(learning.fit(samples).components_)


def matched(samples: np.ndarray, atoms: np.ndarray, *, sparsity: int) -> np.ndarray:
    """Code samples by a fixed number of atoms: orthogonal matching pursuit on all samples of a band at once.

    scikit-learn's pursuit takes one sample after the other, and some thirty times as long for codes of three atoms.

    Parameters
    ----------
    samples : (samples, N) array
    atoms : (atoms, N) array
        Rows of unit length.
    sparsity : int
        Atoms in a code.

    Returns
    -------
    (samples, atoms) array of float32
    """
    codes = np.zeros((len(samples), len(atoms)), np.float32)
    for start in range(0, len(samples), BAND):
        band = samples[start : start + BAND]
        chosen, rest = np.empty((len(band), 0), int), band
        for _ in range(sparsity):
            likeness = np.abs(rest @ atoms.T)
            np.put_along_axis(likeness, chosen, -1, axis=1)  # no atom twice
            chosen = np.column_stack([chosen, likeness.argmax(axis=1)])
            bases = atoms[chosen]
            products = bases @ bases.transpose(0, 2, 1) + EQUAL * np.eye(chosen.shape[1], dtype=atoms.dtype)
            weights = np.linalg.solve(products, bases @ band[:, :, np.newaxis])
            rest = band - (weights.transpose(0, 2, 1) @ bases)[:, 0]
        np.put_along_axis(codes[start : start + BAND], chosen, weights[:, :, 0], axis=1)
    return codes


def fitted(samples: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Return the dictionary whose atoms, combined by the codes, come nearest to the samples: least squares.

    Parameters
    ----------
    samples : (samples, N) array
    codes : (samples, atoms) array

    Returns
    -------
    (atoms, N) array of float64
        Zero for an atom that no code uses.

    References
    ----------
    Engan, Aase and Husøy 1999, "Method of optimal directions for frame design".
    """
    products = (codes.T @ codes).astype(np.float64)
    products[np.diag_indices_from(products)] += RIDGE * np.trace(products) / len(products)
    return np.linalg.solve(products, (codes.T @ samples).astype(np.float64))


def unit_rows(atoms: np.ndarray) -> np.ndarray:
    """Scale atoms to unit length."""
    return (atoms / np.linalg.norm(atoms, axis=1, keepdims=True)).astype(np.float32)


def _scikit_learn() -> Any:
    try:
        from sklearn import decomposition
    except ImportError:
        raise UserError(
            "sparse coding needs scikit-learn, which is not installed: pip install 'paddle-srcnn[sparse]'"
        ) from None
    return decomposition


@contextmanager
def _bounded() -> Iterator[None]:
    """Let scikit-learn stop at a bound of iterations without a warning: callers set the bound on purpose."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        yield
