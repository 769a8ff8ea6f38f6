"""The four steps of both methods on models whose answer is known."""

import numpy as np
import pytest
from skimage import data

from paddle_srcnn.images.resize import imresize
from paddle_srcnn.protocols.metrics import psnr
from paddle_srcnn.protocols.paper import cropped, upsample
from paddle_srcnn.sparse import anchored, l1
from paddle_srcnn.sparse.anchored import Anchors
from paddle_srcnn.sparse.l1 import Dictionaries
from paddle_srcnn.sparse.patches import assembled, cut, features, normalised, padded

SCALES = (2, 3, 4)


def example(scale):
    """Return ground truth, small image, and the exact pairs of normalised features and detail of all patches."""
    hr = cropped(data.coins()[40:88, 60:108], scale).astype(np.float64)
    lr = imresize(hr, 1 / scale)
    enlarged = padded(imresize(lr / 255, scale), scale)
    missing = padded(hr / 255, scale) - enlarged
    low, lengths = normalised(features(enlarged, scale))
    return hr, lr, low, (cut(missing, scale) / lengths).astype(np.float32)


@pytest.mark.parametrize("scale", SCALES)
def test_anchored_regression_with_exact_maps_restores_exactly(scale):
    """Each patch has its own anchor, whose map sends this patch to its detail."""
    hr, lr, low, high = example(scale)
    squares = np.square(low).sum(axis=1)[:, np.newaxis]
    maps = low[:, :, np.newaxis] * (high / squares)[:, np.newaxis]
    model = Anchors(scale, np.eye(low.shape[1], dtype=np.float32), low / np.sqrt(squares), maps)
    assert psnr(anchored.restore(lr, model), hr) > 60


@pytest.mark.parametrize("scale", SCALES)
def test_l1_with_the_exact_code_restores_exactly(scale):
    """Each patch is an atom itself, and its code has one entry of 1."""
    hr, lr, low, high = example(scale)
    model = Dictionaries(scale, np.eye(low.shape[1], dtype=np.float32), low, high)
    enlarged = padded(imresize(lr / 255, scale), scale)
    patches, lengths = l1.low_patches(enlarged, model)
    np.testing.assert_array_equal(patches, low)
    details = l1.high_patches(np.eye(len(low), dtype=np.float32), lengths, high)
    assert psnr(255 * assembled(details, enlarged, scale), hr) > 60


@pytest.mark.parametrize("scale", SCALES)
def test_models_without_detail_give_bicubic(scale):
    hr, lr, low, _ = example(scale)
    projection, patch = np.eye(low.shape[1], 7, dtype=np.float32), 9 * scale**2
    atoms = np.eye(7, dtype=np.float32)
    bicubic = upsample(hr, scale)
    model = Anchors(scale, projection, atoms, np.zeros((7, 7, patch), np.float32))
    np.testing.assert_allclose(anchored.restore(lr, model), bicubic, atol=1e-9)
    pytest.importorskip("sklearn")
    blank = Dictionaries(scale, projection, atoms, np.zeros((7, patch), np.float32))
    np.testing.assert_allclose(l1.restore(lr, blank), l1.back_projected(bicubic, lr, scale), atol=1e-9)


def test_nearest_anchor_has_the_largest_correlation_of_either_sign():
    low = np.eye(3, dtype=np.float32)
    patches = np.array([[0.9, 0.1, 0.0], [0.2, -0.8, 0.1]], np.float32)
    assert anchored.nearest_anchors(patches, low).tolist() == [0, 1]


def test_each_patch_goes_through_the_map_of_its_anchor():
    maps = np.arange(3, dtype=np.float32)[:, np.newaxis, np.newaxis] * np.eye(2, dtype=np.float32)
    patches = np.array([[1, 2], [3, 4], [5, 6]], np.float32)
    assert anchored.high_patches(patches, np.array([2, 0, 2]), maps).tolist() == [[2, 4], [0, 0], [10, 12]]


@pytest.mark.parametrize("scale", SCALES)
def test_back_projection_agrees_with_the_small_image(scale):
    hr, lr, *_ = example(scale)
    errors = [
        np.abs(imresize(l1.back_projected(upsample(hr, scale), lr, scale, iterations), 1 / scale) - lr).mean()
        for iterations in (0, 5, 20)
    ]
    assert errors[2] < errors[1] < errors[0] / 2
