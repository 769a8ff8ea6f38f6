"""One training at a time in a folder."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from paddle_srcnn.errors import UserError

LOCK = ".lock"
HOLDER = re.compile(rb"(process [\d :,a-z-]*)?")  # what the file tells; nothing as it is made, or on a full disk


@dataclass(frozen=True)
class FolderLock:
    """A folder that this process has for itself."""

    path: Path
    descriptor: int

    def check(self) -> None:
        """Make sure that the folder is still the one that was locked.

        Raises
        ------
        UserError
            If it was moved, removed or replaced; writing on would bring it back with half a run in it.
        """
        if not _is_at(self.path, self.descriptor):
            raise UserError(
                f"{self.path.parent} was moved or removed during the training, which was stopped: "
                "where the folder is now, --resume goes on from the last checkpoint"
            )


@contextmanager
def locked(folder: Path) -> Iterator[FolderLock]:
    """Lock a folder, which is made if it is not there, until the block ends.

    The lock is the system's, on a file that tells who holds it: it goes with the process, however that ends, and a file
    that a killed process left behind locks nothing.

    Raises
    ------
    UserError
        If another training has the folder, it cannot be written to, or has another file of the lock's name.
    """
    path = folder / LOCK
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = FolderLock(path, _acquire(path))
    except OSError as error:
        raise UserError(f"{folder} cannot be written to ({error.strerror or error}): choose another --out") from error
    try:
        yield lock
    finally:
        if _is_at(path, lock.descriptor):
            with suppress(OSError):  # it is harmless
                path.unlink()
        os.close(lock.descriptor)


def _acquire(path: Path) -> int:
    """Open and lock a file; returns its descriptor."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
        try:
            if not HOLDER.fullmatch(os.pread(descriptor, 100, 0)):
                raise UserError(f"{path} was not left by a training: move it away, or give another --out")
            _lock(path, descriptor)
            if _is_at(path, descriptor):  # else its last holder has just removed it
                with suppress(OSError):  # on a full disk the lock holds nonetheless
                    os.ftruncate(descriptor, 0)
                    os.pwrite(
                        descriptor, f"process {os.getpid()}, since {datetime.now():%Y-%m-%d %H:%M:%S}".encode(), 0
                    )
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _lock(path: Path, descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(descriptor, 100, 0).decode(errors="replace") or "which has just begun"
        raise UserError(
            f"{path.parent} is in use by another training ({holder}): wait for its end, or give another --out"
        ) from None
    except OSError:
        pass  # a file system without locks: better a run unguarded than none


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether a path still names the file that was opened."""
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except OSError:
        return False
