import shutil
from dataclasses import replace

import numpy as np
import pytest
from helpers import contents

from paddle_srcnn.errors import UserError
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.weights import load_weights
from paddle_srcnn.reader.prepare import prepare_data
from paddle_srcnn.recipes import Gaussian, vary
from paddle_srcnn.training.checkpoints import PREVIOUS, load_checkpoint, save_checkpoint

pytest.importorskip("paddle")

from tiny_runs import CPU, PATCHES, RECIPE, rows, stop_after

from paddle_srcnn.training.run_folder import OUTCOME, WEIGHTS
from paddle_srcnn.training.trainer import train


@pytest.mark.parametrize(
    ("samples", "problem"),
    [
        pytest.param(1, KeyboardInterrupt, id="first epoch"),
        pytest.param(PATCHES + 4, KeyboardInterrupt, id="second"),
        pytest.param(2 * PATCHES, KeyboardInterrupt, id="start of the third"),
        pytest.param(PATCHES + 4, RuntimeError, id="error"),
    ],
)
def test_interrupted_run_goes_on_to_the_same_results(run, finished, tmp_path, samples, problem):
    recipe, uninterrupted, summary = finished
    out = tmp_path / "out"
    with pytest.raises(problem):
        run(recipe, out, wrap=stop_after(samples, problem))
    assert len(rows(out)) == samples // PATCHES + 1
    assert sorted(contents(out).keys() - {PREVIOUS}) == ["checkpoint.safetensors", "curve.csv"]
    resumed = run(recipe, out, resume=True)
    for name in ("curve.csv", "weights.safetensors"):
        assert (out / name).read_bytes() == (uninterrupted / name).read_bytes(), name
    assert resumed.final == summary.final
    assert not (out / "earlier-1").exists()


def test_finished_run_goes_on_for_more_epochs(run, finished, tmp_path):
    recipe, uninterrupted, _ = finished
    out = tmp_path / "out"
    run(vary(recipe, epochs=1), out)
    summary = run(recipe, out, resume=True)
    assert summary.backprops == 24
    assert (out / "curve.csv").read_bytes() == (uninterrupted / "curve.csv").read_bytes()


def test_outcome_of_the_shorter_run_does_not_stay_beside_a_longer_curve(run, finished, tmp_path):
    recipe, out = finished[0], tmp_path / "out"
    run(vary(recipe, epochs=1), out)
    first = contents(out)
    with pytest.raises(KeyboardInterrupt):
        run(recipe, out, resume=True, wrap=stop_after(PATCHES, KeyboardInterrupt))
    assert contents(out).keys() == {
        PREVIOUS,
        "checkpoint.safetensors",
        "curve.csv",
        *(f"earlier-1/{n}" for n in OUTCOME),
    }
    assert contents(out / "earlier-1") == {name: first[name] for name in OUTCOME}
    run(recipe, out, resume=True)
    assert not (out / "earlier-2").exists()


def test_resumed_at_its_end_a_run_writes_its_results_anew(run, finished, tmp_path):
    """As after a stop between the last checkpoint and the rest."""
    recipe, uninterrupted, _ = finished
    out = tmp_path / "out"
    out.mkdir()
    shutil.copy(uninterrupted / "checkpoint.safetensors", out)
    run(recipe, out, resume=True)
    assert (out / "curve.csv").read_bytes() == (uninterrupted / "curve.csv").read_bytes()
    assert contents(out).keys() == contents(uninterrupted).keys() - {PREVIOUS}


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"seed": 1}, "seed 0, not 1"),
        ({"batch_size": 4}, "batch_size 3, not 4"),
        ({"learning_rates": (1e-4, 1e-4, 1e-4)}, "learning_rates"),
        ({"start": Gaussian(0.01)}, "initial_std 0.001, not 0.01"),
        ({"name": "other"}, "name baseline.*, not other"),
        ({"architecture": Architecture((9, 1, 5), (32, 16))}, "architecture"),
        ({"epochs": 2}, "epoch 3, beyond the 2"),
    ],
)
def test_another_run_is_not_resumed(run, finished, tmp_path, changes, named):
    recipe, uninterrupted, _ = finished
    out = tmp_path / "out"
    shutil.copytree(uninterrupted, out)
    with pytest.raises(UserError, match=named) as caught:
        run(vary(recipe, **changes), out, resume=True)
    assert str(out) in str(caught.value)
    assert contents(out) == contents(uninterrupted)


def test_run_on_other_data_is_not_resumed(run, finished, tmp_path, write_noise):
    recipe, uninterrupted, _ = finished
    out = tmp_path / "out"
    shutil.copytree(uninterrupted, out)
    others = tmp_path / "train"  # the same names and sizes, other pixels
    for seed in (0, 1):
        write_noise(others / f"{seed}.png", 60, 60, seed=seed + 10)
    rng = np.random.default_rng(recipe.seed)
    data = prepare_data(recipe, str(others), str(run.pictures / "val"), rng)
    with pytest.raises(UserError, match=r"checkpoint\.safetensors is of another run \(--train-data "):
        train(recipe, data, out, rng=rng, device=CPU, resume=True)
    assert contents(out) == contents(uninterrupted)


def test_nothing_to_resume_is_said(run, tmp_path):
    with pytest.raises(UserError, match=r"checkpoint\.safetensors to resume from"):
        run(RECIPE, tmp_path / "out", resume=True)
    assert not (tmp_path / "out").exists()


def test_useless_checkpoint_is_named_and_kept(run, tmp_path):
    (tmp_path / "checkpoint.safetensors").write_text("not a checkpoint")
    with pytest.raises(UserError, match=r"checkpoint\.safetensors is no readable checkpoint"):
        run(RECIPE, tmp_path, resume=True)
    assert contents(tmp_path) == {"checkpoint.safetensors": b"not a checkpoint"}


@pytest.mark.parametrize("change", ["lacks a moment", "holds more"])
def test_checkpoint_of_another_program_is_refused(run, finished, tmp_path, change):
    """As one of a program with another optimiser would be; moments must not silently start at 0."""
    recipe, uninterrupted, _ = finished
    checkpoint = load_checkpoint(uninterrupted / "checkpoint.safetensors")
    state = dict(checkpoint.state)
    if change == "lacks a moment":
        del state[next(name for name in state if name not in load_weights(uninterrupted / WEIGHTS).parameters)]
    else:
        state["foreign"] = np.zeros(1, np.float32)
    save_checkpoint(tmp_path / "checkpoint.safetensors", replace(checkpoint, state=state))
    with pytest.raises(UserError, match=r"checkpoint\.safetensors"):
        run(recipe, tmp_path, resume=True)
