import csv
import itertools
import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from paddle_srcnn.architecture import Architecture
from paddle_srcnn.checkpoints import load_checkpoint, save_checkpoint
from paddle_srcnn.errors import UserError
from paddle_srcnn.metrics import mse
from paddle_srcnn.recipes import RECIPES, Recipe
from paddle_srcnn.weights import load_weights
from train import prepare_data

pytest.importorskip("paddle")

from paddle_srcnn.backend import choose_place
from paddle_srcnn.network import initial_parameters
from paddle_srcnn.programs import InferenceProgram
from paddle_srcnn.trainer import WEIGHTS, train

CPU = choose_place("cpu")
PATCHES = 8  # two pictures of 60x60: corners 0 and 14 each way, since 14 + 33 < 60 and 28 + 33 > 60
RECIPE = replace(RECIPES["baseline"], epochs=3, batch_size=3)  # batches of 3, 3 and 2
SHUFFLED = replace(RECIPE, name="baseline_shuffled", shuffle=True)


@pytest.fixture(scope="module")
def pictures(write_noise, tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    for seed in (0, 1):
        write_noise(folder / "train" / f"{seed}.png", 60, 60, seed=seed)
    write_noise(folder / "val" / "a.png", 50, 50, seed=2)
    write_noise(folder / "val" / "b.png", 30, 41, seed=3)
    return folder


@dataclass(frozen=True)
class Runner:
    """Runs recipes on the tiny pictures, each run with a generator of its own, as the command does."""

    pictures: Path

    def data(self, recipe):
        rng = np.random.default_rng(recipe.seed)
        return prepare_data(recipe, str(self.pictures / "train"), str(self.pictures / "val"), rng), rng

    def __call__(self, recipe, out, *, resume=False, wrap=lambda reader: reader):
        data, rng = self.data(recipe)
        return train(recipe, replace(data, reader=wrap(data.reader)), out, rng=rng, place=CPU, resume=resume)


@pytest.fixture(scope="module")
def run(pictures):
    return Runner(pictures)


@pytest.fixture(scope="module", params=[RECIPE, SHUFFLED], ids=["in order", "shuffled"])
def finished(request, run, tmp_path_factory):
    """Recipe, folder and summary of a run that nothing disturbed."""
    out = tmp_path_factory.mktemp("finished") / "out"
    return request.param, out, run(request.param, out)


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


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(out):
    with (out / "curve.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def test_run_leaves_its_results(finished):
    recipe, out, summary = finished
    assert sorted(contents(out)) == [
        "checkpoint.safetensors",
        "curve.csv",
        "curve.png",
        "summary.json",
        "weights.safetensors",
    ]
    assert json.loads((out / "summary.json").read_text()) == json.loads(json.dumps(summary))
    with Image.open(out / "curve.png") as figure:
        figure.verify()
    assert summary["recipe"] == recipe.name


def test_curve_has_a_row_for_each_epoch_and_the_start(finished):
    _, out, _ = finished
    curve = rows(out)
    assert [int(row["backprops"]) for row in curve] == [0, 8, 16, 24]
    assert [int(row["epoch"]) for row in curve] == [0, 1, 2, 3]
    assert curve[0]["loss"] == ""
    assert all(float(row["loss"]) > 0 for row in curve[1:])
    assert list(curve[0])[-2:] == ["psnr_a_db", "psnr_b_db"]
    for row in curve:
        mean = (float(row["psnr_a_db"]) + float(row["psnr_b_db"])) / 2
        assert float(row["psnr_mean_db"]) == pytest.approx(mean, rel=1e-12)
    assert float(curve[-1]["psnr_mean_db"]) > float(curve[0]["psnr_mean_db"])  # it learns, if only to be brighter


def test_summary_says_what_was_done(finished, run):
    recipe, out, summary = finished
    data, _ = run.data(recipe)
    last = rows(out)[-1]
    assert (summary["protocol"], summary["seed"]) == ("article", 0)
    assert (summary["epochs"], summary["backprops"], summary["loss"]) == (3, 24, float(last["loss"]))
    assert summary["final"] == {
        "psnr_mean_db": round(float(last["psnr_mean_db"]), 4),
        "psnr_pooled_db": round(float(last["psnr_pooled_db"]), 4),
        "psnr_db": {name: round(float(last[f"psnr_{name}_db"]), 4) for name in ("a", "b")},
    }
    assert summary["input"]["psnr_mean_db"] == round(data.validation.input_score().psnr_mean_db, 4)
    train_data = summary["data"]["train"]
    assert (train_data["name"], train_data["pictures"], train_data["patches"]) == ("train", 2, PATCHES)
    assert summary["data"]["validation"]["pictures"] == 2
    assert summary["seconds"] >= 0
    assert summary["backprops_per_second"] > 0
    assert summary["versions"].keys() >= {"python", "numpy"}
    assert summary["commit"]


def test_weights_are_those_of_the_last_epoch(finished, run):
    recipe, out, summary = finished
    weights = load_weights(out / "weights.safetensors")
    assert weights.architecture == recipe.architecture
    assert weights.metadata["recipe"] == recipe.name
    assert (weights.metadata["protocol"], weights.metadata["backprops"]) == ("article", "24")
    assert (weights.metadata["trained_on"], weights.metadata["scored_on"]) == ("train", "val")
    assert float(weights.metadata["psnr_mean_db"]) == summary["final"]["psnr_mean_db"]
    data, _ = run.data(recipe)
    scored = data.validation.score(InferenceProgram(recipe.architecture, CPU, weights.parameters))
    assert scored.psnr_mean_db == pytest.approx(summary["final"]["psnr_mean_db"], abs=1e-4)


def test_same_run_again_gives_the_same_bytes_and_keeps_the_first(finished, run, tmp_path):
    recipe, earlier, _ = finished
    out = tmp_path / "out"
    shutil.copytree(earlier, out)
    run(recipe, out)
    assert contents(out / "earlier-1") == contents(earlier)
    for name in ("curve.csv", "weights.safetensors"):
        assert (out / name).read_bytes() == (earlier / name).read_bytes(), name


def test_order_and_seed_change_the_run(run, finished, tmp_path):
    recipe, out, _ = finished
    other = replace(recipe, seed=1)
    run(other, tmp_path / "seed")
    assert (tmp_path / "seed" / "curve.csv").read_bytes() != (out / "curve.csv").read_bytes()
    other = replace(recipe, shuffle=not recipe.shuffle)
    run(other, tmp_path / "order")
    assert (tmp_path / "order" / "curve.csv").read_bytes() != (out / "curve.csv").read_bytes()


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
    assert sorted(contents(out)) == ["checkpoint.safetensors", "curve.csv"]
    resumed = run(recipe, out, resume=True)
    for name in ("curve.csv", "weights.safetensors"):
        assert (out / name).read_bytes() == (uninterrupted / name).read_bytes(), name
    assert resumed["final"] == summary["final"]
    assert not (out / "earlier-1").exists()


def test_finished_run_goes_on_for_more_epochs(run, finished, tmp_path):
    recipe, uninterrupted, _ = finished
    out = tmp_path / "out"
    run(replace(recipe, epochs=1), out)
    summary = run(recipe, out, resume=True)
    assert summary["backprops"] == 24
    assert (out / "curve.csv").read_bytes() == (uninterrupted / "curve.csv").read_bytes()


def test_resumed_at_its_end_a_run_writes_its_results_anew(run, finished, tmp_path):
    """As after a stop between the last checkpoint and the rest."""
    recipe, uninterrupted, _ = finished
    out = tmp_path / "out"
    out.mkdir()
    shutil.copy(uninterrupted / "checkpoint.safetensors", out)
    run(recipe, out, resume=True)
    assert (out / "curve.csv").read_bytes() == (uninterrupted / "curve.csv").read_bytes()
    assert contents(out).keys() == contents(uninterrupted).keys()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"seed": 1}, "seed 0, not 1"),
        ({"batch_size": 4}, "batch_size 3, not 4"),
        ({"learning_rates": (1e-4, 1e-4, 1e-4)}, "learning_rates"),
        ({"initial_std": 0.01}, "initial_std 0.001, not 0.01"),
        ({"name": "other"}, "name baseline.*, not other"),
        ({"architecture": Architecture((9, 1, 5), (32, 16))}, "architecture"),
        ({"epochs": 2}, "--epochs 2: .* epoch 3"),
    ],
)
def test_another_run_is_not_resumed(run, finished, tmp_path, changes, named):
    recipe, uninterrupted, _ = finished
    out = tmp_path / "out"
    shutil.copytree(uninterrupted, out)
    with pytest.raises(UserError, match=named) as caught:
        run(replace(recipe, **changes), out, resume=True)
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
    with pytest.raises(UserError, match=r"checkpoint\.safetensors is of another run \(data "):
        train(recipe, data, out, rng=rng, place=CPU, resume=True)
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


