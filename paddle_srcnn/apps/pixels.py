"""Pixels of users' pictures as the planes that are enlarged, and back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from paddle_srcnn.images.colour import YCBCR, YCBCR_OFFSETS

NEAR_PIXELS = 2.0  # standard deviation of what counts as near a transparent pixel
TO_YCBCR = (YCBCR / 255).astype(np.float32)
FROM_YCBCR = np.linalg.inv(YCBCR / 255).astype(np.float32)
OFFSETS = YCBCR_OFFSETS.astype(np.float32)[:, np.newaxis, np.newaxis]


@dataclass(frozen=True)
class Layout:
    """What a picture's channels are."""

    colour: bool
    alpha: bool


def layout_of(picture: np.ndarray) -> Layout:
    """Layout of a picture, by its shape; see `Upscaler.__call__`."""
    if not isinstance(picture, np.ndarray):
        raise ValueError(f"a picture is an array, not a {type(picture).__name__}")
    channels = picture.shape[2] if picture.ndim == 3 else 1
    if picture.ndim not in (2, 3) or channels not in (1, 2, 3, 4) or (picture.ndim == 3 and channels == 1):
        raise ValueError(f"a picture is (H, W), (H, W, 2), (H, W, 3) or (H, W, 4), not {picture.shape}")
    if picture.size == 0:
        raise ValueError(f"a picture of {picture.shape} has no pixels")
    if picture.dtype not in (np.uint8, np.uint16) and not np.issubdtype(picture.dtype, np.floating):
        raise ValueError(f"a picture is of uint8, uint16 or floating-point numbers, not {picture.dtype}")
    if not np.isfinite(picture).all():
        raise ValueError("a picture has finite values only")
    return Layout(colour=channels >= 3, alpha=channels in (2, 4))


def white_of(dtype: np.dtype) -> float:
    """What stands for white in pixels of a type."""
    return float(np.iinfo(dtype).max) if np.issubdtype(dtype, np.integer) else 1.0


def planes_of(picture: np.ndarray, layout: Layout, channels: int) -> np.ndarray:
    """What is enlarged of a picture: its Y or RGB, whatever else there is, and alpha last.

    Parameters
    ----------
    picture : array
        See `Upscaler.__call__`.
    layout : Layout
    channels : int
        Of the network.

    Returns
    -------
    (C, H, W) array of float32
        On 0..255. Grey, or three for colour, and one more for alpha. A grey picture is three times the same for a
        network of three channels.
    """
    stacked = picture[..., np.newaxis] if picture.ndim == 2 else picture
    if np.issubdtype(picture.dtype, np.floating):
        stacked = np.clip(stacked, 0, 1)
    planes = np.moveaxis(stacked, -1, 0) * np.float32(255 / white_of(picture.dtype))
    colours, alpha = (planes[:-1], planes[-1:]) if layout.alpha else (planes, planes[:0])
    if layout.alpha:
        colours = seen_colours(colours, alpha[0] / 255)
    if layout.colour and channels == 1:
        colours = _mixed(TO_YCBCR, colours) + OFFSETS
    elif channels == 3 and not layout.colour:
        colours = np.repeat(colours, 3, axis=0)
    return np.concatenate([colours, alpha]).astype(np.float32, copy=False)


def _mixed(matrix: np.ndarray, planes: np.ndarray) -> np.ndarray:
    """Product of a 3x3 matrix and planes. NumPy's own goes to threads that keep the network's cores busy afterwards."""
    red, green, blue = planes
    return np.stack([first * red + second * green + third * blue for first, second, third in matrix])


def seen_colours(colours: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Colours as they are where a picture is opaque, and as around it, weighed by alpha, where it is transparent.

    Parameters
    ----------
    colours : (C, H, W) array of float32
    alpha : (H, W) array of float32
        0 for transparent, 1 for opaque.
    """
    weighed = colours * alpha
    overall = weighed.sum(axis=(1, 2)) / max(float(alpha.sum()), 1e-6)
    near = cv2.GaussianBlur(alpha, (0, 0), NEAR_PIXELS)
    faint = near < 1e-4  # nothing is seen so near
    around = [
        np.where(faint, mean, cv2.GaussianBlur(plane, (0, 0), NEAR_PIXELS) / np.where(faint, 1, near))
        for plane, mean in zip(weighed, overall, strict=True)
    ]
    return weighed + np.stack(around) * (1 - alpha)


def pixels_of(planes: np.ndarray, dtype: np.dtype, layout: Layout, channels: int) -> np.ndarray:
    """Pixels of enlarged planes: the inverse of `planes_of`, clipped, and rounded for whole numbers."""
    colours, alpha = (planes[:-1], planes[-1:]) if layout.alpha else (planes, planes[:0])
    if layout.colour and channels == 1:
        colours = _mixed(FROM_YCBCR, colours - OFFSETS)
    elif channels == 3 and not layout.colour:
        colours = colours.mean(axis=0, keepdims=True)
    planes = np.clip(np.concatenate([colours, alpha]), 0, 255) * np.float32(white_of(dtype) / 255)
    if np.issubdtype(dtype, np.integer):
        planes = np.floor(planes + np.float32(0.5))
    pixels = np.moveaxis(planes, 0, -1).astype(dtype)
    return pixels if layout.colour or layout.alpha else pixels[..., 0]
