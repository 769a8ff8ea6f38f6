"""Files on Windows, which reserves names, and neither replaces nor removes files that a program has open."""

from __future__ import annotations

import os
import time
from pathlib import Path, PureWindowsPath

from paddle_srcnn.errors import UserError

__all__ = ["WINDOWS", "advice", "name_problem", "rename"]

WINDOWS = os.name == "nt"
FORBIDDEN = frozenset('<>:"/\\|?*')  # in names
PATIENCE_SECONDS = 2.0  # for a program that has a file open, such as a virus scanner
POLL_SECONDS = 0.05


def name_problem(path: Path) -> UserError | None:
    """Return the problem of a file's name that Windows would change or take for a device.

    Parameters
    ----------
    path : Path

    Returns
    -------
    UserError or None
        If the name is reserved, such as ``con.png``, has a forbidden sign, such as ``a:b``, or ends in a dot or space.
        Always None on other systems, which take every name.
    """
    name = path.name
    if not WINDOWS or not (FORBIDDEN & set(name) or name.endswith((".", " ")) or PureWindowsPath(name).is_reserved()):
        return None
    return UserError(f"{path}: Windows allows no file of the name {name}: choose another name")


def rename(old: Path, new: Path) -> None:
    """Rename a file, over another one if there is one; on Windows wait a moment for a program that has it open.

    Raises
    ------
    OSError
        If the file cannot be renamed; nothing is lost then.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            old.replace(new)
            return
        except PermissionError:
            if not WINDOWS or time.monotonic() > deadline:
                raise
        time.sleep(POLL_SECONDS)


def advice(path: Path, error: OSError) -> str:
    """Return the remedy for a file that cannot be written."""
    opened = WINDOWS and isinstance(error, PermissionError) and path.exists()
    return "close the program that has it open, or choose another path" if opened else "choose another path"
