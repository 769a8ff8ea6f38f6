"""Reader creators in the style of the article: a call gives a fresh generator of (input, label) samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np

from paddle_srcnn.protocols.article import luma
from reader.datasets import folder_dataset
from reader.grid_patches import Patches, load_patches

Sample = TypeVar("Sample")
PatchReader = Callable[[], Iterator[tuple[np.ndarray, np.ndarray]]]


def read_data(
    source: Path | str | Sequence[Path], *, margin: int, planes: Callable[[np.ndarray], np.ndarray] = luma
) -> PatchReader:
    """Make the article's reader of the patches of a folder or a list of pictures.

    Pictures are decoded and cut here, once; each call of the reader goes through the same patches again.

    Parameters
    ----------
    source : path or sequence of Path
        A folder, searched recursively for pictures, or the pictures themselves.
    margin : int
        Pixels that the network loses on each side, `Architecture.margin`.
    planes : callable
        What the network sees of a picture: (H, W, 3) or (H, W) uint8 to (C, H, W) uint8.

    Returns
    -------
    callable
        See `patch_reader`.

    Raises
    ------
    UserError
        If there is no such folder, a picture cannot be read, or no picture is large enough for a patch.
    """
    files = folder_dataset(source).files if isinstance(source, (str, Path)) else source
    return patch_reader(load_patches(files, margin=margin, planes=planes))


def patch_reader(patches: Patches) -> PatchReader:
    """Make a reader of patches that are in memory.

    Returns
    -------
    callable
        Without arguments; each call yields, in order, pairs of a (C, 33, 33) input and a
        (C, 33 - 2 margin, 33 - 2 margin) label: views of uint8, 0..255, not to be written to.
    """

    def data_reader() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        yield from zip(patches.inputs, patches.labels, strict=True)

    return data_reader


def shuffle(
    reader: Callable[[], Iterator[Sample]], rng: np.random.Generator, buffer_size: int
) -> Callable[[], Iterator[Sample]]:
    """Shuffle a reader within a buffer, as `paddle.reader.shuffle` does, but drawing from `rng` alone.

    The generator is drawn from once for each buffer, after that is filled and before its first sample is yielded. An
    epoch is therefore repeated exactly by giving `rng` the state that it had before the epoch began.

    Parameters
    ----------
    reader : callable
        Yields samples of any kind.
    rng : numpy.random.Generator
        Its state decides the order and moves on with every epoch.
    buffer_size : int
        Samples shuffled among each other; not less than the reader's length shuffles all of them.

    Raises
    ------
    ValueError
        If `buffer_size` is below 1.
    """
    if buffer_size < 1:
        raise ValueError(f"buffer_size must be at least 1, got {buffer_size}")

    def shuffled(buffer: list[Sample]) -> Iterator[Sample]:
        return (buffer[index] for index in rng.permutation(len(buffer)).tolist())

    def shuffled_reader() -> Iterator[Sample]:
        buffer: list[Sample] = []
        for sample in reader():
            buffer.append(sample)
            if len(buffer) == buffer_size:
                yield from shuffled(buffer)
                buffer = []
        if buffer:
            yield from shuffled(buffer)

    return shuffled_reader
