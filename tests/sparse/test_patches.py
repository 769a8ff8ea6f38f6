"""Patches: cutting, averaging, derivatives and normalisation."""

import numpy as np
import pytest

from paddle_srcnn.sparse.patches import FLAT, assembled, average, cut, derivatives, normalised, padded


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_average_of_cut_patches_is_the_image(scale):
    image = np.random.default_rng(0).random((5 * scale, 7 * scale))
    np.testing.assert_allclose(average(cut(image, scale), image.shape, scale), image, atol=1e-15)


def test_overlaps_are_averaged():
    patches = np.array([np.full(9, 1.0), np.full(9, 3.0)])  # of 3x3 pixels, the second a row below the first
    assert average(patches, (4, 3), 1).tolist() == [[1.0] * 3, [2.0] * 3, [2.0] * 3, [3.0] * 3]


def test_patches_go_from_left_to_right_then_down():
    image = np.arange(5 * 4).reshape(5, 4)
    assert cut(image, 1)[:, 0].tolist() == [0, 1, 4, 5, 8, 9]
    assert cut(image, 1)[3].tolist() == [5, 6, 7, 9, 10, 11, 13, 14, 15]


@pytest.mark.parametrize("scale", [2, 3])
def test_nine_patches_cover_each_pixel(scale):
    enlarged = padded(np.zeros((4 * scale, 6 * scale)), scale)
    one = np.zeros_like(cut(enlarged, scale))
    one[0] = 9.0  # the patch at the padded corner reaches into the image by `scale` pixels
    sr = assembled(one, enlarged, scale)
    assert sr.shape == (4 * scale, 6 * scale)
    assert np.unique(sr[:scale, :scale]).tolist() == [1.0]
    assert sr.sum() == scale * scale


@pytest.mark.parametrize("scale", [2, 3])
def test_derivatives_of_a_ramp_and_of_a_parabola(scale):
    inside = slice(2 * scale, -2 * scale)
    ramp = np.tile(0.5 * np.arange(20.0), (20, 1))
    along, across, second, _ = (derivative[inside, inside] for derivative in derivatives(ramp, scale))
    assert np.unique(np.abs(along)).tolist() == [0.5 * scale]
    assert not across.any()
    assert not second.any()
    *_, second, other = (derivative[inside, inside] for derivative in derivatives(np.square(ramp).T, scale))
    assert not second.any()
    assert np.unique(other).tolist() == [0.25 * scale**2]  # half of (x + s)^2 + (x - s)^2 - 2 x^2, at a slope of 0.5


def test_normalised_vectors_have_unit_length_unless_they_are_nearly_zero():
    vectors = np.array([[3.0, 4.0], [0.0, FLAT / 2], [0.0, 0.0]], np.float32)
    directions, lengths = normalised(vectors)
    np.testing.assert_allclose(np.linalg.norm(directions, axis=1), [1, 0.5, 0])
    np.testing.assert_allclose(directions * lengths, vectors)
