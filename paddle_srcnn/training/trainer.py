"""The training loop: batches in; a curve, a summary, weights and resumable checkpoints out."""

from __future__ import annotations

import json
import math
import sys
import time
from collections.abc import Mapping, Sequence, Set
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from paddle_srcnn.errors import UserError
from paddle_srcnn.model.parameters import colour_parameters, grown_parameters, initial_parameters, parameter_names
from paddle_srcnn.model.weights import Weights, load_weights, save_weights
from paddle_srcnn.protocols import PAPER
from paddle_srcnn.protocols.data import Data
from paddle_srcnn.recipes import Recipe
from paddle_srcnn.reporting import curve_plots as plots
from paddle_srcnn.reporting.curves import Point, write_curve
from paddle_srcnn.static.backend import paddle
from paddle_srcnn.static.cpu import share_cores
from paddle_srcnn.static.distributed import ALONE, Workers
from paddle_srcnn.static.inference_program import InferenceProgram, WholePictures
from paddle_srcnn.static.session import Device
from paddle_srcnn.static.training_program import TrainingProgram
from paddle_srcnn.system.environment import code_commit, package_versions
from paddle_srcnn.system.files import checksum, is_file, remove_partial, set_aside, write_json
from paddle_srcnn.system.locks import FolderLock, locked
from paddle_srcnn.system.process import held_interrupts
from paddle_srcnn.training.checkpoints import (
    CHECKPOINT,
    PREVIOUS,
    Checkpoint,
    check_resumable,
    newest_checkpoint,
    save_checkpoint,
)
from paddle_srcnn.training.collapse import LOWER_RATES, has_dead_layer
from paddle_srcnn.training.progress import Progress
from paddle_srcnn.training.summary import metadata, summarise

Restore = InferenceProgram | WholePictures

CURVE, SUMMARY, WEIGHTS, FIGURE = "curve.csv", "summary.json", "weights.safetensors", "curve.png"
OUTCOME = (CURVE, SUMMARY, WEIGHTS, FIGURE)
RESULTS = (PREVIOUS, CHECKPOINT, *OUTCOME)  # the newest last of the two that a run goes on from


def train(
    recipe: Recipe,
    data: Data,
    out: Path,
    *,
    rng: np.random.Generator,
    device: Device,
    threads: int = 1,
    workers: Workers = ALONE,
    resume: bool = False,
) -> dict[str, Any] | None:
    """Train as a recipe says, and leave the results in a folder.

    Writes ``curve.csv`` and ``checkpoint.safetensors`` after each epoch, and ``summary.json``, ``weights.safetensors``
    and ``curve.png`` at the end. A run that was stopped goes on from its last finished epoch to the same results; where
    the checkpoint is damaged, from ``checkpoint.previous.safetensors``, the one before it.
    Results of an earlier run in the folder are set aside in a subfolder, and so is the outcome of a shorter run that is
    resumed to become longer; its checkpoint stays.

    Parameters
    ----------
    recipe : Recipe
    data : Data
    out : Path
        Folder of the results.
    rng : numpy.random.Generator
        What the first weights and any order of patches are drawn from; its state is part of the checkpoint.
    device : CPUPlace or CUDAPlace
    threads : int
        Cores to use on a CPU. Another number of them, or of workers, changes results by float rounding only.
    workers : Workers
        Those that share each batch. Rank 0 alone evaluates after an epoch, writes and shows progress.
    resume : bool
        Go on from the folder's checkpoint.

    Returns
    -------
    dict or None
        What ``summary.json`` holds; None for all workers but rank 0.

    Raises
    ------
    UserError
        If the folder cannot be written to, is in use by another training or vanishes, the checkpoint is missing or of
        another run, or the loss is not finite.
    """
    if resume:
        check_resumable(out)
    with locked(out) if workers.rank == 0 else nullcontext() as lock:
        program, restore = _programs(recipe, data, device, threads, workers)
        if resume:
            checkpoint = _resumed(recipe, data, out, program.state().keys(), workers)
            program.set_state(checkpoint.state)
            rng.bit_generator.state = checkpoint.random_state
        else:
            program.set_state(_first_parameters(recipe, data, rng))
            point = Point(backprops=0, epoch=0, loss=None, score=data.validation.score(restore))
            checkpoint = Checkpoint(
                program.state(), rng.bit_generator.state, (point,), 0.0, _identity(recipe, data), []
            )
        checkpoint = replace(checkpoint, parts=[*checkpoint.parts, _part(checkpoint.epoch, threads, workers, device)])
        if lock is not None:
            # Weights and summary of a shorter run do not stay beside the curve of this one.
            longer = resume and checkpoint.epoch < recipe.epochs and is_file(out / WEIGHTS)
            earlier = OUTCOME if longer else () if resume else RESULTS
            _save_first(out, checkpoint, data, lock, earlier)
        with Progress(recipe, data, device, checkpoint.curve, talks=lock is not None) as progress:
            for epoch in range(checkpoint.epoch + 1, recipe.epochs + 1):
                workers.check_agreement(program.parameters())
                start = time.monotonic()
                loss = _train_epoch(program, recipe, data, epoch, progress)
                if lock is not None:
                    point = Point(epoch * data.patches, epoch, loss, data.validation.score(restore))
                    checkpoint = replace(
                        checkpoint,
                        state=program.state(),
                        random_state=rng.bit_generator.state,
                        curve=(*checkpoint.curve, point),
                        seconds=checkpoint.seconds + time.monotonic() - start,
                    )
                    _check_finite(checkpoint)
                    _save(out, checkpoint, data, lock)
                    progress.show(point, checkpoint.state)
        workers.check_agreement(program.parameters())
        return _finish(recipe, data, checkpoint, device, out, lock) if lock is not None else None


