import numpy as np
import pytest

from paddle_srcnn.protocols import centre, degrade, luma, score


def test_luma_of_colour_and_grey():
    colour = np.array([[[255, 0, 0], [0, 255, 0]]], np.uint8)
    assert luma(colour).tolist() == [[[76, 150]]]  # 0.299 * 255 and 0.587 * 255, rounded
    grey = np.array([[1, 2, 3]], np.uint8)
    assert luma(grey).tolist() == [[[1, 2, 3]]]


def test_blur_of_a_point_is_the_kernel():
    """For 5 pixels and sigma 0 OpenCV takes the binomial 1 4 6 4 1 over 16, not the Gaussian of sigma 1.1 that its
    rule derives (that gives 35 in the middle of this point, not 36).
    """
    hr = np.zeros((1, 9, 9), np.uint8)
    hr[0, 4, 4] = 255
    binomial = np.array([1, 4, 6, 4, 1])
    expected = np.floor(np.outer(binomial, binomial) * 255 / 256 + 0.5)
    blurred = degrade(hr)
    assert blurred.dtype == np.uint8
    np.testing.assert_array_equal(blurred[0, 2:7, 2:7], expected)
    assert blurred.sum() == expected.sum()


def test_blur_reflects_borders_and_keeps_channels_apart():
    hr = np.random.default_rng(0).integers(0, 256, (3, 12, 17), dtype=np.uint8)
    weights = (1, 4, 6, 4, 1)
    padded = np.pad(hr.astype(int), ((0, 0), (2, 2), (2, 2)), mode="reflect")
    rows = sum(weight * padded[:, k : k + 12] for k, weight in enumerate(weights))
    expected = (sum(weight * rows[:, :, k : k + 17] for k, weight in enumerate(weights)) + 128) // 256
    np.testing.assert_array_equal(degrade(hr), expected)


def test_centre():
    planes = np.arange(2 * 5 * 7).reshape(2, 5, 7)
    np.testing.assert_array_equal(centre(planes, 2), planes[:, 2:3, 2:5])
    np.testing.assert_array_equal(centre(planes, 0), planes)
    np.testing.assert_array_equal(centre(planes[0], 1), planes[0, 1:4, 1:6])


def test_score_compares_with_the_centre_and_pools_both_ways():
    """A margin of 1 and one of 0; MSEs 1 and 100, whose PSNRs are worked out in test_metrics."""
    hrs = [np.full((1, 5, 6), 50, np.uint8), np.full((1, 3, 3), 50, np.uint8)]
    hrs[0][0, 0] = 200  # outside the centre
    scored = score([np.full((1, 3, 4), 51.0), np.full((1, 3, 3), 40.0)], hrs)
    assert scored.psnr_db == pytest.approx((48.1308, 28.1308), abs=1e-4)
    assert scored.psnr_mean_db == pytest.approx(38.1308, abs=1e-4)
    assert scored.psnr_pooled_db == pytest.approx(31.0979, abs=1e-4)


def test_score_refuses_what_does_not_fit():
    hr = np.zeros((1, 9, 9), np.uint8)
    with pytest.raises(ValueError, match="zip"):
        score([hr], [hr, hr])
    with pytest.raises(ValueError, match="one shape"):
        score([np.zeros((1, 5, 7))], [hr])
