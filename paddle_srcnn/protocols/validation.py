"""Sets of images that a network is scored on, in both protocols."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import read_image
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.protocols.article import centre, degrade, luma, luma_of, score, view_for
from paddle_srcnn.protocols.metrics import Score, score_of
from paddle_srcnn.protocols.paper import network_input, paper_channels, paper_luma, paper_mse, upsample
from paddle_srcnn.system.files import text_of

__all__ = [
    "DeblurringSet",
    "SuperResolutionSet",
    "ValidationSet",
    "image_names",
    "load_deblurring",
    "load_super_resolution",
]

Restore = Callable[[np.ndarray], np.ndarray]  # (C, H, W) on 0..255 to the network's output


@dataclass(frozen=True)
class DeblurringSet:
    """Blurred images and their ground truths, for the protocol `article`.

    Parameters
    ----------
    names : tuple of str
    inputs : tuple of (C, H, W) arrays of uint8
        Blurred images as they enter the network: luma or RGB.
    hrs : tuple of (C, H, W) arrays of uint8
        Ground truths.
    lumas : tuple of (1, H, W) arrays of uint8
        Luma of the ground truths, which scores networks of one and of three channels alike.
    margin : int
        Pixels that the network loses at each border.
    """

    names: tuple[str, ...]
    inputs: tuple[np.ndarray, ...]
    hrs: tuple[np.ndarray, ...]
    lumas: tuple[np.ndarray, ...]
    margin: int

    def input_score(self) -> Score:
        """Score the blurred inputs themselves, on the centres that the network keeps."""
        return self.score(lambda image: centre(image, self.margin))

    def score(self, restore: Restore) -> Score:
        """Score the outputs of `restore` for the inputs."""
        srs = [restore(image) for image in self.inputs]
        of_luma = score([luma_of(sr) for sr in srs], self.lumas)
        return replace(of_luma, rgb=score(srs, self.hrs)) if len(srs[0]) > 1 else of_luma


@dataclass(frozen=True)
class SuperResolutionSet:
    """Inputs of a network and their ground truths, for the protocol `paper`.

    Parameters
    ----------
    names : tuple of str
    inputs : tuple of (C, H, W) arrays of float64
        Images downscaled and upscaled again, on 0..255; downscaled only for a network that upscales itself.
    hrs : tuple of (1, H, W) arrays of uint8
        Luma of the ground truths, which scores networks of one and of three channels alike.
    scale : int
    space : {"y", "ycbcr", "rgb"}
        Colour space of the inputs.
    factor : int
        Factor by which the network itself upscales, 1 or `scale`.
    """

    names: tuple[str, ...]
    inputs: tuple[np.ndarray, ...]
    hrs: tuple[np.ndarray, ...]
    scale: int
    space: str = "y"
    factor: int = 1

    def input_score(self) -> Score:
        """Score bicubic interpolation."""
        return self.score(lambda image: image if self.factor == 1 else imresize(image, self.factor))

    def score(self, restore: Restore) -> Score:
        """Score the outputs of `restore` for the inputs; they have the ground truths' shapes."""
        pairs = zip(self.inputs, self.hrs, strict=True)
        return score_of([paper_mse(paper_luma(restore(image), self.space), hr[0], self.scale) for image, hr in pairs])


ValidationSet = DeblurringSet | SuperResolutionSet


def load_super_resolution(
    files: Sequence[Path], *, scale: int, space: str = "y", factor: int = 1
) -> SuperResolutionSet:
    """Read images, downscale them, and upscale them again unless the network itself upscales by a `factor`.

    Raises
    ------
    UserError
        If no pixel of an image is scored, or an image is so flat that the PSNR of its input would be infinite.
    """
    inputs, hrs = [], []
    for path in files:
        image = read_image(path)
        hr = paper_channels(image, scale)
        if min(hr.shape[1:]) <= 2 * scale:
            raise UserError(f"{path} is too small: nothing of it is scored at x{scale}")
        upsampled = upsample(hr, scale)
        if paper_mse(upsampled[0], hr[0], scale) == 0:
            raise UserError(f"{path} is too flat to be scored (downscaling does not change it): leave it out")
        hrs.append(hr)
        known = (space, factor) == ("y", 1)
        inputs.append(upsampled if known else network_input(paper_channels(image, scale, space), scale, factor))
    return SuperResolutionSet(image_names(files), tuple(inputs), tuple(hrs), scale, space, factor)


def load_deblurring(
    files: Sequence[Path],
    *,
    margin: int,
    space: str = "y",
    degrade: Callable[[np.ndarray], np.ndarray] = degrade,
) -> DeblurringSet:
    """Read images and blur them.

    Parameters
    ----------
    files : sequence of Path
    margin : int
        Pixels that the network loses at each border.
    space : {"y", "rgb"}
        Colour space of the network.
    degrade : callable
        Function that makes inputs of ground truths, (C, H, W) uint8. The default is the protocol's own blur.

    Raises
    ------
    UserError
        If an image is so small that a network of this margin keeps nothing of it, or so flat that the PSNR of its
        input would be infinite.
    """
    inputs, hrs, lumas = [], [], []
    for path in files:
        image = read_image(path)
        hr = view_for(space)(image)
        if min(hr.shape[1:]) <= 2 * margin:
            least = 2 * margin + 1
            raise UserError(f"{path} is {hr.shape[2]}x{hr.shape[1]}: the network needs at least {least}x{least} pixels")
        degraded = degrade(hr)
        if np.array_equal(centre(degraded, margin), centre(hr, margin)):
            raise UserError(f"{path} is too flat to be scored (a blur does not change it): leave it out")
        inputs.append(degraded)
        hrs.append(hr)
        lumas.append(luma(image))
    return DeblurringSet(image_names(files), tuple(inputs), tuple(hrs), tuple(lumas), margin)


def image_names(files: Sequence[Path]) -> tuple[str, ...]:
    """Return the names of images in columns and tables: without suffix, and without the ``_GT`` of Set5.

    Files of the same name in different folders get a number.
    """
    names: list[str] = []
    for path in files:
        stem = name = text_of(path.stem).removesuffix("_GT")
        number = 1
        while name in names:
            number += 1
            name = f"{stem}#{number}"
        names.append(name)
    return tuple(names)
