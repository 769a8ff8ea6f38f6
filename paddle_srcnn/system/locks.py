"""Locks on folders, so that one training at a time writes to one."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import lock_descriptor

from paddle_srcnn.errors import RunStopped, UserError
from paddle_srcnn.system import windows

__all__ = ["LOCK", "FolderLock", "locked"]

LOCK = ".lock"
MARK = b"process "  # the beginning of every lock file that is not empty
# Windows locks the first byte, which no other process can read, so the program reads from the second one on.
READABLE = 1


@dataclass(frozen=True)
class FolderLock:
    """A folder that this process has for itself.

    Attributes
    ----------
    path : Path
        The lock file in the folder.
    descriptor : int
        The open lock file.
    """

    path: Path
    descriptor: int

    def check(self) -> None:
        """Make sure that the folder is still the one that was locked.

        Raises
        ------
        RunStopped
            If it was moved, removed or replaced; writing on would make it again with half a run in it.
        """
        if not _is_at(self.path, self.descriptor):
            raise RunStopped(f"{self.path.parent} was moved or removed during the training: use its new path")


@contextmanager
def locked(folder: Path) -> Iterator[FolderLock]:
    """Lock a folder, which is made if necessary, until the block ends.

    The operating system locks a file that names the process. The lock ends with the process, however that ends. A file
    that a killed process left behind locks nothing.

    Parameters
    ----------
    folder : Path
        Folder to lock.

    Yields
    ------
    FolderLock

    Raises
    ------
    UserError
        If another training uses the folder, it cannot be written to, or it has another file of the lock's name.
    """
    path = folder / LOCK
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FolderLock(path, _acquire(path))
    except OSError as error:
        raise UserError(
            f"{folder} cannot be written to ({error.strerror or error}): choose another folder", about="out"
        ) from error
    try:
        yield lock
    finally:
        own = _is_at(path, lock.descriptor)
        if windows.WINDOWS:  # it removes no open file, and none that another process has opened since
            os.close(lock.descriptor)
        if own:
            with suppress(OSError):  # a file that stays is harmless
                path.unlink()
        if not windows.WINDOWS:
            os.close(lock.descriptor)


def _acquire(path: Path) -> int:
    """Open and lock a file, and return its descriptor."""
    while True:
        if path.is_symlink():  # Windows has no O_NOFOLLOW
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
        descriptor = os.open(path, flags, 0o666)
        try:
            if os.fstat(descriptor).st_size and _text(descriptor, len(MARK)) != MARK:
                raise UserError(
                    f"{path} was not left by a training: move it away, or choose another folder", about="out"
                )
            _lock(path, descriptor)
            if _is_at(path, descriptor):  # else its last holder has just removed it
                with suppress(OSError):  # on a full disk the lock holds nonetheless
                    os.ftruncate(descriptor, 0)
                    os.lseek(descriptor, 0, os.SEEK_SET)
                    os.write(descriptor, MARK + f"{os.getpid()}, since {datetime.now():%Y-%m-%d %H:%M:%S}".encode())
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _lock(path: Path, descriptor: int) -> None:
    try:
        if lock_descriptor(descriptor, blocking=False):
            return
    except OSError:
        return  # a file system without locks: better a run unguarded than none
    holder = _text(descriptor, 100).decode(errors="replace") or "which has just begun"
    raise UserError(
        f"{path.parent} is in use by another training ({holder}): wait for its end, or choose another folder",
        about="out",
    )


def _text(descriptor: int, length: int) -> bytes:
    """Read the beginning of a lock file, which another process may hold; its first byte is known."""
    os.lseek(descriptor, READABLE, os.SEEK_SET)
    rest = os.read(descriptor, length - READABLE)
    return MARK[:READABLE] + rest if rest else b""


def _is_at(path: Path, descriptor: int) -> bool:
    """Tell whether a path still names the file that was opened."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError:
        return False
