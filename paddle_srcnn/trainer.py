"""The training loop: batches in; a curve, a summary, weights and resumable checkpoints out."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Sequence, Set
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from paddle_srcnn import plots
from paddle_srcnn.backend import paddle
from paddle_srcnn.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from paddle_srcnn.curves import Point, write_curve
from paddle_srcnn.data import Data
from paddle_srcnn.errors import UserError
from paddle_srcnn.files import set_aside, write_json
from paddle_srcnn.network import initial_parameters, parameter_names
from paddle_srcnn.programs import InferenceProgram, Place, TrainingProgram, share_cores
from paddle_srcnn.protocols import Score
from paddle_srcnn.provenance import code_commit, package_versions
from paddle_srcnn.recipes import Recipe
from paddle_srcnn.weights import Weights, save_weights
from paddle_srcnn.workers import ALONE, Workers

CHECKPOINT, CURVE, SUMMARY = "checkpoint.safetensors", "curve.csv", "summary.json"
WEIGHTS, FIGURE = "weights.safetensors", "curve.png"


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
        Those that share each batch. Rank 0 alone evaluates, writes and shows progress.
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
    branches = share_cores(recipe.architecture, place, threads, math.ceil(recipe.batch_size / workers.count))
    program = TrainingProgram(recipe.architecture, recipe.learning_rates, place, branches=branches, workers=workers)
    restore = InferenceProgram(recipe.architecture, place, scope=program.scope, threads=threads)
    if resume:
        checkpoint = _resumed(recipe, data, out, program.state().keys())
        program.set_state(checkpoint.state)
        rng.bit_generator.state = checkpoint.random_state
    else:
        program.set_state(initial_parameters(recipe.architecture, std=recipe.initial_std, rng=rng))
        checkpoint = _begun(recipe, data, program, restore, rng, place)
        if workers.rank == 0:
            set_aside(out, (CHECKPOINT, CURVE, SUMMARY, WEIGHTS, FIGURE))
    if workers.rank == 0:
        _save(out, checkpoint, data)
    with _progress_bar(recipe, data, checkpoint) as bar:
        for epoch in range(checkpoint.epoch + 1, recipe.epochs + 1):
            workers.check_agreement(program.parameters())
            start = time.monotonic()
            loss = _train_epoch(program, data, recipe.batch_size, (epoch - 1) * data.patches, bar)
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
    return _finish(recipe, data, checkpoint, out, threads, workers) if workers.rank == 0 else None


def _begun(
    recipe: Recipe,
    data: Data,
    program: TrainingProgram,
    restore: InferenceProgram,
    rng: np.random.Generator,
    place: Place,
) -> Checkpoint:
    """State of a run before its first step."""
    point = Point(backprops=0, epoch=0, loss=None, score=data.validation.score(restore))
    return Checkpoint(
        state=program.state(),
        random_state=rng.bit_generator.state,
        curve=(point,),
        seconds=0.0,
        identity=_identity(recipe, data),
        provenance={"commits": [code_commit()], "versions": package_versions(), "place": str(place)},
    )


def _train_epoch(program: TrainingProgram, data: Data, batch_size: int, before: int, bar: tqdm) -> float:
    """Train once through the patches; returns the mean loss, each batch's taken before its update."""
    total, done = 0.0, before
    for batch in paddle.batch(data.reader, batch_size)():
        loss = program.step(batch)
        if not math.isfinite(loss):
            raise UserError(f"the loss is {loss} after {done} backprops: lower its recipe's rates")
        total += loss * len(batch)
        done += len(batch)
        bar.update(len(batch))
    return total / data.patches


def _identity(recipe: Recipe, data: Data) -> dict[str, Any]:
    """What a resumed run must share with the run it continues; only its length may change."""
    settings = asdict(recipe)
    del settings["epochs"], settings["published"]
    return json.loads(json.dumps({**settings, "data": data.description}))


