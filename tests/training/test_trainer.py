import itertools
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from helpers import contents
from PIL import Image

from paddle_srcnn.errors import UserError
from paddle_srcnn.model.weights import load_weights
from paddle_srcnn.protocols import ARTICLE
from paddle_srcnn.protocols.metrics import mse
from paddle_srcnn.reader.prepare import prepare_data
from paddle_srcnn.recipes import RECIPES, Gaussian, Grid, Recipe, Schedule, vary
from paddle_srcnn.system.environment import code_commit

pytest.importorskip("paddle")

from tiny_runs import CPU, PATCHES, RECIPE, rows

from paddle_srcnn.model.parameters import initial_parameters
from paddle_srcnn.static.inference_program import InferenceProgram
from paddle_srcnn.training.trainer import train


def test_run_leaves_its_results(finished):
    recipe, out, summary = finished
    assert sorted(contents(out)) == [
        "checkpoint.previous.safetensors",
        "checkpoint.safetensors",
        "curve.csv",
        "curve.png",
        "summary.json",
        "weights.safetensors",
    ]
    assert json.loads((out / "summary.json").read_text()) == json.loads(json.dumps(summary.to_json()))
    with Image.open(out / "curve.png") as figure:
        figure.verify()
    assert summary.recipe == recipe.name


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
    assert (summary.protocol, summary.seed) == ("article", 0)
    assert (summary.epochs, summary.backprops, summary.loss) == (3, 24, float(last["loss"]))
    assert summary.final.to_json() == {
        "psnr_mean_db": round(float(last["psnr_mean_db"]), 4),
        "psnr_pooled_db": round(float(last["psnr_pooled_db"]), 4),
        "psnr_db": {name: round(float(last[f"psnr_{name}_db"]), 4) for name in ("a", "b")},
    }
    assert summary.input.psnr_mean_db == round(data.validation.input_score().psnr_mean_db, 4)
    train_data = summary.data["train"]
    assert (train_data["name"], train_data["pictures"], train_data["patches"]) == ("train", 2, PATCHES)
    assert summary.data["validation"]["pictures"] == 2
    assert 0 < summary.seconds < 60
    assert summary.backprops_per_second == pytest.approx(24 / summary.seconds, rel=0.6)  # both are rounded to a tenth
    assert summary.versions.keys() >= {"python", "numpy"}
    assert summary.commit == code_commit()


def test_weights_are_those_of_the_last_epoch(finished, run):
    recipe, out, summary = finished
    weights = load_weights(out / "weights.safetensors")
    assert weights.architecture == recipe.architecture
    assert weights.metadata["recipe"] == recipe.name
    assert (weights.metadata["protocol"], weights.metadata["backprops"]) == ("article", "24")
    assert (weights.metadata["trained_on"], weights.metadata["scored_on"]) == ("train", "val")
    assert float(weights.metadata["psnr_mean_db"]) == summary.final.psnr_mean_db
    data, _ = run.data(recipe)
    scored = data.validation.score(InferenceProgram(recipe.architecture, CPU, weights.parameters))
    assert scored.psnr_mean_db == pytest.approx(summary.final.psnr_mean_db, abs=1e-4)


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
    other = vary(recipe, seed=1)
    run(other, tmp_path / "seed")
    assert (tmp_path / "seed" / "curve.csv").read_bytes() != (out / "curve.csv").read_bytes()
    other = vary(recipe, shuffle=not recipe.patches.shuffle)
    run(other, tmp_path / "order")
    assert (tmp_path / "order" / "curve.csv").read_bytes() != (out / "curve.csv").read_bytes()


def test_loss_is_the_mean_over_the_samples(run, tmp_path):
    """Rates of 0 keep the first network, whose losses can be had apart; the last batch is smaller than the others."""
    recipe = vary(RECIPE, epochs=1, learning_rates=(0.0, 0.0, 0.0))
    data, rng = run.data(recipe)
    bright = [(x, label if i < 6 else np.full_like(label, 255)) for i, (x, label) in enumerate(data.reader())]
    summary = train(recipe, replace(data, reader=lambda: iter(bright)), tmp_path, rng=rng, device=CPU)
    first = initial_parameters(recipe.architecture, std=recipe.start.std, rng=np.random.default_rng(recipe.seed))
    restore = InferenceProgram(recipe.architecture, CPU, first)
    losses = [mse(restore(x), label) for x, label in bright]
    assert summary.loss == pytest.approx(np.mean(losses), rel=1e-5)
    mean_of_batches = np.mean([np.mean(losses[i : i + 3]) for i in (0, 3, 6)])
    assert abs(summary.loss / mean_of_batches - 1) > 0.01  # the two differ, so that the check means something


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
    assert run(RECIPE, tmp_path, resume=True).backprops == 24


def test_rates_that_blow_up_end_the_run(run, tmp_path):
    recipe = vary(RECIPE, learning_rates=(1e12, 1e12, 1e12))
    with pytest.raises(UserError, match="the loss is"):
        run(recipe, tmp_path)
    assert not (tmp_path / "weights.safetensors").exists()


def test_network_that_blows_up_in_the_last_step_is_no_result(run, tmp_path):
    recipe = vary(RECIPE, epochs=1, batch_size=PATCHES, learning_rates=(1e38, 1e38, 1e38))
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
        Recipe("x", schedule=Schedule(learning_rates=(1e-4, 1e-5)))


def test_baseline_is_the_articles():
    """The article: 9-1-5, 64-32 filters, batch 16, 150 epochs, Adam at 1e-4, 1e-4, 1e-5, N(0, 0.001), 35.25 dB."""
    baseline = RECIPES["baseline"]
    assert (baseline.architecture.name, baseline.architecture.widths) == ("9-1-5", (64, 32))
    assert (baseline.architecture.channels, baseline.protocol) == (1, ARTICLE)
    assert (baseline.schedule.batch_size, baseline.schedule.epochs) == (16, 150)
    assert (baseline.patches, baseline.start) == (Grid(shuffle=False), Gaussian(0.001))
    assert baseline.schedule.learning_rates == (1e-4, 1e-4, 1e-5)
    assert baseline.published.psnr_db == 35.25
