"""The training loop: batches in; a curve, a summary, weights and resumable checkpoints out."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping, Set
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from paddle_srcnn import plots
from paddle_srcnn.backend import paddle
from paddle_srcnn.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from paddle_srcnn.collapse import has_dead_layer
from paddle_srcnn.curves import Point, write_curve
from paddle_srcnn.data import Data, checksum
from paddle_srcnn.errors import UserError
from paddle_srcnn.files import set_aside, write_json
from paddle_srcnn.inference import InferenceProgram
from paddle_srcnn.network import colour_parameters, initial_parameters, parameter_names
from paddle_srcnn.programs import Place, TrainingProgram, share_cores
from paddle_srcnn.protocols import PAPER
from paddle_srcnn.provenance import code_commit, package_versions
from paddle_srcnn.recipes import Recipe
from paddle_srcnn.summary import metadata, summarise
from paddle_srcnn.weights import Weights, load_weights, save_weights
from paddle_srcnn.whole_pictures import WholePictures
from paddle_srcnn.workers import ALONE, Workers

Restore = InferenceProgram | WholePictures

CHECKPOINT, CURVE, SUMMARY = "checkpoint.safetensors", "curve.csv", "summary.json"
WEIGHTS, FIGURE = "weights.safetensors", "curve.png"
LOWER_RATES = "lower the learning rates of its row in paddle_srcnn/recipes.py"


def train(
    recipe: Recipe,
    data: Data,
    out: Path,
    *,
    rng: np.random.Generator,
    place: Place,
    threads: int = 1,
    workers: Workers = ALONE,
    resume: bool = False,
) -> dict[str, Any] | None:
    """Train as a recipe says, and leave the results in a folder.

    Writes ``curve.csv`` and ``checkpoint.safetensors`` after each epoch, and ``summary.json``, ``weights.safetensors``
    and ``curve.png`` at the end. A run that was stopped goes on from its last finished epoch to the same results.
    Results of an earlier run in the folder are set aside in a subfolder, unless the run is resumed.

    Parameters
    ----------
    recipe : Recipe
    data : Data
    out : Path
        Folder of the results.
    rng : numpy.random.Generator
        What the first weights and any order of patches are drawn from; its state is part of the checkpoint.
    place : CPUPlace or CUDAPlace
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
        If the folder cannot be written to, the checkpoint is missing or of another run, or the loss is not finite.
    """
    program, restore = _programs(recipe, place, threads, workers)
    part = {
        "threads": threads,
        "workers": workers.count,
        "place": str(place),
        "commit": code_commit(),
        "versions": package_versions(),
    }
    if resume:
        checkpoint = _resumed(recipe, data, out, program.state().keys(), part)
        program.set_state(checkpoint.state)
        rng.bit_generator.state = checkpoint.random_state
    else:
        program.set_state(_first_parameters(recipe, rng))
        point = Point(backprops=0, epoch=0, loss=None, score=data.validation.score(restore))
        state, random_state, identity = program.state(), rng.bit_generator.state, _identity(recipe, data)
        checkpoint = Checkpoint(state, random_state, (point,), 0.0, identity, [{"epoch": 0, **part}])
        if workers.rank == 0:
            set_aside(out, (CHECKPOINT, CURVE, SUMMARY, WEIGHTS, FIGURE))
    if workers.rank == 0:
        _save(out, checkpoint, data)
    with _progress_bar(recipe, data, checkpoint, workers) as bar:
        for epoch in range(checkpoint.epoch + 1, recipe.epochs + 1):
            workers.check_agreement(program.parameters())
            start = time.monotonic()
            if recipe.decay:
                program.set_rates(0.5 + 0.5 * math.cos(math.pi * (epoch - 1) / recipe.epochs))
            loss = _train_epoch(program, recipe, data, epoch, bar)
            if workers.rank == 0:
                point = Point(epoch * data.patches, epoch, loss, data.validation.score(restore))
                checkpoint = replace(
                    checkpoint,
                    state=program.state(),
                    random_state=rng.bit_generator.state,
                    curve=(*checkpoint.curve, point),
                    seconds=checkpoint.seconds + time.monotonic() - start,
                )
                _check_finite(point)
                _save(out, checkpoint, data)
                _show(bar, point)
    workers.check_agreement(program.parameters())
    return _finish(recipe, data, checkpoint, place, out) if workers.rank == 0 else None


def _programs(recipe: Recipe, place: Place, threads: int, workers: Workers) -> tuple[TrainingProgram, Restore]:
    """The program that trains, and the one that restores with what it has trained so far."""
    branches = share_cores(recipe.architecture, place, threads, math.ceil(recipe.batch_size / workers.count))
    program = TrainingProgram(
        recipe.architecture,
        recipe.learning_rates,
        place,
        optimizer=recipe.optimizer,
        value_range=recipe.value_range,
        branches=branches,
        workers=workers,
    )
    restoring = WholePictures if recipe.protocol == PAPER else InferenceProgram
    restore = restoring(
        recipe.architecture, place, variables=program.variables, value_range=recipe.value_range, threads=threads
    )
    return program, restore


def _first_parameters(recipe: Recipe, rng: np.random.Generator) -> Mapping[str, np.ndarray]:
    """Parameters that a run starts from: drawn, or those of another network."""
    if recipe.pretrained is None:
        return initial_parameters(recipe.architecture, std=recipe.initial_std, rng=rng)
    weights = load_weights(recipe.pretrained)
    if weights.architecture == recipe.architecture:
        return weights.parameters
    if replace(weights.architecture, channels=recipe.architecture.channels) != recipe.architecture:
        raise UserError(f"{recipe.name} cannot start from {recipe.pretrained}: that is {weights.architecture.name}")
    return colour_parameters(weights.parameters)


def _train_epoch(program: TrainingProgram, recipe: Recipe, data: Data, epoch: int, bar: tqdm) -> float:
    """Train once through the patches; returns the mean loss, each batch's taken before its update."""
    total, done = 0.0, (epoch - 1) * data.patches
    channels = recipe.first_channels if 2 * epoch <= recipe.epochs else ()
    for batch in paddle.batch(data.reader, recipe.batch_size)():
        loss = program.step(batch, channels)
        if not math.isfinite(loss):
            raise UserError(f"the loss is {loss} after {done} backprops: {LOWER_RATES}")
        total += loss * len(batch)
        done += len(batch)
        bar.update(len(batch))
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


