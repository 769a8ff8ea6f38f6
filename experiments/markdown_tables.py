"""Tables in Markdown."""

from __future__ import annotations


def markdown(header: str, rows: list[list[str]]) -> str:
    """Table whose header is given with its bars."""
    return "\n".join((header, "|" + "---|" * (header.count("|") - 1), *(f"| {' | '.join(row)} |" for row in rows)))
