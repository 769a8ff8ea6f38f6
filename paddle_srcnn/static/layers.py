"""The article's network as a static graph: its parameters, each with its own learning rate, and its layers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from paddle_srcnn.model.network import Network
from paddle_srcnn.model.parameters import parameter_names
from paddle_srcnn.static.backend import paddle

__all__ = [
    "ALL_BORDERS",
    "NO_BORDERS",
    "Borders",
    "Parameters",
    "convolve",
    "create_parameter",
    "create_parameters",
    "pad_borders",
    "srcnn",
]

Parameters: TypeAlias = Sequence[tuple[paddle.Tensor, paddle.Tensor]]  # weight and bias of each layer

functional = paddle.nn.functional


class Borders(NamedTuple):
    """Borders of an image at which each layer repeats the outermost pixels, in Paddle's order.

    The paper's authors pad all borders like this when they test, so that the output has the input's size.
    """

    left: bool
    right: bool
    top: bool
    bottom: bool


ALL_BORDERS, NO_BORDERS = Borders(True, True, True, True), Borders(False, False, False, False)


def srcnn(x: paddle.Tensor, parameters: Parameters, *, borders: Borders = NO_BORDERS) -> paddle.Tensor:
    """Add the network to the program under construction: convolutions, with ReLU after all but the last.

    Parameters
    ----------
    x : (N, C, H, W) variable of float32
    parameters : sequence of (weight, bias)
        Variables that `create_parameters` returns.
    borders : Borders
        Borders that each layer pads. The other borders lose a margin of pixels.

    Returns
    -------
    (N, C, H - 2 margin, W - 2 margin) variable of float32, larger by a margin for each of `borders`
    """
    *hidden, last = parameters
    for layer in hidden:
        x = functional.relu(convolve(x, layer, borders))
    return convolve(x, last, borders)


def convolve(
    x: paddle.Tensor, layer: tuple[paddle.Tensor, paddle.Tensor], borders: Borders = NO_BORDERS
) -> paddle.Tensor:
    """Add the convolution of one layer, (weight, bias), with its bias."""
    weight, bias = layer
    return functional.conv2d(pad_borders(x, weight.shape[-1], borders), weight, bias)


def pad_borders(x: paddle.Tensor, size: int, borders: Borders) -> paddle.Tensor:
    """Repeat the outermost pixels of maps at some borders, half a filter of `size` columns and rows wide."""
    pads = [size // 2 * padded for padded in borders]
    return functional.pad(x, pads, mode="replicate") if any(pads) else x


def create_parameters(
    architecture: Network, learning_rates: Sequence[float] | None = None
) -> list[tuple[paddle.Tensor, paddle.Tensor]]:
    """Declare the parameters in the program under construction; their values are set later.

    Parameters
    ----------
    architecture : Network
    learning_rates : sequence of float, optional
        Rate of each layer, a multiple of the optimiser's rate: the article trains the last layer at a tenth of the
        others' rate. Only training needs it.

    Returns
    -------
    list of (weight, bias)
        Variables of float32, with the shapes of `paddle_srcnn.model.parameters.initial_parameters`.
    """
    rates = learning_rates or [1.0] * len(architecture.filters)
    layers = zip(parameter_names(architecture), architecture.weight_shapes, rates, strict=True)
    return [
        (create_parameter(weight, shape, rate), create_parameter(bias, shape[:1], rate))
        for (weight, bias), shape, rate in layers
    ]


def create_parameter(name: str, shape: Sequence[int], rate: float = 1.0) -> paddle.Tensor:
    """Declare one parameter of zeros, with a learning rate that is a multiple of the optimiser's."""
    zero = paddle.nn.initializer.Constant(0.0)
    attribute = paddle.ParamAttr(name=name, learning_rate=rate, initializer=zero)
    return paddle.static.create_parameter(list(shape), "float32", attr=attribute)
