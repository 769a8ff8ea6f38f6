"""How inputs are made from ground truth and how outputs are scored: the protocols `article` and `paper`.

The article's pipeline blurs each picture and asks the network to undo it. It also computes a reduced patch that
nothing reads, so what it restores is a blur, not a reduced picture; see "Differences from the article" in the README.

The paper's is super-resolution: a picture is reduced, enlarged again by the same factor, and restored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from paddle_srcnn.images.colour import LUMA_WEIGHTS, rgb_to_ycrcb
from paddle_srcnn.protocols.metrics import (
    Score,
    mse,
    score_of,
)

BLUR_SIZE = (5, 5)

Planes = Callable[[np.ndarray], np.ndarray]  # what a network sees of a picture


def planes_for(channels: int) -> Planes:
    """What a network of this many channels sees of a picture: `luma` (1) or `rgb` (3)."""
    return {1: luma, 3: rgb}[channels]


def luma(picture: np.ndarray) -> np.ndarray:
    """What the network sees of a picture: its full-range luma.

    Parameters
    ----------
    picture : (H, W, 3) or (H, W) array of uint8
        RGB or grey.

    Returns
    -------
    (1, H, W) array of uint8
    """
    return rgb_to_ycrcb(picture)[np.newaxis, ..., 0]


def rgb(picture: np.ndarray) -> np.ndarray:
    """What a network of three channels sees of a picture: red, green and blue, all the same where it is grey.

    Parameters
    ----------
    picture : (H, W, 3) or (H, W) array of uint8
        RGB or grey.

    Returns
    -------
    (3, H, W) array of uint8
    """
    return np.moveaxis(picture, -1, 0) if picture.ndim == 3 else np.stack([picture] * 3)


def luma_of(planes: np.ndarray) -> np.ndarray:
    """Luma of what a network restored, neither clipped nor rounded: the protocol scores outputs as they are.

    Parameters
    ----------
    planes : (1, H, W) or (3, H, W) array
        Luma, which is returned as it is, or RGB.

    Returns
    -------
    (1, H, W) array
    """
    return planes if len(planes) == 1 else np.tensordot(LUMA_WEIGHTS, planes, axes=1)[np.newaxis]


def degrade(hr: np.ndarray) -> np.ndarray:
    """Blur as the article prints it, ``GaussianBlur(picture, (5, 5), 0)``; borders are reflected.

    For this size and sigma 0, OpenCV takes the binomial weights 1 4 6 4 1, over 16, in each direction: a sigma of 1.0,
    not the 1.1 that its formula for other sizes gives.

    Parameters
    ----------
    hr : (C, H, W) array of uint8
        A whole picture, or a patch: the article blurs each patch by itself, up to its own borders.

    Returns
    -------
    (C, H, W) array of uint8
    """
    return np.stack([cv2.GaussianBlur(channel, BLUR_SIZE, 0) for channel in hr])


def centre(planes: np.ndarray, margin: int) -> np.ndarray:
    """The part of (..., H, W) `planes` that a network losing `margin` pixels on each side keeps."""
    height, width = planes.shape[-2:]
    return planes[..., margin : height - margin, margin : width - margin]


def score(srs: Sequence[np.ndarray], hrs: Sequence[np.ndarray]) -> Score:
    """Score outputs of the network against the centres that it keeps.

    As in the article, outputs are neither clipped to 0..255 nor rounded.

    Parameters
    ----------
    srs : sequence of (C, H - 2 margin, W - 2 margin) arrays
        Restored pictures on 0..255.
    hrs : sequence of (C, H, W) arrays of uint8
        Ground truth.
    """
    errors = []
    for sr, hr in zip(srs, hrs, strict=True):
        margin = (hr.shape[-1] - sr.shape[-1]) // 2
        errors.append(mse(sr, centre(hr, margin)))
    return score_of(errors)
