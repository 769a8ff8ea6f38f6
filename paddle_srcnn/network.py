"""SRCNN as a static graph: named parameters, and the layers that use them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from paddle_srcnn.architecture import Architecture
from paddle_srcnn.backend import paddle
from paddle_srcnn.protocols import LUMA_WEIGHTS
from paddle_srcnn.whitening import rows_of, unwhitened


class Sides(NamedTuple):
    """Sides of a picture, in Paddle's order."""

    left: bool
    right: bool
    top: bool
    bottom: bool


EVERYWHERE, NOWHERE = Sides(True, True, True, True), Sides(False, False, False, False)


def parameter_names(architecture: Architecture) -> list[tuple[str, str]]:
    """Names of each layer's weights and biases: ``conv1.weight``, ``conv1.bias``, ..."""
    return [(f"conv{i}.weight", f"conv{i}.bias") for i in range(1, len(architecture.filters) + 1)]


def initial_parameters(
    architecture: Architecture,
    *,
    std: float | None,
    rng: np.random.Generator,
    identity: bool = False,
    whitening: np.ndarray | None = None,
) -> dict[str, np.ndarray]:
    """Draw weights from N(0, std) and set biases to 0.

    They are drawn by NumPy, so that a seed means the same network in every version of Paddle and on every device.

    Parameters
    ----------
    architecture : Architecture
    std : float or None
        None for each layer's own, the square root of 2 over its inputs (He et al. 2015), a tenth of it for the last.
    rng : numpy.random.Generator
    identity : bool
        The first filter of each layer (or the first three, for three channels) passes its picture on as it is, so that
        the network begins with its input, to which the others add little. Inputs are not negative.
    whitening : array, optional
        As `paddle_srcnn.whitening.whitening_matrix` gives it: the filters drawn for the first layer answer to whitened
        patches.

    Returns
    -------
    dict of float32 arrays
        Weights of shape (out, in, size, size) and biases of shape (out,), by name.
    """
    parameters = {}
    shapes = architecture.weight_shapes
    own = [math.sqrt(2 / math.prod(shape[1:])) for shape in shapes]
    own[-1] *= 0.1  # the network begins with small outputs, whatever its first filters make of the picture
    stds = own if std is None else [std] * len(shapes)
    for (weight, bias), shape, deviation in zip(parameter_names(architecture), shapes, stds, strict=True):
        parameters[weight] = rng.normal(0.0, deviation, shape).astype(np.float32)
        parameters[bias] = np.zeros(shape[0], np.float32)
    if whitening is not None:
        weight, bias = parameter_names(architecture)[0]
        drawn = rows_of(parameters[weight], parameters[bias])
        parameters[weight], parameters[bias] = unwhitened(drawn, whitening, shapes[0])
    if identity:
        _pass_on(architecture, parameters)
    return parameters


def _pass_on(architecture: Architecture, parameters: Mapping[str, np.ndarray]) -> None:
    """Let the first filters of each layer, one for each channel, give what they are given."""
    if min(architecture.widths, default=architecture.channels) < architecture.channels:
        raise ValueError(f"{architecture.name} is too narrow to pass {architecture.channels} channels on")
    last = len(architecture.filters) - 1
    for layer, (weight, bias) in enumerate(parameter_names(architecture)):
        filters, centre = parameters[weight], architecture.filters[layer] // 2
        for channel in range(architecture.channels):
            filters[channel, : architecture.channels if layer == last else None] = 0
            filters[channel, channel, centre, centre] = 1
            parameters[bias][channel] = 0


