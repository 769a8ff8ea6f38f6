"""DRCN: one layer applied again and again, an output after each time, and their weighted mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from paddle_srcnn.model.network import NetworkSizes, Operations

__all__ = ["Drcn"]


@dataclass(frozen=True)
class Drcn(NetworkSizes):
    """A deeply-recursive network for upsampled luma on 0..1, with ReLU after all but the outputs.

    Layers 1 and 2 embed the image. Layer 3 is the recursive one. Layers 4 and 5 make an output of its result after each
    recursion, to which the input is added. Layer 6 has a weight for each of these outputs.

    Parameters
    ----------
    width : int
        Filters of layers 1 to 4; 256 in the paper.
    recursions : int
        Applications of the recursive layer; 16 in the paper.

    Raises
    ------
    ValueError
        If a number is not positive.

    References
    ----------
    Kim, Lee and Lee 2016, "Deeply-recursive convolutional network for image super-resolution", section 3.

    Examples
    --------
    >>> network = Drcn(256, 16)
    >>> network.name, network.margin, network.weight_count
    ('DRCN 256x16', 20, 1774096)
    """

    width: int
    recursions: int
    channels: ClassVar[int] = 1
    factor: ClassVar[int] = 1  # bicubic interpolation has upscaled the input
    filters: ClassVar[tuple[int, ...]] = (3, 3, 3, 3, 3, 1)

    def __post_init__(self) -> None:
        if self.width < 1 or self.recursions < 1:
            raise ValueError(f"width {self.width} and recursions {self.recursions} must be positive")

    @classmethod
    def of(cls, parameters: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> Drcn:
        """Return the network that shapes of parameters tell.

        Raises
        ------
        ValueError, KeyError, IndexError
            If they tell of none.
        """
        return cls(width=parameters["conv3.weight"].shape[0], recursions=parameters["conv6.weight"].shape[1])

    @property
    def name(self) -> str:
        """``DRCN`` with its width and its recursions."""
        return f"DRCN {self.width}x{self.recursions}"

    @property
    def title(self) -> str:
        """The name, which says what it is."""
        return self.name

    @property
    def further_outputs(self) -> int:
        """Outputs that training supervises beside the last one: one for each recursion."""
        return self.recursions

    @property
    def weight_shapes(self) -> tuple[tuple[int, int, int, int], ...]:
        """Shape of each layer's weights: (out, in, size, size)."""
        wide = (self.width, self.width, 3, 3)
        return ((self.width, 1, 3, 3), wide, wide, wide, (1, self.width, 3, 3), (1, self.recursions, 1, 1))

    @property
    def margin(self) -> int:
        """Pixels that valid convolutions lose at each border: two layers, the recursions, and two layers."""
        return 2 + self.recursions + 2

    def settings(self) -> dict[str, Any]:
        """Return the entry of the architecture in a recipe's settings."""
        own = {"width": self.width, "recursions": self.recursions, "channels": self.channels}
        return {"network": "drcn", "name": self.name, **own}

    def metadata(self) -> dict[str, str]:
        """Return the metadata of a file of weights that their shapes do not tell."""
        return {"network": "drcn"}

    def pass_on(self, parameters: Mapping[str, np.ndarray]) -> None:
        """Let the recursive layer be the identity, outputs be the input, and their weights be equal."""
        parameters["conv3.weight"][...] = 0
        parameters["conv3.weight"][range(self.width), range(self.width), 1, 1] = 1
        parameters["conv5.weight"][...] = 0
        parameters["conv6.weight"][...] = 1 / self.recursions
        for layer in (3, 5, 6):
            parameters[f"conv{layer}.bias"][...] = 0

    def outputs(self, operations: Operations, x: Any) -> Sequence[Any]:
        """Connect the layers in the operations of a backend: an output for each recursion, then their mean."""

        def layer(maps: Any, number: int) -> Any:
            return operations.relu(operations.convolve(maps, number))

        maps, given, made = layer(layer(x, 1), 2), operations.crop(x, self.margin), []
        for left in reversed(range(self.recursions)):
            maps = layer(maps, 3)
            reconstructed = operations.convolve(layer(operations.crop(maps, left), 4), 5)
            made.append(operations.add(given, reconstructed))
        return [*made, operations.convolve(operations.join(made), 6)]
