"""The seam between architectures and the rest: all that training, scoring, export and upscaling need of a network.

A network is a list of convolutions, numbered from 1, and a function that connects them. Each convolution has weights
``convN.weight``, a bias ``convN.bias`` and a learning rate of its own. The function names the operations; a backend
computes them: Paddle's static graphs, ONNX, or the engine that upscales. A further architecture is therefore a file
beside `paddle_srcnn.model.espcn`, a row of `paddle_srcnn.model.networks.NETWORKS` and a row of the recipes.
`NetworkSizes` is its base.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

__all__ = ["Network", "NetworkSizes", "Operations"]


class Operations(Protocol):
    """Operations on (N, C, H, W) maps of one backend, which holds a network's parameters."""

    def convolve(self, x: Any, layer: int) -> Any:
        """Convolve by a layer's filters and add its bias; repeat the borders that the backend repeats before."""

    def relu(self, x: Any) -> Any:
        """Replace negative numbers by 0."""

    def tanh(self, x: Any) -> Any:
        """Apply the hyperbolic tangent."""

    def add(self, x: Any, y: Any) -> Any:
        """Add two of one size."""

    def join(self, maps: Sequence[Any]) -> Any:
        """Join the channels of several."""

    def crop(self, x: Any, pixels: int) -> Any:
        """Remove pixels, 0 or more, at each border that the backend does not repeat, as valid convolutions do."""

    def shuffle(self, x: Any, factor: int) -> Any:
        """Make blocks of `factor` by `factor` pixels of as many maps, row by row, as the last operation."""


class Network(Protocol):
    """An architecture: a frozen dataclass, which equals another one of the same function."""

    @property
    def name(self) -> str:
        """Name in tables and titles, such as ``9-1-5``."""

    @property
    def title(self) -> str:
        """The architecture and its name, such as ``SRCNN 9-1-5``."""

    @property
    def channels(self) -> int:
        """Channels that enter and leave the network."""

    @property
    def factor(self) -> int:
        """Output pixels per input pixel along a line: 1 if bicubic interpolation has upscaled the input."""

    @property
    def further_outputs(self) -> int:
        """Outputs that training supervises beside the last one."""

    @property
    def filters(self) -> tuple[int, ...]:
        """Size of each layer's filters."""

    @property
    def weight_shapes(self) -> tuple[tuple[int, int, int, int], ...]:
        """Shape of each layer's weights: (out, in, size, size)."""

    @property
    def margin(self) -> int:
        """Input pixels that the network loses at each border that is not repeated."""

    @property
    def receptive_field(self) -> int:
        """Size, in input pixels, of the square that one output pixel depends on."""

    @property
    def weight_count(self) -> int:
        """Number of weights without biases."""

    @property
    def bias_count(self) -> int:
        """Number of biases."""

    def settings(self) -> dict[str, Any]:
        """Return the entry of the architecture in a recipe's settings."""

    def metadata(self) -> dict[str, str]:
        """Return the metadata of a file of weights that their shapes do not tell."""

    def pass_on(self, parameters: Mapping[str, np.ndarray]) -> None:
        """Change drawn parameters so that the untrained network returns its input, bicubically upscaled."""

    def outputs(self, operations: Operations, x: Any) -> Sequence[Any]:
        """Connect the layers. The last output is the network's; training supervises the others too."""


class NetworkSizes:
    """Sizes and counts of a network that follow from its margin and the shapes of its weights."""

    @property
    def receptive_field(self: Network) -> int:
        """Size, in input pixels, of the square that one output pixel depends on."""
        return 2 * self.margin + 1

    @property
    def weight_count(self: Network) -> int:
        """Number of weights without biases."""
        return sum(map(math.prod, self.weight_shapes))

    @property
    def bias_count(self: Network) -> int:
        """Number of biases, one per filter."""
        return sum(shape[0] for shape in self.weight_shapes)
