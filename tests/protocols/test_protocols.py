import numpy as np
import pytest

from paddle_srcnn.images.colour import rgb_to_ycbcr, ycbcr_to_rgb
from paddle_srcnn.protocols.article import centre, degrade, luma, score
from paddle_srcnn.protocols.paper import colour_psnrs, paper_channels, paper_luma


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


def test_ycbcr_is_matlabs_and_comes_back():
    rgb = np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0]]], np.uint8)
    ycbcr = rgb_to_ycbcr(rgb)
    assert ycbcr.tolist() == [[[16, 128, 128], [235, 128, 128], [81, 90, 240]]]  # of BT.601's colour bars
    assert np.abs(ycbcr_to_rgb(ycbcr).astype(int) - rgb).max() <= 1


@pytest.mark.parametrize("space", ["y", "ycbcr", "rgb"])
def test_ground_truths_of_all_spaces_have_the_same_luma(space):
    picture = np.random.default_rng(0).integers(0, 256, (10, 11, 3), dtype=np.uint8)
    planes = paper_channels(picture, 3, space)
    assert planes.shape == (1 if space == "y" else 3, 9, 9)
    np.testing.assert_array_equal(paper_luma(planes, space), rgb_to_ycbcr(picture)[:9, :9, 0])
    grey = picture[..., 0]
    assert paper_channels(grey, 3, space)[0].tolist() == grey[:9, :9].tolist()


@pytest.mark.parametrize("space", ["ycbcr", "rgb"])
def test_errors_of_colours_are_told_apart(space):
    picture = np.full((20, 20, 3), 100, np.uint8)
    right = paper_channels(picture, 2, space)
    exact = colour_psnrs(right, picture, 2, space)
    assert list(exact) == ["Y", "Cb", "Cr", "YCbCr", "RGB"]
    assert all(exact[name] == float("inf") for name in ("Y", "Cb", "Cr", "YCbCr"))
    wrong = right.astype(float)
    wrong[2] += 20  # Cr, or blue
    psnrs = colour_psnrs(wrong, picture, 2, space)
    assert psnrs["RGB"] < 40
    if space == "ycbcr":
        assert psnrs["Y"] == psnrs["Cb"] == float("inf")
        assert psnrs["Cr"] == pytest.approx(10 * np.log10(255**2 / 400))
        assert psnrs["YCbCr"] == pytest.approx(10 * np.log10(255**2 / (400 / 3)))
    else:
        assert psnrs["RGB"] == pytest.approx(10 * np.log10(255**2 / (400 / 3)))
