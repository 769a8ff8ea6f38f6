"""Parameters of a network by name: first values, and values made from another network's. NumPy alone."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from paddle_srcnn.images.colour import LUMA_WEIGHTS
from paddle_srcnn.model.network import Network
from paddle_srcnn.model.whitening import rows_of, unwhitened

__all__ = ["colour_parameters", "grown_parameters", "initial_parameters", "parameter_names", "parameters_in"]


def parameter_names(architecture: Network) -> list[tuple[str, str]]:
    """List the names of each layer's weights and biases: ``conv1.weight``, ``conv1.bias``, ...

    Returns
    -------
    list of (str, str)
        A pair for each layer, the first layer first.
    """
    return [(f"conv{i}.weight", f"conv{i}.bias") for i in range(1, len(architecture.filters) + 1)]


def parameters_in(architecture: Network, state: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Select a network's parameters from a state that holds more, such as the optimiser's moments."""
    return {name: state[name] for pair in parameter_names(architecture) for name in pair}


def initial_parameters(
    architecture: Network,
    *,
    std: float | None,
    rng: np.random.Generator,
    identity: bool = False,
    whitening: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Draw weights from N(0, std) and set biases to 0.

    NumPy draws them, so that a seed means the same network in every version of Paddle and on every device.

    Parameters
    ----------
    architecture : Network
    std : float or None
        Standard deviation of all weights. None: the square root of 2 over the inputs of each layer's filters (He et
        al. 2015), and a tenth of that for the last layer.
    rng : numpy.random.Generator
        Source of the weights.
    identity : bool
        Let some filters pass the input on, see the architecture's `pass_on`. The network then begins with its own
        input, which must not be negative, or with its bicubic enlargement.
    whitening : array, optional
        Matrix from `paddle_srcnn.model.whitening.whitening_matrix`, to draw the first layer for whitened patches.

    Returns
    -------
    dict of float32 arrays
        Weights of shape (out, in, size, size) and biases of shape (out,), by name.

    Raises
    ------
    ValueError
        If a layer has too few filters for `identity`.
    """
    parameters, shapes = {}, architecture.weight_shapes
    own = [math.sqrt(2 / math.prod(shape[1:])) for shape in shapes]
    own[-1] *= 0.1  # the network begins with small outputs, whatever its first filters respond
    stds = own if std is None else [std] * len(shapes)
    for (weight, bias), shape, deviation in zip(parameter_names(architecture), shapes, stds, strict=True):
        parameters[weight] = rng.normal(0.0, deviation, shape).astype(np.float32)
        parameters[bias] = np.zeros(shape[0], np.float32)
    if whitening is not None:
        weight, bias = parameter_names(architecture)[0]
        drawn = rows_of(parameters[weight], parameters[bias])
        parameters[weight], parameters[bias] = unwhitened(drawn, whitening, shapes[0])
    if identity:
        architecture.pass_on(parameters)
    return parameters


def colour_parameters(parameters: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Make parameters for RGB from the parameters of a luma network.

    The first layer's filters are spread over the three inputs by their shares in luma, so a grey image gives the same
    responses. The function repeats the last layer for each output.

    Parameters
    ----------
    parameters : mapping of str to float32 array
        Parameters of a network of one channel.

    Returns
    -------
    dict of float32 arrays
        Parameters of a network of three channels.
    """
    first, last = "conv1.weight", f"conv{len(parameters) // 2}"
    shares = np.array(LUMA_WEIGHTS, np.float32)[:, np.newaxis, np.newaxis]
    return {
        **parameters,
        first: parameters[first] * shares,
        f"{last}.weight": np.repeat(parameters[f"{last}.weight"], 3, axis=0),
        f"{last}.bias": np.repeat(parameters[f"{last}.bias"], 3),
    }


def grown_parameters(parameters: Mapping[str, np.ndarray], architecture: Network) -> dict[str, np.ndarray]:
    """Make parameters of a network with larger filters that computes the same function.

    Parameters
    ----------
    parameters : mapping of str to float32 array
        Parameters of a network of the same widths.
    architecture : Network
        The larger network. Its filters are the given ones with zeros around them.

    Returns
    -------
    dict of float32 arrays

    Raises
    ------
    ValueError
        If one of the larger network's filters is smaller.

    References
    ----------
    Chen, Goodfellow and Shlens 2016, "Net2Net": a larger network that begins as the function of a smaller one.
    """
    grown = dict(parameters)
    for (weight, _), size in zip(parameter_names(architecture), architecture.filters, strict=True):
        added = (size - parameters[weight].shape[-1]) // 2
        if added < 0:
            raise ValueError(f"{weight} is larger than the {size}x{size} of {architecture.name}")
        grown[weight] = np.pad(parameters[weight], ((0, 0), (0, 0), (added, added), (added, added)))
    return grown
