"""Evaluation of a network on whole pictures, in both protocols."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import read_image
from paddle_srcnn.protocols.article import (
    centre,
    degrade,
    luma,
    luma_of,
    planes_for,
    score,
)
from paddle_srcnn.protocols.metrics import Score, score_of
from paddle_srcnn.protocols.paper import paper_luma, paper_mse, paper_planes, upsample
from paddle_srcnn.system.files import text_of


@dataclass(frozen=True)
class ValidationSet:
    """Pictures that a network is scored on.

    Parameters
    ----------
    names : tuple of str
    inputs : tuple of (C, H, W) arrays of uint8
        Degraded pictures, as the network sees them: luma or RGB.
    hrs : tuple of (C, H, W) arrays of uint8
        Ground truths.
    lumas : tuple of (1, H, W) arrays of uint8
        Luma of the ground truths, which networks of one and of three channels are both scored on.
    margin : int
        Pixels that the network loses on each side.
    """

    names: tuple[str, ...]
    inputs: tuple[np.ndarray, ...]
    hrs: tuple[np.ndarray, ...]
    lumas: tuple[np.ndarray, ...]
    margin: int

    def input_score(self) -> Score:
        """Score of the degraded inputs themselves, on the part that the network keeps."""
        return self.score(lambda planes: centre(planes, self.margin))

    def score(self, restore: Callable[[np.ndarray], np.ndarray]) -> Score:
        """Score of what `restore` makes of the inputs."""
        srs = [restore(planes) for planes in self.inputs]
        of_luma = score([luma_of(sr) for sr in srs], self.lumas)
        return replace(of_luma, rgb=score(srs, self.hrs)) if len(srs[0]) > 1 else of_luma


@dataclass(frozen=True)
class SuperResolutionSet:
    """Pictures that a network is scored on in the protocol `paper`.

    Parameters
    ----------
    names : tuple of str
    inputs : tuple of (C, H, W) arrays of float64
        Reduced and enlarged, on 0..255.
    hrs : tuple of (1, H, W) arrays of uint8
        Luma of the ground truths, which networks of one and of three channels are both scored on.
    scale : int
    space : {"y", "ycbcr", "rgb"}
        Colour space of the inputs.
    """

    names: tuple[str, ...]
    inputs: tuple[np.ndarray, ...]
    hrs: tuple[np.ndarray, ...]
    scale: int
    space: str = "y"

    def input_score(self) -> Score:
        """Score of bicubic interpolation."""
        return self.score(lambda planes: planes)

    def score(self, restore: Callable[[np.ndarray], np.ndarray]) -> Score:
        """Score of what `restore` makes of the inputs, (C, H, W) again."""
        pairs = zip(self.inputs, self.hrs, strict=True)
        return score_of([paper_mse(paper_luma(restore(planes), self.space), hr[0], self.scale) for planes, hr in pairs])


def load_super_resolution(files: Sequence[Path], *, scale: int, space: str = "y") -> SuperResolutionSet:
    """Read pictures, reduce them and enlarge them again; see `SuperResolutionSet`.

    Raises
    ------
    UserError
        If nothing of a picture is left without the pixels that are not scored, or it is so flat that its input's PSNR
        would be infinite.
    """
    inputs, hrs = [], []
    for path in files:
        picture = read_image(path)
        hr = paper_planes(picture, scale)
        if min(hr.shape[1:]) <= 2 * scale:
            raise UserError(f"{path} is too small: nothing of it is scored at x{scale}")
        upsampled = upsample(hr, scale)
        if paper_mse(upsampled[0], hr[0], scale) == 0:
            raise UserError(f"{path} is too flat to be scored (reduced and enlarged, it is as it was): leave it out")
        hrs.append(hr)
        inputs.append(upsampled if space == "y" else upsample(paper_planes(picture, scale, space), scale))
    return SuperResolutionSet(picture_names(files), tuple(inputs), tuple(hrs), scale, space)


def load_validation(
    files: Sequence[Path],
    *,
    margin: int,
    channels: int = 1,
    degrade: Callable[[np.ndarray], np.ndarray] = degrade,
) -> ValidationSet:
    """Read pictures and degrade them, for a network of one channel (luma) or three (RGB).

    Parameters
    ----------
    files : sequence of Path
    margin : int
        Pixels that the network loses on each side.
    channels : int
    degrade : callable
        What makes inputs of ground truths, (C, H, W) uint8; the protocol's own unless another is under study.

    Raises
    ------
    UserError
        If a picture is so small that a network of this margin keeps nothing of it, or so flat that its input's PSNR
        would be infinite.
    """
    inputs, hrs, lumas = [], [], []
    for path in files:
        picture = read_image(path)
        hr = planes_for(channels)(picture)
        if min(hr.shape[1:]) <= 2 * margin:
            least = 2 * margin + 1
            raise UserError(
                f"{path} is {hr.shape[2]}x{hr.shape[1]}: a picture to be restored needs at least {least}x{least}"
            )
        degraded = degrade(hr)
        if np.array_equal(centre(degraded, margin), centre(hr, margin)):
            raise UserError(f"{path} is too flat to be scored (a blur leaves it as it is): leave it out")
        inputs.append(degraded)
        hrs.append(hr)
        lumas.append(luma(picture))
    return ValidationSet(picture_names(files), tuple(inputs), tuple(hrs), tuple(lumas), margin)


def picture_names(files: Sequence[Path]) -> tuple[str, ...]:
    """Names of pictures as columns and tables show them: without suffix, and without the ``_GT`` of Set5.

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
