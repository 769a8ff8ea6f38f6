"""Where runs, results and weights lie, and how results are read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from paddle_srcnn.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
RESULTS = ROOT / "experiments" / "results"
PRETRAINED = ROOT / "paddle_srcnn" / "pretrained"
RUNS = Path("runs")  # of the working folder, where train.py leaves its runs


def read_json(path: Path) -> Any:
    """Content of a file of results.

    Raises
    ------
    FileNotFoundError
        If there is none.
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
