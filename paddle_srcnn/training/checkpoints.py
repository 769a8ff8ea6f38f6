"""The resumable state of a run: a safetensors file that is replaced whole, and the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open

from paddle_srcnn.errors import UserError
from paddle_srcnn.protocols.metrics import Score
from paddle_srcnn.reporting.curves import Point
from paddle_srcnn.system.files import is_file, write_safetensors

CHECKPOINT, PREVIOUS = "checkpoint.safetensors", "checkpoint.previous.safetensors"


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
        Where each part of the run comes from, one for each start: its first epoch, commit, versions, device, ...
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


def save_checkpoint(path: Path, checkpoint: Checkpoint, *, keep: Path | None = None) -> None:
    """Write a checkpoint, whole or not at all, and read it back.

    Parameters
    ----------
    path : Path
    checkpoint : Checkpoint
    keep : Path, optional
        Where the checkpoint goes that was at `path`; it stays there whatever becomes of the new one.

    Raises
    ------
    UserError
        If it cannot be written, or does not read back as it was written.
    """
    content = {
        "random_state": checkpoint.random_state,
        "curve": [asdict(point) for point in checkpoint.curve],
        "seconds": checkpoint.seconds,
        "identity": checkpoint.identity,
        "parts": checkpoint.parts,
    }
    text = json.dumps(content)
    digest = _digest(text, checkpoint.state)
    write_safetensors(path, checkpoint.state, {"checkpoint": text, "sha256": digest}, keep=keep)
    try:
        _read(path, digest)
    except Exception as error:  # whatever the readers trip over in a damaged file
        raise UserError(f"{path} does not read back as it was written ({error}): use another disk") from None


def has_checkpoint(folder: Path) -> bool:
    """Whether a run in this folder can be resumed, as far as names tell."""
    return is_file(folder / CHECKPOINT) or is_file(folder / PREVIOUS)


def check_resumable(folder: Path) -> None:
    """Raise a `UserError` where there is no checkpoint at all."""
    if not has_checkpoint(folder):
        raise UserError(_nothing_at(folder / CHECKPOINT))


def _nothing_at(path: Path) -> str:
    return f"no {path} to resume from: run without --resume, or name the run's folder with --out"


def newest_checkpoint(folder: Path) -> tuple[Checkpoint, str]:
    """Load a folder's newest checkpoint that can be read.

    Returns
    -------
    Checkpoint
    str
        If it is not the last one that was saved: what is wrong with that one; else empty.

    Raises
    ------
    UserError
        If there is none, or none that can be read.
    """
    newest, previous = folder / CHECKPOINT, folder / PREVIOUS
    try:
        return load_checkpoint(newest), ""
    except UserError:
        if not is_file(previous):
            raise
    try:
        checkpoint = load_checkpoint(previous)
    except UserError:
        raise UserError(
            f"neither {newest} nor {previous} is a readable checkpoint: start the run anew, without --resume"
        ) from None
    problem = "is damaged" if is_file(newest) else "is missing"
    return checkpoint, f"{newest} {problem}: going on from {previous}, after epoch {checkpoint.epoch}"


def load_checkpoint(path: Path) -> Checkpoint:
    """Read what `save_checkpoint` wrote.

    Raises
    ------
    UserError
        If the file is missing, damaged or no such checkpoint.
    """
    if not is_file(path):
        raise UserError(_nothing_at(path))
    try:
        return _read(path)
    except Exception as error:  # whatever the readers trip over in a damaged file
        raise UserError(f"{path} is no readable checkpoint ({error}): remove it and start the run anew") from None


def _read(path: Path, expected: str | None = None) -> Checkpoint:
    """Read a checkpoint and check its content against its own checksum, and against an expected one."""
    with safe_open(path, framework="numpy") as file:
        state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 -- no mapping
        metadata = file.metadata()
    text, digest = metadata["checkpoint"], metadata.get("sha256")
    if digest is None:
        raise ValueError("it has no checksum, so another version of this program wrote it")
    if digest != _digest(text, state) or digest != (expected or digest):
        raise ValueError("its content does not match its checksum")
    content = json.loads(text)
    curve = tuple(Point(**{**point, "score": _score(point["score"])}) for point in content.pop("curve"))
    if not curve:
        raise ValueError("it has no evaluation")
    np.random.default_rng().bit_generator.state = content["random_state"]  # which raises where it is none
    return Checkpoint(state=state, curve=curve, **content)


def _digest(text: str, state: Mapping[str, np.ndarray]) -> str:
    """SHA-256 over all that a checkpoint says: its text, and name, type, shape and bytes of each array."""
    digest = hashlib.sha256(text.encode())
    for name, value in sorted(state.items()):
        digest.update(f"\0{name} {value.dtype.str} {value.shape}\0".encode())
        digest.update(np.ascontiguousarray(value))
    return digest.hexdigest()


def _score(content: Mapping[str, Any]) -> Score:
    rgb = content["rgb"] and _score(content["rgb"])
    return Score(**{**content, "psnr_db": tuple(content["psnr_db"]), "rgb": rgb})
