"""Readers and their decorators in the article's style: a reader is a callable, and each call gives fresh samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import numpy as np

__all__ = ["PatchReader", "shuffle"]

Sample = TypeVar("Sample")
PatchReader = Callable[[], Iterator[tuple[np.ndarray, np.ndarray]]]  # samples are pairs of an input and its label


def shuffle(
    reader: Callable[[], Iterator[Sample]], rng: np.random.Generator, buffer_size: int
) -> Callable[[], Iterator[Sample]]:
    """Shuffle a reader within a buffer, as `paddle.reader.shuffle` does, but drawing from `rng` alone.

    Each buffer draws once from the generator, after it is filled and before it yields its first sample. To repeat an
    epoch exactly, give `rng` the state that it had before the epoch.

    Parameters
    ----------
    reader : callable
        Yields samples of any kind.
    rng : numpy.random.Generator
        Its state decides the order and moves on with every epoch.
    buffer_size : int
        Samples shuffled among each other; not less than the reader's length shuffles all of them.

    Returns
    -------
    callable
        Without arguments; each call yields the samples of one epoch.

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
