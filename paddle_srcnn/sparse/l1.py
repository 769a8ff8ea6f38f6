"""Sparse coding by l1, as Yang et al.: the four steps that the article explains SRCNN by, a function each."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from paddle_srcnn.images.resize import imresize
from paddle_srcnn.sparse.coding import encode
from paddle_srcnn.sparse.patches import assembled, features, normalised, padded

__all__ = ["Dictionaries", "back_projected", "high_patches", "low_patches", "restore", "sparse_codes"]

PENALTY = 0.2  # lambda, the weight of the codes' l1 norm
SWEEPS = 30  # of coordinate descent: more change no code by a visible amount, and take up to ten times as long
BACK_PROJECTIONS = 20


@dataclass(frozen=True)
class Dictionaries:
    """Two dictionaries for one code, and the coordinates of the first.

    Attributes
    ----------
    scale : int
    projection : (36 scale scale, N) array of float32
        Principal axes of the features, as columns.
    low : (atoms, N) array of float32
        Atoms of unit length for the features of the enlarged image.
    high : (atoms, 9 scale scale) array of float32
        Atoms for the detail that the enlarged image lacks.
    """

    scale: int
    projection: np.ndarray
    low: np.ndarray
    high: np.ndarray


def restore(lr: np.ndarray, dictionaries: Dictionaries) -> np.ndarray:
    """Upscale a luma image by sparse coding.

    Parameters
    ----------
    lr : (H, W) array
        Small image on 0..255.
    dictionaries : Dictionaries

    Returns
    -------
    (scale H, scale W) array of float64
        On 0..255, neither clipped nor rounded.

    References
    ----------
    Yang, Wright, Huang and Ma 2010, "Image super-resolution via sparse representation".
    """
    small = lr / 255
    enlarged = padded(imresize(small, dictionaries.scale), dictionaries.scale)
    patches, lengths = low_patches(enlarged, dictionaries)  # 1
    codes = sparse_codes(patches, dictionaries.low)  # 2
    details = high_patches(codes, lengths, dictionaries.high)  # 3
    sr = assembled(details, enlarged, dictionaries.scale)  # 4
    return 255 * back_projected(sr, small, dictionaries.scale)


def low_patches(enlarged: np.ndarray, dictionaries: Dictionaries) -> tuple[np.ndarray, np.ndarray]:
    """Step 1: cut the enlarged image into dense, overlapping patches, and normalise their features."""
    return normalised(features(enlarged, dictionaries.scale) @ dictionaries.projection)


def sparse_codes(patches: np.ndarray, low: np.ndarray, penalty: float = PENALTY) -> np.ndarray:
    """Step 2: find a code for each patch, whose few numbers combine atoms of the dictionary for low resolution.

    A code `c` minimises ``0.5 |patch - c low|^2 + penalty |c|_1``.

    Parameters
    ----------
    patches : (patches, N) array
    low : (atoms, N) array
    penalty : float

    Returns
    -------
    (patches, atoms) array of float32
    """
    return encode(patches, low, penalty=penalty, sweeps=SWEEPS)


def high_patches(codes: np.ndarray, lengths: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Step 3: combine atoms of the dictionary for high resolution by the same codes, and undo the normalisation."""
    return codes @ high * lengths


def back_projected(sr: np.ndarray, lr: np.ndarray, scale: int, iterations: int = BACK_PROJECTIONS) -> np.ndarray:
    """Change an upscaled image until it is the small image again if it is downscaled.

    Parameters
    ----------
    sr : (scale H, scale W) array
    lr : (H, W) array
    scale : int
    iterations : int

    Returns
    -------
    (scale H, scale W) array of float64

    References
    ----------
    Irani and Peleg 1991; the kernel and the 20 iterations are those of Yang's program.
    """
    squares = np.square(cv2.getGaussianKernel(5, 1))
    kernel = squares / squares.sum()
    for _ in range(iterations):
        missing = imresize(lr - imresize(sr, 1 / scale), scale)
        sr = sr + cv2.sepFilter2D(missing, -1, kernel, kernel, borderType=cv2.BORDER_REFLECT)
    return sr
