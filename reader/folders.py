"""Pictures as users name them: files, folders, patterns."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from pathlib import Path

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import PICTURE_SUFFIXES
from paddle_srcnn.system.files import expanded, is_file
from reader.datasets import find_picture, folder_dataset


def named_pictures(names: Sequence[str], *, recursive: bool) -> list[tuple[Path, Path]]:
    """Pictures that a user names, each once, with their folders below those that were named.

    Parameters
    ----------
    names : sequence of str
        Files, folders, patterns such as ``holiday/*.jpg``, or what `find_picture` knows.
    recursive : bool
        Take pictures in folders of folders, too, and let ``**`` in patterns stand for any of them.

    Raises
    ------
    UserError
        If a name stands for no picture.
    """
    found: dict[str, tuple[Path, Path]] = {}
    for name in names:
        path = expanded(name)
        if os.path.isdir(path):  # noqa: PTH112 -- see folder_dataset
            files = folder_dataset(path).files if recursive else pictures_in(path)
            pairs = [(file, file.parent.relative_to(path)) for file in files]
        elif not is_file(path) and glob.has_magic(name):
            matches = (Path(match) for match in sorted(glob.glob(str(path), recursive=recursive)))  # noqa: PTH207
            pairs = [(file, Path()) for file in matches if is_file(file) and file.suffix.lower() in PICTURE_SUFFIXES]
            if not pairs:
                raise UserError(f"--image {name}: no picture has such a name")
        else:
            pairs = [(find_picture(name), Path())]
        for file, folder in pairs:
            found.setdefault(os.path.abspath(file), (file, folder))  # noqa: PTH100 -- links stay what they are
    return list(found.values())


def pictures_in(folder: Path) -> list[Path]:
    """Pictures in a folder, in the order of their names, those in folders below it left out."""
    try:
        files = [file for file in sorted(folder.iterdir()) if file.suffix.lower() in PICTURE_SUFFIXES]
    except OSError as error:
        raise UserError(f"{folder} cannot be listed ({error.strerror}): check its permissions") from None
    files = [file for file in files if not file.name.startswith(".") and not file.is_dir()]
    if not files:
        raise UserError(f"{folder} holds no picture: name another folder, or give --recursive for those below it")
    return files
