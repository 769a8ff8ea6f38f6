import math

import numpy as np
import pytest

from paddle_srcnn.protocols.metrics import (
    mean_psnr,
    mse,
    pooled_psnr,
    psnr,
    psnr_of_mse,
)


def test_psnr_by_hand():
    """Differences 3 and 4 in four pixels: MSE 25 / 4 = 6.25; 10 log10(65025 / 6.25) = 40.1720 dB."""
    hr = np.array([[10, 20], [30, 255]], np.uint8)
    sr = np.array([[13, 20], [30, 251]], np.uint8)
    assert mse(sr, hr) == mse(hr, sr) == 6.25
    assert psnr(sr, hr) == pytest.approx(40.1720, abs=1e-4)
    assert psnr(sr / 255, hr / 255, data_range=1.0) == pytest.approx(40.1720, abs=1e-4)


def test_error_of_full_scale_is_zero_decibels():
    black, white = np.zeros((3, 5), np.uint8), np.full((3, 5), 255, np.uint8)
    assert mse(black, white) == 255**2  # no wrap-around in bytes
    assert psnr(black, white) == 0.0


def test_values_are_neither_clipped_nor_rounded():
    assert mse(np.array([[-0.5, 256.25]]), np.array([[0, 255]], np.uint8)) == (0.25 + 1.5625) / 2


def test_equal_pictures_have_infinite_psnr():
    assert psnr(np.ones((2, 2)), np.ones((2, 2))) == math.inf


@pytest.mark.parametrize("shapes", [((2, 3), (3, 2)), ((1, 2, 2), (2, 2)), ((2, 2), (1, 1)), ((0, 2), (0, 2))])
def test_shapes_that_do_not_fit_are_refused(shapes):
    with pytest.raises(ValueError, match="one shape"):
        mse(*map(np.zeros, shapes))


def test_mean_and_pooled_differ():
    """MSEs 1 and 100: 48.1308 and 28.1308 dB; their mean 38.1308, and 10 log10(65025 / 50.5) = 31.0979 pooled."""
    assert mean_psnr([1.0, 100.0]) == pytest.approx(38.1308, abs=1e-4)
    assert pooled_psnr([1.0, 100.0]) == pytest.approx(31.0979, abs=1e-4)
    assert mean_psnr([4.0, 4.0]) == pytest.approx(pooled_psnr([4.0, 4.0])) == pytest.approx(psnr_of_mse(4.0))
