"""Images as users name them: files, folders, patterns, and the names of data sets' images."""

from __future__ import annotations

import difflib
import glob
import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.kinds import IMAGE_SUFFIXES, UNREAD_SUFFIXES
from paddle_srcnn.reader.datasets import (
    KNOWN_SETS,
    PARTS,
    SAMPLES,
    Dataset,
    find_dataset,
    samples_training,
    samples_validation,
)
from paddle_srcnn.system.files import expanded, is_file, text_of

__all__ = ["find_picture", "folder_dataset", "images_in", "named_pictures"]

MOST_NAMED = 5  # files in a warning
LEAST_ALIKE = 0.75  # ratio of `difflib` for names that are proposed instead of others

logger = logging.getLogger(__name__)


def folder_dataset(path: Path | str) -> Dataset:
    """List the images in a folder and the folders below it, in the order of their paths, or a single image.

    Names that begin with a dot are passed over. Linked folders are followed, each folder once. Pictures of kinds that
    are not read are counted and named in a warning.

    Parameters
    ----------
    path : path
        A folder, or an image file.

    Returns
    -------
    Dataset

    Raises
    ------
    UserError
        If there is nothing at `path`, no image in it, or it cannot be listed.
    """
    path = expanded(path)
    if is_file(path) and path.suffix.lower() in IMAGE_SUFFIXES:
        return Dataset(text_of(path.stem), (path,), str(path))
    if not os.path.isdir(path):  # noqa: PTH112 -- Path.is_dir raises where looking is not permitted
        problem = "is not an image" if is_file(path) else "does not exist"
        named = ", ".join((*KNOWN_SETS, *PARTS, SAMPLES))
        raise UserError(f"{path} {problem}: give a folder of images or one of {named}")
    found = sorted(_pictures_below(path), key=lambda file: file.parts)
    files = tuple(file for file in found if file.suffix.lower() in IMAGE_SUFFIXES)
    _warn_of_unread(path, found)
    if not files:
        raise UserError(f"{path} holds no image: put some of {', '.join(sorted(IMAGE_SUFFIXES))} there")
    return Dataset(text_of(path.resolve().name), files, str(path))


def _warn_of_unread(folder: Path | str, files: Sequence[Path]) -> None:
    """Log which pictures of a folder, or of a pattern, no reader decodes."""
    unread = [file.name for file in files if file.suffix.lower() in UNREAD_SUFFIXES]
    if unread:
        named = ", ".join(unread[:MOST_NAMED]) + (", ..." if len(unread) > MOST_NAMED else "")
        logger.warning("%s: %d of a kind that is not read, left out: %s", folder, len(unread), named)


