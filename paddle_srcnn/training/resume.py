"""Rules of resuming: the settings that a run keeps, the search for its checkpoint, and the provenance of its parts."""

from __future__ import annotations

import json
import logging
from collections.abc import Set
from pathlib import Path
from typing import Any

from paddle_srcnn.errors import UserError
from paddle_srcnn.model.weights import load_weights
from paddle_srcnn.protocols.data import Data
from paddle_srcnn.recipes import Recipe
from paddle_srcnn.static.distributed import Workers
from paddle_srcnn.static.session import Device
from paddle_srcnn.system.environment import code_commit, package_versions
from paddle_srcnn.system.files import checksum
from paddle_srcnn.training.checkpoints import CHECKPOINT, Checkpoint, newest_checkpoint

__all__ = ["provenance", "resumed_checkpoint", "run_identity"]

logger = logging.getLogger(__name__)


def run_identity(recipe: Recipe, data: Data) -> dict[str, Any]:
    """Return the settings and data that a resumed run must share with the run that it continues.

    They include the number of epochs only if learning rates, channels or the loss depend on it.
    """
    settings = recipe.settings()
    del settings["published"]
    schedule = recipe.schedule
    if not (schedule.decay or schedule.first_channels or schedule.supervised):
        del settings["epochs"]
    if recipe.pretrained:
        sha256 = checksum(load_weights(recipe.pretrained).parameters.values())
        settings["pretrained"] = f"{recipe.pretrained}, {sha256}"
    for option, name in (("--train-data", "train"), ("--val-data", "validation")):  # names in checkpoint files
        description = data.description[name]
        settings[option] = f"{description['name']} of {description['pictures']} pictures, {description['sha256']}"
    return json.loads(json.dumps(settings))


def resumed_checkpoint(out: Path, recipe: Recipe, data: Data, names: Set[str], workers: Workers) -> Checkpoint:
    """Load the newest checkpoint of a folder, and make sure that it belongs to this run.

    Parameters
    ----------
    out : Path
    recipe : Recipe
    data : Data
    names : set of str
        Names of the program's state.
    workers : Workers

    Raises
    ------
    UserError
        If the checkpoint is missing, unreadable, of another run or too long, or workers found different ones.
    """
    path = out / CHECKPOINT
    checkpoint, problem = newest_checkpoint(out)
    wanted, found = run_identity(recipe, data), checkpoint.identity
    for key in wanted:
        if found.get(key) != wanted[key]:
            raise UserError(
                f"{path} is of another run ({key} {found.get(key)}, not {wanted[key]}): "
                "give the settings that the run was started with, or another folder",
                about="resume",
            )
    if checkpoint.state.keys() != names:
        raise UserError(f"{path} is of another version of this program: start the run anew", about="resume")
    if checkpoint.epoch > recipe.schedule.epochs:
        raise UserError(
            f"{path} is at epoch {checkpoint.epoch}, beyond the {recipe.schedule.epochs} that are asked for: "
            "give more, or another folder",
            about="epochs",
        )
    if workers.agree(checkpoint.epoch) != checkpoint.epoch:  # worker 0 writes only after all have read
        raise UserError(
            f"worker {workers.rank} found another {path} than worker 0: give all workers the same folder", about="out"
        )
    if problem and workers.rank == 0:
        logger.warning(problem)
    return checkpoint


def provenance(epoch: int, device: Device, threads: int, workers: Workers) -> dict[str, Any]:
    """Describe the part of a run that begins after an epoch."""
    return {
        "epoch": epoch,
        "threads": threads,
        "workers": workers.count,
        "place": str(device),
        "commit": code_commit(),
        "versions": package_versions(),
    }
