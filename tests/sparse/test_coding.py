"""Codes and dictionaries, against closed forms and against scikit-learn."""

import sys

import numpy as np
import pytest

from paddle_srcnn.errors import UserError
from paddle_srcnn.sparse.coding import encode, fitted, improved, matched, unit_rows

RNG = np.random.default_rng(0)
ROTATION = np.linalg.qr(RNG.normal(size=(6, 6)))[0].astype(np.float32)
OVERCOMPLETE = unit_rows(RNG.normal(size=(20, 6)))


def test_l1_codes_over_orthonormal_atoms_are_soft_thresholds():
    pytest.importorskip("sklearn")
    samples = RNG.normal(size=(50, 6)).astype(np.float32)
    projections = samples @ ROTATION.T
    expected = np.sign(projections) * np.maximum(np.abs(projections) - 0.3, 0)
    np.testing.assert_allclose(encode(samples, ROTATION, penalty=0.3, sweeps=100), expected, atol=1e-5)


def test_l1_codes_are_sparse_and_optimal():
    """No atom outside a code is correlated with the rest by more than the penalty; one inside, by the penalty."""
    pytest.importorskip("sklearn")
    samples = unit_rows(RNG.normal(size=(30, 6)))
    codes = encode(samples, OVERCOMPLETE, penalty=0.2, sweeps=2000)
    correlations = (samples - codes @ OVERCOMPLETE) @ OVERCOMPLETE.T
    used = codes != 0
    assert 0 < used.mean() < 0.5
    assert np.abs(correlations).max() < 0.2 + 1e-3
    np.testing.assert_allclose(correlations[used], 0.2 * np.sign(codes[used]), atol=1e-3)


def test_matching_finds_the_exact_code():
    codes = np.zeros((2, 6), np.float32)
    codes[0, [1, 4]] = 2.0, -3.0
    codes[1, 5] = 1.0
    np.testing.assert_allclose(matched(codes @ ROTATION, ROTATION, sparsity=2), codes, atol=1e-5)


def test_matching_agrees_with_scikit_learn():
    linear_model = pytest.importorskip("sklearn.linear_model")
    samples = RNG.normal(size=(40, 6)).astype(np.float32)
    expected = linear_model.orthogonal_mp(OVERCOMPLETE.T, samples.T, n_nonzero_coefs=3).T
    np.testing.assert_allclose(matched(samples, OVERCOMPLETE, sparsity=3), expected, atol=1e-3)


def test_fitted_dictionary_is_the_one_that_made_the_samples():
    codes = RNG.normal(size=(500, 20)).astype(np.float32)
    np.testing.assert_allclose(fitted(codes @ OVERCOMPLETE, codes), OVERCOMPLETE, atol=1e-3)


def test_improved_dictionary_explains_its_samples_better():
    pytest.importorskip("sklearn")
    samples = unit_rows(RNG.normal(size=(300, 20)).astype(np.float32) @ OVERCOMPLETE)
    atoms, costs = unit_rows(samples[:20]), []
    for seed in range(4):
        codes = encode(samples, atoms, penalty=0.1, sweeps=1000)
        costs.append(0.5 * np.square(samples - codes @ atoms).sum() + 0.1 * np.abs(codes).sum())
        atoms = improved(atoms, samples, penalty=0.1, sweeps=1000, seed=seed)
        np.testing.assert_allclose(np.linalg.norm(atoms, axis=1), 1, atol=1e-5)
    assert sorted(costs, reverse=True) == costs


def test_missing_scikit_learn_is_a_users_problem(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(UserError, match=r"paddle-srcnn\[sparse\]"):
        encode(ROTATION, ROTATION, penalty=0.1, sweeps=1)
