"""Training patches and validation set of a run, as a command hands them to the trainer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from paddle_srcnn.protocols.validation import ValidationSet

__all__ = ["Data", "Reader"]

Reader = Callable[[], Iterator[tuple[np.ndarray, np.ndarray]]]


@dataclass(frozen=True)
class Data:
    """Training patches, validation set, and their descriptions.

    Parameters
    ----------
    reader : callable
        Each call goes once through the training patches: (input, label) pairs of (C, H, W) arrays.
    patches : int
        Training patches in one pass.
    validation : ValidationSet
    description : dict
        Name, counts and checksum of each set, under ``train`` and ``validation``. The summary shows them, and a
        resumed run compares them.
    whitening : (N + 1, N + 1) array, optional
        Matrix from `paddle_srcnn.model.whitening.whitening_matrix`, if the recipe asks for it.
    lines : tuple of str
        Description of the sets for the terminal.
    """

    reader: Reader
    patches: int
    validation: ValidationSet
    description: dict[str, Any]
    whitening: np.ndarray | None = None
    lines: tuple[str, ...] = ()
