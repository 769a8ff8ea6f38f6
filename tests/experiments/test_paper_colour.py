"""Colour in the protocol `paper`: what networks of three channels see, learn and are scored on."""

from dataclasses import replace

import numpy as np
import pytest

from paddle_srcnn.images.colour import rgb_to_ycbcr, ycbcr_to_rgb
from paddle_srcnn.protocols.metrics import psnr
from paddle_srcnn.protocols.paper import (
    colour_psnrs,
    paper_luma,
    paper_planes,
    rgb_of,
    upsample,
    ycbcr_of,
)
from paddle_srcnn.protocols.validation import load_super_resolution
from paddle_srcnn.recipes import BASIC, RECIPES, RGB, Recipe


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_rgb_comes_back_from_ycbcr_up_to_rounding():
    picture = noise(40, 50, 3)
    back = ycbcr_to_rgb(rgb_to_ycbcr(picture))
    assert np.abs(back.astype(int) - picture).max() <= 2
    extremes = np.array([[[16, 128, 128], [235, 128, 128]]], np.uint8)  # MATLAB's black and white
    np.testing.assert_array_equal(ycbcr_to_rgb(extremes)[0], [[0] * 3, [255] * 3])


@pytest.mark.parametrize("space", ["y", "ycbcr", "rgb"])
def test_planes_are_cropped_and_of_their_space(space):
    picture = noise(32, 43, 3)
    planes = paper_planes(picture, 3, space)
    assert planes.shape == (1 if space == "y" else 3, 30, 42)
    np.testing.assert_array_equal(paper_luma(planes, space), rgb_to_ycbcr(picture)[:30, :42, 0])


def test_grey_files_are_their_own_luma_with_neutral_chroma():
    picture = noise(9, 9)
    planes = paper_planes(picture, 2, "ycbcr")
    np.testing.assert_array_equal(planes[0], picture[:8, :8])
    assert (planes[1:] == 128).all()
    np.testing.assert_array_equal(paper_planes(picture, 2, "rgb"), [picture[:8, :8]] * 3)


@pytest.mark.parametrize("space", ["ycbcr", "rgb"])
def test_channels_are_scored_as_a_file_would_hold_them(space):
    picture = noise(30, 42, 3)
    sr = upsample(paper_planes(picture, 2, space), 2)
    scored = colour_psnrs(sr, picture, 2, space)
    inside = (slice(None), slice(2, -2), slice(2, -2))
    ycbcr, rgb = ycbcr_of(sr, space), rgb_of(sr, space)
    ycbcr_hr, rgb_hr = paper_planes(picture, 2, "ycbcr"), paper_planes(picture, 2, "rgb")
    assert scored["YCbCr"] == pytest.approx(psnr(ycbcr[inside], ycbcr_hr[inside]))
    assert scored["RGB"] == pytest.approx(psnr(rgb[inside], rgb_hr[inside]))
    for place, channel in enumerate(("Y", "Cb", "Cr")):
        assert scored[channel] == pytest.approx(psnr(ycbcr[inside][place], ycbcr_hr[inside][place]))


def test_bicubic_agrees_with_the_papers_table(dataset_folder):
    """Dong et al. 2016, table 5: 30.39, 45.44, 45.42, and 34.57 for the channels stacked; Cb is 45.449 here."""
    from statistics import mean

    from paddle_srcnn.images.io import read_image

    scores = []
    for file in sorted(dataset_folder("Set5").iterdir()):
        picture = read_image(file)
        scores.append(colour_psnrs(upsample(paper_planes(picture, 3, "ycbcr"), 3), picture, 3, "ycbcr"))
    found = {channel: mean(score[channel] for score in scores) for channel in scores[0]}
    assert found == pytest.approx({"Y": 30.39, "Cb": 45.44, "Cr": 45.42, "YCbCr": 34.57, "RGB": 28.61}, abs=0.01)


def test_networks_of_every_space_are_scored_on_the_same_luma(write_noise, tmp_path):
    file = write_noise(tmp_path / "a.png", 40, 50)
    y, ycbcr, rgb = (load_super_resolution([file], scale=2, space=space) for space in ("y", "ycbcr", "rgb"))
    assert [len(pictures.inputs[0]) for pictures in (y, ycbcr, rgb)] == [1, 3, 3]
    assert ycbcr.input_score() == y.input_score()
    assert rgb.input_score().psnr_mean_db == pytest.approx(y.input_score().psnr_mean_db, abs=0.3)  # clipped before


@pytest.mark.parametrize("channels", [(0,), (1, 2)])
def test_loss_of_some_channels_is_their_mean_squared_error_and_moves_no_other(channels):
    pytest.importorskip("paddle")
    from tiny_runs import CPU

    from paddle_srcnn.model.parameters import initial_parameters
    from paddle_srcnn.static.inference_program import InferenceProgram
    from paddle_srcnn.static.training_program import TrainingProgram

    program = TrainingProgram(RGB, (1e-3, 1e-3, 1e-3), CPU, branches=2)
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
    from paddle_srcnn.model.weights import load_weights
    from paddle_srcnn.static.training_program import TrainingProgram

    seen, step = [], TrainingProgram.step
    monkeypatch.setattr(
        TrainingProgram, "step", lambda self, batch, channels: seen.append(channels) or step(self, batch, channels)
    )
    recipe = replace(RECIPES["table_cbcr_first"], epochs=4, batch_size=8, patches=8)
    summary = run(recipe, tmp_path)
    assert seen == [(1, 2), (1, 2), (), ()]
    assert summary["input"]["psnr_mean_db"] > 10
    weights = load_weights(tmp_path / "weights.safetensors")
    assert (weights.architecture.channels, weights.space) == (3, "ycbcr")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"architecture": BASIC, "ycbcr": True}, "three channels"),
        ({"architecture": BASIC, "first_channels": (0,)}, "three channels"),
        ({"architecture": RGB, "ycbcr": True}, "belongs to the protocol `paper`"),
    ],
)
def test_rows_that_mean_nothing_are_refused(changes, words):
    with pytest.raises(ValueError, match=words):
        Recipe("mine", **changes)
