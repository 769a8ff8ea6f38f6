"""Training patches as the article cuts them: decoded, cut and blurred once, kept as bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import read_image
from paddle_srcnn.protocols import article

PATCH = 33
STEP = 14


@dataclass(frozen=True)
class Patches:
    """Every patch of a set of pictures, in the article's order.

    Attributes
    ----------
    inputs : (N, C, 33, 33) array of uint8
        Degraded patches, 0..255.
    labels : (N, C, 33 - 2 margin, 33 - 2 margin) array of uint8
        Centres of the ground truth, 0..255.
    pictures : int
        Pictures that gave patches.
    skipped : int
        Pictures too small to give one.
    """

    inputs: np.ndarray
    labels: np.ndarray
    pictures: int
    skipped: int


def corners(length: int) -> range:
    """First pixels of the patches along a side of `length` pixels.

    The bound is strict, as printed in the article: a patch that would touch the last row or column is not taken.
    """
    return range(0, max(length - PATCH, 0), STEP)


def extract_patches(hr: np.ndarray, margin: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut one picture into the article's patches, row by row.

    Parameters
    ----------
    hr : (C, H, W) array of uint8
        Ground truth, 0..255.
    margin : int
        Pixels that the network loses on each side, `Architecture.margin`; from 0 to 16.

    Returns
    -------
    inputs : (N, C, 33, 33) array of uint8
        Patches, each blurred by itself with its own borders reflected, as the article does.
    labels : (N, C, 33 - 2 margin, 33 - 2 margin) array of uint8
        Their centres, not blurred.

    Raises
    ------
    ValueError
        If `margin` leaves no pixel of a label.
    """
    if not 0 <= margin <= (PATCH - 1) // 2:
        raise ValueError(f"margin {margin} leaves nothing of a {PATCH}x{PATCH} patch: use filters that lose less")
    channels, height, width = hr.shape
    side = PATCH - 2 * margin
    count = len(corners(height)) * len(corners(width))
    inputs = np.empty((count, channels, PATCH, PATCH), np.uint8)
    labels = np.empty((count, channels, side, side), np.uint8)
    index = 0
    for j in corners(height):
        for i in corners(width):
            patch = hr[:, j : j + PATCH, i : i + PATCH]
            inputs[index] = article.degrade(patch)
            labels[index] = article.centre(patch, margin)
            index += 1
    return inputs, labels


def load_patches(
    files: Sequence[Path], *, margin: int, planes: Callable[[np.ndarray], np.ndarray] = article.luma
) -> Patches:
    """Decode pictures and cut them into patches, once for a whole run.

    Parameters
    ----------
    files : sequence of Path
        Pictures, in the order in which their patches are wanted.
    margin : int
        Pixels that the network loses on each side, `Architecture.margin`.
    planes : callable
        What the network sees of a picture: (H, W, 3) or (H, W) uint8 to (C, H, W) uint8.

    Raises
    ------
    UserError
        If a picture cannot be read, or none is large enough for a patch.
    ValueError
        If `files` is empty or `margin` leaves no pixel of a label.
    """
    if not files:
        raise ValueError("expected at least one picture, got none")
    extracted = [
        extract_patches(planes(read_image(file)), margin)
        for file in tqdm(files, desc="patches", unit="picture", leave=False, disable=None)
    ]
    inputs, labels = (np.concatenate(arrays) for arrays in zip(*extracted, strict=True))
    skipped = sum(len(patches) == 0 for patches, _ in extracted)
    if len(inputs) == 0:
        raise UserError(
            f"none of the {len(files)} pictures ({files[0]} the first) has the {PATCH + 1}x{PATCH + 1} pixels "
            "that a patch needs: use larger pictures"
        )
    return Patches(inputs, labels, len(files) - skipped, skipped)
