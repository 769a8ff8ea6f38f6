"""SRCNN as a static graph: named parameters, and the layers that use them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.parameters import parameter_names
from paddle_srcnn.static.backend import paddle


class Sides(NamedTuple):
    """Sides of a picture, in Paddle's order."""

    left: bool
    right: bool
    top: bool
    bottom: bool


EVERYWHERE, NOWHERE = Sides(True, True, True, True), Sides(False, False, False, False)


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