def colour_parameters(parameters: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Parameters of a network of three channels that does to R, G and B what one of luma does to Y.

    The first layer's filters are spread over the three inputs by their parts in luma, so that a grey picture gives the
    same responses; the last layer is repeated for each output.

    Parameters
    ----------
    parameters : mapping of str to float32 array
        Those of a network of one channel.

    Returns
    -------
    dict of float32 arrays
    """
    first, last = "conv1.weight", f"conv{len(parameters) // 2}"
    parts = np.array(LUMA_WEIGHTS, np.float32)[:, np.newaxis, np.newaxis]
    return {
        **parameters,
        first: parameters[first] * parts,
        f"{last}.weight": np.repeat(parameters[f"{last}.weight"], 3, axis=0),
        f"{last}.bias": np.repeat(parameters[f"{last}.bias"], 3),
    }


def grown_parameters(parameters: Mapping[str, np.ndarray], architecture: Architecture) -> dict[str, np.ndarray]:
    """Parameters of a network of larger filters that does what one of smaller filters does.

    Parameters
    ----------
    parameters : mapping of str to float32 array
        Those of a network of the same widths.
    architecture : Architecture
        The larger network. Its filters have zeros around those that are given.

    Returns
    -------
    dict of float32 arrays

    Raises
    ------
    ValueError
        If one of its filters is smaller.

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


def create_parameters(
    architecture: Architecture, learning_rates: Sequence[float] | None = None
) -> list[tuple[paddle.Tensor, paddle.Tensor]]:
    """Declare the parameters in the program under construction; their values come from elsewhere.

    Parameters
    ----------
    architecture : Architecture
    learning_rates : sequence of float, optional
        Each layer's own rate, a multiple of the optimiser's; needed for training only.

    Returns
    -------
    list of (weight, bias)
        Float32 variables of the shapes that `initial_parameters` gives.
    """
    rates = learning_rates or [1.0] * len(architecture.filters)
    layers = zip(parameter_names(architecture), architecture.weight_shapes, rates, strict=True)
    return [
        (create_parameter(weight, shape, rate), create_parameter(bias, shape[:1], rate))
        for (weight, bias), shape, rate in layers
    ]


def create_parameter(name: str, shape: Sequence[int], rate: float = 1.0) -> paddle.Tensor:
    """Declare one parameter, whose rate is a multiple of the optimiser's, as zeros."""
    zero = paddle.nn.initializer.Constant(0.0)
    attribute = paddle.ParamAttr(name=name, learning_rate=rate, initializer=zero)
    return paddle.static.create_parameter(list(shape), "float32", attr=attribute)


def srcnn(
    x: paddle.Tensor, parameters: Sequence[tuple[paddle.Tensor, paddle.Tensor]], *, sides: Sides = NOWHERE
) -> paddle.Tensor:
    """Valid convolutions, with ReLU after all but the last.

    Parameters
    ----------
    x : (N, C, H, W) variable of float32
    parameters : list of (weight, bias)
        As `create_parameters` gives them.
    sides : Sides
        Where the border is repeated before each layer, as the paper's authors do when they test, so that no pixel is
        lost there.

    Returns
    -------
    (N, C, H - 2 margin, W - 2 margin) variable of float32, larger by a margin for each of `sides`
    """
    *layers, (weight, bias) = parameters
    *_, x = [x, *hidden(x, layers, sides)]
    return paddle.nn.functional.conv2d(with_border(x, weight.shape[-1], sides), weight, bias)


def hidden(
    x: paddle.Tensor, layers: Sequence[tuple[paddle.Tensor, paddle.Tensor]], sides: Sides = NOWHERE
) -> list[paddle.Tensor]:
    """What leaves the ReLU of each of some first layers; see `srcnn`."""
    maps = []
    for weight, bias in layers:
        x = with_border(x, weight.shape[-1], sides)
        x = paddle.nn.functional.relu(paddle.nn.functional.conv2d(x, weight, bias))
        maps.append(x)
    return maps


def with_border(x: paddle.Tensor, size: int, sides: Sides, more: tuple[int, int] = (0, 0)) -> paddle.Tensor:
    """Repeat the outermost pixels, at some sides, as often as filters of a size take some away there.

    `more` (columns, rows) are further pixels to the right and below, where there are any.
    """
    further = (0, more[0], 0, more[1])
    pads = [(size // 2 + pixels) * side for side, pixels in zip(sides, further, strict=True)]
    return paddle.nn.functional.pad(x, pads, mode="replicate") if any(pads) else x
