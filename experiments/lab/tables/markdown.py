"""Tables in Markdown."""

from __future__ import annotations

from typing import Any

THEN = " then "  # between the commits of a run that was resumed with other code, as summaries have it


def markdown(header: str, rows: list[list[str]]) -> str:
    """Table whose header is given with its bars."""
    return "\n".join((header, "|" + "---|" * (header.count("|") - 1), *(f"| {' | '.join(row)} |" for row in rows)))


def commits(summary: dict[str, Any], then: str = THEN) -> str:
    """Cell of the commits that a run was made by, with `then` between them."""
    return then.join(f"`{commit[:10]}`" for commit in summary["commit"].split(THEN))
