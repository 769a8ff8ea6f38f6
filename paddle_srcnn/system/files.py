"""Files that appear whole or not at all, users' paths, and checksums."""

from __future__ import annotations

import csv
import errno
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save

from paddle_srcnn.errors import UserError
from paddle_srcnn.system.windows import advice, name_problem, rename

__all__ = [
    "atomic_path",
    "check_folder",
    "checksum",
    "csv_text",
    "expanded",
    "is_file",
    "is_within",
    "remove_partial",
    "set_aside",
    "text_of",
    "write_json",
    "write_safetensors",
    "write_text",
]

# Refusals of systems or file systems that flush no folders; Windows does not even open one.
NOT_FLUSHED = (errno.EACCES, errno.EPERM, errno.EINVAL, errno.ENOTSUP)
LONGEST_STEM = 40  # of a temporary name, which must not be too long if the file's own name is not


def is_file(path: Path) -> bool:
    """Tell whether there is a file at a user's path; False if the path may not be read or is impossible."""
    try:
        return path.is_file()
    except OSError:
        return False


def is_within(path: Path, folder: Path) -> bool:
    """Tell whether a path is a folder itself or leads into it."""
    try:
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
    except ValueError:  # a path with a zero byte; whoever uses it will refuse it
        return False


def expanded(path: Path | str) -> Path:
    """Resolve ``~`` in a path.

    Raises
    ------
    UserError
        If the path is empty, such as an unset variable of a shell, or names the home of an unknown user.
    """
    if str(path) == "":
        raise UserError("the path is empty: name a file or folder")
    if not str(path).startswith("~"):  # Path drops the "./" that tells such a name from a home
        return Path(path)
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise UserError(f"{path} names the home of an unknown user: give another path") from None


def text_of(name: str) -> str:
    """Escape the bytes of a file's name that are no Unicode, so that it can be stored and drawn."""
    return name.encode(errors="backslashreplace").decode()


@contextmanager
def atomic_path(path: Path, *, keep: Path | None = None) -> Iterator[Path]:
    """Yield a temporary name beside `path`, which becomes `path` if the block ends well.

    The function flushes the data to the disk before the rename, and the folder after it. So `path` holds the old or the
    new content at every instant. The temporary name keeps the suffix, by which image libraries choose the format.

    Parameters
    ----------
    path : Path
        File to write; its folder is made if necessary.
    keep : Path, optional
        New name of the old file, in the same folder. Between the two renames there is no `path`.

    Yields
    ------
    Path
        The temporary name, beside `path`.

    Raises
    ------
    UserError
        If the folder cannot be made or written to, the disk is full, `path` is a folder, device or pipe, or, on
        Windows, another program has it open.
    """
    if problem := name_problem(path):
        raise problem
    if not path.name or os.path.isdir(path):  # noqa: PTH112 -- Path.is_dir raises where looking is not permitted
        raise UserError(f"{path} is a folder: name a file in it")
    if os.path.exists(path) and not is_file(path):  # noqa: PTH110 -- a device, which root could replace for all
        raise UserError(f"{path} is no regular file: name another")
    temporary = path.with_name(f".{path.stem[:LONGEST_STEM]}.{os.getpid()}.partial{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        if keep is not None and path.exists():
            rename(path, keep)
        try:
            rename(temporary, path)
        except OSError:
            if keep is not None and keep.exists() and not path.exists():
                keep.replace(path)
            raise
        _flush_folder(path.parent)
    except OSError as error:
        raise UserError(f"{path} cannot be written ({error.strerror or error}): {advice(path, error)}") from error
    finally:
        with suppress(OSError):  # it is gone already, or the same problem stops the removal too
            temporary.unlink()


def check_folder(folder: Path) -> None:
    """Make a folder, if necessary, and make sure that files can be written to it.

    Raises
    ------
    UserError
        If the folder cannot be made or written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UserError(
            f"{folder} cannot be written to ({error.strerror or error}): choose another folder", about="out"
        ) from None


def _flush_folder(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in NOT_FLUSHED:
            raise


def remove_partial(folder: Path, names: Sequence[str]) -> None:
    """Remove the temporary files that killed processes left beside the named files; no process may write them now."""
    for name in map(Path, names):
        for path in folder.glob(f".{name.stem[:LONGEST_STEM]}.*.partial{name.suffix}"):
            with suppress(OSError):
                path.unlink()


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def csv_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Format rows, which all have the columns of the first, as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_json(path: Path, content: Any) -> None:
    """Write a JSON file atomically, indented for reading."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def write_safetensors(
    path: Path, tensors: Mapping[str, np.ndarray], metadata: Mapping[str, str], *, keep: Path | None = None
) -> None:
    """Write arrays as safetensors atomically, the same bytes for the same content.

    The library orders the metadata at random, so this function sorts the header. Its offsets count from its end.

    Parameters
    ----------
    path : Path
        File to write.
    tensors : mapping of str to array
        Arrays by name.
    metadata : mapping of str to str
        Text beside them.
    keep : Path, optional
        New name of the old file, see `atomic_path`.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    rows_first = {name: np.asarray(tensor, order="C") for name, tensor in tensors.items()}  # else it mixes them up
    content = save(rows_first, metadata=dict(metadata))
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.dumps(json.loads(content[8:end]), sort_keys=True, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)  # the arrays stay aligned
    with atomic_path(path, keep=keep) as temporary:
        temporary.write_bytes(len(header).to_bytes(8, "little") + header + content[end:])


def set_aside(folder: Path, names: Sequence[str]) -> Path | None:
    """Move earlier results into the next free subfolder ``earlier-1``, ``earlier-2``, ...

    Parameters
    ----------
    folder : Path
        Folder of the results.
    names : sequence of str
        Names of the files to move; the folder may lack some.

    Returns
    -------
    Path or None
        The subfolder; None if there was no such file.

    Raises
    ------
    UserError
        If the folder cannot be written to.
    """
    try:
        found = [folder / name for name in names if (folder / name).exists()]
        if not found:
            return None
        number = 1
        while (aside := folder / f"earlier-{number}").exists():
            number += 1
        aside.mkdir()
        for path in found:
            path.rename(aside / path.name)
    except OSError as error:
        raise UserError(
            f"{folder} cannot be written to ({error.strerror}): choose another folder", about="out"
        ) from error
    return aside


def checksum(arrays: Iterable[np.ndarray]) -> str:
    """Hash the bytes of arrays.

    Parameters
    ----------
    arrays : iterable of arrays
        Arrays in a fixed order; their shapes and types do not count.

    Returns
    -------
    str
        First 16 hexadecimal digits of the SHA-256.
    """
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()[:16]