def _resumed(recipe: Recipe, data: Data, out: Path, names: Set[str]) -> Checkpoint:
    """Load the folder's checkpoint, after a look at whether it belongs to this run."""
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
    commits = checkpoint.provenance["commits"]
    if code_commit() not in commits:
        commits = [*commits, code_commit()]
    return replace(checkpoint, provenance={**checkpoint.provenance, "commits": commits})


def _check_finite(point: Point) -> None:
    if not point.score.psnr_pooled_db > -math.inf:  # NaN compares so too
        raise UserError(f"the network is not finite after {point.backprops} backprops: lower its recipe's rates")


def _save(out: Path, checkpoint: Checkpoint, data: Data) -> None:
    save_checkpoint(out / CHECKPOINT, checkpoint)
    write_curve(out / CURVE, data.validation.names, checkpoint.curve)


def _progress_bar(recipe: Recipe, data: Data, checkpoint: Checkpoint) -> tqdm:
    """Progress in backprops; without a terminal there is no bar, and each evaluation is a line instead."""
    done = checkpoint.curve[-1].backprops
    bar = tqdm(total=recipe.epochs * data.patches, initial=done, unit="bp", unit_scale=True, disable=None)
    _show(bar, checkpoint.curve[-1])
    return bar


def _show(bar: tqdm, point: Point) -> None:
    last = f"epoch {point.epoch}: {point.score.psnr_mean_db:.2f} dB mean, {point.score.psnr_pooled_db:.2f} dB pooled"
    if bar.disable:  # no terminal
        print(last, flush=True)
    else:
        bar.set_description(last)


def _finish(
    recipe: Recipe, data: Data, checkpoint: Checkpoint, out: Path, threads: int, workers: Workers
) -> dict[str, Any]:
    """Write weights, summary and figure of a finished run."""
    last = checkpoint.curve[-1]
    summary = {
        "recipe": recipe.name,
        "protocol": recipe.protocol,
        "commit": " then ".join(checkpoint.provenance["commits"]),
        "seed": recipe.seed,
        "data": data.description,
        "settings": asdict(recipe),
        "epochs": last.epoch,
        "backprops": last.backprops,
        "loss": last.loss,
        "input": _figures(data.validation.names, data.validation.input_score()),
        "final": _figures(data.validation.names, last.score),
        "seconds": round(checkpoint.seconds, 1),
        "backprops_per_second": round(last.backprops / checkpoint.seconds, 1),
        "threads": threads,
        "workers": workers.count,
        "place": checkpoint.provenance["place"],
        "versions": checkpoint.provenance["versions"],
    }
    names = [name for pair in parameter_names(recipe.architecture) for name in pair]
    metadata = {
        "recipe": recipe.name,
        "protocol": recipe.protocol,
        "scale": "1",
        "colour": "luma, full range (OpenCV's YCrCb)",
        "value_range": "0..255",
        "backprops": str(last.backprops),
        "trained_on": data.description["train"]["name"],
        "scored_on": data.description["validation"]["name"],
        "psnr_mean_db": f"{last.score.psnr_mean_db:.4f}",
        "psnr_pooled_db": f"{last.score.psnr_pooled_db:.4f}",
    }
    parameters = {name: checkpoint.state[name] for name in names}
    save_weights(out / WEIGHTS, Weights(recipe.architecture, parameters, metadata))
    write_json(out / SUMMARY, summary)
    figure = plots.curve_figure(out / CURVE, plots.run_title(summary), plots.summary_levels(summary))
    plots.save_figure(figure, out / FIGURE)
    return summary


def _figures(names: Sequence[str], score: Score) -> dict[str, Any]:
    return {
        "psnr_mean_db": round(score.psnr_mean_db, 4),
        "psnr_pooled_db": round(score.psnr_pooled_db, 4),
        "psnr_db": {name: round(value, 4) for name, value in zip(names, score.psnr_db, strict=True)},
    }
