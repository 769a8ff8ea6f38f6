"""Training in the protocol `paper`."""

import numpy as np
import pytest

pytest.importorskip("paddle")

from tiny_runs import CPU, stop_after

from paddle_srcnn.errors import UserError
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.drcn import Drcn
from paddle_srcnn.model.parameters import grown_parameters, initial_parameters
from paddle_srcnn.model.weights import load_weights
from paddle_srcnn.model.whitening import unwhitened
from paddle_srcnn.protocols.paper import paper_score
from paddle_srcnn.protocols.validation import load_super_resolution
from paddle_srcnn.recipes import RECIPES, Pretrained, vary
from paddle_srcnn.recipes.recipe import BASIC
from paddle_srcnn.reporting.curves import read_curve
from paddle_srcnn.static.cpu import choose_plan
from paddle_srcnn.static.inference_program import InferenceProgram, restorer
from paddle_srcnn.training.checkpoints import CHECKPOINT, load_checkpoint

RECIPE = vary(RECIPES["sr_9-1-5_x3"], epochs=4, batch_size=4, count=10, sizes=(1.0, 0.8))
ESPCN = vary(RECIPES["espcn_x3"], epochs=4, batch_size=4, count=10, sizes=(1.0,))
DRCN = vary(RECIPES["drcn_x3"], architecture=Drcn(4, 2), epochs=4, batch_size=4, count=10, sizes=(1.0,))
ALL = pytest.mark.parametrize("recipe", [RECIPE, ESPCN, DRCN], ids=lambda recipe: recipe.name)


def test_score_is_the_protocols(run):
    files = sorted((run.pictures / "val").iterdir())
    pictures = load_super_resolution(files, scale=3)
    expected = [paper_score(given[0], hr[0], 3)[0] for given, hr in zip(pictures.inputs, pictures.hrs, strict=True)]
    assert pictures.input_score().psnr_db == tuple(expected)
    assert pictures.input_score().psnr_mean_db == pytest.approx(np.mean(expected))


@ALL
def test_run_leaves_weights_that_score_as_its_summary_says(run, tmp_path, recipe):
    summary = run(recipe, tmp_path)
    assert (summary.protocol, summary.backprops) == ("paper", 40)
    weights = load_weights(tmp_path / "weights.safetensors")
    assert (weights.metadata["protocol"], weights.metadata["scale"], weights.value_range) == ("paper", "3", 1.0)
    assert weights.architecture == recipe.architecture
    files = sorted((run.pictures / "val").iterdir())
    pictures = load_super_resolution(files, scale=3, factor=recipe.architecture.factor)
    restore = restorer(weights, CPU, padding="replicate", threads=1)
    assert pictures.score(restore).psnr_mean_db == pytest.approx(summary.final.psnr_mean_db, abs=1e-4)
    assert summary.input.psnr_mean_db == pytest.approx(pictures.input_score().psnr_mean_db, abs=1e-4)


