"""Whitening of the first layer's inputs."""

import numpy as np
import pytest

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.parameters import initial_parameters
from paddle_srcnn.model.whitening import FLOOR, rows_of, unwhitened, whitened, whitening_matrix

SIZE = 3
UNIT = 1 / 255


def images(channels, count=5, seed=0):
    """Smooth images, like those of cameras: sums along both axes of noise, on 0..255."""
    rng = np.random.default_rng(seed)
    walks = rng.normal(size=(count, channels, 60, 70)).cumsum(axis=2).cumsum(axis=3)
    low, high = (bound(walks, axis=(2, 3), keepdims=True) for bound in (np.min, np.max))
    return (walks - low) / (high - low) * 255


def patches(image):
    """The sampled patches, as rows: every fourth in each direction."""
    _, height, width = image.shape
    corners = [(i, j) for i in range(0, height - SIZE + 1, 4) for j in range(0, width - SIZE + 1, 4)]
    return np.array([image[:, i : i + SIZE, j : j + SIZE].ravel() * UNIT for i, j in corners])


@pytest.mark.parametrize("channels", [1, 3])
def test_large_images_are_read_in_bands(channels, monkeypatch):
    given = images(channels)
    whole = whitening_matrix(given, SIZE, UNIT)
    monkeypatch.setattr("paddle_srcnn.model.whitening.BAND", 4)  # of 15 rows of patches
    np.testing.assert_allclose(whitening_matrix(given, SIZE, UNIT), whole, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("channels", [1, 3])
def test_patches_seen_by_whitened_rows_have_no_mean_and_vary_alike(channels):
    given = images(channels)
    matrix = whitening_matrix(given, SIZE, UNIT)
    seen = np.concatenate([patches(image) for image in given])
    whitened_patches = np.column_stack([seen, np.ones(len(seen))]) @ matrix.T.astype(float)
    centred = whitened_patches[:, :-1]
    assert np.abs(centred.mean(axis=0)).max() < 1e-4
    assert (whitened_patches[:, -1] == 1).all()
    before, after = (np.linalg.eigvalsh(np.cov(rows.T, bias=True)) for rows in (seen, centred))
    # By the definition: each variance over itself and the floor, and as much in all as before.
    expected = before / (before + FLOOR * before.mean())
    np.testing.assert_allclose(after, expected * before.sum() / expected.sum(), rtol=1e-3, atol=1e-7)
    assert before.max() > 5 * before.mean()  # whereas some directions had nearly all of it


def test_filters_and_rows_follow_from_each_other():
    rng = np.random.default_rng(1)
    matrix = whitening_matrix(images(3), SIZE, UNIT)
    weight, bias = rng.normal(size=(4, 3, SIZE, SIZE)).astype(np.float32), rng.normal(size=4).astype(np.float32)
    rows = whitened(weight, bias, matrix)
    assert rows.shape == (4, 3 * SIZE * SIZE + 1)
    again = unwhitened(rows, matrix, weight.shape)
    np.testing.assert_allclose(again[0], weight, atol=1e-4)
    np.testing.assert_allclose(again[1], bias, atol=1e-4)


def test_response_to_a_patch_is_that_of_its_rows_to_the_whitened_patch():
    rng = np.random.default_rng(2)
    given = images(1)
    matrix = whitening_matrix(given, SIZE, UNIT)
    rows = rng.normal(size=(2, SIZE * SIZE + 1))
    weight, bias = unwhitened(rows, matrix, (2, 1, SIZE, SIZE))
    patch = np.append(patches(given[0])[7], 1)
    np.testing.assert_allclose(rows_of(weight, bias) @ patch, rows @ (matrix.astype(float) @ patch), rtol=1e-4)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_whitening_is_worked_out_in_double_precision(dtype):
    """Whatever NumPy makes of a product of a float32 array and a float64 number."""
    given = images(1).astype(dtype)
    np.testing.assert_array_equal(
        whitening_matrix(given, SIZE, UNIT), whitening_matrix(given.astype(np.float64), SIZE, UNIT)
    )


def test_first_filters_are_drawn_for_whitened_patches():
    matrix = whitening_matrix(images(1), SIZE, UNIT)
    architecture = Architecture((SIZE, 3), (6,))
    plain, drawn = (
        initial_parameters(architecture, std=None, rng=np.random.default_rng(0), whitening=given)
        for given in (None, matrix)
    )
    rows = whitened(drawn["conv1.weight"], drawn["conv1.bias"], matrix)
    np.testing.assert_allclose(rows, rows_of(plain["conv1.weight"], plain["conv1.bias"]), atol=1e-4)
    np.testing.assert_array_equal(drawn["conv2.weight"], plain["conv2.weight"])
