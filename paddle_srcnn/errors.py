"""The exceptions meant for users, and their text as one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["RunStopped", "UserError", "about", "one_line"]

LONGEST_MESSAGE = 10_000  # a path may take 4,096 characters


class UserError(Exception):
    """A problem that the user can mend.

    Parameters
    ----------
    message : str
        One line that names the file or value and says what to do about it.
    about : str, optional
        Parameter of the library that the problem is about, such as ``"epochs"``. A command shows it as its option.
    """

    def __init__(self, message: str, *, about: str | None = None) -> None:
        super().__init__(message)
        self.about = about


class RunStopped(UserError):
    """A problem that ends a training early. Its user can resume the run from the last checkpoint."""


@contextmanager
def about(parameter: str) -> Iterator[None]:
    """Name the parameter that the problems of a block are about, unless they name one themselves."""
    try:
        yield
    except UserError as error:
        error.about = error.about or parameter
        raise


def one_line(error: Exception | str) -> str:
    """Format an error as one line for a terminal.

    Its text may contain names and contents of files. The function escapes unprintable characters and shortens long
    text.
    """
    text = " ".join(str(error).split())
    text = "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape", "surrogatepass").decode() for sign in text
    )
    return (
        text if len(text) <= LONGEST_MESSAGE else f"{text[: LONGEST_MESSAGE // 2]} ... {text[-LONGEST_MESSAGE // 2 :]}"
    )
