"""The article's demonstration: a picture is degraded and restored, to be seen beside the original."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from paddle_srcnn.images.colour import rgb_to_ycrcb, ycrcb_to_rgb
from paddle_srcnn.protocols.article import (
    centre,
    degrade,
    luma,
    luma_of,
    rgb,
)
from paddle_srcnn.protocols.metrics import psnr


@dataclass(frozen=True)
class Demonstration:
    """A picture before and after, and the PSNR of its luma; all are the part that the network keeps.

    Parameters
    ----------
    hr, degraded, sr : (H, W, 3) arrays of uint8
        Ground truth, what the network was given, and what came out of it, as RGB.
    degraded_db, sr_db : float
        PSNR of Y, in the protocol ``article``.
    """

    hr: np.ndarray
    degraded: np.ndarray
    sr: np.ndarray
    degraded_db: float
    sr_db: float


def demonstrate(picture: np.ndarray, restore: Callable[[np.ndarray], np.ndarray], *, channels: int) -> Demonstration:
    """Degrade a picture as the protocol ``article`` does, and restore it.

    A network for luma restores Y, and Cr and Cb pass through no network, as in the article; one for RGB restores all.

    Parameters
    ----------
    picture : (H, W, 3) or (H, W) array of uint8
        RGB or grey, larger than the network's receptive field.
    restore : callable
        (C, H, W) to (C, H - 2 margin, W - 2 margin), on 0..255; a `paddle_srcnn.static.inference_program.InferenceProgram`.
    channels : int
        1 or 3, those of the network.
    """
    hr = rgb(picture) if channels == 3 else np.moveaxis(rgb_to_ycrcb(picture), -1, 0)
    degraded = degrade(hr)
    sr = restore(degraded[:channels])
    margin = (hr.shape[-1] - sr.shape[-1]) // 2
    hr, degraded = centre(hr, margin), centre(degraded, margin)
    restored = np.stack([*np.rint(np.clip(sr, 0, 255)).astype(np.uint8), *degraded[channels:]])
    hr_luma = centre(luma(picture), margin)

    def shown(planes: np.ndarray) -> np.ndarray:
        pixels = np.ascontiguousarray(np.moveaxis(planes, 0, -1))
        return pixels if channels == 3 else ycrcb_to_rgb(pixels)

    return Demonstration(
        shown(hr),
        shown(degraded),
        shown(restored),
        psnr(luma_of(degraded[:channels]), hr_luma),
        psnr(luma_of(sr), hr_luma),
    )
