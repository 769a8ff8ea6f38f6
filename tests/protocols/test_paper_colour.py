"""Colour in the protocol `paper`: the inputs of networks of three channels, and their scores."""

import numpy as np
import pytest

from paddle_srcnn.images.colour import rgb_to_ycbcr, ycbcr_to_rgb
from paddle_srcnn.protocols.metrics import psnr
from paddle_srcnn.protocols.paper import (
    colour_psnrs,
    paper_channels,
    paper_luma,
    rgb_of,
    upsample,
    ycbcr_of,
)
from paddle_srcnn.protocols.validation import load_super_resolution


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
    planes = paper_channels(picture, 3, space)
    assert planes.shape == (1 if space == "y" else 3, 30, 42)
    np.testing.assert_array_equal(paper_luma(planes, space), rgb_to_ycbcr(picture)[:30, :42, 0])


def test_grey_files_are_their_own_luma_with_neutral_chroma():
    picture = noise(9, 9)
    planes = paper_channels(picture, 2, "ycbcr")
    np.testing.assert_array_equal(planes[0], picture[:8, :8])
    assert (planes[1:] == 128).all()
    np.testing.assert_array_equal(paper_channels(picture, 2, "rgb"), [picture[:8, :8]] * 3)


@pytest.mark.parametrize("space", ["ycbcr", "rgb"])
def test_channels_are_scored_as_a_file_would_hold_them(space):
    picture = noise(30, 42, 3)
    sr = upsample(paper_channels(picture, 2, space), 2)
    scored = colour_psnrs(sr, picture, 2, space)
    inside = (slice(None), slice(2, -2), slice(2, -2))
    ycbcr, rgb = ycbcr_of(sr, space), rgb_of(sr, space)
    ycbcr_hr, rgb_hr = paper_channels(picture, 2, "ycbcr"), paper_channels(picture, 2, "rgb")
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
        scores.append(colour_psnrs(upsample(paper_channels(picture, 3, "ycbcr"), 3), picture, 3, "ycbcr"))
    found = {channel: mean(score[channel] for score in scores) for channel in scores[0]}
    assert found == pytest.approx({"Y": 30.39, "Cb": 45.44, "Cr": 45.42, "YCbCr": 34.57, "RGB": 28.61}, abs=0.01)


def test_networks_of_every_space_are_scored_on_the_same_luma(write_noise, tmp_path):
    file = write_noise(tmp_path / "a.png", 40, 50)
    y, ycbcr, rgb = (load_super_resolution([file], scale=2, space=space) for space in ("y", "ycbcr", "rgb"))
    assert [len(pictures.inputs[0]) for pictures in (y, ycbcr, rgb)] == [1, 3, 3]
    assert ycbcr.input_score() == y.input_score()
    assert rgb.input_score().psnr_mean_db == pytest.approx(y.input_score().psnr_mean_db, abs=0.3)  # clipped before
