"""What a run is trained and scored on, as a command hands it to the trainer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from paddle_srcnn.protocols.validation import SuperResolutionSet, ValidationSet

Reader = Callable[[], Iterator[tuple[np.ndarray, np.ndarray]]]


@dataclass(frozen=True)
class Data:
    """Training patches, validation pictures, and what to call them.

    Parameters
    ----------
    reader : callable
        Each call goes once through the training patches: (input, label) pairs of (C, H, W) arrays.
    patches : int
        Training patches in one pass.
    validation : ValidationSet or SuperResolutionSet
    description : dict
        Name, counts and checksum of each set, under ``train`` and ``validation``: for the summary, and to know
        the data again when a run is resumed.
    whitening : array, optional
        As `paddle_srcnn.model.whitening.whitening_matrix` gives it, where the recipe wants it.
    """

    reader: Reader
    patches: int
    validation: ValidationSet | SuperResolutionSet
    description: dict[str, Any]
    whitening: np.ndarray | None = None