def _resumed(recipe: Recipe, data: Data, out: Path, names: Set[str], part: dict[str, Any]) -> Checkpoint:
    """Load the folder's checkpoint, after a look at whether it belongs to this run; `part` is what begins here."""
    checkpoint = load_checkpoint(out / CHECKPOINT)
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
    return replace(checkpoint, parts=[*checkpoint.parts, {"epoch": checkpoint.epoch, **part}])


def _check_finite(point: Point) -> None:
    if not point.score.psnr_pooled_db > -math.inf:  # NaN compares so too
        raise UserError(f"the network is not finite after {point.backprops} backprops: {LOWER_RATES}")


def _save(out: Path, checkpoint: Checkpoint, data: Data) -> None:
    save_checkpoint(out / CHECKPOINT, checkpoint)
    write_curve(out / CURVE, data.validation.names, checkpoint.curve)


def _progress_bar(recipe: Recipe, data: Data, checkpoint: Checkpoint, workers: Workers) -> tqdm:
    """Rank 0's progress in backprops; without a terminal there is no bar, and each evaluation is a line instead."""
    done, total = checkpoint.curve[-1].backprops, recipe.epochs * data.patches
    disable = None if workers.rank == 0 else True  # None: where there is no terminal
    bar = tqdm(total=total, initial=done, unit="bp", unit_scale=True, disable=disable)
    if workers.rank == 0:
        _show(bar, checkpoint.curve[-1])
    return bar


def _show(bar: tqdm, point: Point) -> None:
    if bar.disable:  # no terminal
        mean, pooled = point.score.psnr_mean_db, point.score.psnr_pooled_db
        print(f"epoch {point.epoch}: {mean:.2f} dB mean, {pooled:.2f} dB pooled", flush=True)
    else:
        bar.set_description(f"epoch {point.epoch}: {point.score.psnr_mean_db:.2f} dB")


def _finish(recipe: Recipe, data: Data, checkpoint: Checkpoint, place: Place, out: Path) -> dict[str, Any]:
    """Write weights, summary and figure of a finished run."""
    names = [name for pair in parameter_names(recipe.architecture) for name in pair]
    parameters = {name: checkpoint.state[name] for name in names}
    dead_layer = has_dead_layer(
        recipe.architecture, parameters, data.validation.inputs, place, value_range=recipe.value_range
    )
    summary = summarise(recipe, data, checkpoint, dead_layer=dead_layer)
    save_weights(out / WEIGHTS, Weights(recipe.architecture, parameters, metadata(summary)))
    write_json(out / SUMMARY, summary)
    figure = plots.curve_figure(out / CURVE, plots.run_title(summary), plots.summary_levels(summary))
    plots.save_figure(figure, out / FIGURE)
    return summary
