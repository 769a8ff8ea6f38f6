"""The article's reader: patches of 33x33 at steps of 14, each blurred by itself, with sharp centres as labels.

The article decodes, cuts and blurs again in every epoch. The result is always the same, so this module does it once
for a whole run and keeps bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import read_image
from paddle_srcnn.protocols import article
from paddle_srcnn.reader.folders import folder_dataset
from paddle_srcnn.reader.readers import PatchReader
from paddle_srcnn.reader.renamed import accepting

__all__ = ["PATCH", "STEP", "Patches", "corners", "extract_patches", "load_patches", "patch_reader", "read_data"]

PATCH = 33  # size of a patch, in pixels
STEP = 14  # distance between the corners of neighbouring patches, in pixels


def corners(length: int) -> range:
    """Return the first pixels of the patches along `length` pixels: 0, 14, 28, ...

    The bound ``corner + 33 < length`` is strict, as in the article: no patch touches the last row or column.
    """
    return range(0, length - PATCH, STEP)


def extract_patches(hr: np.ndarray, margin: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut one image into the article's patches, row by row.

    Parameters
    ----------
    hr : (C, H, W) array of uint8
        Ground truth, 0..255.
    margin : int
        Pixels that the network loses at each border, `Architecture.margin`; from 0 to 16.

    Returns
    -------
    inputs : (N, C, 33, 33) array of uint8
        Patches, each blurred by itself with its own borders reflected.
    labels : (N, C, 33 - 2 margin, 33 - 2 margin) array of uint8
        Centres of the sharp patches.

    Raises
    ------
    ValueError
        If `margin` leaves no pixel of a label.
    """
    if not 0 <= margin <= (PATCH - 1) // 2:
        raise ValueError(f"margin {margin} leaves nothing of a {PATCH}x{PATCH} patch: use filters that lose less")
    channels, height, width = hr.shape
    positions = [(j, i) for j in corners(height) for i in corners(width)]
    inputs = np.empty((len(positions), channels, PATCH, PATCH), np.uint8)
    labels = np.empty((len(positions), channels, PATCH - 2 * margin, PATCH - 2 * margin), np.uint8)
    for index, (j, i) in enumerate(positions):
        patch = hr[:, j : j + PATCH, i : i + PATCH]
        inputs[index] = article.degrade(patch)
        labels[index] = article.centre(patch, margin)
    return inputs, labels


@dataclass(frozen=True)
class Patches:
    """Every patch of a set of images, in the article's order.

    Attributes
    ----------
    inputs : (N, C, 33, 33) array of uint8
        Blurred patches, 0..255.
    labels : (N, C, 33 - 2 margin, 33 - 2 margin) array of uint8
        Centres of the ground truth, 0..255.
    images : int
        Number of images that gave patches.
    skipped : int
        Number of images too small to give one.
    """

    inputs: np.ndarray
    labels: np.ndarray
    images: int
    skipped: int

    @property
    def pictures(self) -> int:
        """Number of images that gave patches, by the name of version 0.1.0."""
        return self.images


@accepting("planes", "view")
def load_patches(
    files: Sequence[Path], *, margin: int, view: Callable[[np.ndarray], np.ndarray] = article.luma
) -> Patches:
    """Decode images and cut them into patches, once for a whole run.

    Parameters
    ----------
    files : sequence of Path
        Image files, in the order of the patches.
    margin : int
        Pixels that the network loses at each border, `Architecture.margin`.
    view : callable
        Gives the channels that enter the network: (H, W, 3) or (H, W) uint8 to (C, H, W) uint8.

    Returns
    -------
    Patches

    Raises
    ------
    UserError
        If an image cannot be read, or none is large enough for a patch.
    ValueError
        If `files` is empty or `margin` leaves no pixel of a label.
    """
    if not files:
        raise ValueError("expected at least one image, got none")
    extracted = [
        extract_patches(view(read_image(file)), margin)
        for file in tqdm(files, desc="patches", unit="image", leave=False, disable=None)
    ]
    inputs, labels = (np.concatenate(arrays) for arrays in zip(*extracted, strict=True))
    skipped = sum(len(patches) == 0 for patches, _ in extracted)
    if len(inputs) == 0:
        raise UserError(
            f"none of the {len(files)} images ({files[0]} the first) has the {PATCH + 1}x{PATCH + 1} pixels "
            "that a patch needs: use larger images"
        )
    return Patches(inputs, labels, len(files) - skipped, skipped)


def patch_reader(patches: Patches) -> PatchReader:
    """Make a reader of patches that are in memory.

    Parameters
    ----------
    patches : Patches
        All patches of an epoch.

    Returns
    -------
    callable
        Without arguments; each call yields, in order, pairs of a (C, 33, 33) input and a
        (C, 33 - 2 margin, 33 - 2 margin) label: views of uint8, 0..255. Do not write to them.
    """

    def data_reader() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        yield from zip(patches.inputs, patches.labels, strict=True)

    return data_reader


@accepting("planes", "view")
def read_data(
    source: Path | str | Sequence[Path], *, margin: int, view: Callable[[np.ndarray], np.ndarray] = article.luma
) -> PatchReader:
    """Make the article's reader of the patches of a folder or of a list of images.

    Parameters
    ----------
    source : path or sequence of Path
        A folder, searched recursively for images, or the image files themselves.
    margin : int
        Pixels that the network loses at each border, `Architecture.margin`.
    view : callable
        Gives the channels that enter the network: (H, W, 3) or (H, W) uint8 to (C, H, W) uint8.

    Returns
    -------
    callable
        See `patch_reader`.

    Raises
    ------
    UserError
        If there is no such folder, an image cannot be read, or no image is large enough for a patch.
    """
    files = folder_dataset(source).files if isinstance(source, (str, Path)) else source
    return patch_reader(load_patches(files, margin=margin, view=view))
