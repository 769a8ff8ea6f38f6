"""Networks of any architecture in the program under construction."""

from __future__ import annotations

from collections.abc import Sequence

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.network import Network
from paddle_srcnn.static.backend import paddle
from paddle_srcnn.static.layers import NO_BORDERS, Borders, Parameters, convolve, srcnn

__all__ = ["StaticOperations", "add_network", "add_outputs"]

functional = paddle.nn.functional


class StaticOperations:
    """Operations of `paddle_srcnn.model.network.Operations` in the program under construction.

    Parameters
    ----------
    parameters : sequence of (weight, bias)
        Variables that `paddle_srcnn.static.layers.create_parameters` returns.
    borders : Borders
        Borders that each layer pads.
    """

    def __init__(self, parameters: Parameters, borders: Borders = NO_BORDERS) -> None:
        self.parameters, self._borders = parameters, borders
        self.rectified: list[paddle.Tensor] = []  # results of ReLU so far

    def convolve(self, x: paddle.Tensor, layer: int) -> paddle.Tensor:
        """Add a layer's convolution and bias."""
        return convolve(x, self.parameters[layer - 1], self._borders)

    def relu(self, x: paddle.Tensor) -> paddle.Tensor:
        """Add ReLU."""
        self.rectified.append(functional.relu(x))
        return self.rectified[-1]

    def tanh(self, x: paddle.Tensor) -> paddle.Tensor:
        """Add the hyperbolic tangent."""
        return functional.tanh(x)

    def add(self, x: paddle.Tensor, y: paddle.Tensor) -> paddle.Tensor:
        """Add an addition."""
        return x + y

    def join(self, maps: Sequence[paddle.Tensor]) -> paddle.Tensor:
        """Add a concatenation of channels."""
        return paddle.concat(list(maps), axis=1)

    def crop(self, x: paddle.Tensor, pixels: int) -> paddle.Tensor:
        """Add the removal of pixels at borders that are not repeated."""
        left, right, top, bottom = (0 if repeated else pixels for repeated in self._borders)
        return x[:, :, top : -bottom or None, left : -right or None] if left or right or top or bottom else x

    def shuffle(self, x: paddle.Tensor, factor: int) -> paddle.Tensor:
        """Add the rearrangement of maps as blocks of pixels."""
        return functional.pixel_shuffle(x, factor)


def add_network(
    network: Network, x: paddle.Tensor, parameters: Parameters, *, borders: Borders = NO_BORDERS
) -> paddle.Tensor:
    """Add a network in Paddle's own layers to the program under construction.

    Parameters
    ----------
    network : Network
    x : (N, C, H, W) variable of float32
    parameters : sequence of (weight, bias)
    borders : Borders
        Borders that each layer pads. The other borders lose a margin of pixels.

    Returns
    -------
    (N, C, factor * (H - 2 margin), factor * (W - 2 margin)) variable of float32, larger for each of `borders`
    """
    if isinstance(network, Architecture):
        return srcnn(x, parameters, borders=borders)
    return add_outputs(network, x, parameters, borders=borders)[-1]


def add_outputs(
    network: Network, x: paddle.Tensor, parameters: Parameters, *, borders: Borders = NO_BORDERS
) -> Sequence[paddle.Tensor]:
    """Add a network as `add_network` does, and return the outputs that training supervises, the last one last."""
    return network.outputs(StaticOperations(parameters, borders), x)
