"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from lab.text import Language, Text

__all__ = ["commits", "markdown"]

THEN = Text(" then ", "，后为 ")  # between the commits of a resumed run; summaries have the English word


def markdown(header: str, rows: Sequence[Sequence[str]]) -> str:
    """Return a table whose header is given with its bars."""
    return "\n".join((header, "|" + "---|" * (header.count("|") - 1), *(f"| {' | '.join(row)} |" for row in rows)))


def commits(commit: str, language: Language) -> str:
    """Return the cell of the commits that made a run, from the text in its summary."""
    return THEN[language].join(f"`{each[:10]}`" for each in commit.split(THEN.en))
