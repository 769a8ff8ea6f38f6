"""Cells of tables in Markdown."""

from __future__ import annotations

from lab.text import Language, Text

__all__ = ["commits"]

THEN = Text(" then ", "，后为 ")  # between the commits of a resumed run; summaries have the English word


def commits(commit: str, language: Language) -> str:
    """Return the cell of the commits that made a run, from the text in its summary."""
    return THEN[language].join(f"`{each[:10]}`" for each in commit.split(THEN.en))
