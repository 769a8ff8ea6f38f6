import os
from pathlib import Path

import numpy as np
import pytest

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import read_image, write_image
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.protocols.article import centre, degrade, luma
from paddle_srcnn.protocols.paper import paper_channels, paper_score, upsample
from paddle_srcnn.protocols.validation import image_names, load_deblurring, load_super_resolution


def test_names_are_short_and_unique():
    files = [Path(name) for name in ("a/baby_GT.bmp", "a/bird.png", "b/bird.bmp", "c/bird_GT.tif", "birdie.png")]
    assert image_names(files) == ("baby", "bird", "bird#2", "bird#3", "birdie")


def test_names_that_are_no_text_can_be_written():
    assert image_names([Path(os.fsdecode(b"\xe9t\xe9_GT.png"))]) == ("\\udce9t\\udce9",)


@pytest.mark.parametrize("size", [(12, 40), (40, 12)])
def test_too_small_a_picture_is_named(write_noise, tmp_path, size):
    files = [write_noise(tmp_path / "large.png", 13, 13), write_noise(tmp_path / "small.png", *size)]
    with pytest.raises(UserError, match=rf"small\.png is {size[1]}x{size[0]}.*at least 13x13"):
        load_deblurring(files, margin=6)


def test_pictures_are_kept_with_their_degraded_inputs(write_noise, tmp_path):
    files = [write_noise(tmp_path / "a.png", 20, 31), write_noise(tmp_path / "b.png", 13, 13, channels=1)]
    validation = load_deblurring(files, margin=6)
    assert (validation.names, validation.margin) == (("a", "b"), 6)
    for file, degraded, hr in zip(files, validation.inputs, validation.hrs, strict=True):
        np.testing.assert_array_equal(hr, luma(read_image(file)))
        np.testing.assert_array_equal(degraded, degrade(hr))


def test_identity_scores_as_the_input_does(write_noise, tmp_path):
    files = [write_noise(tmp_path / f"{seed}.png", 20, 31, seed=seed) for seed in range(3)]
    validation = load_deblurring(files, margin=6)
    assert validation.score(lambda planes: centre(planes, 6)) == validation.input_score()


def test_perfect_restoration_is_infinitely_good(write_noise, tmp_path):
    validation = load_deblurring([write_noise(tmp_path / "a.png", 20, 31)], margin=6)
    scored = validation.score(lambda planes: centre(validation.hrs[0], 6).astype(np.float32))
    assert scored.psnr_mean_db == scored.psnr_pooled_db == float("inf")


def test_blurred_set5(dataset_folder):
    """The article's inputs themselves, against the centre that 9-1-5 keeps; measured apart from this program."""
    files = sorted(dataset_folder("Set5").glob("*.bmp"))
    validation = load_deblurring(files, margin=6)
    assert validation.names == ("baby", "bird", "butterfly", "head", "woman")
    scored = validation.input_score()
    assert scored.psnr_db == pytest.approx((34.59, 33.81, 24.91, 33.00, 29.61), abs=0.005)
    assert scored.psnr_mean_db == pytest.approx((34.59 + 33.81 + 24.91 + 33.00 + 29.61) / 5, abs=0.005)


def test_flat_picture_is_named(tmp_path):
    write_image(tmp_path / "flat.png", np.full((20, 20, 3), 7, np.uint8))
    with pytest.raises(UserError, match=r"flat\.png is too flat"):
        load_deblurring([tmp_path / "flat.png"], margin=6)
    with pytest.raises(UserError, match=r"flat\.png is too flat"):
        load_super_resolution([tmp_path / "flat.png"], scale=3)


@pytest.mark.parametrize("space", ["y", "ycbcr", "rgb"])
def test_bicubic_is_the_input_of_super_resolution(write_noise, tmp_path, space):
    files = [write_noise(tmp_path / f"{seed}.png", 40, 50, seed=seed) for seed in range(2)]
    pictures = load_super_resolution(files, scale=3, space=space)
    expected = []
    for file, planes in zip(files, pictures.inputs, strict=True):
        hr = paper_channels(read_image(file), 3)
        assert planes.shape == (1 if space == "y" else 3, *hr.shape[1:])
        expected.append(paper_score(upsample(hr, 3)[0], hr[0], 3)[0])
    if space != "rgb":  # whose luma is rounded and clipped as RGB first
        assert pictures.input_score().psnr_db == pytest.approx(expected)
    assert pictures.input_score().psnr_db == pytest.approx(expected, abs=0.5)


def test_picture_of_which_nothing_is_scored_is_named(write_noise, tmp_path):
    with pytest.raises(UserError, match=r"a\.png is too small: nothing of it is scored at x3"):
        load_super_resolution([write_noise(tmp_path / "a.png", 6, 50)], scale=3)


@pytest.mark.parametrize("scale", [2, 3])
def test_network_that_upscales_itself_is_given_small_pictures(write_noise, tmp_path, scale):
    files = [write_noise(tmp_path / "a.png", 31, 40), write_noise(tmp_path / "b.png", 25, 36, channels=1)]
    usual = load_super_resolution(files, scale=scale)
    small = load_super_resolution(files, scale=scale, factor=scale)
    for given, upsampled, hr in zip(small.inputs, usual.inputs, small.hrs, strict=True):
        assert [scale * length for length in given.shape[1:]] == list(hr.shape[1:])
        np.testing.assert_allclose(imresize(given, scale), upsampled)
    assert small.input_score() == usual.input_score()