@held_interrupts()  # as `has_dead_layer`
def _programs(
    recipe: Recipe, data: Data, device: Device, threads: int, workers: Workers
) -> tuple[TrainingProgram, Restore]:
    """The program that trains, and the one that restores with what it has trained so far."""
    branches = share_cores(recipe.architecture, device, threads, math.ceil(recipe.batch_size / workers.count))
    program = TrainingProgram(
        recipe.architecture,
        recipe.learning_rates,
        device,
        optimizer=recipe.optimizer,
        value_range=recipe.value_range,
        branches=branches,
        workers=workers,
        whitening=data.whitening,
    )
    restoring = WholePictures if recipe.protocol == PAPER else InferenceProgram
    restore = restoring(
        recipe.architecture, device, session=program.session, value_range=recipe.value_range, threads=threads
    )
    return program, restore


def _first_parameters(recipe: Recipe, data: Data, rng: np.random.Generator) -> Mapping[str, np.ndarray]:
    """Parameters that a run starts from: drawn, or those of another network."""
    if recipe.pretrained is None:
        return initial_parameters(
            recipe.architecture,
            std=recipe.initial_std,
            rng=rng,
            identity=recipe.identity,
            whitening=data.whitening,
        )
    weights, wanted = load_weights(recipe.pretrained), recipe.architecture
    if weights.value_range == recipe.value_range:
        if weights.architecture == wanted:
            return weights.parameters
        if replace(weights.architecture, channels=wanted.channels) == wanted:
            return colour_parameters(weights.parameters)
        if replace(weights.architecture, filters=wanted.filters) == wanted:
            return grown_parameters(weights.parameters, wanted)
    raise UserError(
        f"{recipe.name} cannot start from {recipe.pretrained}: that is {weights.architecture.name} for values in "
        f"0..{weights.value_range:g}"
    )


def _train_epoch(program: TrainingProgram, recipe: Recipe, data: Data, epoch: int, progress: Progress) -> float:
    """Train once through the patches; returns the mean loss, each batch's taken before its update."""
    if recipe.decay:
        program.set_rates(0.5 + 0.5 * math.cos(math.pi * (epoch - 1) / recipe.epochs))
    total, done = 0.0, (epoch - 1) * data.patches
    channels = recipe.first_channels if 2 * epoch <= recipe.epochs else ()
    for batch in paddle.batch(data.reader, recipe.batch_size)():
        loss = program.step(batch, channels)
        if not math.isfinite(loss):
            raise UserError(f"the loss is {loss} after {done} backprops: {LOWER_RATES}")
        total += loss * len(batch)
        done += len(batch)
        progress.advance(len(batch))
    return total / data.patches