@ALL
def test_stopped_run_goes_on_to_the_same_end(run, tmp_path, recipe):
    run(recipe, tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        run(recipe, tmp_path / "stopped", wrap=stop_after(25))
    run(recipe, tmp_path / "stopped", resume=True)
    for name in ("curve.csv", "weights.safetensors"):
        assert (tmp_path / "stopped" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def test_first_layer_is_trained_in_the_coordinates_of_the_data(run, tmp_path, monkeypatch):
    from paddle_srcnn.static.training_program import WHITENED, WHITENING, TrainingProgram

    first = []
    set_state = TrainingProgram.set_state
    monkeypatch.setattr(
        TrainingProgram, "set_state", lambda self, state: (first.append(dict(state)), set_state(self, state))
    )
    run(RECIPE, tmp_path)
    data, rng = run.data(RECIPE)
    expected = initial_parameters(RECIPE.architecture, std=None, rng=rng, identity=True, whitening=data.whitening)
    for name, value in expected.items():
        np.testing.assert_array_equal(first[0][name], value)
    state = load_checkpoint(tmp_path / CHECKPOINT).state
    np.testing.assert_array_equal(state[WHITENING], data.whitening)
    weight, bias = unwhitened(state[WHITENED], data.whitening, state["conv1.weight"].shape)
    np.testing.assert_allclose(state["conv1.weight"], weight, atol=1e-5)
    np.testing.assert_allclose(state["conv1.bias"], bias, atol=1e-5)


def test_rates_fall_along_a_cosine(run, tmp_path, monkeypatch):
    from paddle_srcnn.static.training_program import TrainingProgram

    factors = []
    monkeypatch.setattr(TrainingProgram, "set_rates", lambda self, factor: factors.append(factor))
    run(RECIPE, tmp_path)
    assert factors == pytest.approx([1, 0.853553, 0.5, 0.146447], abs=1e-6)


def test_supervision_of_every_depth_ends_with_its_share_of_the_epochs(run, tmp_path, monkeypatch):
    from paddle_srcnn.static.training_program import TrainingProgram

    shares, step = [], TrainingProgram.step

    def noted(self, *arguments, supervision):
        shares.append(supervision)
        return step(self, *arguments, supervision=supervision)

    monkeypatch.setattr(TrainingProgram, "step", noted)
    run(vary(DRCN, supervised=0.75), tmp_path)
    assert shares[::3] == pytest.approx([1, 2 / 3, 1 / 3, 0])  # three batches an epoch
    with pytest.raises(ValueError, match="supervised is from 0 to 1, for networks with further outputs"):
        vary(ESPCN, supervised=0.5)


def test_rates_are_those_that_were_set():
    """Adam's first step is its rate, whatever the gradient."""
    from paddle_srcnn.static.training_program import TrainingProgram

    program = TrainingProgram(BASIC, (1e-3, 1e-3, 1e-4), choose_plan(BASIC, CPU), value_range=1.0)
    first = initial_parameters(BASIC, std=None, rng=np.random.default_rng(0))
    program.set_state(first)
    program.set_rates(0.25)
    rng = np.random.default_rng(1)
    program.step([(rng.random((1, 33, 33)) * 255, rng.random((1, 21, 21)) * 255)])
    after = program.parameters()
    for layer, rate in ((1, 2.5e-4), (2, 2.5e-4), (3, 2.5e-5)):
        step = np.abs(after[f"conv{layer}.weight"] - first[f"conv{layer}.weight"])
        assert np.median(step[step > 0]) == pytest.approx(rate, rel=0.02)


def test_length_is_part_of_a_run_whose_rates_decay(run, tmp_path):
    run(vary(RECIPE, epochs=2), tmp_path)
    before = read_curve(tmp_path / "curve.csv")
    with pytest.raises(UserError, match="epochs 2, not 4"):
        run(RECIPE, tmp_path, resume=True)
    assert read_curve(tmp_path / "curve.csv") == before


def test_each_layer_has_its_own_deviation():
    """He et al. 2015: the square root of 2 over the inputs, here 81, 64 and 800; a tenth for the last layer."""
    drawn = initial_parameters(BASIC, std=None, rng=np.random.default_rng(0))
    for layer, expected in ((1, (2 / 81) ** 0.5), (2, (2 / 64) ** 0.5), (3, 0.1 * (2 / 800) ** 0.5)):
        assert drawn[f"conv{layer}.weight"].std() == pytest.approx(expected, rel=0.05)


def test_network_of_larger_filters_begins_as_the_smaller_one():
    small = initial_parameters(Architecture((9, 1, 5), (64, 32)), std=0.05, rng=np.random.default_rng(2))
    larger = Architecture((9, 5, 7), (64, 32))
    grown = grown_parameters(small, larger)
    assert [grown[f"conv{i}.weight"].shape for i in (1, 2, 3)] == list(larger.weight_shapes)
    given = np.random.default_rng(3).uniform(0, 255, (1, 40, 33)).astype(np.float32)
    expected = InferenceProgram(BASIC, CPU, small)(given)
    lost = larger.margin - BASIC.margin
    found = InferenceProgram(larger, CPU, grown)(given)
    np.testing.assert_allclose(found, expected[:, lost:-lost, lost:-lost], rtol=1e-5, atol=1e-4)
    with pytest.raises(ValueError, match=r"conv1.weight is larger than the 7x7 of 7-1-5"):
        grown_parameters(small, Architecture((7, 1, 5), (64, 32)))


def test_weights_for_other_values_are_no_start(run, tmp_path):
    """The baseline's are for 0..255."""
    with pytest.raises(UserError, match=r"sr_9-1-5_x3 cannot start from baseline: that is 9-1-5 for values in 0..255"):
        run(vary(RECIPE, start=Pretrained("baseline")), tmp_path)
