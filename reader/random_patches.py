"""Training samples of the paper's protocol: patches of enlarged pictures, drawn at random and turned."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import read_image
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.protocols import paper
from paddle_srcnn.protocols.article import centre
from reader.grid_patches import PATCH

TURNS = 8  # four rotations, each mirrored or not


@dataclass(frozen=True)
class Pair:
    """A picture before and after: (C, H, W), what enters the network (float32) and its ground truth (uint8), 0..255."""

    upsampled: np.ndarray
    hr: np.ndarray


def load_pairs(files: Sequence[Path], *, scale: int, space: str = "y", sizes: Sequence[float] = (1.0,)) -> list[Pair]:
    """Reduce pictures and enlarge them again; those too small for a patch are left out.

    Parameters
    ----------
    files : sequence of Path
    scale : int
    space : {"y", "ycbcr", "rgb"}
        Colour space, see `paddle_srcnn.protocols.paper.paper_planes`.
    sizes : sequence of float
        Sizes at which each picture is taken as a ground truth: 1, and smaller ones, which hold other detail.

    Raises
    ------
    UserError
        If a picture cannot be read, or none is large enough.
    """
    pairs = []
    for file in files:
        planes = paper.paper_planes(read_image(file), 1, space)
        for size in sizes:
            hr = paper.cropped(planes if size == 1 else paper.quantised(imresize(planes, size)), scale)
            if min(hr.shape[1:]) >= PATCH:
                pairs.append(Pair(paper.upsample(hr, scale).astype(np.float32), hr))
    if not pairs:
        raise UserError(
            f"none of the {len(files)} pictures ({files[0]} the first) has the {PATCH}x{PATCH} pixels that a patch "
            "needs: use larger pictures"
        )
    return pairs


def random_patch_reader(
    pairs: Sequence[Pair], rng: np.random.Generator, *, margin: int, count: int, turns: bool = True
) -> Callable[[], Iterator[tuple[np.ndarray, np.ndarray]]]:
    """Make a reader of patches at random places of the pictures.

    Every place of every picture is as likely as any other. The generator is drawn from once for each epoch, before its
    first sample is yielded, so that an epoch is repeated by giving it the state that it had before.

    Parameters
    ----------
    pairs : sequence of Pair
    rng : numpy.random.Generator
    margin : int
        Pixels that the network loses on each side, `Architecture.margin`.
    count : int
        Samples of an epoch.
    turns : bool
        Rotate and mirror them at random.

    Returns
    -------
    callable
        Without arguments; each call yields `count` pairs of a (C, 33, 33) float32 input and a
        (C, 33 - 2 margin, 33 - 2 margin) uint8 label, on 0..255.
    """
    places = np.array([np.subtract(pair.hr.shape[1:], PATCH - 1) for pair in pairs])
    likelihood = places.prod(axis=1) / places.prod(axis=1).sum()

    def data_reader() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        chosen = rng.choice(len(pairs), count, p=likelihood)
        corners = (rng.random((count, 2)) * places[chosen]).astype(int)
        turned_by = rng.integers(TURNS if turns else 1, size=count)
        for index, (row, column), turn in zip(chosen.tolist(), corners.tolist(), turned_by.tolist(), strict=True):
            part = (slice(None), slice(row, row + PATCH), slice(column, column + PATCH))
            label = centre(pairs[index].hr[part], margin)
            yield turned(pairs[index].upsampled[part], turn), turned(label, turn)

    return data_reader


def turned(planes: np.ndarray, turn: int) -> np.ndarray:
    """(C, N, N) planes rotated by ``turn % 4`` quarters, and mirrored if `turn` is 4 or more."""
    rotated = np.rot90(planes, turn % 4, axes=(1, 2))
    return rotated[:, :, ::-1] if turn >= 4 else rotated
