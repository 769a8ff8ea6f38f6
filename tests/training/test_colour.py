"""Networks of three channels: what they see, how they start from those for luma, how they are scored."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from paddle_srcnn.images.colour import rgb_to_ycrcb
from paddle_srcnn.images.io import read_image
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.protocols.article import (
    centre,
    degrade,
    luma,
    luma_of,
    rgb,
    score,
    view_for,
)
from paddle_srcnn.protocols.metrics import Score
from paddle_srcnn.protocols.validation import load_deblurring
from paddle_srcnn.recipes import RECIPES, vary
from paddle_srcnn.recipes import RGB as RGB_NETWORK
from paddle_srcnn.recipes.recipe import BASIC
from paddle_srcnn.reporting.curves import Point, read_curve, write_curve


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_planes_are_those_of_the_picture():
    picture = noise(20, 31, 3)
    np.testing.assert_array_equal(view_for("y")(picture)[0], rgb_to_ycrcb(picture)[..., 0])
    np.testing.assert_array_equal(view_for("rgb")(picture)[2], picture[..., 2])
    np.testing.assert_array_equal(view_for("rgb")(picture[..., 0]), [picture[..., 0]] * 3)


def test_luma_of_rgb_is_opencvs_before_rounding():
    picture = noise(40, 50, 3)
    of_luma = luma_of(rgb(picture))
    assert of_luma.shape == (1, 40, 50)
    assert np.abs(of_luma - luma(picture)).max() < 0.51  # OpenCV's fixed-point rounding
    np.testing.assert_array_equal(luma_of(of_luma), of_luma)


def test_colour_is_scored_on_luma_and_on_its_channels(write_noise, tmp_path):
    files = [write_noise(tmp_path / "a.png", 30, 41), write_noise(tmp_path / "b.png", 20, 20, channels=1)]
    validation = load_deblurring(files, margin=6, space="rgb")
    scored = validation.input_score()
    inputs, hrs = (
        [centre(degrade(rgb(read_image(file))), 6) for file in files],
        list(map(validation.hrs.__getitem__, (0, 1))),
    )
    assert scored.rgb == score(inputs, hrs)
    assert replace(scored, rgb=None) == score(list(map(luma_of, inputs)), [luma(read_image(file)) for file in files])
    of_luma = load_deblurring(files, margin=6).input_score()
    assert of_luma.rgb is None
    assert scored.psnr_db == pytest.approx(of_luma.psnr_db, abs=0.1)  # rounding before or after the conversion


def test_curve_of_colour_reads_back(tmp_path):
    of_rgb = Score((28.5, 29.5), 29.0, 28.9)
    points = [Point(8 * n, n, None, Score((30.0, 31.0 + n), 30.5, 30.4, of_rgb)) for n in range(2)]
    write_curve(tmp_path / "curve.csv", ["a", "b"], points)
    assert read_curve(tmp_path / "curve.csv") == points
    header = (tmp_path / "curve.csv").read_text().splitlines()[0]
    assert header.endswith("psnr_b_db,rgb_psnr_mean_db,rgb_psnr_pooled_db,rgb_psnr_a_db,rgb_psnr_b_db")


def random_parameters(architecture):
    from paddle_srcnn.model.parameters import initial_parameters

    drawn = initial_parameters(architecture, std=0.05, rng=np.random.default_rng(3))
    return {name: value + 0.1 if name.endswith("bias") else value for name, value in drawn.items()}


@pytest.mark.parametrize("filters", [(9, 1, 5), (9, 3, 1)])
def test_colour_network_does_to_a_grey_picture_what_that_of_luma_did(filters):
    pytest.importorskip("paddle")
    from paddle_srcnn.model.parameters import colour_parameters
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.static.inference_program import InferenceProgram

    of_luma = Architecture(filters, (64, 32))
    parameters = random_parameters(of_luma)
    spread = colour_parameters(parameters)
    of_colour = replace(of_luma, channels=3)
    assert [spread[f"conv{i}.weight"].shape for i in (1, 2, 3)] == list(of_colour.weight_shapes)
    grey = noise(1, 40, 33)
    expected = InferenceProgram(of_luma, choose_device("cpu"), parameters)(grey)
    restored = InferenceProgram(of_colour, choose_device("cpu"), spread)(np.repeat(grey, 3, axis=0))
    for channel in restored:
        np.testing.assert_allclose(channel, expected[0], rtol=1e-5, atol=1e-4)


def test_run_starts_from_the_weights_for_luma(run, tmp_path):
    from paddle_srcnn.model.parameters import colour_parameters
    from paddle_srcnn.model.weights import load_weights
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.static.inference_program import InferenceProgram

    recipe = vary(RECIPES["rgb_pretrained"], epochs=1, batch_size=3)
    summary = run(recipe, tmp_path)
    assert summary.pretrained.startswith("baseline, ")
    data, _ = run.data(recipe)
    parameters = colour_parameters(load_weights("baseline").parameters)
    expected = data.validation.score(InferenceProgram(RGB_NETWORK, choose_device("cpu"), parameters))
    first, last = read_curve(tmp_path / "curve.csv")
    assert first.score.psnr_mean_db == pytest.approx(expected.psnr_mean_db, abs=1e-4)
    assert first.score.rgb.psnr_mean_db == pytest.approx(expected.rgb.psnr_mean_db, abs=1e-4)
    assert summary.final.rgb.psnr_mean_db == pytest.approx(last.score.rgb.psnr_mean_db, abs=1e-4)
    weights = load_weights(tmp_path / "weights.safetensors")
    assert (weights.architecture, weights.metadata["colour"]) == (RGB_NETWORK, "RGB")


def test_run_cannot_start_from_another_architecture(run, tmp_path):
    from paddle_srcnn.errors import UserError

    recipe = vary(RECIPES["rgb_pretrained"], architecture=replace(RGB_NETWORK, widths=(32, 16)))
    with pytest.raises(UserError, match="rgb_pretrained cannot start from baseline"):
        run(recipe, tmp_path)
    assert not list(tmp_path.iterdir())


def test_value_range_is_a_unit_of_the_network():
    """On 0..1 the same network has its biases, and the last layer's output, in 255ths."""
    pytest.importorskip("paddle")
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.static.inference_program import InferenceProgram

    parameters = random_parameters(BASIC)
    small = {name: value / 255 if name.endswith("bias") else value for name, value in parameters.items()}
    picture = noise(1, 40, 33)
    expected = InferenceProgram(BASIC, choose_device("cpu"), parameters)(picture)
    restored = InferenceProgram(BASIC, choose_device("cpu"), small, value_range=1.0)(picture)
    np.testing.assert_allclose(restored, expected, rtol=1e-4, atol=1e-3)


