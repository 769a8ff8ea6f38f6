"""The training loop: batches in; a curve, a summary, weights and resumable checkpoints out."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from paddle_srcnn.errors import UserError
from paddle_srcnn.model.parameters import parameters_in
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
    """Train as a recipe says, and leave curve, checkpoints, summary, weights and figure in a folder.

    A run that was stopped goes on from its last finished epoch, to the same results.

    Parameters
    ----------
    recipe : Recipe
    data : Data
    out : Path
        Folder of the results. Results of an earlier run move to a subfolder.
    rng : numpy.random.Generator
        Source of first weights and of orders of patches; its state is part of the checkpoint.
    device : CPUPlace or CUDAPlace
    threads : int
        Cores to use on a CPU. Another number of them, or of workers, changes results by float rounding only.
    workers : Workers
        Workers that share each batch. Worker 0 alone evaluates, writes, shows progress and gets a summary.
    resume : bool
        Go on from the folder's checkpoint.

    Raises
    ------
    UserError
        If the folder or its checkpoint cannot be used, or the loss is not finite.
    """
    if resume:
        check_resumable(out)
    with RunFolder(out, data.validation.names, writes=workers.rank == 0) as folder:
        program, network = _programs(recipe, data, device, threads, workers)
        training = _Training(recipe, data, rng, device, workers, folder, program, network)
        run = training.resume() if resume else training.first()
        run = run.with_part(provenance(run.epoch, device, threads, workers))
        if folder.writes:
            folder.begin(run, recipe.schedule.epochs, resumed=resume)
        run = training.loop(run)
        return training.finish(run) if folder.writes else None


@dataclass(frozen=True)
class _Training:
    """Everything that a training works with: what to train on, and the programs that train and restore."""

    recipe: Recipe
    data: Data
    rng: np.random.Generator
    device: Device
    workers: Workers
    folder: RunFolder
    program: TrainingProgram
    network: InferenceProgram

    def first(self) -> Checkpoint:
        """Start a run with its first parameters, and score them."""
        self.program.set_state(first_parameters(self.recipe, self.data.whitening, self.rng))
        score = self.data.validation.score(self.network)
        return Checkpoint.first(self.program.state(), self.rng, score, run_identity(self.recipe, self.data))

    def resume(self) -> Checkpoint:
        """Go on from the folder's checkpoint."""
        names = self.program.state().keys()
        run = resumed_checkpoint(self.folder.path, self.recipe, self.data, names, self.workers)
        self.program.set_state(run.state)
        self.rng.bit_generator.state = run.random_state
        return run

    def loop(self, run: Checkpoint) -> Checkpoint:
        """Train epoch by epoch; worker 0 scores the network and saves the run after each."""
        epochs = self.recipe.schedule.epochs
        with Progress(self.recipe, self.data, self.device, run.curve, talks=self.folder.writes) as progress:
            for epoch in range(run.epoch + 1, epochs + 1):
                self.workers.check_agreement(self.program.parameters())
                start = time.monotonic()
                loss = self.train_epoch(epoch, progress)
                if self.folder.writes:
                    score = self.data.validation.score(self.network)
                    backprops, seconds = epoch * self.data.patches, time.monotonic() - start
                    run = _checked(run.after(backprops, loss, score, self.program.state(), self.rng, seconds))
                    self.folder.save(run)
                    progress.show(run.curve[-1], run.state)
        self.workers.check_agreement(self.program.parameters())
        return run

    def train_epoch(self, epoch: int, progress: Progress) -> float:
        """Train once through the patches; return the mean loss of the batches, each before its update."""
        schedule, patches = self.recipe.schedule, self.data.patches
        if schedule.decay:
            self.program.set_rates(0.5 + 0.5 * math.cos(math.pi * (epoch - 1) / schedule.epochs))
        total, done = 0.0, (epoch - 1) * patches
        channels = schedule.first_channels if 2 * epoch <= schedule.epochs else ()
        supervision = schedule.supervision_at(epoch)
        for batch in paddle.batch(self.data.reader, schedule.batch_size)():
            loss = self.program.step(batch, channels, supervision=supervision)
            if not math.isfinite(loss):
                raise UserError(f"the loss is {loss} after {done} backprops: {LOWER_RATES}")
            total += loss * len(batch)
            done += len(batch)
            progress.advance(len(batch))
        return total / patches

    def finish(self, run: Checkpoint) -> Summary:
        """Summarise a finished run, and write its weights, summary and figure."""
        architecture, value_range = self.recipe.architecture, self.recipe.value_range
        parameters = parameters_in(architecture, run.state)
        images = self.data.validation.inputs
        dead_layer = has_dead_layer(architecture, parameters, images, self.device, value_range=value_range)
        summary = summarise(self.recipe, self.data, run, dead_layer=dead_layer)
        self.folder.finish(
            summary, Weights(architecture, parameters, {**summary.metadata(), **architecture.metadata()})
        )
        return summary


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


def _checked(run: Checkpoint) -> Checkpoint:
    """Refuse a state that no run can go on from; a ReLU may hide a NaN from loss and PSNR."""
    point = run.curve[-1]
    finite = all(np.isfinite(value).all() for value in run.state.values())
    if not (finite and point.score.psnr_pooled_db > -math.inf):  # NaN compares as false too
        raise UserError(f"the network is not finite after {point.backprops} backprops: {LOWER_RATES}")
    return run
