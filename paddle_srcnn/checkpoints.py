"""The resumable state of a run, in one safetensors file that is replaced whole."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from paddle_srcnn.curves import Point
from paddle_srcnn.errors import UserError
from paddle_srcnn.files import is_file, write_safetensors
from paddle_srcnn.protocols import Score


@dataclass(frozen=True)
class Checkpoint:
    """State of a run after a whole number of epochs.

    Parameters
    ----------
    state : mapping of str to array
        Parameters and the optimiser's moments.
    random_state : mapping
        State of the run's one NumPy generator.
    curve : tuple of Point
        All evaluations so far; the last one tells the position.
    seconds : float
        Time spent on training and evaluation so far.
    identity : dict
        What the run must keep to go on as it began: the recipe but for its length, and the data.
    parts : sequence of dict
        Where each part of the run comes from, one for each start: its first epoch, commit, versions, place, ...
    """

    state: Mapping[str, np.ndarray]
    random_state: Mapping[str, Any]
    curve: tuple[Point, ...]
    seconds: float
    identity: dict[str, Any]
    parts: Sequence[dict[str, Any]]

    @property
    def epoch(self) -> int:
        """Epochs that are finished."""
        return self.curve[-1].epoch


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, whole or not at all."""
    content = {
        "random_state": checkpoint.random_state,
        "curve": [asdict(point) for point in checkpoint.curve],
        "seconds": checkpoint.seconds,
        "identity": checkpoint.identity,
        "parts": checkpoint.parts,
    }
    write_safetensors(path, checkpoint.state, {"checkpoint": json.dumps(content)})


def load_checkpoint(path: Path) -> Checkpoint:
    """Read what `save_checkpoint` wrote.

    Raises
    ------
    UserError
        If the file is missing or is no such checkpoint.
    """
    if not is_file(path):
        raise UserError(f"no {path} to resume from: run without --resume, or name the run's folder with --out")
    try:
        with safe_open(path, framework="numpy") as file:
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 -- no mapping
            content = json.loads(file.metadata()["checkpoint"])
        curve = tuple(Point(**{**point, "score": _score(point["score"])}) for point in content.pop("curve"))
        return Checkpoint(state=state, curve=curve, **content)
    except (SafetensorError, OSError, TypeError, KeyError, ValueError, AttributeError, IndexError) as error:
        raise UserError(f"{path} is no readable checkpoint ({error}): remove it and start the run anew") from None


def _score(content: Mapping[str, Any]) -> Score:
    rgb = content["rgb"] and _score(content["rgb"])
    return Score(**{**content, "psnr_db": tuple(content["psnr_db"]), "rgb": rgb})
