"""The reader of the paper's protocol: patches of upscaled images at random positions, flipped and rotated."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import read_image
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.protocols import paper
from paddle_srcnn.protocols.article import centre
from paddle_srcnn.protocols.defects import Defect, upsample_defective
from paddle_srcnn.reader.grid_patches import PATCH
from paddle_srcnn.reader.readers import PatchReader
from paddle_srcnn.reader.renamed import accepting

__all__ = ["AUGMENTATIONS", "Pair", "augmented", "load_defective_pairs", "load_pairs", "random_patch_reader"]

AUGMENTATIONS = 8  # four rotations, each flipped or not


@dataclass(frozen=True)
class Pair:
    """An input image and its ground truth.

    Attributes
    ----------
    input : (C, H, W) array of float32
        Input of the network, on 0..255, neither clipped nor rounded: the upsampled image, or the small one.
    hr : (C, H, W) array of uint8
        Ground truth, 0..255.
    """

    input: np.ndarray
    hr: np.ndarray


def load_pairs(
    files: Sequence[Path],
    *,
    scale: int,
    space: str = "y",
    sizes: Sequence[float] = (1.0,),
    factor: int = 1,
    patch: int = PATCH,
) -> list[Pair]:
    """Downscale images, and upscale them again unless the network does so; skip images too small for a patch.

    Parameters
    ----------
    files : sequence of Path
        Image files.
    scale : int
        Factor of both scalings.
    space : {"y", "ycbcr", "rgb"}
        Colour space, see `paddle_srcnn.protocols.paper.paper_channels`.
    sizes : sequence of float
        Factors by which each image is resized to become a ground truth: 1, and smaller ones for other detail.
    factor : int
        Factor by which the network itself upscales, 1 or `scale`.
    patch : int
        Side of the inputs' patches, in pixels.

    Returns
    -------
    list of Pair

    Raises
    ------
    UserError
        If an image cannot be read, or none is large enough.
    """
    pairs = []
    for file in files:
        image = paper.paper_channels(read_image(file), 1, space)
        for size in sizes:
            hr = paper.cropped(image if size == 1 else paper.quantised(imresize(image, size)), scale)
            if min(hr.shape[1:]) >= factor * patch:
                pairs.append(Pair(paper.network_input(hr, scale, factor).astype(np.float32), hr))
    return _enough(pairs, files, factor * patch)


def load_defective_pairs(
    files: Sequence[Path], *, scale: int, sizes: Sequence[float], defect: Defect, rng: np.random.Generator
) -> list[Pair]:
    """Downscale images, damage them and upscale their luma; a pair for each size and strength of the defect.

    Parameters
    ----------
    files : sequence of Path
        Image files.
    scale : int
        Factor of both scalings.
    sizes : sequence of float
        Factors as in `load_pairs`.
    defect : Jpeg or Noise
    rng : numpy.random.Generator
        Source of the noise.

    Raises
    ------
    UserError
        If an image cannot be read, or none is large enough.
    """
    pairs = []
    for file in files:
        image = read_image(file)
        for resized in _resized(image, sizes):
            hr = paper.paper_channels(resized, scale)
            if min(hr.shape[1:]) >= PATCH:
                for upsampled in upsample_defective(resized, scale, defect, rng):
                    pairs.append(Pair(upsampled.astype(np.float32), hr))
    return _enough(pairs, files)


def _resized(image: np.ndarray, sizes: Sequence[float]) -> Iterator[np.ndarray]:
    """Yield an image, (H, W, 3) or (H, W), at several sizes."""
    for size in sizes:
        if size == 1:
            yield image
        else:
            channels = np.moveaxis(image, -1, 0) if image.ndim == 3 else image
            resized = paper.quantised(imresize(channels, size))
            yield np.moveaxis(resized, 0, -1) if image.ndim == 3 else resized


def _enough(pairs: list[Pair], files: Sequence[Path], least: int = PATCH) -> list[Pair]:
    if not pairs:
        raise UserError(
            f"none of the {len(files)} images ({files[0]} the first) has the {least}x{least} pixels that a patch "
            "needs: use larger images"
        )
    return pairs


@accepting("turns", "augment")
def random_patch_reader(
    pairs: Sequence[Pair],
    rng: np.random.Generator,
    *,
    margin: int,
    count: int,
    augment: bool = True,
    factor: int = 1,
    patch: int = PATCH,
) -> PatchReader:
    """Make a reader of patches at random positions of the images.

    All positions of all images are equally likely. Each epoch draws all its numbers before it yields its
    first sample. To repeat an epoch exactly, give `rng` the state that it had before the epoch.

    Parameters
    ----------
    pairs : sequence of Pair
        Images to cut patches from.
    rng : numpy.random.Generator
        Draws images, positions and augmentations.
    margin : int
        Pixels that the network loses at each border, `Architecture.margin`.
    count : int
        Samples of an epoch.
    augment : bool
        Flip and rotate patches at random.
    factor : int
        Factor by which the network itself upscales.
    patch : int
        Side of the inputs, in pixels.

    Returns
    -------
    callable
        Without arguments; each call yields `count` pairs of a (C, patch, patch) float32 input and a uint8 label of
        factor * (patch - 2 margin) pixels each way, on 0..255.
    """
    corners = np.array([np.subtract(pair.input.shape[1:], patch - 1) for pair in pairs])  # rows and columns of them

    def data_reader() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for index, corner, number in _draws(corners, rng, count, AUGMENTATIONS if augment else 1):
            given = _square(pairs[index].input, corner, patch, 1)
            label = centre(_square(pairs[index].hr, corner, patch, factor), factor * margin)
            yield augmented(given, number), augmented(label, number)

    return data_reader


def _draws(
    positions: np.ndarray, rng: np.random.Generator, count: int, augmentations: int
) -> Iterator[tuple[int, list[int], int]]:
    """Draw an epoch's images, corners and augmentations, all of them before the first is given."""
    likelihood = positions.prod(axis=1) / positions.prod(axis=1).sum()
    chosen = rng.choice(len(positions), count, p=likelihood)
    corners = (rng.random((count, 2)) * positions[chosen]).astype(int)
    numbers = rng.integers(augmentations, size=count)
    return zip(chosen.tolist(), corners.tolist(), numbers.tolist(), strict=True)


def _square(image: np.ndarray, corner: Sequence[int], side: int, factor: int) -> np.ndarray:
    """Cut a square of a number of pixels of the input, each of which is a block in the image."""
    rows, columns = (slice(factor * first, factor * (first + side)) for first in corner)
    return image[:, rows, columns]


def augmented(patch: np.ndarray, number: int) -> np.ndarray:
    """Rotate a patch by ``number % 4`` quarter turns, and flip it if `number` is 4 or more.

    Parameters
    ----------
    patch : (C, N, N) array
    number : int
        From 0, which changes nothing, to 7.

    Returns
    -------
    (C, N, N) array
        A view.
    """
    rotated = np.rot90(patch, number % 4, axes=(1, 2))
    return rotated[:, :, ::-1] if number >= 4 else rotated
