"""The article's door to the readers and data sets: `from reader import read_data`, as the article's program has it.

The code lies in `paddle_srcnn/reader/`; the article's reader is `paddle_srcnn/reader/grid_patches.py`. The wheel leaves
this package out, because another project owns the name. A clone and an editable install have it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from paddle_srcnn.reader import (
        PATCH,
        SAMPLES,
        STEP,
        Dataset,
        DownloadError,
        Pair,
        Patches,
        PatchReader,
        choose_datasets,
        extract_patches,
        fetch,
        file_names,
        find_dataset,
        find_picture,
        folder_dataset,
        load_pairs,
        load_patches,
        named_pictures,
        patch_reader,
        random_patch_reader,
        read_data,
        samples_training,
        samples_validation,
        shuffle,
    )

__all__ = [
    "PATCH",
    "SAMPLES",
    "STEP",
    "Dataset",
    "DownloadError",
    "Pair",
    "PatchReader",
    "Patches",
    "choose_datasets",
    "extract_patches",
    "fetch",
    "file_names",
    "find_dataset",
    "find_picture",
    "folder_dataset",
    "load_pairs",
    "load_patches",
    "named_pictures",
    "patch_reader",
    "random_patch_reader",
    "read_data",
    "samples_training",
    "samples_validation",
    "shuffle",
]


def __getattr__(name: str) -> Any:
    """Import a public name at its first use, so that `python -m reader` obeys Ctrl-C at once (PEP 562)."""
    if name in __all__:
        return getattr(import_module("paddle_srcnn.reader"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
