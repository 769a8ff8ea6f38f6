"""Runs on two pictures of noise, for the tests of the trainer."""

import csv
import itertools
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from paddle_srcnn.reader.prepare import prepare_data
from paddle_srcnn.recipes import RECIPES, vary
from paddle_srcnn.static.backend import choose_device
from paddle_srcnn.training.trainer import train

CPU = choose_device("cpu")
PATCHES = 8  # two pictures of 60x60: corners 0 and 14 each way, since 14 + 33 < 60 and 28 + 33 > 60
RECIPE = vary(RECIPES["baseline"], epochs=3, batch_size=3)  # batches of 3, 3 and 2
SHUFFLED = vary(RECIPE, name="baseline_shuffled", shuffle=True)


@dataclass(frozen=True)
class Runner:
    """Runs recipes on the tiny pictures, each run with a generator of its own, as the command does."""

    pictures: Path

    def data(self, recipe):
        rng = np.random.default_rng(recipe.seed)
        return prepare_data(recipe, str(self.pictures / "train"), str(self.pictures / "val"), rng), rng

    def __call__(self, recipe, out, *, resume=False, wrap=lambda reader: reader):
        data, rng = self.data(recipe)
        return train(recipe, replace(data, reader=wrap(data.reader)), out, rng=rng, device=CPU, resume=resume)


def stop_after(samples, problem=KeyboardInterrupt):
    """Wrap a reader so that it stops the run after so many samples in all."""
    count = itertools.count()

    def wrap(reader):
        def stopping():
            for sample in reader():
                if next(count) == samples:
                    raise problem
                yield sample

        return stopping

    return wrap


def rows(out):
    with (out / "curve.csv").open(newline="") as file:
        return list(csv.DictReader(file))
