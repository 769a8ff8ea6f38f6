"""MATLAB's bicubic: values worked out by hand, and its documented behaviour."""

import numpy as np
import pytest

from paddle_srcnn.images.resize import contributions, cubic, imresize, upscale


def test_kernel_at_quarters():
    """a = -0.5: (a + 2) x^3 - (a + 3) x^2 + 1 up to 1, a x^3 - 5 a x^2 + 8 a x - 4 a up to 2."""
    found = cubic(np.array([0, 0.25, 0.75, 1, 1.25, 1.75, 2, 2.5, -0.25]))
    np.testing.assert_array_equal(found, [1, 0.8671875, 0.2265625, 0, -0.0703125, -0.0234375, 0, 0, 0.8671875])


def test_short_ramp_upscaled_by_hand():
    """Pixels 0 to 3 doubled: the output's centres are at -0.25, 0.25, 0.75, ... of the input, mirrored beyond its ends.

    At 0.25, for one: 0.8671875 * 0 + 0.2265625 * 1 - 0.0234375 * 2 - 0.0703125 * 0, the last one being pixel -1.
    """
    upscaled = imresize(np.array([[0.0, 1, 2, 3]]).repeat(2, axis=0), 2)
    expected = [-0.09375, 0.1796875, 0.7265625, 1.25, 1.75, 2.2734375, 2.8203125, 3.09375]
    np.testing.assert_allclose(upscaled[0], expected, atol=1e-12)


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
def test_mirrored_image_gives_the_mirrored_result(scale):
    """These lengths divide, so both ends are treated alike."""
    image = np.random.default_rng(0).random((30, 60))
    for axis in (0, 1):
        mirrored = imresize(np.flip(image, axis), scale)
        np.testing.assert_allclose(mirrored, np.flip(imresize(image, scale), axis), atol=1e-12)


def test_scale_of_one_changes_nothing():
    image = np.random.default_rng(0).random((7, 9))
    np.testing.assert_allclose(imresize(image, 1), image, atol=1e-12)


def test_scale_must_be_above_zero():
    with pytest.raises(ValueError, match="scale"):
        imresize(np.zeros((2, 2)), 0)


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize("shape", [(1, 1), (2, 40), (13, 17)])
def test_upscale_equals_imresize_in_whole_and_in_rows(shape, scale):
    channel = np.random.default_rng(0).uniform(0, 255, shape).astype(np.float32)
    expected = imresize(channel, scale)
    np.testing.assert_allclose(upscale(channel, scale), expected, atol=1e-3)
    rows = slice(scale * (shape[0] // 2), scale * shape[0])
    np.testing.assert_allclose(upscale(channel, scale, rows), expected[rows], atol=1e-3)