def test_loss_is_the_mean_over_the_samples(run, tmp_path):
    """Rates of 0 keep the first network, whose losses can be had apart; the last batch is smaller than the others."""
    recipe = replace(RECIPE, epochs=1, learning_rates=(0.0, 0.0, 0.0))
    data, rng = run.data(recipe)
    bright = [(x, label if i < 6 else np.full_like(label, 255)) for i, (x, label) in enumerate(data.reader())]
    summary = train(recipe, replace(data, reader=lambda: iter(bright)), tmp_path, rng=rng, place=CPU)
    first = initial_parameters(recipe.architecture, std=recipe.initial_std, rng=np.random.default_rng(recipe.seed))
    restore = InferenceProgram(recipe.architecture, CPU, first)
    losses = [mse(restore(x), label) for x, label in bright]
    assert summary["loss"] == pytest.approx(np.mean(losses), rel=1e-5)
    mean_of_batches = np.mean([np.mean(losses[i : i + 3]) for i in (0, 3, 6)])
    assert abs(summary["loss"] / mean_of_batches - 1) > 0.01  # the two differ, so that the check means something


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_loss_that_is_not_finite_ends_the_run(run, tmp_path, value):
    """In the second epoch's last batch: 14 samples are trained on before, whose checkpoint stays as it was."""
    count = itertools.count()

    def poisoned(reader):
        def poisoned_reader():
            for x, label in reader():
                yield x, label if next(count) != 2 * PATCHES - 1 else np.full(label.shape, value, np.float32)

        return poisoned_reader

    with pytest.raises(UserError, match=r"the loss is (nan|inf) after 14 backprops"):
        run(RECIPE, tmp_path, wrap=poisoned)
    assert [int(row["epoch"]) for row in rows(tmp_path)] == [0, 1]
    assert run(RECIPE, tmp_path, resume=True)["backprops"] == 24


