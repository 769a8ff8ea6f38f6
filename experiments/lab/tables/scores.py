"""Tables of scores for people and for programs: text, Markdown, CSV, JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from paddle_srcnn.system.files import csv_text

FORMATS = ("text", "markdown", "csv", "json")


def formatted(rows: Sequence[Mapping[str, Any]], style: str) -> str:
    """Rows of one set of columns as text.

    Parameters
    ----------
    rows : sequence of mapping
        Numbers are shown with two decimals, those of columns that end in ``ssim`` with four, in text and Markdown; CSV
        and JSON have all digits. None is left empty.
    style : {"text", "markdown", "csv", "json"}
    """
    if style == "json":
        return json.dumps(list(rows), indent=2, ensure_ascii=False)
    if style == "csv":
        return csv_text(rows).rstrip("\n")
    table = [[column.replace("_", " ") for column in rows[0]]]
    table += [[_cell(column, value) for column, value in row.items()] for row in rows]
    if style == "markdown":
        table.insert(1, ["---"] * len(table[0]))
        return "\n".join(f"| {' | '.join(row)} |" for row in table)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    named = 2  # columns of words, on the left
    lines = []
    for row in table:
        cells = zip(row, widths, strict=True)
        padded = [cell.ljust(width) if n < named else cell.rjust(width) for n, (cell, width) in enumerate(cells)]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def _cell(column: str, value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.{4 if column.endswith('ssim') else 2}f}" if isinstance(value, float) else str(value)
