"""Conversion between an image's pixels, of any depth and layout, and the channels that a network upscales."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image

from paddle_srcnn.images.colour import rgb_channels_to_ycbcr, ycbcr_channels_to_rgb

__all__ = [
    "Layout",
    "eight_bit_rgb",
    "from_channels",
    "layout_of",
    "pixels_of",
    "to_channels",
    "visible_colours",
    "white_level",
]

PILLOW_MODES = ("L", "LA", "RGB", "RGBA", "I;16", "I;16L", "I;16B", "I;16N")
NEAR_PIXELS = 2.0  # standard deviation of the Gaussian that weighs the surroundings of a transparent pixel
LEAST_NEAR_ALPHA = 1e-4  # below this much alpha in the surroundings, the mean colour of the image is taken


@dataclass(frozen=True)
class Layout:
    """Kinds of an image's channels.

    Parameters
    ----------
    colour : bool
        True for RGB, false for grey.
    alpha : bool
        True if an alpha channel follows.
    """

    colour: bool
    alpha: bool


def pixels_of(image: np.ndarray | Image.Image) -> np.ndarray:
    """Return an image as an array in the machine's byte order; as it is, if it is neither array nor Pillow image.

    Parameters
    ----------
    image : array or Pillow image

    Returns
    -------
    array

    Raises
    ------
    ValueError
        If the Pillow image has a mode whose numbers are neither grey nor RGB, such as a palette's or CMYK.
    """
    if isinstance(image, Image.Image):
        if image.mode not in PILLOW_MODES:
            advice = 'take .convert("RGB") of it, or .convert("RGBA") if it is transparent'
            raise ValueError(f"a picture of Pillow's mode {image.mode} has neither grey nor RGB values: {advice}")
        image = np.asarray(image)
    if not isinstance(image, np.ndarray) or image.dtype.isnative:
        return image
    return image.astype(image.dtype.newbyteorder("="))


def layout_of(image: np.ndarray) -> Layout:
    """Tell an image's layout by its shape.

    Parameters
    ----------
    image : (H, W), (H, W, 2), (H, W, 3) or (H, W, 4) array
        See `paddle_srcnn.apps.upscaler.Upscaler.__call__`.

    Returns
    -------
    Layout

    Raises
    ------
    ValueError
        If the array is no such image, or has values that are not finite.
    """
    if not isinstance(image, np.ndarray):
        raise ValueError(f"a picture is an array, not a {type(image).__name__}")
    channels = image.shape[2] if image.ndim == 3 else 1
    if image.ndim not in (2, 3) or channels not in (1, 2, 3, 4) or (image.ndim == 3 and channels == 1):
        raise ValueError(f"a picture is (H, W), (H, W, 2), (H, W, 3) or (H, W, 4), not {image.shape}")
    if image.size == 0:
        raise ValueError(f"a picture of {image.shape} has no pixels")
    if image.dtype not in (np.uint8, np.uint16) and not np.issubdtype(image.dtype, np.floating):
        raise ValueError(f"a picture is of uint8, uint16 or floating-point numbers, not {image.dtype}")
    if not np.isfinite(image).all():
        raise ValueError("a picture has finite values only")
    return Layout(colour=channels >= 3, alpha=channels in (2, 4))


def white_level(dtype: np.dtype) -> float:
    """Return the white level of a dtype: the largest integer, or 1.0 for floating-point numbers."""
    return float(np.iinfo(dtype).max) if np.issubdtype(dtype, np.integer) else 1.0


def to_channels(image: np.ndarray, layout: Layout, network_channels: int) -> np.ndarray:
    """Convert an image to the channels that are upscaled.

    Transparent pixels take the colours near them; see `visible_colours`.

    Parameters
    ----------
    image : (H, W), (H, W, 2), (H, W, 3) or (H, W, 4) array
        See `paddle_srcnn.apps.upscaler.Upscaler.__call__`.
    layout : Layout
    network_channels : int
        1 for a network for luma, 3 for a network for RGB.

    Returns
    -------
    (C, H, W) array of float32
        Values on 0..255. A network for luma gets grey, or Y, Cb and Cr. A network for RGB gets RGB, or grey three
        times. Alpha comes last, if there is any.
    """
    stacked = image[..., np.newaxis] if image.ndim == 2 else image
    if np.issubdtype(image.dtype, np.floating):
        stacked = np.clip(stacked, 0, 1)
    channels = np.moveaxis(stacked, -1, 0) * np.float32(255 / white_level(image.dtype))
    colours, alpha = _split_alpha(channels, layout)
    if layout.alpha:
        colours = visible_colours(colours, alpha[0] / 255)
    if layout.colour and network_channels == 1:
        colours = rgb_channels_to_ycbcr(colours)
    elif network_channels == 3 and not layout.colour:
        colours = np.repeat(colours, 3, axis=0)
    return np.concatenate([colours, alpha]).astype(np.float32, copy=False)


def from_channels(channels: np.ndarray, dtype: np.dtype, layout: Layout, network_channels: int) -> np.ndarray:
    """Convert upscaled channels to an image: the inverse of `to_channels`.

    Parameters
    ----------
    channels : (C, H, W) array of float32
        As `to_channels` returns them.
    dtype : numpy.dtype
        Type of the image.
    layout : Layout
    network_channels : int

    Returns
    -------
    (H, W), (H, W, 2), (H, W, 3) or (H, W, 4) array of `dtype`
        Values are clipped, and rounded for integers.
    """
    colours, alpha = _split_alpha(channels, layout)
    if layout.colour and network_channels == 1:
        colours = ycbcr_channels_to_rgb(colours)
    elif network_channels == 3 and not layout.colour:
        colours = colours.mean(axis=0, keepdims=True)
    values = np.clip(np.concatenate([colours, alpha]), 0, 255) * np.float32(white_level(dtype) / 255)
    if np.issubdtype(dtype, np.integer):
        values = np.floor(values + np.float32(0.5))
    pixels = np.moveaxis(values, 0, -1).astype(dtype)
    return pixels if layout.colour or layout.alpha else pixels[..., 0]


def _split_alpha(channels: np.ndarray, layout: Layout) -> tuple[np.ndarray, np.ndarray]:
    return (channels[:-1], channels[-1:]) if layout.alpha else (channels, channels[:0])


def visible_colours(colours: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Replace the colours of transparent pixels by the colours around them, so that upscaling makes no fringes.

    Parameters
    ----------
    colours : (C, H, W) array of float32
    alpha : (H, W) array of float32
        0 for transparent, 1 for opaque.

    Returns
    -------
    (C, H, W) array of float32
        Each pixel is a mixture by its alpha of its own colour and the mean around it, in which alpha is the weight.
    """
    weighed = colours * alpha
    overall = weighed.sum(axis=(1, 2)) / max(float(alpha.sum()), 1e-6)
    near = cv2.GaussianBlur(alpha, (0, 0), NEAR_PIXELS)
    faint = near < LEAST_NEAR_ALPHA
    around = [
        np.where(faint, mean, cv2.GaussianBlur(channel, (0, 0), NEAR_PIXELS) / np.where(faint, 1, near))
        for channel, mean in zip(weighed, overall, strict=True)
    ]
    return weighed + np.stack(around) * (1 - alpha)


def eight_bit_rgb(pixels: np.ndarray) -> np.ndarray:
    """Convert an image of integers to 8-bit RGB, on white where it is transparent.

    Parameters
    ----------
    pixels : (H, W), (H, W, 2), (H, W, 3) or (H, W, 4) array of uint8 or uint16

    Returns
    -------
    (H, W, 3) array of uint8
    """
    values = pixels.astype(np.float64) / white_level(pixels.dtype)
    values = values[..., np.newaxis] if values.ndim == 2 else values
    colours, alpha = (values[..., :-1], values[..., -1:]) if values.shape[2] in (2, 4) else (values, 1.0)
    return np.rint(255 * np.broadcast_to(colours * alpha + (1 - alpha), (*values.shape[:2], 3))).astype(np.uint8)
