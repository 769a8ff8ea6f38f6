"""MATLAB's bicubic: values worked out by hand, its documented behaviour, and the published figures."""

import numpy as np
import pytest

from paddle_srcnn.images.io import read_image
from paddle_srcnn.images.resize import contributions, cubic, enlarge, imresize
from paddle_srcnn.protocols.metrics import psnr
from paddle_srcnn.protocols.paper import paper_planes, paper_score, quantised, upsample


def test_kernel_at_quarters():
    """a = -0.5: (a + 2) x^3 - (a + 3) x^2 + 1 up to 1, a x^3 - 5 a x^2 + 8 a x - 4 a up to 2."""
    found = cubic(np.array([0, 0.25, 0.75, 1, 1.25, 1.75, 2, 2.5, -0.25]))
    np.testing.assert_array_equal(found, [1, 0.8671875, 0.2265625, 0, -0.0703125, -0.0234375, 0, 0, 0.8671875])


def test_short_ramp_enlarged_by_hand():
    """Pixels 0 to 3 doubled: the output's centres are at -0.25, 0.25, 0.75, ... of the input, mirrored beyond its ends.

    At 0.25, for one: 0.8671875 * 0 + 0.2265625 * 1 - 0.0234375 * 2 - 0.0703125 * 0, the last one being pixel -1.
    """
    enlarged = imresize(np.array([[0.0, 1, 2, 3]]).repeat(2, axis=0), 2)
    expected = [-0.09375, 0.1796875, 0.7265625, 1.25, 1.75, 2.2734375, 2.8203125, 3.09375]
    np.testing.assert_allclose(enlarged[0], expected, atol=1e-12)


def test_line_halved_by_hand():
    """Reducing widens the kernel to twice its width: the second of 8 / 2 pixels is centred on 2.5, its taps' weights
    are those at 1/4, 3/4, 5/4 and 7/4 on either side, halved; the one of pixel -1 falls to pixel 0, its mirror image.
    """
    weights, indices = contributions(8, 0.5)
    row = np.zeros(8)
    np.add.at(row, indices[1], weights[1])
    expected = [-0.0703125 - 0.0234375, 0.2265625, 0.8671875, 0.8671875, 0.2265625, -0.0703125, -0.0234375, 0]
    np.testing.assert_allclose(row, np.array(expected) / 2, atol=1e-12)


@pytest.mark.parametrize("scale", [1 / 4, 1 / 3, 0.4, 0.9, 1, 1.7, 2, 3, 4])
@pytest.mark.parametrize("shape", [(1, 1), (2, 500), (13, 13), (31, 7), (4, 5, 6)])
def test_constants_are_kept_and_lengths_rounded_up(scale, shape):
    resized = imresize(np.full(shape, 77.0), scale)
    expected = tuple(int(np.ceil(round(length * scale, 9))) for length in shape[-2:])
    assert resized.shape == (*shape[:-2], *expected)
    np.testing.assert_allclose(resized, 77.0, rtol=1e-12)


@pytest.mark.parametrize("scale", [1 / 3, 0.4, 2.5, 3])
def test_mirrored_picture_gives_the_mirrored_result(scale):
    """Where the lengths divide, so that both ends are treated alike."""
    picture = np.random.default_rng(0).random((30, 60))
    for axis in (0, 1):
        mirrored = imresize(np.flip(picture, axis), scale)
        np.testing.assert_allclose(mirrored, np.flip(imresize(picture, scale), axis), atol=1e-12)


def test_scale_of_one_changes_nothing():
    picture = np.random.default_rng(0).random((7, 9))
    np.testing.assert_allclose(imresize(picture, 1), picture, atol=1e-12)


def test_scale_must_be_above_zero():
    with pytest.raises(ValueError, match="scale"):
        imresize(np.zeros((2, 2)), 0)


def test_pixels_are_rounded_as_matlab_does():
    np.testing.assert_array_equal(quantised(np.array([-3, 0.49, 0.5, 1.5, 2.5, 254.5, 300])), [0, 0, 1, 2, 3, 255, 255])


def test_pictures_are_cropped_to_multiples():
    picture = np.random.default_rng(0).integers(0, 256, (20, 31, 3), dtype=np.uint8)
    assert [paper_planes(picture, scale).shape for scale in (1, 2, 3, 4)] == [
        (1, 20, 31), (1, 20, 30), (1, 18, 30), (1, 20, 28)
    ]  # fmt: skip
    np.testing.assert_array_equal(paper_planes(picture[..., 0], 2)[0], picture[:, :30, 0])  # grey as it is


@pytest.mark.parametrize(
    ("name", "scale", "published_db"),
    [
        ("Set5", 2, 33.66),
        ("Set5", 3, 30.39),
        ("Set5", 4, 28.42),
        ("Set14", 2, 30.23),
        ("Set14", 3, 27.54),
        ("Set14", 4, 26.00),
    ],
)
def test_bicubic_is_the_published_one(dataset_folder, name, scale, published_db):
    """Means as Dong et al. 2016, tables 2 to 4, and all that followed have them."""
    psnrs = []
    for file in sorted(dataset_folder(name).glob("*.bmp")):
        hr = paper_planes(read_image(file), scale)
        psnrs.append(paper_score(upsample(hr, scale)[0], hr[0], scale)[0])
    assert round(float(np.mean(psnrs)), 2) == published_db


def test_score_is_of_what_is_left_after_shaving():
    hr = np.random.default_rng(0).integers(0, 256, (40, 40), dtype=np.uint8)
    sr = hr.astype(float)
    sr[:3] = sr[:, -3:] = 0  # lost with the borders
    sr[20, 20] = 300
    psnr_db, ssim = paper_score(sr, hr, 3)
    expected = hr[3:-3, 3:-3].copy()
    expected[17, 17] = 255
    assert psnr_db == psnr(expected, hr[3:-3, 3:-3])
    assert 0.9 < ssim < 1
    assert paper_score(hr, hr, 3) == (np.inf, 1.0)


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("shape", [(1, 1), (2, 40), (13, 17)])
def test_fast_enlargement_is_the_slow_one_in_whole_and_in_rows(shape, scale):
    plane = np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)
    expected = imresize(plane, scale)
    np.testing.assert_allclose(enlarge(plane, scale), expected, atol=1e-3)
    rows = slice(scale * (shape[0] // 2), scale * shape[0])
    np.testing.assert_allclose(enlarge(plane, scale, rows), expected[rows], atol=1e-3)
