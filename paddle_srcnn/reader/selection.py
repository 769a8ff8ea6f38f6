"""The training set and the validation set of a run: what the user names, else the defaults, else the samples."""

from __future__ import annotations

import logging
from collections.abc import Callable

from paddle_srcnn.errors import about
from paddle_srcnn.reader.datasets import (
    KNOWN_SETS,
    SAMPLES,
    Dataset,
    file_names,
    find_dataset,
    samples_training,
    samples_validation,
    whole_set,
)
from paddle_srcnn.reader.download import SOURCE, DownloadError, fetch
from paddle_srcnn.reader.folders import folder_dataset

__all__ = ["choose_datasets"]

DEFAULT_TRAINING = "T91"
DEFAULT_VALIDATION = "Set5"

logger = logging.getLogger(__name__)


def choose_datasets(
    train: str | None,
    validation: str | None,
    *,
    defaults: tuple[str, str] = (DEFAULT_TRAINING, DEFAULT_VALIDATION),
    base_url: str = SOURCE,
) -> tuple[Dataset, Dataset]:
    """Find the training set and the validation set that a user asks for, and download them if necessary.

    If a default set cannot be downloaded, the sample photographs replace it. They replace both sets if the missing one
    is the training set and the user names no data. The function then logs a warning.

    Parameters
    ----------
    train, validation : str or None
        ``T91``, ``Set5``, ``Set14``, ``samples``, a part of T91 such as ``T91-half``, or a path (``./T91`` for a
        folder named like a set); None for the default.
    defaults : tuple of str
        Known sets to train on and to score on; the article's T91 and Set5.
    base_url : str
        Address to download from, see `paddle_srcnn.reader.download.fetch`.

    Returns
    -------
    training, validation : Dataset

    Raises
    ------
    UserError
        If a named set is neither on this disk nor can be downloaded, or a path holds no images.
    """
    with about("train_data"):
        training_set = None if train is None else _named_dataset(train, samples_training, base_url)
    with about("val_data"):
        validation_set = None if validation is None else _named_dataset(validation, samples_validation, base_url)
    try:
        training_set = training_set or _known_dataset(defaults[0], base_url)
        validation_set = validation_set or _known_dataset(defaults[1], base_url)
    except DownloadError as error:
        wanted = zip(defaults, (training_set, validation_set), strict=True)
        absent = [name for name, chosen in wanted if chosen is None and find_dataset(name) is None]
        logger.warning(
            "%s %s not on this disk and cannot be downloaded (%s): using scikit-image's photographs (`%s`) instead; "
            "put the sets into ./data or set SRCNN_DATA",
            " and ".join(absent),
            "are" if len(absent) > 1 else "is",
            error.reason,
            SAMPLES,
        )
    return training_set or samples_training(), validation_set or samples_validation()


def _named_dataset(requested: str, samples: Callable[[], Dataset], base_url: str) -> Dataset:
    if requested == SAMPLES:
        return samples()
    known = whole_set(requested) in KNOWN_SETS
    return _known_dataset(requested, base_url) if known else folder_dataset(requested)


def _known_dataset(name: str, base_url: str) -> Dataset:
    found = find_dataset(name)
    if found is None:
        folder = fetch(whole_set(name), base_url=base_url)
        found = Dataset(name, tuple(folder / file for file in file_names(name)), str(folder))
    return found
