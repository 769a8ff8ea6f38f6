"""ESPCN: convolutions on the small image, and a last layer whose maps are the pixels of each block of the result."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from paddle_srcnn.images.resize import imresize
from paddle_srcnn.model.network import NetworkSizes, Operations

__all__ = ["ACTIVATIONS", "Espcn"]

ACTIVATIONS = ("tanh", "relu")
GAIN = 0.5  # of values that pass through tanh: small enough for its straight part, large enough to be learned from
GREY = 0.5  # value that tanh is centred on, in 0..1


@dataclass(frozen=True)
class Espcn(NetworkSizes):
    """A sub-pixel network, for values in 0..1.

    Parameters
    ----------
    scale : int
        Factor of upscaling: the last layer has `scale` squared filters.
    activation : {"tanh", "relu"}
        Function after all layers but the last.
    filters : tuple of int
        Size of each layer's square filters, in pixels of the small image; odd.
    widths : tuple of int
        Number of filters of each layer but the last.

    Raises
    ------
    ValueError
        If sizes are even, or a number is missing or out of range.

    References
    ----------
    Shi et al. 2016, "Real-time single image and video super-resolution using an efficient sub-pixel convolutional
    neural network", section 3.2.

    Examples
    --------
    >>> network = Espcn(3)
    >>> network.name, network.margin, network.weight_count
    ('ESPCN 5-3-3', 4, 22624)
    """

    scale: int
    activation: str = "tanh"
    filters: tuple[int, ...] = (5, 3, 3)
    widths: tuple[int, ...] = (64, 32)
    channels: ClassVar[int] = 1
    further_outputs: ClassVar[int] = 0

    def __post_init__(self) -> None:
        if self.scale < 2 or self.activation not in ACTIVATIONS:
            raise ValueError(f"ESPCN upscales by 2 or more, with tanh or relu, not by {self.scale}, {self.activation}")
        if len(self.filters) != len(self.widths) + 1 or min(self.widths, default=1) < 1:
            raise ValueError(f"filter sizes {self.filters} and widths {self.widths} do not fit together")
        if any(size < 1 or size % 2 == 0 for size in self.filters):
            raise ValueError(f"filter sizes must be odd and positive, got {self.filters}")

    @classmethod
    def of(cls, parameters: Mapping[str, np.ndarray], metadata: Mapping[str, str]) -> Espcn:
        """Return the network that shapes of parameters and metadata of a file tell.

        Raises
        ------
        ValueError, KeyError
            If they tell of none.
        """
        shapes = [parameters[f"conv{layer}.weight"].shape for layer in range(1, len(parameters) // 2 + 1)]
        return cls(
            scale=math.isqrt(shapes[-1][0]),
            activation=metadata["activation"],
            filters=tuple(shape[-1] for shape in shapes),
            widths=tuple(shape[0] for shape in shapes[:-1]),
        )

    @property
    def name(self) -> str:
        """``ESPCN`` and the filter sizes; the variant with ReLU says so."""
        return f"ESPCN {'-'.join(map(str, self.filters))}" + (" ReLU" if self.activation == "relu" else "")

    @property
    def title(self) -> str:
        """The name, which says what it is."""
        return self.name

    @property
    def factor(self) -> int:
        """Output pixels per input pixel along a line: the scale."""
        return self.scale

    @property
    def weight_shapes(self) -> tuple[tuple[int, int, int, int], ...]:
        """Shape of each layer's weights: (out, in, size, size)."""
        depths = (1, *self.widths, self.scale**2)
        return tuple((depths[i + 1], depths[i], size, size) for i, size in enumerate(self.filters))

    @property
    def margin(self) -> int:
        """Pixels of the small image that valid convolutions lose at each border."""
        return sum(size - 1 for size in self.filters) // 2

    def settings(self) -> dict[str, Any]:
        """Return the entry of the architecture in a recipe's settings."""
        own = {"filters": self.filters, "widths": self.widths, "channels": self.channels, "activation": self.activation}
        return {"network": "espcn", "name": self.name, **own}

    def metadata(self) -> dict[str, str]:
        """Return the metadata of a file of weights that their shapes do not tell."""
        return {"network": "espcn", "activation": self.activation}

    def pass_on(self, parameters: Mapping[str, np.ndarray]) -> None:
        """Let the first filter of each layer but the last copy its input, and the last layer interpolate the copy.

        The untrained network then returns about the bicubic enlargement. Values that pass through tanh lie around 0,
        where tanh is nearly straight.
        """
        *hidden, last = range(1, len(self.filters) + 1)
        gain, grey = (GAIN, GREY) if self.activation == "tanh" else (1.0, 0.0)
        for layer in hidden:
            weight, bias = parameters[f"conv{layer}.weight"], parameters[f"conv{layer}.bias"]
            centre = self.filters[layer - 1] // 2
            weight[0], bias[0] = 0, -gain * grey if layer == 1 else 0
            weight[0, 0, centre, centre] = gain if layer == 1 else 1
        weight, bias = parameters[f"conv{last}.weight"], parameters[f"conv{last}.bias"]
        weight[...], bias[...] = 0, grey
        weight[:, 0] = interpolating_filters(self.scale, self.filters[-1]) / gain

    def outputs(self, operations: Operations, x: Any) -> Sequence[Any]:
        """Connect the layers in the operations of a backend."""
        *hidden, last = range(1, len(self.filters) + 1)
        activate = operations.tanh if self.activation == "tanh" else operations.relu
        for layer in hidden:
            x = activate(operations.convolve(x, layer))
        return [operations.shuffle(operations.convolve(x, last), self.scale)]


def interpolating_filters(scale: int, size: int) -> np.ndarray:
    """Compute the filters of bicubic interpolation, one for each pixel of the block that replaces a pixel.

    Parameters
    ----------
    scale : int
    size : int
        Size of the filters. Bicubic interpolation sees 5x5 pixels. Smaller filters have its middle, with a sum of 1.

    Returns
    -------
    (scale * scale, size, size) array
    """
    length = 3 * max(size, 5)
    impulse = np.zeros((length, length))
    impulse[length // 2, length // 2] = 1
    responses = imresize(impulse, scale).reshape(length, scale, length, scale).transpose(1, 3, 0, 2)
    middle = slice(length // 2 - size // 2, length // 2 + size // 2 + 1)
    filters = responses[:, :, middle, middle].reshape(scale * scale, size, size)
    filters = filters[:, ::-1, ::-1]  # the pixel at an offset sees the impulse at the opposite one
    return filters / filters.sum(axis=(1, 2), keepdims=True)