def test_rates_that_blow_up_end_the_run(run, tmp_path):
    recipe = replace(RECIPE, learning_rates=(1e12, 1e12, 1e12))
    with pytest.raises(UserError, match="the loss is"):
        run(recipe, tmp_path)
    assert not (tmp_path / "weights.safetensors").exists()


def test_network_that_blows_up_in_the_last_step_is_no_result(run, tmp_path):
    recipe = replace(RECIPE, epochs=1, batch_size=PATCHES, learning_rates=(1e38, 1e38, 1e38))
    with pytest.raises(UserError, match=r"not finite after 8 backprops"):
        run(recipe, tmp_path)
    assert not (tmp_path / "weights.safetensors").exists()


def test_flat_validation_picture_is_named(run, tmp_path):
    """A blur leaves a flat picture as it is, so that the input's PSNR would be infinite."""
    flat = tmp_path / "val" / "flat.png"
    flat.parent.mkdir()
    Image.fromarray(np.full((30, 30), 99, np.uint8)).save(flat)
    with pytest.raises(UserError, match=r"flat\.png is too flat to be scored"):
        prepare_data(RECIPE, str(run.pictures / "train"), str(flat.parent), np.random.default_rng(0))


def test_unwritable_folder_is_named(run, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UserError, match=f"{tmp_path / 'file' / 'out'}.* cannot be written"):
        run(RECIPE, tmp_path / "file" / "out")
    assert contents(tmp_path) == {"file": b"no folder"}


def test_recipe_needs_a_rate_for_each_layer():
    with pytest.raises(ValueError, match="9-1-5 needs a learning rate for each layer"):
        Recipe("x", learning_rates=(1e-4, 1e-5))


def test_baseline_is_the_articles():
    """The article: 9-1-5, 64-32 filters, batch 16, 150 epochs, Adam at 1e-4, 1e-4, 1e-5, N(0, 0.001), 35.25 dB."""
    baseline = RECIPES["baseline"]
    assert (baseline.architecture.name, baseline.architecture.widths) == ("9-1-5", (64, 32))
    assert (baseline.architecture.channels, baseline.protocol) == (1, "article")
    assert (baseline.batch_size, baseline.epochs, baseline.shuffle) == (16, 150, False)
    assert (baseline.learning_rates, baseline.initial_std) == ((1e-4, 1e-4, 1e-5), 0.001)
    assert baseline.published.psnr_db == 35.25
    assert all(name == recipe.name for name, recipe in RECIPES.items())
