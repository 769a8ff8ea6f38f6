import numpy as np
import pytest

from paddle_srcnn.images.colour import (
    rgb_channels_to_ycbcr,
    rgb_to_ycbcr,
    rgb_to_ycrcb,
    ycbcr_channels_to_rgb,
    ycrcb_to_rgb,
)


# BT.601 on 0..255 as OpenCV's manual gives it: Y = 0.299 R + 0.587 G + 0.114 B,
# Cr = 0.713 (R - Y) + 128, Cb = 0.564 (B - Y) + 128, each rounded (Cr and Cb are of the rounded Y) and saturated.
@pytest.mark.parametrize(
    ("rgb", "ycrcb"),
    [
        ((0, 0, 0), (0, 128, 128)),
        ((255, 255, 255), (255, 128, 128)),
        ((255, 0, 0), (76, 255, 85)),
        ((0, 255, 0), (150, 21, 43)),  # Y 149.69, Cr 21.05, Cb 43.40
        ((0, 0, 255), (29, 107, 255)),
        ((200, 100, 50), (124, 182, 86)),  # Y 124.2, Cr 182.0, Cb 86.2
    ],
)
def test_ycrcb_golden_values(rgb, ycrcb):
    converted = rgb_to_ycrcb(np.array([[rgb]], np.uint8))
    assert converted.dtype == np.uint8
    assert converted.ravel().tolist() == list(ycrcb)


def test_grey_is_neutral():
    ramp = np.arange(256, dtype=np.uint8)[np.newaxis]
    from_grey = rgb_to_ycrcb(ramp)
    assert from_grey.shape == (1, 256, 3)
    np.testing.assert_array_equal(from_grey, rgb_to_ycrcb(np.dstack([ramp] * 3)))
    np.testing.assert_array_equal(from_grey[..., 0], ramp)
    assert (from_grey[..., 1:] == 128).all()
    np.testing.assert_array_equal(ycrcb_to_rgb(from_grey), np.dstack([ramp] * 3))


def test_colours_survive_the_round_trip():
    """Within the rounding of Cr and Cb: half a step of 1.773 on blue, the worst, and those of Y and of the result."""
    colours = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    assert np.abs(ycrcb_to_rgb(rgb_to_ycrcb(colours)).astype(int) - colours).max() <= 2


def test_channels_in_single_precision_are_the_8_bit_conversions_before_rounding():
    colours = np.random.default_rng(2).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    rgb = np.moveaxis(colours, -1, 0).astype(np.float32)
    ycbcr = rgb_channels_to_ycbcr(rgb)
    assert ycbcr.dtype == np.float32
    assert np.abs(np.moveaxis(ycbcr, 0, -1) - rgb_to_ycbcr(colours)).max() <= 0.5001
    np.testing.assert_allclose(ycbcr_channels_to_rgb(ycbcr), rgb, atol=1e-3)


def test_white_and_black_of_matlab():
    """``rgb2ycbcr`` maps black to (16, 128, 128) and white to (235, 128, 128)."""
    greys = np.float32([[0, 255]] * 3)[:, np.newaxis]
    np.testing.assert_allclose(rgb_channels_to_ycbcr(greys)[:, 0], [[16, 235], [128, 128], [128, 128]], atol=1e-4)
