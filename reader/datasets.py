"""Data sets: where they are found, and what takes their place where they cannot be had."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import NoReturn

import skimage

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import PICTURE_SUFFIXES
from paddle_srcnn.system.files import expanded, is_file, text_of
from reader.download import SOURCE, SOURCE_FOLDERS, DownloadError, cache_folder, checksums, fetch

KNOWN_SETS = tuple(SOURCE_FOLDERS)
SAMPLES = "samples"
DEFAULT_TRAINING = "T91"
DEFAULT_VALIDATION = "Set5"

# Parts of T91, by the place of a picture in the order of names. What is held out serves to choose how to train; neither
# of the two equal pictures, t36 and t65, is in it.
PARTS = {
    "T91-quarter": lambda place: place % 4 == 0,
    "T91-half": lambda place: place % 2 == 0,
    "T91-held-out": lambda place: place % 10 == 7,
    "T91-rest": lambda place: place % 10 != 7,
}

# Photographs in scikit-image's wheel, split once and for all. Validation has portraits, animals, things and machines,
# in colour and grey, of the kind that Set5 has; training keeps the textures, the large pictures and the two views
# of one motorcycle, which must not stand on both sides.
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
    """A named list of pictures.

    Attributes
    ----------
    name : str
        ``T91``, ``Set5``, ``Set14``, ``samples``, a part of T91, or the name of a folder or picture of the user's.
    files : tuple of Path
        The pictures, in the order of their names.
    found : str
        Where they are: a path, or the version of scikit-image.
    """

    name: str
    files: tuple[Path, ...]
    found: str


def folder_dataset(path: Path | str) -> Dataset:
    """Take the pictures in a folder and the folders below it, in the order of their paths, or a single picture.

    Names that begin with a dot are passed over. Linked folders are followed, each folder once.

    Raises
    ------
    UserError
        If there is nothing at `path`, no picture in it, or it cannot be listed.
    """
    path = expanded(path)
    if is_file(path) and path.suffix.lower() in PICTURE_SUFFIXES:
        return Dataset(text_of(path.stem), (path,), str(path))
    if not os.path.isdir(path):  # noqa: PTH112 -- Path.is_dir raises where looking is not permitted
        problem = "is not a picture" if is_file(path) else "does not exist"
        named = ", ".join((*KNOWN_SETS, *PARTS, SAMPLES))
        raise UserError(f"{path} {problem}: give a folder of pictures or one of {named}")
    files = tuple(sorted(_pictures_below(path), key=lambda file: file.parts))
    if not files:
        raise UserError(f"{path} holds no picture: put some of {', '.join(sorted(PICTURE_SUFFIXES))} there")
    return Dataset(text_of(path.resolve().name), files, str(path))


def _pictures_below(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> NoReturn:
        raise UserError(f"{error.filename} cannot be listed ({error.strerror}): check its permissions")

    seen = set()
    for parent, folders, names in os.walk(folder, onerror=refuse, followlinks=True):
        real = Path(parent).resolve()
        if real in seen:  # a link back into what was listed already
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if not name.startswith(".") and Path(name).suffix.lower() in PICTURE_SUFFIXES:
                yield Path(parent, name)


def samples_training() -> Dataset:
    """Training part of the built-in set."""
    return _samples(SAMPLES_TRAINING)


def samples_validation() -> Dataset:
    """Validation part of the built-in set."""
    return _samples(SAMPLES_VALIDATION)


def _samples(names: tuple[str, ...]) -> Dataset:
    folder, version = Path(skimage.__file__).parent / "data", metadata.version("scikit-image")
    files = tuple(folder / name for name in names)
    for file in files:
        if not file.is_file():
            raise UserError(f"{file} is missing from scikit-image {version}: install it again")
    return Dataset(SAMPLES, files, f"scikit-image {version}")


def data_folders() -> tuple[Path, ...]:
    """Folders that are searched for known sets, in order.

    Raises
    ------
    UserError
        If `SRCNN_DATA` names no folder.
    """
    folders = [Path("data"), Path("../shared/datasets"), cache_folder()]
    if named := os.environ.get("SRCNN_DATA"):
        folder = expanded(named)
        if not os.path.isdir(folder):  # noqa: PTH112 -- see folder_dataset
            raise UserError(f"SRCNN_DATA={named} is no folder: set it to the folder that holds {KNOWN_SETS[0]}")
        folders.insert(0, folder)
    return tuple(folders)


def whole_set(name: str) -> str:
    """Known set that a name, of itself or of a part, belongs to."""
    return "T91" if name in PARTS else name


def file_names(name: str) -> tuple[str, ...]:
    """Names of the files of a known set, or of a part of T91."""
    belongs = PARTS.get(name, lambda _: True)
    return tuple(file for place, file in enumerate(checksums(whole_set(name))) if belongs(place))


def find_dataset(name: str) -> Dataset | None:
    """Find a known set on this disk: the first folder that holds all its files; None where there is none.

    Contents are not looked at: what was downloaded was checked then.

    Parameters
    ----------
    name : str
        ``T91``, ``Set5``, ``Set14`` or a part of T91.
    """
    for folder in data_folders():
        files = tuple(folder / whole_set(name) / file for file in file_names(name))
        if all(map(is_file, files)):
            return Dataset(name, files, str(folder / whole_set(name)))
    return None


def incomplete_copies(name: str) -> list[str]:
    """Say which folders are named like a known set but lack files of it, such as ``data/T91 lacks 3 of 91``."""
    wanted = checksums(name)
    copies = []
    for folder in data_folders():
        lacking = sum(not is_file(folder / name / file) for file in wanted)
        if lacking and os.path.isdir(folder / name):  # noqa: PTH112 -- see folder_dataset
            copies.append(f"{folder / name} lacks {lacking} of {len(wanted)}")
    return copies


def choose_datasets(
    train: str | None,
    validation: str | None,
    *,
    defaults: tuple[str, str] = (DEFAULT_TRAINING, DEFAULT_VALIDATION),
    base_url: str = SOURCE,
) -> tuple[Dataset, Dataset]:
    """Have the training and the validation set that a command was asked for.

    Known sets that are not on this disk are downloaded. Where a default cannot be had, the built-in photographs take
    over, on both sides if it is the training set and no data was named; one line on stderr says so.

    Parameters
    ----------
    train, validation : str or None
        ``T91``, ``Set5``, ``Set14``, ``samples``, a part of T91 such as ``T91-half``, or a path (``./T91`` for a
        folder named like a set); None for the default.
    defaults : tuple of str
        Known sets to train on and to score on; the article's T91 and Set5.
    base_url : str
        See `reader.download.fetch`.

    Raises
    ------
    UserError
        If data that was named cannot be had.
    """
    training_set = None if train is None else _named_dataset(train, samples_training, base_url)
    validation_set = None if validation is None else _named_dataset(validation, samples_validation, base_url)
    try:
        training_set = training_set or _known_dataset(defaults[0], base_url)
        validation_set = validation_set or _known_dataset(defaults[1], base_url)
    except DownloadError as error:
        wanted = zip(defaults, (training_set, validation_set), strict=True)
        absent = [name for name, chosen in wanted if chosen is None and find_dataset(name) is None]
        print(
            f"warning: {' and '.join(absent)} {'are' if len(absent) > 1 else 'is'} not on this disk and cannot be "
            f"downloaded ({error.reason}): using scikit-image's photographs (`{SAMPLES}`) instead; "
            "put the sets into ./data or set SRCNN_DATA",
            file=sys.stderr,
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


def find_picture(name: str) -> Path:
    """Find the picture that a user means: a file, or the name of a picture of a set on this disk.

    Parameters
    ----------
    name : str
        A path, or a name with or without its suffix; ``bird`` and ``bird.bmp`` mean Set5's ``bird_GT.bmp``.
        Set5, Set14, T91 and the built-in photographs are searched in this order; nothing is downloaded.

    Raises
    ------
    UserError
        If there is no such picture; says what was searched.
    """
    if is_file(path := expanded(name)):
        return path
    if os.path.isdir(path):  # noqa: PTH112 -- see folder_dataset
        raise UserError(f"{name} is a folder: name one picture of it")
    found = [found for known in ("Set5", "Set14", "T91") if (found := find_dataset(known))]
    searched = [*found, samples_training(), samples_validation()]
    for dataset in searched:
        for file in dataset.files:
            plain = file.stem.removesuffix("_GT")
            if name in (file.name, file.stem, plain, plain + file.suffix):
                return file
    places = dict.fromkeys(f"{dataset.name} ({dataset.found})" for dataset in searched)
    absent = [known for known in KNOWN_SETS if known not in {dataset.name for dataset in found}]
    advice = f"; not on this disk: {', '.join(absent)} (`python -m reader fetch {' '.join(absent)}`)" if absent else ""
    raise UserError(f"{name} is neither a file nor a picture of {', '.join(places)}{advice}: check the name")
