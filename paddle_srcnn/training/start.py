"""First parameters of a run: its own, or those of a trained network."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from paddle_srcnn.errors import UserError
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.parameters import colour_parameters, grown_parameters, initial_parameters
from paddle_srcnn.model.weights import Weights, load_weights
from paddle_srcnn.recipes import Gaussian, He, Pretrained, Recipe

__all__ = ["first_parameters"]


def first_parameters(
    recipe: Recipe, whitening: np.ndarray | None, rng: np.random.Generator
) -> Mapping[str, np.ndarray]:
    """Make the parameters that a run starts from.

    Parameters
    ----------
    recipe : Recipe
        Its `start` says which.
    whitening : array, optional
        Matrix from `paddle_srcnn.model.whitening.whitening_matrix`, if the run trains whitened filters.
    rng : numpy.random.Generator

    Returns
    -------
    mapping of str to float32 array

    Raises
    ------
    UserError
        If the recipe starts from weights that do not fit its network.
    """
    match recipe.start:
        case Gaussian(std):
            return initial_parameters(recipe.architecture, std=std, rng=rng, whitening=whitening)
        case He(identity):
            return initial_parameters(recipe.architecture, std=None, rng=rng, identity=identity, whitening=whitening)
        case Pretrained(name):
            return _pretrained_parameters(recipe, name)


def _pretrained_parameters(recipe: Recipe, name: str) -> Mapping[str, np.ndarray]:
    weights, wanted = load_weights(name), recipe.architecture
    if weights.value_range == recipe.value_range:
        if weights.architecture == wanted:
            return weights.parameters
        if not (isinstance(weights.architecture, Architecture) and isinstance(wanted, Architecture)):
            raise _unfit(recipe, name, weights)
        if replace(weights.architecture, channels=wanted.channels) == wanted:
            return colour_parameters(weights.parameters)
        if replace(weights.architecture, filters=wanted.filters) == wanted:
            return grown_parameters(weights.parameters, wanted)
    raise _unfit(recipe, name, weights)


def _unfit(recipe: Recipe, name: str, weights: Weights) -> UserError:
    return UserError(
        f"{recipe.name} cannot start from {name}: that is {weights.architecture.name} for values in "
        f"0..{weights.value_range:g}"
    )