def test_sgd_has_the_papers_momentum():
    """With steps so small that the gradient stays, the second is 1.9 times the first; rates are each layer's own."""
    pytest.importorskip("paddle")
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.static.cpu import choose_plan
    from paddle_srcnn.static.training_program import TrainingProgram

    def change(rates):
        plan = choose_plan(BASIC, choose_device("cpu"))
        program = TrainingProgram(BASIC, rates, plan, optimizer="sgd", value_range=1.0)
        program.set_state(random_parameters(BASIC))
        batch = [(noise(1, 33, 33), noise(1, 21, 21, seed=1))]
        states = [program.parameters()]
        for _ in range(2):
            program.step(batch)
            states.append(program.parameters())
        first, second = (
            {name: after[name].astype(np.float64) - before[name] for name in before}
            for before, after in pairwise(states)
        )
        return first, second

    first, second = change((1e-5, 1e-5, 1e-5))
    smaller, _ = change((1e-5, 1e-5, 1e-6))
    for name in ("conv1.weight", "conv3.weight", "conv3.bias"):
        ratio = np.sum(second[name] * first[name]) / np.sum(first[name] ** 2)
        assert ratio == pytest.approx(1.9, abs=0.02), name
    ratio = np.sum(smaller["conv3.weight"] * first["conv3.weight"]) / np.sum(first["conv3.weight"] ** 2)
    assert ratio == pytest.approx(0.1, abs=0.002)
