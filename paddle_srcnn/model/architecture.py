"""The shape of a network, and its counts and sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from paddle_srcnn.model.network import NetworkSizes, Operations

__all__ = ["Architecture"]


@dataclass(frozen=True)
class Architecture(NetworkSizes):
    """An SRCNN: valid convolutions of stride 1, ReLU after all but the last.

    Parameters
    ----------
    filters : tuple of int
        Size of each layer's square filters, in pixels; odd.
    widths : tuple of int
        Number of filters of each layer but the last, which has `channels`.
    channels : int
        Channels that enter and leave the network: 1 for luma, 3 for colour.

    Raises
    ------
    ValueError
        If sizes are even, or a number is missing or not positive.

    References
    ----------
    Dong et al. 2016, section 3.1: the basic network is 9-1-5 with 64 and 32 filters.

    Examples
    --------
    >>> basic = Architecture((9, 1, 5), (64, 32))
    >>> basic.name, basic.margin, basic.weight_count + basic.bias_count
    ('9-1-5', 6, 8129)
    """

    filters: tuple[int, ...]
    widths: tuple[int, ...]
    channels: int = 1
    factor: ClassVar[int] = 1  # bicubic interpolation has upscaled the input
    further_outputs: ClassVar[int] = 0

    def __post_init__(self) -> None:
        if len(self.filters) != len(self.widths) + 1:
            raise ValueError(f"{len(self.filters)} filter sizes need {len(self.filters) - 1} widths, got {self.widths}")
        if any(size < 1 or size % 2 == 0 for size in self.filters):
            raise ValueError(f"filter sizes must be odd and positive, got {self.filters}")
        if min(self.widths, default=1) < 1 or self.channels < 1:
            raise ValueError(f"widths {self.widths} and channels {self.channels} must be positive")

    @property
    def name(self) -> str:
        """Filter sizes in the paper's notation, such as ``9-1-5``."""
        return "-".join(map(str, self.filters))

    @property
    def title(self) -> str:
        """``SRCNN`` and the filter sizes."""
        return f"SRCNN {self.name}"

    @property
    def weight_shapes(self) -> tuple[tuple[int, int, int, int], ...]:
        """Shape of each layer's weights: (out, in, size, size)."""
        depths = (self.channels, *self.widths, self.channels)
        return tuple((depths[i + 1], depths[i], size, size) for i, size in enumerate(self.filters))

    @property
    def margin(self) -> int:
        """Pixels that valid convolutions lose at each border: the sum of (size - 1) / 2."""
        return sum(size - 1 for size in self.filters) // 2

    def settings(self) -> dict[str, Any]:
        """Return the entry of the architecture in a recipe's settings."""
        return {"filters": self.filters, "widths": self.widths, "channels": self.channels}

    def metadata(self) -> dict[str, str]:
        """Return nothing: shapes tell everything."""
        return {}

    def pass_on(self, parameters: Mapping[str, np.ndarray]) -> None:
        """Let the first filters of each layer, one for each channel, copy their input.

        Raises
        ------
        ValueError
            If a layer has too few filters.
        """
        if min(self.widths, default=self.channels) < self.channels:
            raise ValueError(f"{self.name} is too narrow to pass {self.channels} channels on")
        last = len(self.filters)
        for layer, size in enumerate(self.filters, 1):
            filters, centre = parameters[f"conv{layer}.weight"], size // 2
            for channel in range(self.channels):
                filters[channel, : self.channels if layer == last else None] = 0
                filters[channel, channel, centre, centre] = 1
                parameters[f"conv{layer}.bias"][channel] = 0

    def outputs(self, operations: Operations, x: Any) -> Sequence[Any]:
        """Connect the layers in the operations of a backend; see `paddle_srcnn.static.layers.srcnn`."""
        *hidden, last = range(1, len(self.filters) + 1)
        for layer in hidden:
            x = operations.relu(operations.convolve(x, layer))
        return [operations.convolve(x, last)]
