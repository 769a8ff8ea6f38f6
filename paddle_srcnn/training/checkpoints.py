"""Resumable state of a run: a safetensors file that is replaced whole, and the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import safe_open

from paddle_srcnn.errors import UserError
from paddle_srcnn.protocols.metrics import Score
from paddle_srcnn.reporting.curves import Point
from paddle_srcnn.system.files import is_file, write_safetensors

__all__ = [
    "CHECKPOINT",
    "PREVIOUS",
    "Checkpoint",
    "check_resumable",
    "has_checkpoint",
    "load_checkpoint",
    "newest_checkpoint",
    "save_checkpoint",
    "saved_since",
]

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
        Settings and data that the run must keep, see `paddle_srcnn.training.resume.run_identity`.
    parts : sequence of dict
        Provenance of each part of the run, one for each start: first epoch, commit, versions, device, ...
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

    @classmethod
    def first(
        cls, state: Mapping[str, np.ndarray], rng: np.random.Generator, score: Score, identity: dict[str, Any]
    ) -> Checkpoint:
        """Make the state of a run before its first epoch."""
        point = Point(backprops=0, epoch=0, loss=None, score=score)
        return cls(state, rng.bit_generator.state, (point,), 0.0, identity, [])

    def after(
        self,
        backprops: int,
        loss: float,
        score: Score,
        state: Mapping[str, np.ndarray],
        rng: np.random.Generator,
        seconds: float,
    ) -> Checkpoint:
        """Make the state after one more epoch, which took some seconds."""
        return replace(
            self,
            state=state,
            random_state=rng.bit_generator.state,
            curve=(*self.curve, Point(backprops, self.epoch + 1, loss, score)),
            seconds=self.seconds + seconds,
        )

    def with_part(self, part: dict[str, Any]) -> Checkpoint:
        """Add the provenance of the part that begins here."""
        return replace(self, parts=[*self.parts, part])


def save_checkpoint(path: Path, checkpoint: Checkpoint, *, keep: Path | None = None) -> None:
    """Write a checkpoint, whole or not at all, and read it back.

    Parameters
    ----------
    path : Path
    checkpoint : Checkpoint
    keep : Path, optional
        New path of the checkpoint that was at `path`. It stays there if the new one cannot be written.

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
    except Exception as error:  # readers raise nearly anything on a damaged file
        raise UserError(f"{path} does not read back as it was written ({error}): use another disk") from None


def has_checkpoint(folder: Path) -> bool:
    """Tell whether a folder holds a checkpoint, by its name alone."""
    return is_file(folder / CHECKPOINT) or is_file(folder / PREVIOUS)


def saved_since(folder: Path, seconds: float) -> bool:
    """Tell whether a checkpoint in a folder was written at a time, in seconds since the epoch, or later."""
    return any(is_file(path) and path.stat().st_mtime >= seconds for path in (folder / CHECKPOINT, folder / PREVIOUS))


def check_resumable(folder: Path) -> None:
    """Raise a `UserError` if a folder holds no checkpoint."""
    if not has_checkpoint(folder):
        raise _nothing_at(folder / CHECKPOINT)


def _nothing_at(path: Path) -> UserError:
    return UserError(f"no {path} to resume from: start a new run, or name the run's folder", about="resume")


def newest_checkpoint(folder: Path) -> tuple[Checkpoint, str]:
    """Load a folder's newest checkpoint that can be read.

    Returns
    -------
    Checkpoint
    str
        Problem with the last one that was saved, if an older one is returned; else empty.

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
            f"neither {newest} nor {previous} is a readable checkpoint: start the run anew", about="resume"
        ) from None
    problem = "is damaged" if is_file(newest) else "is missing"
    return checkpoint, f"{newest} {problem}: going on from {previous}, after epoch {checkpoint.epoch}"


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint that `save_checkpoint` wrote.

    Raises
    ------
    UserError
        If the file is missing, damaged or no checkpoint.
    """
    if not is_file(path):
        raise _nothing_at(path)
    try:
        return _read(path)
    except Exception as error:  # readers raise nearly anything on a damaged file
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
    """Hash everything in a checkpoint: its text, and name, type, shape and bytes of each array."""
    digest = hashlib.sha256(text.encode())
    for name, value in sorted(state.items()):
        digest.update(f"\0{name} {value.dtype.str} {value.shape}\0".encode())
        digest.update(np.ascontiguousarray(value))
    return digest.hexdigest()


def _score(content: Mapping[str, Any]) -> Score:
    rgb = content["rgb"] and _score(content["rgb"])
    return Score(**{**content, "psnr_db": tuple(content["psnr_db"]), "rgb": rgb})
