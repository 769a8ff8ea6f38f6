"""Tables of scores for people and for programs: text, Markdown, CSV, JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from paddle_srcnn.reporting.text_tables import markdown, text_table
from paddle_srcnn.system.files import csv_text

__all__ = ["FORMATS", "formatted"]

FORMATS = ("text", "markdown", "csv", "json")
NAMED = 2  # columns of words, on the left


def formatted(rows: Sequence[Mapping[str, Any]], style: str) -> str:
    """Return rows of one set of columns as text.

    Parameters
    ----------
    rows : sequence of mapping
        Text and Markdown show numbers with two decimals, in columns that end in ``ssim`` with four. CSV and JSON have
        all digits. None is left empty.
    style : {"text", "markdown", "csv", "json"}

    Returns
    -------
    str
    """
    if style == "json":
        return json.dumps(list(rows), indent=2, ensure_ascii=False)
    if style == "csv":
        return csv_text(rows).rstrip("\n")
    header = [column.replace("_", " ") for column in rows[0]]
    cells = [[_cell(column, value) for column, value in row.items()] for row in rows]
    if style == "markdown":
        return markdown(f"| {' | '.join(header)} |", cells)
    return text_table([header, *cells], left=NAMED)


def _cell(column: str, value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.{4 if column.endswith('ssim') else 2}f}" if isinstance(value, float) else str(value)
