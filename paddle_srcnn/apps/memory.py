"""Estimate of the memory that upscaling takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from paddle_srcnn.apps.bands import band_rows
from paddle_srcnn.apps.pixels import layout_of

if TYPE_CHECKING:
    from paddle_srcnn.deploy.tiles import TiledNetwork

__all__ = ["FIXED_BYTES", "NETWORK_BYTES", "figure_bytes", "upscaling_bytes"]

FIXED_BYTES = 500 << 20  # Python with all libraries
NETWORK_BYTES = 120 << 20  # one network, compiled for the sizes that its tiles have in many images
CHANNEL_BYTES = np.dtype(np.float32).itemsize  # of a value in a channel
PIXEL_COPIES = 2  # image and result exist as arrays and as the contents of their files
INPUT_COPIES = 2  # an image's channels, before and after the conversion of colours
# Copies of a band's channels that exist at once, at most. Upscaling makes 4: upsampled, restored by the network,
# upscaled without it, joined. The conversion to pixels makes 5: without offsets, mixed, with alpha, clipped, rounded.
BAND_COPIES = 4 + 5
FIGURE_BYTES = 230  # a pixel of the result in a figure: 95 were measured, and other versions of matplotlib copy more


def upscaling_bytes(image: np.ndarray, scale: float, stages: Sequence[tuple[int, TiledNetwork]]) -> int:
    """Estimate how many bytes a process takes to upscale an image.

    Parameters
    ----------
    image : (H, W), (H, W, 2), (H, W, 3) or (H, W, 4) array
    scale : float
    stages : sequence of (int, TiledNetwork)
        Networks that reach the scale, one after the other, with the factor of each.

    Returns
    -------
    int
        Bytes for the image, the result and everything in between, and for Python, libraries and networks.
    """
    height, width = image.shape[:2]
    layout = layout_of(image)
    channels = max(3 if layout.colour else 1, *(network.channels for _, network in stages), 1) + layout.alpha
    channels_bytes = CHANNEL_BYTES * channels * height * width
    held = PIXEL_COPIES * image.nbytes * (1 + scale**2) + INPUT_COPIES * channels_bytes
    band_pixels, factor = 0, 1
    for stage, network in stages:
        factor *= stage
        rows = min(band_rows(factor * width, stage) + 2 * (network.factor * network.margin + stage), factor * height)
        band_pixels = max(band_pixels, rows * factor * width)
        if factor != scale:  # whole channels, which the next network upscales or which are downscaled to the result
            held += channels_bytes * (factor**2 + (scale**2 if factor > scale else 0))
    band_bytes = BAND_COPIES * CHANNEL_BYTES * channels * band_pixels
    return FIXED_BYTES + len(stages) * NETWORK_BYTES + int(held) + band_bytes


def figure_bytes(image: np.ndarray, scale: float) -> int:
    """Estimate how many bytes a figure that compares an image's result takes.

    Parameters
    ----------
    image : (H, W, ...) array
        The image before it is upscaled.
    scale : float

    Returns
    -------
    int
    """
    height, width = image.shape[:2]
    return int(FIGURE_BYTES * height * width * scale**2)
