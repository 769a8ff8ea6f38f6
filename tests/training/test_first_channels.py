"""Training on some channels first: the paper's "pre-training" of colour networks."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("paddle")

from tiny_runs import CPU

from paddle_srcnn.model.parameters import initial_parameters
from paddle_srcnn.model.weights import load_weights
from paddle_srcnn.recipes import RECIPES, vary
from paddle_srcnn.recipes.article import RGB
from paddle_srcnn.static.cpu import choose_plan
from paddle_srcnn.static.inference_program import InferenceProgram
from paddle_srcnn.static.training_program import TrainingProgram


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("channels", [(0,), (1, 2)])
def test_loss_of_some_channels_is_their_mean_squared_error_and_moves_no_other(channels):
    program = TrainingProgram(RGB, (1e-3, 1e-3, 1e-3), replace(choose_plan(RGB, CPU), branches=2))
    program.set_state(initial_parameters(RGB, std=0.05, rng=np.random.default_rng(0)))
    batch = [(noise(3, 33, 33, seed=n), noise(3, 21, 21, seed=n + 9)) for n in range(3)]
    before = program.parameters()
    loss = program.step(batch, channels)
    restore = InferenceProgram(RGB, CPU, before)
    errors = [np.mean((restore(given).astype(np.float64) - label)[list(channels)] ** 2) for given, label in batch]
    assert loss == pytest.approx(np.mean(errors), rel=1e-4)
    moved = [(program.parameters()["conv3.weight"][n] != before["conv3.weight"][n]).any() for n in range(3)]
    assert moved == [n in channels for n in range(3)]


def test_run_learns_some_channels_first(run, tmp_path, monkeypatch):
    seen, step = [], TrainingProgram.step

    def watched(self, batch, channels, **settings):
        seen.append(channels)
        return step(self, batch, channels, **settings)

    monkeypatch.setattr(TrainingProgram, "step", watched)
    recipe = vary(RECIPES["table_cbcr_first"], epochs=4, batch_size=8, count=8)
    summary = run(recipe, tmp_path)
    assert seen == [(1, 2), (1, 2), (), ()]
    assert summary.input.psnr_mean_db > 10
    weights = load_weights(tmp_path / "weights.safetensors")
    assert (weights.architecture.channels, weights.space) == (3, "ycbcr")
