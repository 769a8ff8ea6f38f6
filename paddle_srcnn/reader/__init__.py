"""The article's generator-style readers, and the data sets that they read.

A reader is a callable; each call gives a fresh generator of samples. A decorator takes a reader and returns another.
Paddle's decorators work as well::

    import numpy as np
    import paddle
    from paddle_srcnn.recipes import RECIPES
    from paddle_srcnn.reader import read_data, shuffle

    data_reader = read_data("data/T91", margin=RECIPES["baseline"].architecture.margin)
    rng = np.random.default_rng(0)
    batches = paddle.batch(shuffle(data_reader, rng, buffer_size=21910), batch_size=16)
    for batch in batches():  # one epoch: lists of (input, label) pairs
        inputs = np.stack([sample[0] for sample in batch])  # (16, 1, 33, 33) uint8, 0..255

This package does not import Paddle. ``srcnn data`` lists the data sets and their folders. In a clone of the repository,
`reader` is a name of this package as well.
"""

from paddle_srcnn.reader.datasets import (
    SAMPLES,
    Dataset,
    file_names,
    find_dataset,
    samples_training,
    samples_validation,
)
from paddle_srcnn.reader.download import DownloadError, fetch
from paddle_srcnn.reader.folders import find_picture, folder_dataset, named_pictures
from paddle_srcnn.reader.grid_patches import (
    PATCH,
    STEP,
    Patches,
    extract_patches,
    load_patches,
    patch_reader,
    read_data,
)
from paddle_srcnn.reader.random_patches import Pair, load_pairs, random_patch_reader
from paddle_srcnn.reader.readers import PatchReader, shuffle
from paddle_srcnn.reader.selection import choose_datasets

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
