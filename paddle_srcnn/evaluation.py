"""Evaluation of a network on whole pictures, in the `article` protocol."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from paddle_srcnn.errors import UserError
from paddle_srcnn.images import read_image
from paddle_srcnn.protocols import Score, centre, degrade, luma, score


@dataclass(frozen=True)
class ValidationSet:
    """Pictures that a network is scored on: names, degraded inputs and ground truths, (1, H, W) uint8 each."""

    names: tuple[str, ...]
    inputs: tuple[np.ndarray, ...]
    hrs: tuple[np.ndarray, ...]
    margin: int

    def input_score(self) -> Score:
        """Score of the degraded inputs themselves, on the part that the network keeps."""
        return score([centre(planes, self.margin) for planes in self.inputs], self.hrs)

    def score(self, restore: Callable[[np.ndarray], np.ndarray]) -> Score:
        """Score of what `restore` makes of the inputs."""
        return score([restore(planes) for planes in self.inputs], self.hrs)


def load_validation(files: Sequence[Path], *, margin: int) -> ValidationSet:
    """Read pictures and degrade them as the protocol says.

    Raises
    ------
    UserError
        If a picture is so small that a network of this margin keeps nothing of it, or so flat that its input's PSNR
        would be infinite.
    """
    inputs, hrs = [], []
    for path in files:
        hr = luma(read_image(path))
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
    return ValidationSet(picture_names(files), tuple(inputs), tuple(hrs), margin)


def picture_names(files: Sequence[Path]) -> tuple[str, ...]:
    """Names of pictures as columns and tables show them: without suffix, and without the ``_GT`` of Set5.

    Files of the same name in different folders get a number.
    """
    names: list[str] = []
    for path in files:
        stem = name = path.stem.removesuffix("_GT")
        number = 1
        while name in names:
            number += 1
            name = f"{stem}#{number}"
        names.append(name)
    return tuple(names)
