"""Peak signal-to-noise ratio, per picture and pooled over a set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from skimage.metrics import structural_similarity


def mse(sr: np.ndarray, hr: np.ndarray) -> float:
    """Mean squared error of `sr` against `hr`, in float64.

    Parameters
    ----------
    sr, hr : arrays of one shape
        Float or uint8; neither clipped nor rounded here (the protocol does that where it asks for it).

    Raises
    ------
    ValueError
        If the shapes differ or the arrays are empty.
    """
    if sr.shape != hr.shape or sr.size == 0:
        raise ValueError(f"expected two arrays of one shape that is not empty, got {sr.shape} and {hr.shape}")
    return float(np.mean(np.square(sr.astype(np.float64) - hr)))


def psnr_of_mse(mse: float, *, data_range: float = 255.0) -> float:
    """Peak signal-to-noise ratio, in dB, that a mean squared error amounts to; infinite for 0, minus infinite for inf.

    References
    ----------
    The article's formula, ``10 log10((2^n - 1)^2 / MSE)``, with n = 8 bits.

    Examples
    --------
    >>> round(psnr_of_mse(100.0), 2)
    28.13
    """
    with np.errstate(divide="ignore"):
        return float(10.0 * np.log10(np.divide(data_range**2, mse)))


def psnr(sr: np.ndarray, hr: np.ndarray, *, data_range: float = 255.0) -> float:
    """Peak signal-to-noise ratio of `sr` against `hr`, in dB; see `mse` and `psnr_of_mse`."""
    return psnr_of_mse(mse(sr, hr), data_range=data_range)


def ssim(sr: np.ndarray, hr: np.ndarray) -> float:
    """Structural similarity of two pictures on 0..255: 1 where they are the same.

    Parameters
    ----------
    sr, hr : (H, W) arrays
        At least 11x11.

    References
    ----------
    Wang et al. 2004: 11x11 Gaussian window of sigma 1.5, K1 = 0.01, K2 = 0.03, mean over the windows that lie inside.
    """
    return float(
        structural_similarity(
            sr.astype(np.float64),
            hr.astype(np.float64),
            data_range=255.0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
    )


def mean_psnr(errors: Sequence[float]) -> float:
    """Mean of the pictures' PSNRs, in dB, from each picture's mean squared error on 0..255."""
    return float(np.mean([psnr_of_mse(error) for error in errors]))


def pooled_psnr(errors: Sequence[float]) -> float:
    """PSNR, in dB, of the mean of the pictures' mean squared errors on 0..255.

    Every picture counts the same, whatever its size; dominated by the pictures that are worst restored.
    """
    return psnr_of_mse(float(np.mean(errors)))


@dataclass(frozen=True)
class Score:
    """PSNRs of a set of pictures, in dB: each picture's, their mean, and that of the mean of their squared errors.

    They are those of Y. A network that restores colour has those of its three channels in `rgb` as well.
    """

    psnr_db: tuple[float, ...]
    psnr_mean_db: float
    psnr_pooled_db: float
    rgb: Score | None = None


def score_of(errors: Sequence[float]) -> Score:
    """Score of pictures from each one's mean squared error on 0..255."""
    return Score(tuple(map(psnr_of_mse, errors)), mean_psnr(errors), pooled_psnr(errors))
