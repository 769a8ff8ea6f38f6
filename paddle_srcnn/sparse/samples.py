"""Training samples of both methods: features of enlarged images, and the detail that these images lack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import read_image
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.protocols.paper import cropped, paper_channels, quantised, upsample
from paddle_srcnn.sparse.patches import FLAT, WINDOW, cut, features

__all__ = ["Samples", "draw_samples", "principal_axes", "read_lumas", "resized"]

ENERGY = 0.999  # share of the features' energy that the principal axes keep


@dataclass(frozen=True)
class Samples:
    """Pairs of features and detail, both divided by the length of the features.

    Attributes
    ----------
    low : (samples, N) array of float32
        Features of unit length, in principal coordinates.
    high : (samples, 9 scale scale) array of float16
        Ground truth minus enlarged image. Half precision rounds less than 8-bit images do.
    """

    low: np.ndarray
    high: np.ndarray


def read_lumas(files: Sequence[Path], scale: int) -> list[np.ndarray]:
    """Read the luma, (H, W) of uint8, of images that are large enough for a patch.

    Raises
    ------
    UserError
        If an image cannot be read, or none is large enough.
    """
    least = WINDOW * scale
    lumas = [paper_channels(read_image(file), 1)[0] for file in files]
    lumas = [luma for luma in lumas if min(luma.shape) >= least]
    if not lumas:
        raise UserError(f"no image has the {least}x{least} pixels that a patch needs: use larger images")
    return lumas


def resized(lumas: Sequence[np.ndarray], scale: int, sizes: Sequence[float]) -> list[np.ndarray]:
    """Resize images, for more detail at more sizes, and crop them to multiples of the scale.

    Parameters
    ----------
    lumas : sequence of (H, W) arrays of uint8
    scale : int
    sizes : sequence of float
        Factors; 1 leaves an image unchanged.

    Returns
    -------
    list of (H, W) arrays of uint8
        Ground truths with room for a patch.
    """
    hrs = [cropped(luma if size == 1 else quantised(imresize(luma, size)), scale) for luma in lumas for size in sizes]
    return [hr for hr in hrs if min(hr.shape) >= WINDOW * scale]


def principal_axes(hrs: Sequence[np.ndarray], scale: int) -> np.ndarray:
    """Compute the axes that hold nearly all energy of the features.

    Parameters
    ----------
    hrs : sequence of (H, W) arrays of uint8
        Ground truths.
    scale : int

    Returns
    -------
    (36 scale scale, N) array of float32
    """
    length = 4 * (WINDOW * scale) ** 2
    products = np.zeros((length, length))
    for enlarged, _ in _pairs(hrs, scale):
        vectors = features(enlarged, scale)
        products += vectors.T @ vectors
    energies, axes = np.linalg.eigh(products)
    energies, axes = energies[::-1].clip(0), axes[:, ::-1]
    if energies[0] == 0:
        raise UserError("the images to train on are flat, and nothing can be learned from them: give others")
    kept = int(np.searchsorted(np.cumsum(energies) / energies.sum(), ENERGY)) + 1
    return np.ascontiguousarray(axes[:, :kept], np.float32)


def draw_samples(
    hrs: Sequence[np.ndarray],
    scale: int,
    projection: np.ndarray,
    rng: np.random.Generator,
    *,
    most: int,
    least: float = FLAT,
) -> Samples:
    """Cut patches with detail from images, all of them or as many as asked for, drawn at random.

    Parameters
    ----------
    hrs : sequence of (H, W) arrays of uint8
        Ground truths.
    scale : int
    projection : (36 scale scale, N) array
        From `principal_axes`.
    rng : numpy.random.Generator
    most : int
        Number of patches to draw, of which those without detail are left out.
    least : float
        Length that the features of a patch with detail exceed.

    Returns
    -------
    Samples
    """
    counts = [np.prod([side // scale - WINDOW + 1 for side in hr.shape]) for hr in hrs]
    ends = np.cumsum(counts)
    total = int(ends[-1])
    chosen = np.arange(total) if most >= total else np.sort(rng.choice(total, most, replace=False))
    low = np.empty((len(chosen), projection.shape[1]), np.float32)
    high = np.empty((len(chosen), (WINDOW * scale) ** 2), np.float16)
    filled = 0
    for (enlarged, missing), count, end in zip(_pairs(hrs, scale), counts, ends, strict=True):
        first, last = np.searchsorted(chosen, (end - count, end))
        here = chosen[first:last] - (end - count)
        vectors = features(enlarged, scale)[here] @ projection
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        detailed = lengths[:, 0] > least
        target = slice(filled, filled + int(detailed.sum()))
        low[target] = vectors[detailed] / lengths[detailed]
        high[target] = cut(missing, scale)[here][detailed] / lengths[detailed]
        filled = target.stop
    if filled == 0:
        raise UserError("the images to train on are flat, and nothing can be learned from them: give others")
    return Samples(low[:filled], high[:filled])


def _pairs(hrs: Sequence[np.ndarray], scale: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield each image downscaled and enlarged again, and the detail that it lacks, on 0..1."""
    for hr in hrs:
        enlarged = upsample(hr, scale)
        yield enlarged / 255, (hr - enlarged).astype(np.float32) / 255
