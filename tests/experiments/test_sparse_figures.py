"""The figures of sparse coding beside SRCNN: the numbers behind them are those of the real pipelines."""

import numpy as np
import pytest
import sparse_figures
from helpers import assert_one_line, needs_paddle

from lab.both_pipelines import Network, network_of, scene, sparse_coding_of
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.model.weights import load_weights
from paddle_srcnn.sparse import l1
from paddle_srcnn.sparse.files import load_model

pytest.importorskip("sklearn")


@pytest.fixture(scope="module")
def view():
    return scene(3)


@pytest.fixture(scope="module")
def sparse(view):
    return sparse_coding_of(view, load_model("sparse_l1_x3").model)


def test_sparse_coding_is_the_librarys(view, sparse):
    lr = imresize(view.hr, 1 / 3)
    sr = l1.back_projected(view.enlarged + sparse.detail, lr, 3)
    expected = l1.restore(255 * lr, load_model("sparse_l1_x3").model)
    np.testing.assert_allclose(255 * sr, expected, atol=1e-6)


def test_terms_add_up_to_the_patch(sparse):
    np.testing.assert_allclose(sparse.terms.sum(axis=0), sparse.details[sparse.chosen], atol=1e-6)


def test_chosen_patch_covers_the_window(view, sparse):
    """The mean of the nine patches over the centre is the detail there."""
    columns = view.enlarged.shape[1] // 3 + 2
    rows = [sparse.chosen + down * columns + right for down in (-1, 0, 1) for right in (-1, 0, 1)]
    offsets = [(4 - 3 * down, 4 - 3 * right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    values = [sparse.details[(row, *offset)] for row, offset in zip(rows, offsets, strict=True)]
    assert np.mean(values) == pytest.approx(sparse.detail[view.centre], abs=1e-6)


@needs_paddle
def test_network_is_the_librarys(view):
    from paddle_srcnn.commands.scoring import whole_restorer

    weights = load_weights("sr_9-1-5_x3")
    network: Network = network_of(view, weights)
    sr = whole_restorer(weights)(255 * view.enlarged[np.newaxis])[0]
    np.testing.assert_allclose(255 * (view.enlarged + network.detail), sr, atol=0.01)


def test_script_draws_four_figures(command, tmp_path):
    status, stdout, _ = command(sparse_figures, "--out", tmp_path)
    assert (status, stdout) == (0, f"4 figures in {tmp_path}\n")
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["atoms", "code", "overlaps", "reconstruction"]


def test_network_is_no_dictionary(command, tmp_path):
    outcome = command(sparse_figures, "--model", "sr_9-1-5_x3", "--out", tmp_path)
    assert_one_line(outcome, "sparse_figures", "no model sr_9-1-5_x3")
