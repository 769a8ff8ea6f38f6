"""The training loop: batches in; a curve, a summary, weights and resumable checkpoints out."""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np

from paddle_srcnn.errors import UserError
from paddle_srcnn.model.parameters import parameter_names
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.protocols.data import Data
from paddle_srcnn.recipes import Recipe
from paddle_srcnn.reporting.summary import Summary
from paddle_srcnn.static.backend import paddle
from paddle_srcnn.static.cpu import choose_plan
from paddle_srcnn.static.distributed import ALONE, Workers
from paddle_srcnn.static.inference_program import InferenceProgram
from paddle_srcnn.static.session import Device
from paddle_srcnn.static.training_program import TrainingProgram
from paddle_srcnn.system.process import held_interrupts
from paddle_srcnn.training.checkpoints import Checkpoint, check_resumable
from paddle_srcnn.training.collapse import LOWER_RATES, has_dead_layer
from paddle_srcnn.training.progress import Progress
from paddle_srcnn.training.resume import provenance, resumed_checkpoint, run_identity
from paddle_srcnn.training.run_folder import RunFolder
from paddle_srcnn.training.start import first_parameters
from paddle_srcnn.training.summarise import summarise

__all__ = ["train"]


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
) -> Summary | None:
    """Train as a recipe says, and leave the results in a folder.

    Each epoch ends with ``curve.csv`` and ``checkpoint.safetensors``, the run with ``summary.json``,
    ``weights.safetensors`` and ``curve.png``. A run that was stopped goes on from its last finished epoch to the same
    results. If that checkpoint is damaged, it goes on from ``checkpoint.previous.safetensors``, the one before it.

    Parameters
    ----------
    recipe : Recipe
    data : Data
    out : Path
        Folder of the results. Results of an earlier run move to a subfolder.
    rng : numpy.random.Generator
        Source of the first weights and of any order of patches; its state is part of the checkpoint.
    device : CPUPlace or CUDAPlace
    threads : int
        Cores to use on a CPU. Another number of them, or of workers, changes results by float rounding only.
    workers : Workers
        Workers that share each batch. Worker 0 alone evaluates after an epoch, writes and shows progress.
    resume : bool
        Go on from the folder's checkpoint.

    Returns
    -------
    Summary or None
        None for all workers but worker 0.

    Raises
    ------
    UserError
        If the folder cannot be written to, is in use by another training or vanishes, the checkpoint is missing or of
        another run, or the loss is not finite.
    """
    if resume:
        check_resumable(out)
    with RunFolder(out, data.validation.names, writes=workers.rank == 0) as folder:
        program, network = _programs(recipe, data, device, threads, workers)
        if resume:
            run = resumed_checkpoint(out, recipe, data, program.state().keys(), workers)
            program.set_state(run.state)
            rng.bit_generator.state = run.random_state
        else:
            program.set_state(first_parameters(recipe, data.whitening, rng))
            run = Checkpoint.first(program.state(), rng, data.validation.score(network), run_identity(recipe, data))
        run = run.with_part(provenance(run.epoch, device, threads, workers))
        epochs = recipe.schedule.epochs
        if folder.writes:
            folder.begin(run, epochs, resumed=resume)
        with Progress(recipe, data, device, run.curve, talks=folder.writes) as progress:
            for epoch in range(run.epoch + 1, epochs + 1):
                workers.check_agreement(program.parameters())
                start = time.monotonic()
                loss = _train_epoch(program, recipe, data, epoch, progress)
                if folder.writes:
                    score = data.validation.score(network)
                    run = run.after(epoch * data.patches, loss, score, program.state(), rng, time.monotonic() - start)
                    folder.save(_checked(run))
                    progress.show(run.curve[-1], run.state)
        workers.check_agreement(program.parameters())
        return _finish(folder, recipe, data, run, device) if folder.writes else None


@held_interrupts()  # an interrupt while Paddle builds a program becomes a SystemError
def _programs(
    recipe: Recipe, data: Data, device: Device, threads: int, workers: Workers
) -> tuple[TrainingProgram, InferenceProgram]:
    """Build the program that trains, and the network that restores with the parameters trained so far."""
    schedule = recipe.schedule
    share = math.ceil(schedule.batch_size / workers.count)
    program = TrainingProgram(
        recipe.architecture,
        schedule.learning_rates,
        choose_plan(recipe.architecture, device, threads=threads, batch_size=share),
        optimizer=schedule.optimizer,
        value_range=recipe.value_range,
        workers=workers,
        whitening=data.whitening,
    )
    network = InferenceProgram(
        recipe.architecture,
        device,
        padding=recipe.protocol.padding,
        session=program.session,
        value_range=recipe.value_range,
        threads=threads,
    )
    return program, network


def _train_epoch(program: TrainingProgram, recipe: Recipe, data: Data, epoch: int, progress: Progress) -> float:
    """Train once through the patches; return the mean loss of the batches, each before its update."""
    schedule = recipe.schedule
    if schedule.decay:
        program.set_rates(0.5 + 0.5 * math.cos(math.pi * (epoch - 1) / schedule.epochs))
    total, done = 0.0, (epoch - 1) * data.patches
    channels = schedule.first_channels if 2 * epoch <= schedule.epochs else ()
    for batch in paddle.batch(data.reader, schedule.batch_size)():
        loss = program.step(batch, channels)
        if not math.isfinite(loss):
            raise UserError(f"the loss is {loss} after {done} backprops: {LOWER_RATES}")
        total += loss * len(batch)
        done += len(batch)
        progress.advance(len(batch))
    return total / data.patches


def _checked(run: Checkpoint) -> Checkpoint:
    """Refuse a state that no run can go on from; a ReLU may hide a NaN from loss and PSNR."""
    point = run.curve[-1]
    finite = all(np.isfinite(value).all() for value in run.state.values())
    if not (finite and point.score.psnr_pooled_db > -math.inf):  # NaN compares as false too
        raise UserError(f"the network is not finite after {point.backprops} backprops: {LOWER_RATES}")
    return run


def _finish(folder: RunFolder, recipe: Recipe, data: Data, run: Checkpoint, device: Device) -> Summary:
    """Summarise a finished run, and write its weights, summary and figure."""
    names = [name for pair in parameter_names(recipe.architecture) for name in pair]
    parameters = {name: run.state[name] for name in names}
    dead_layer = has_dead_layer(
        recipe.architecture, parameters, data.validation.inputs, device, value_range=recipe.value_range
    )
    summary = summarise(recipe, data, run, dead_layer=dead_layer)
    folder.finish(summary, Weights(recipe.architecture, parameters, summary.metadata()))
    return summary
