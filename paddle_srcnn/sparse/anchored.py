"""Anchored neighbourhood regression, as A+: the same four steps, with a table of linear maps instead of a solver.

A code of one entry chooses the atom (*anchor*) that a patch resembles most. Each anchor has a linear map from
features to detail, learned from the training patches around it. So nothing is left to be solved for a new image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from paddle_srcnn.images.resize import imresize
from paddle_srcnn.sparse.patches import assembled, features, padded

__all__ = ["Anchors", "high_patches", "low_patches", "nearest_anchors", "restore"]


@dataclass(frozen=True)
class Anchors:
    """Anchors, and a linear map for each.

    Attributes
    ----------
    scale : int
    projection : (36 scale scale, N) array of float32
        Principal axes of the features, as columns.
    low : (anchors, N) array of float32
        Directions of unit length among the features of the enlarged image.
    maps : (anchors, N, 9 scale scale) array of float32
        From features to the detail that the enlarged image lacks.
    """

    scale: int
    projection: np.ndarray
    low: np.ndarray
    maps: np.ndarray


def restore(lr: np.ndarray, anchors: Anchors) -> np.ndarray:
    """Upscale a luma image by anchored regression.

    Parameters
    ----------
    lr : (H, W) array
        Small image on 0..255.
    anchors : Anchors

    Returns
    -------
    (scale H, scale W) array of float64
        On 0..255, neither clipped nor rounded.

    References
    ----------
    Timofte et al. 2014, "A+: Adjusted anchored neighborhood regression for fast super-resolution".
    """
    enlarged = padded(imresize(lr / 255, anchors.scale), anchors.scale)
    patches = low_patches(enlarged, anchors)  # 1
    nearest = nearest_anchors(patches, anchors.low)  # 2
    details = high_patches(patches, nearest, anchors.maps)  # 3
    return 255 * assembled(details, enlarged, anchors.scale)  # 4


def low_patches(enlarged: np.ndarray, anchors: Anchors) -> np.ndarray:
    """Step 1: cut the enlarged image into dense, overlapping patches; linear maps need no normalisation."""
    return features(enlarged, anchors.scale) @ anchors.projection


def nearest_anchors(patches: np.ndarray, low: np.ndarray) -> np.ndarray:
    """Step 2: find the index of the anchor with the largest correlation, of either sign, for each patch."""
    return np.abs(patches @ low.T).argmax(axis=1)


def high_patches(patches: np.ndarray, nearest: np.ndarray, maps: np.ndarray) -> np.ndarray:
    """Step 3: apply the linear map of its anchor to each patch.

    Parameters
    ----------
    patches : (patches, N) array
    nearest : (patches,) array of int
    maps : (anchors, N, M) array

    Returns
    -------
    (patches, M) array
        Patches of detail.
    """
    details = np.empty((len(patches), maps.shape[2]), patches.dtype)
    order = np.argsort(nearest, kind="stable")  # patches of one anchor together: one product for all of them
    ends = np.searchsorted(nearest[order], np.arange(len(maps) + 1))
    for anchor in np.flatnonzero(np.diff(ends)):
        chosen = order[ends[anchor] : ends[anchor + 1]]
        details[chosen] = patches[chosen] @ maps[anchor]
    return details
