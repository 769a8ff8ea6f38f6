"""The protocol `article`: the blur, the network's view of an image, and the score, as the article prints them.

The article computes an 11x11 reduction of each patch as well. Nothing reads it, so this code leaves it out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from paddle_srcnn.images.colour import LUMA_WEIGHTS, rgb_to_ycrcb
from paddle_srcnn.protocols.metrics import Score, mse, score_of

__all__ = ["View", "centre", "degrade", "luma", "luma_of", "rgb", "score", "view_for"]

BLUR_SIZE = (5, 5)

View = Callable[[np.ndarray], np.ndarray]  # an image, (H, W, 3) or (H, W), to the channels that enter a network


def view_for(space: str) -> View:
    """Return the function that gives a network its channels: `luma` for ``"y"``, `rgb` for ``"rgb"``."""
    return {"y": luma, "rgb": rgb}[space]


def luma(image: np.ndarray) -> np.ndarray:
    """Return the full-range luma of an image.

    Parameters
    ----------
    image : (H, W, 3) or (H, W) array of uint8
        RGB or grey.

    Returns
    -------
    (1, H, W) array of uint8
    """
    return rgb_to_ycrcb(image)[np.newaxis, ..., 0]


def rgb(image: np.ndarray) -> np.ndarray:
    """Return red, green and blue of an image; they are equal if it is grey.

    Parameters
    ----------
    image : (H, W, 3) or (H, W) array of uint8
        RGB or grey.

    Returns
    -------
    (3, H, W) array of uint8
    """
    return np.moveaxis(image, -1, 0) if image.ndim == 3 else np.stack([image] * 3)


def luma_of(channels: np.ndarray) -> np.ndarray:
    """Return the luma of a network's output, neither clipped nor rounded, since the protocol scores it like that.

    Parameters
    ----------
    channels : (1, H, W) or (3, H, W) array
        Luma, which comes back unchanged, or RGB.

    Returns
    -------
    (1, H, W) array
    """
    return channels if len(channels) == 1 else np.tensordot(LUMA_WEIGHTS, channels, axes=1)[np.newaxis]


def degrade(hr: np.ndarray) -> np.ndarray:
    """Blur as the article prints it, ``GaussianBlur(image, (5, 5), 0)``; OpenCV reflects the borders.

    For this size and sigma 0, OpenCV takes the binomial weights 1 4 6 4 1, over 16, in each direction. They amount to
    a sigma of 1.0. OpenCV's formula for other sizes would give 1.1.

    Parameters
    ----------
    hr : (C, H, W) array of uint8
        A whole image, or a patch: the article blurs each patch by itself, up to its own borders.

    Returns
    -------
    (C, H, W) array of uint8
    """
    return np.stack([cv2.GaussianBlur(channel, BLUR_SIZE, 0) for channel in hr])


def centre(image: np.ndarray, margin: int) -> np.ndarray:
    """Crop (..., H, W) to the centre that a network keeps if it loses `margin` pixels at each border."""
    height, width = image.shape[-2:]
    return image[..., margin : height - margin, margin : width - margin]


def score(srs: Sequence[np.ndarray], hrs: Sequence[np.ndarray]) -> Score:
    """Score outputs of a network against the centres that it keeps.

    Like the article, this neither clips outputs to 0..255 nor rounds them.

    Parameters
    ----------
    srs : sequence of (C, H - 2 margin, W - 2 margin) arrays
        Restored images on 0..255.
    hrs : sequence of (C, H, W) arrays of uint8
        Ground truth.
    """
    errors = []
    for sr, hr in zip(srs, hrs, strict=True):
        margin = (hr.shape[-1] - sr.shape[-1]) // 2
        errors.append(mse(sr, centre(hr, margin)))
    return score_of(errors)
