"""Training on two photographs of scikit-image, in seconds: bits, going on, and gain."""

from dataclasses import replace
from functools import lru_cache
from itertools import islice

import numpy as np
import pytest
from skimage import data

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.protocols.paper import cropped, paper_score, upsample
from paddle_srcnn.sparse import anchored, l1
from paddle_srcnn.sparse.learning import METHODS, Settings, learn, model_of
from paddle_srcnn.sparse.samples import principal_axes

RESTORE = {"l1": l1.restore, "anchored": anchored.restore}
LUMAS = [data.camera()[150:240, 150:240], data.coins()[:90, :90]]
TINY = {
    "l1": replace(METHODS["l1"], atoms=24, samples=600, passes=3),
    "anchored": replace(METHODS["anchored"], atoms=40, samples=1500, passes=2, map_samples=9_000),
}

pytest.importorskip("sklearn")


def trained(settings: Settings, state=None):
    *_, last = learn(LUMAS, settings, state)
    return last


def arrays_of(state):
    return {name: array.tobytes() for name, array in state.arrays.items()}


@lru_cache
def whole(method):
    """Arrays of a training that nothing stops."""
    return arrays_of(trained(TINY[method]))


@pytest.mark.parametrize(("method", "scale"), [("l1", 3), ("anchored", 2), ("anchored", 3), ("anchored", 4)])
def test_small_training_beats_bicubic(method, scale):
    settings = replace(TINY[method], scale=scale)
    model = model_of(trained(settings), settings)
    hr = cropped(LUMAS[0], scale)
    ours = paper_score(RESTORE[method](imresize(hr, 1 / scale), model), hr, scale)[0]
    assert ours > paper_score(upsample(hr, scale), hr, scale)[0] + 0.2


@pytest.mark.parametrize("method", TINY)
def test_same_seed_gives_the_same_bits(method):
    assert arrays_of(trained(TINY[method])) == whole(method)
    assert arrays_of(trained(replace(TINY[method], seed=1))) != whole(method)


@pytest.mark.parametrize(
    ("method", "number"), [("l1", 0), ("l1", 2), ("anchored", 1), ("anchored", 3), ("anchored", 4)]
)
def test_stopped_training_ends_with_the_same_bits(method, number):
    """States: at the beginning, after each pass, then of anchored regression with no maps and with some."""
    stopped = next(islice(learn(LUMAS, TINY[method]), number, None))
    assert arrays_of(trained(TINY[method], stopped)) == whole(method)


def test_states_count_passes_then_anchors():
    states = [(state.stage, state.done, state.total) for state in learn(LUMAS, TINY["anchored"])]
    passes, maps = states[:3], states[3:]
    assert passes == [("dictionary", done, 2) for done in (0, 1, 2)]
    assert maps == [("maps", done, 40) for done in (0, 16, 32, 40)]


def test_principal_axes_are_orthonormal_and_fewer():
    axes = principal_axes([cropped(luma, 3) for luma in LUMAS], 3)
    assert axes.shape[0] == 324
    assert axes.shape[1] < 100
    np.testing.assert_allclose(axes.T @ axes, np.eye(axes.shape[1]), atol=1e-5)


def test_more_atoms_than_patches_are_refused():
    with pytest.raises(UserError, match="fewer than 9999 atoms") as refused:
        next(learn(LUMAS, replace(TINY["l1"], atoms=9999)))
    assert refused.value.about == "atoms"


def test_flat_images_are_refused():
    with pytest.raises(UserError, match="flat"):
        next(learn([np.full((30, 30), 7, np.uint8)], TINY["l1"]))
