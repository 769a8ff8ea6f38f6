"""Paths of runs, results and weights, and the reading of results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from paddle_srcnn.errors import UserError
from paddle_srcnn.reporting.summary import Summary

__all__ = ["PRETRAINED", "RESULTS", "ROOT", "RUNS", "read_if_there", "read_json", "read_summary"]

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "experiments" / "results"
PRETRAINED = ROOT / "paddle_srcnn" / "pretrained"
RUNS = Path("runs")  # below the working folder; train.py writes there


def read_json(path: Path) -> dict[str, Any]:
    """Read a file of results.

    Raises
    ------
    FileNotFoundError
        If the file is missing.
    UserError
        If it holds no JSON object.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read ({error}): mend it or move it away") from None
    if not isinstance(content, dict):
        raise UserError(f"{path} holds no object: mend it or move it away")
    return content


def read_summary(folder: Path) -> Summary:
    """Read the summary of a finished run in its folder."""
    return Summary.read(folder / "summary.json")


def read_if_there(path: Path) -> dict[str, Any] | None:
    """Read a file of results; return None if it is missing."""
    return read_json(path) if path.is_file() else None
