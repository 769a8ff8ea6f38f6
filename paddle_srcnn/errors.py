"""The one exception meant for users, and its text as one line."""

from __future__ import annotations

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


def one_line(error: Exception | str) -> str:
    """Text of an error as one line for a terminal.

    Names and contents of files come into it, so what is not printable is escaped, and what is too long is shortened.
    """
    text = " ".join(str(error).split())
    text = "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape", "surrogatepass").decode() for sign in text
    )
    return (
        text if len(text) <= LONGEST_MESSAGE else f"{text[: LONGEST_MESSAGE // 2]} ... {text[-LONGEST_MESSAGE // 2 :]}"
    )
