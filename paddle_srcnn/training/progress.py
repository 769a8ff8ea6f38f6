"""Progress of a training on the terminal."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from types import TracebackType

import numpy as np
from tqdm import tqdm

from paddle_srcnn.model.parameters import parameters_in
from paddle_srcnn.protocols.data import Data
from paddle_srcnn.recipes import Recipe
from paddle_srcnn.reporting.curves import Point
from paddle_srcnn.static.session import Device
from paddle_srcnn.training.collapse import LOWER_RATES, has_dead_layer
from paddle_srcnn.training.summarise import own_mean_db

__all__ = ["Progress"]


class Progress:
    """Progress in backprops, with each evaluation beside the PSNR of the input itself.

    It is a bar on a terminal, and a line for each evaluation elsewhere. It reports a collapse once, on stderr, at the
    first evaluation that shows one.

    Parameters
    ----------
    recipe : Recipe
    data : Data
    device : CPUPlace or CUDAPlace
    curve : sequence of Point
        Evaluations so far.
    talks : bool
        False for all workers but worker 0.
    """

    def __init__(self, recipe: Recipe, data: Data, device: Device, curve: Sequence[Point], *, talks: bool) -> None:
        self._recipe, self._data, self._device, self._talks = recipe, data, device, talks
        done, total = curve[-1].backprops, recipe.schedule.epochs * data.patches
        disable = None if talks else True  # None: tqdm disables itself without a terminal
        self._bar = tqdm(total=total, initial=done, unit="bp", unit_scale=True, disable=disable)
        if talks:
            self._input = data.validation.input_score()
            self._input_db = own_mean_db(self._input)
            self._best_db = max(own_mean_db(point.score) for point in curve)
            self._collapsed = False
            self._show_score(curve[-1])

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, _type: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self._bar.close()

    def advance(self, samples: int) -> None:
        """Count samples that were trained on."""
        self._bar.update(samples)

    def show(self, point: Point, state: Mapping[str, np.ndarray]) -> None:
        """Show an evaluation, and report a network with this state that has collapsed."""
        self._show_score(point)
        reached_db = own_mean_db(point.score)
        if reached_db < self._input_db and not self._collapsed:
            problem = ""
            if self._is_dead(state):
                problem = "a layer is dead, so the output is the same whatever the input"
            elif self._best_db >= self._input_db:
                problem = f"the output, once better than the input, is worse now ({self._input_db:.2f} dB is the input)"
            if problem:
                self._collapsed = True
                self._bar.write(f"epoch {point.epoch}: {problem}: {LOWER_RATES}", file=sys.stderr)
        self._best_db = max(self._best_db, reached_db)

    def _is_dead(self, state: Mapping[str, np.ndarray]) -> bool:
        architecture, images = self._recipe.architecture, self._data.validation.inputs
        parameters = parameters_in(architecture, state)
        return all(  # one image shows most networks to be alive
            has_dead_layer(architecture, parameters, some, self._device, value_range=self._recipe.value_range)
            for some in (images[:1], images)
        )

    def _show_score(self, point: Point) -> None:
        mean, pooled = point.score.psnr_mean_db, point.score.psnr_pooled_db
        if self._bar.disable:  # no terminal
            given = f"input: {self._input.psnr_mean_db:.2f} and {self._input.psnr_pooled_db:.2f}"
            print(f"epoch {point.epoch}: {mean:.2f} dB mean, {pooled:.2f} dB pooled ({given})", flush=True)
        else:
            self._bar.set_description(f"epoch {point.epoch}: {mean:.2f} dB (input: {self._input.psnr_mean_db:.2f})")
