"""Names of pictures that a client gives. They are shown and saved under, and never reach the disk of the server."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath

__all__ = ["distinct", "picture_name", "stored_suffix"]

LONGEST_NAME = 240  # bytes; file systems take 255, and a result's name is longer than its source's
LONGEST_SUFFIX = 12
NAMELESS = "picture"


def picture_name(given: str) -> str:
    r"""Return the name of a file that a client sends, without folders and unprintable characters.

    Parameters
    ----------
    given : str

    Returns
    -------
    str
        Neither empty, ``"."`` nor ``".."``.

    Examples
    --------
    >>> picture_name("../../etc/holiday.jpg"), picture_name("C:\\scans\\.."), picture_name("a\nb.png")
    ('holiday.jpg', 'picture', 'ab.png')
    """
    last = given.replace("\\", "/").rpartition("/")[2]
    name = "".join(sign for sign in last if sign.isprintable()).strip()
    if not name.strip("."):
        return NAMELESS
    path = PurePosixPath(name)
    suffix = path.suffix if len(path.suffix) <= LONGEST_SUFFIX else ""
    stem = name.removesuffix(suffix).encode()[: LONGEST_NAME - len(suffix.encode())]
    return stem.decode(errors="ignore") + suffix


def stored_suffix(name: str) -> str:
    """Return the suffix under which the server stores a picture: the name's own if it is plain, else none.

    Parameters
    ----------
    name : str
        See `picture_name`.

    Returns
    -------
    str
    """
    suffix = PurePosixPath(name).suffix
    return suffix if suffix.isascii() and suffix[1:].isalnum() else ""


def distinct(names: Iterable[str]) -> list[str]:
    """Add numbers to equal names, so that one archive holds all of them.

    Parameters
    ----------
    names : iterable of str

    Returns
    -------
    list of str

    Examples
    --------
    >>> distinct(["a.png", "b.png", "A.png"])
    ['a.png', 'b.png', 'A (2).png']
    """
    taken: set[str] = set()
    found = []
    for name in names:
        path, number, free = PurePosixPath(name), 1, name
        while free.casefold() in taken:  # some systems do not tell capitals from small letters
            number += 1
            free = f"{path.stem} ({number}){path.suffix}"
        taken.add(free.casefold())
        found.append(free)
    return found
