"""Peak signal-to-noise ratio of an image and of a set, and structural similarity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from skimage.metrics import structural_similarity

__all__ = ["Score", "mean_psnr", "mse", "pooled_psnr", "psnr", "psnr_of_mse", "score_of", "ssim"]


def mse(sr: np.ndarray, hr: np.ndarray) -> float:
    """Return the mean squared error of `sr` against `hr`, computed in float64.

    Parameters
    ----------
    sr, hr : arrays of one shape
        Float or uint8; neither clipped nor rounded here. The protocol does that if it asks for it.

    Raises
    ------
    ValueError
        If the shapes differ or the arrays are empty.
    """
    if sr.shape != hr.shape or sr.size == 0:
        raise ValueError(f"expected two arrays of one shape that is not empty, got {sr.shape} and {hr.shape}")
    return float(np.mean(np.square(sr.astype(np.float64) - hr)))


def psnr_of_mse(mse: float, *, data_range: float = 255.0) -> float:
    """Convert a mean squared error to a peak signal-to-noise ratio in dB: infinite for 0, minus infinite for inf.

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
    """Return the peak signal-to-noise ratio of `sr` against `hr`, in dB; see `mse` and `psnr_of_mse`."""
    return psnr_of_mse(mse(sr, hr), data_range=data_range)


def ssim(sr: np.ndarray, hr: np.ndarray) -> float:
    """Return the structural similarity of two images on 0..255; it is 1 if they are equal.

    Parameters
    ----------
    sr, hr : (H, W) arrays
        At least 11x11.

    References
    ----------
    Wang et al. 2004: 11x11 Gaussian window of sigma 1.5, K1 = 0.01, K2 = 0.03, mean over the windows inside the image.
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
    """Return the mean of the images' PSNRs, in dB, from each image's mean squared error on 0..255."""
    return float(np.mean([psnr_of_mse(error) for error in errors]))


def pooled_psnr(errors: Sequence[float]) -> float:
    """Return the PSNR, in dB, of the mean of the images' mean squared errors on 0..255.

    Every image counts the same, whatever its size. The worst restored images dominate.
    """
    return psnr_of_mse(float(np.mean(errors)))


@dataclass(frozen=True)
class Score:
    """PSNRs of a set in dB: of each image, their mean, and the PSNR of the mean squared error (pooled).

    They measure Y. A network that restores colour has the PSNRs of its three channels in `rgb` as well.
    """

    psnr_db: tuple[float, ...]
    psnr_mean_db: float
    psnr_pooled_db: float
    rgb: Score | None = None


def score_of(errors: Sequence[float]) -> Score:
    """Make the score of a set from each image's mean squared error on 0..255."""
    return Score(tuple(map(psnr_of_mse, errors)), mean_psnr(errors), pooled_psnr(errors))