def _identity(recipe: Recipe, data: Data) -> dict[str, Any]:
    """What a resumed run must share with the run it continues; its length may change where nothing depends on it."""
    settings = asdict(recipe)
    del settings["published"]
    if not recipe.decay and not recipe.first_channels:  # else the length is part of how the run goes on
        del settings["epochs"]
    if recipe.pretrained:
        sha256 = checksum(load_weights(recipe.pretrained).parameters.values())
        settings["pretrained"] = f"{recipe.pretrained}, {sha256}"
    for option, name in (("--train-data", "train"), ("--val-data", "validation")):
        description = data.description[name]
        settings[option] = f"{description['name']} of {description['pictures']} pictures, {description['sha256']}"
    return json.loads(json.dumps(settings))


def _resumed(recipe: Recipe, data: Data, out: Path, names: Set[str], workers: Workers) -> Checkpoint:
    """Load the folder's checkpoint, after a look at whether it belongs to this run; `names` are those of its state."""
    checkpoint, problem = newest_checkpoint(out)
    wanted, found = _identity(recipe, data), checkpoint.identity
    for key in wanted:
        if found.get(key) != wanted[key]:
            raise UserError(
                f"{out / CHECKPOINT} is of another run ({key} {found.get(key)}, not {wanted[key]}): "
                "give the options it was started with, or another --out"
            )
    if checkpoint.state.keys() != names:
        raise UserError(f"{out / CHECKPOINT} is of another version of this program: run without --resume")
    if checkpoint.epoch > recipe.epochs:
        raise UserError(
            f"--epochs {recipe.epochs}: {out / CHECKPOINT} is at epoch {checkpoint.epoch} already: "
            "give more, or another --out"
        )
    if workers.agree(checkpoint.epoch) != checkpoint.epoch:  # rank 0 writes only after all have read
        raise UserError(
            f"worker {workers.rank} found another {out / CHECKPOINT} than worker 0: give all the same --out"
        )
    if problem and workers.rank == 0:
        print(problem, file=sys.stderr, flush=True)
    return checkpoint


def _part(epoch: int, threads: int, workers: Workers, device: Device) -> dict[str, Any]:
    """Where the part of a run that begins here comes from."""
    return {
        "epoch": epoch,
        "threads": threads,
        "workers": workers.count,
        "place": str(device),
        "commit": code_commit(),
        "versions": package_versions(),
    }


def _check_finite(checkpoint: Checkpoint) -> None:
    """Refuse to keep what nothing can go on from; a ReLU may hide a NaN from loss and PSNR."""
    point = checkpoint.curve[-1]
    finite = all(np.isfinite(value).all() for value in checkpoint.state.values())
    if not (finite and point.score.psnr_pooled_db > -math.inf):  # NaN compares as false too
        raise UserError(f"the network is not finite after {point.backprops} backprops: {LOWER_RATES}")


def _save_first(out: Path, checkpoint: Checkpoint, data: Data, lock: FolderLock, earlier: Sequence[str]) -> None:
    """Write what a run starts from, with `earlier` results set aside, or over a checkpoint of the same epoch."""
    lock.check()
    remove_partial(out, RESULTS)
    set_aside(out, earlier)
    save_checkpoint(out / CHECKPOINT, checkpoint)  # over a damaged one too, which must not become the previous one
    write_curve(out / CURVE, data.validation.names, checkpoint.curve)


def _save(out: Path, checkpoint: Checkpoint, data: Data, lock: FolderLock) -> None:
    lock.check()
    try:
        save_checkpoint(out / CHECKPOINT, checkpoint, keep=out / PREVIOUS)
        write_curve(out / CURVE, data.validation.names, checkpoint.curve)
    except UserError as error:
        raise UserError(f"{error}; --resume goes on from the last checkpoint") from error


def _finish(
    recipe: Recipe, data: Data, checkpoint: Checkpoint, device: Device, out: Path, lock: FolderLock
) -> dict[str, Any]:
    """Write weights, summary and figure of a finished run."""
    names = [name for pair in parameter_names(recipe.architecture) for name in pair]
    parameters = {name: checkpoint.state[name] for name in names}
    dead_layer = has_dead_layer(
        recipe.architecture, parameters, data.validation.inputs, device, value_range=recipe.value_range
    )
    summary = summarise(recipe, data, checkpoint, dead_layer=dead_layer)
    lock.check()
    save_weights(out / WEIGHTS, Weights(recipe.architecture, parameters, metadata(summary)))
    write_json(out / SUMMARY, summary)
    lock.check()
    figure = plots.curve_figure(out / CURVE, plots.run_title(summary), plots.summary_levels(summary))
    plots.save_figure(figure, out / FIGURE)
    return summary
