"""Tables as text, for terminals and in Markdown. No Paddle."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["markdown", "text_table"]


def text_table(rows: Sequence[Sequence[str]], *, left: int | None = None) -> str:
    """Align the cells of a table in columns.

    Parameters
    ----------
    rows : sequence of sequence of str
        Rows of one length, the header among them.
    left : int, optional
        Number of columns on the left whose cells begin at the same position. The cells of the others end at the same
        position. By default all cells begin at the same position.

    Returns
    -------
    str
        Lines without trailing spaces, joined by line breaks; two spaces separate columns.

    Examples
    --------
    >>> print(text_table([["curve", "dB"], ["baseline", "37.26"]], left=1))
    curve        dB
    baseline  37.26
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    left = len(widths) if left is None else left
    lines = []
    for row in rows:
        cells = enumerate(zip(row, widths, strict=True))
        padded = [cell.ljust(width) if n < left else cell.rjust(width) for n, (cell, width) in cells]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def markdown(header: str, rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose header is given with its bars."""
    return "\n".join((header, "|" + "---|" * (header.count("|") - 1), *(f"| {' | '.join(row)} |" for row in rows)))