def _pictures_below(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> NoReturn:
        raise UserError(f"{error.filename} cannot be listed ({error.strerror}): check its permissions")

    seen = set()
    for parent, folders, names in os.walk(folder, onerror=refuse, followlinks=True):
        real = Path(parent).resolve()
        if real in seen:  # a link back to a folder that was listed already
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if not name.startswith(".") and Path(name).suffix.lower() in IMAGE_SUFFIXES | UNREAD_SUFFIXES:
                yield Path(parent, name)


def images_in(folder: Path) -> list[Path]:
    """List the images in a folder, in the order of their names, without those in folders below it.

    Pictures of kinds that are not read are counted and named in a warning.

    Raises
    ------
    UserError
        If the folder cannot be listed or holds no image.
    """
    try:
        found = [file for file in sorted(folder.iterdir()) if not file.name.startswith(".")]
    except OSError as error:
        raise UserError(f"{folder} cannot be listed ({error.strerror}): check its permissions") from None
    files = [file for file in found if file.suffix.lower() in IMAGE_SUFFIXES and not file.is_dir()]
    _warn_of_unread(folder, found)
    if not files:
        raise UserError(f"{folder} holds no image: name another folder, or search those below it too (recursive)")
    return files


def named_pictures(names: Sequence[str], *, recursive: bool) -> list[tuple[Path, Path]]:
    """Find the images that a user names, each once.

    Parameters
    ----------
    names : sequence of str
        Files, folders, patterns such as ``holiday/*.jpg``, or names that `find_picture` knows.
    recursive : bool
        Search folders below the named ones as well, and let ``**`` in patterns stand for any of them.

    Returns
    -------
    list of (Path, Path)
        Each image file, and its folder relative to the one that was named.

    Raises
    ------
    UserError
        If a name stands for no image, or a folder cannot be listed.
    """
    found: dict[str, tuple[Path, Path]] = {}
    for name in names:
        path = expanded(name)
        if os.path.isdir(path):  # noqa: PTH112 -- see folder_dataset
            files = folder_dataset(path).files if recursive else images_in(path)
            pairs = [(file, file.parent.relative_to(path)) for file in files]
        elif not is_file(path) and glob.has_magic(name):
            matches = [Path(match) for match in sorted(glob.glob(str(path), recursive=recursive))]  # noqa: PTH207
            pairs = [(file, Path()) for file in matches if is_file(file) and file.suffix.lower() in IMAGE_SUFFIXES]
            _warn_of_unread(name, matches)
            if not pairs:
                raise UserError(f"{name}: no image matches this pattern")
        else:
            pairs = [(find_picture(name), Path())]
        for file, folder in pairs:
            found.setdefault(os.path.abspath(file), (file, folder))  # noqa: PTH100 -- links are not resolved
    return list(found.values())


def find_picture(name: str) -> Path:
    """Find one image that a user names: a file, or the name of an image of a set on this disk.

    Parameters
    ----------
    name : str
        A path, or a name with or without its suffix; ``bird`` and ``bird.bmp`` mean Set5's ``bird_GT.bmp``.
        Set5, Set14, T91 and the sample photographs are searched in this order; nothing is downloaded.

    Returns
    -------
    Path

    Raises
    ------
    UserError
        If there is no such image. The message proposes a name that is alike, and lists the sets that were searched if
        `name` is no path and has no suffix.
    """
    if is_file(path := expanded(name)):
        return path
    if os.path.isdir(path):  # noqa: PTH112 -- see folder_dataset
        raise UserError(f"{name} is a folder: name one image in it")
    known = [found for wanted in ("Set5", "Set14", "T91") if (found := find_dataset(wanted))]
    searched = [*known, samples_training(), samples_validation()]
    for dataset in searched:
        for file in dataset.files:
            plain = file.stem.removesuffix("_GT")
            if name in (file.name, file.stem, plain, plain + file.suffix):
                return file
    if path.suffix or path.parent != Path():
        raise UserError(f"{name} {_absence(path)}")
    *others, last = dict.fromkeys(f"{dataset.name} ({dataset.found})" for dataset in searched)
    sets = f"{', '.join(others)} or {last}" if others else last
    absent = [wanted for wanted in KNOWN_SETS if wanted not in {dataset.name for dataset in known}]
    advice = f"; `python -m reader fetch {' '.join(absent)}` downloads more" if absent else ""
    raise UserError(f"{name} {_absence(path)}; nor is it an image of {sets}{advice}")


def _absence(path: Path) -> str:
    """Tell why there is no file at a path, as words that continue its name."""
    try:
        path.lstat()
    except PermissionError as error:
        return f"cannot be looked up ({error.strerror}): check the permissions of its folder"
    except (OSError, ValueError):
        pass
    else:
        return "is a link to something that does not exist, or no regular file: name a picture"
    folder = os.path.abspath(path.parent)  # noqa: PTH100 -- links are not resolved
    try:
        names = os.listdir(folder)  # noqa: PTH208 -- names, not paths
    except OSError:
        return f"does not exist: there is no folder {folder}"
    same = [name for name in names if name.lower() == path.name.lower()]
    alike = same or difflib.get_close_matches(path.name, names, n=1, cutoff=LEAST_ALIKE)
    return f"does not exist in {folder}" + (f"; did you mean {alike[0]}?" if alike else "")
