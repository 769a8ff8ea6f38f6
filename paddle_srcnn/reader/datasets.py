"""Known data sets: their names and parts, the sample photographs, and the folders that are searched for them."""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import skimage

from paddle_srcnn.errors import UserError
from paddle_srcnn.reader.download import SOURCE_FOLDERS, cache_folder, checksums
from paddle_srcnn.system.files import expanded, is_file

__all__ = [
    "KNOWN_SETS",
    "PARTS",
    "SAMPLES",
    "SAMPLES_TRAINING",
    "SAMPLES_VALIDATION",
    "Dataset",
    "data_folders",
    "file_names",
    "find_dataset",
    "incomplete_copies",
    "samples_training",
    "samples_validation",
    "whole_set",
]

KNOWN_SETS = tuple(SOURCE_FOLDERS)
SAMPLES = "samples"

# Parts of T91, by the index of an image in the order of names. The held-out part serves to choose how to train; neither
# of the two equal images, t36 and t65, is in it.
PARTS = {
    "T91-quarter": lambda index: index % 4 == 0,
    "T91-half": lambda index: index % 2 == 0,
    "T91-held-out": lambda index: index % 10 == 7,
    "T91-rest": lambda index: index % 10 != 7,
}

# Photographs in scikit-image's wheel, split once and for all. Validation has portraits, animals, things and machines,
# in colour and grey, as Set5 has. Training keeps the textures, the large images and the two views of one motorcycle,
# which must not be split between training and validation.
SAMPLES_TRAINING = (
    "brick.png",
    "coins.png",
    "grass.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "moon.png",
    "motorcycle_left.png",
    "motorcycle_right.png",
    "retina.jpg",
)
SAMPLES_VALIDATION = ("astronaut.png", "camera.png", "chelsea.png", "coffee.png", "rocket.jpg")


@dataclass(frozen=True)
class Dataset:
    """A named list of image files.

    Attributes
    ----------
    name : str
        ``T91``, ``Set5``, ``Set14``, ``samples``, a part of T91, or the name of a user's folder or file.
    files : tuple of Path
        The image files, in the order of their names.
    found : str
        Where the files are: a path, or the version of scikit-image.
    """

    name: str
    files: tuple[Path, ...]
    found: str


def samples_training() -> Dataset:
    """Return the training part of scikit-image's photographs.

    Raises
    ------
    UserError
        If the installed scikit-image lacks one of them.
    """
    return _samples(SAMPLES_TRAINING)


def samples_validation() -> Dataset:
    """Return the validation part of scikit-image's photographs.

    Raises
    ------
    UserError
        If the installed scikit-image lacks one of them.
    """
    return _samples(SAMPLES_VALIDATION)


def _samples(names: tuple[str, ...]) -> Dataset:
    folder, version = Path(skimage.__file__).parent / "data", metadata.version("scikit-image")
    files = tuple(folder / name for name in names)
    for file in files:
        if not file.is_file():
            raise UserError(f"{file} is missing from scikit-image {version}: install it again")
    return Dataset(SAMPLES, files, f"scikit-image {version}")


def data_folders() -> tuple[Path, ...]:
    """List the folders that are searched for known sets, in order.

    Raises
    ------
    UserError
        If `SRCNN_DATA` names no folder.
    """
    folders = [Path("data"), Path("../shared/datasets"), cache_folder()]
    if named := os.environ.get("SRCNN_DATA"):
        folder = expanded(named)
        if not os.path.isdir(folder):  # noqa: PTH112 -- Path.is_dir raises where looking is not permitted
            raise UserError(f"SRCNN_DATA={named} is no folder: set it to the folder that holds {KNOWN_SETS[0]}")
        folders.insert(0, folder)
    return tuple(folders)


def whole_set(name: str) -> str:
    """Return the known set that a name belongs to: its own, or T91 for a part of it."""
    return "T91" if name in PARTS else name


def file_names(name: str) -> tuple[str, ...]:
    """List the file names of a known set, or of a part of T91, in order."""
    belongs = PARTS.get(name, lambda _: True)
    return tuple(file for index, file in enumerate(checksums(whole_set(name))) if belongs(index))


def find_dataset(name: str) -> Dataset | None:
    """Find a known set on this disk.

    The first folder that holds all files of the set wins. The function does not read contents: a download checks them
    once.

    Parameters
    ----------
    name : str
        ``T91``, ``Set5``, ``Set14`` or a part of T91.

    Returns
    -------
    Dataset or None
        None if no folder holds the whole set.

    Raises
    ------
    UserError
        If `SRCNN_DATA` names no folder.
    """
    for folder in data_folders():
        files = tuple(folder / whole_set(name) / file for file in file_names(name))
        if all(map(is_file, files)):
            return Dataset(name, files, str(folder / whole_set(name)))
    return None


def incomplete_copies(name: str) -> list[str]:
    """List the folders named like a known set that lack files of it, such as ``data/T91 lacks 3 of 91``."""
    wanted = checksums(name)
    copies = []
    for folder in data_folders():
        lacking = sum(not is_file(folder / name / file) for file in wanted)
        if lacking and os.path.isdir(folder / name):  # noqa: PTH112 -- see data_folders
            copies.append(f"{folder / name} lacks {lacking} of {len(wanted)}")
    return copies
