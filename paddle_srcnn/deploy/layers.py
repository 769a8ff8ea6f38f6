"""Networks of any architecture for OpenVINO, layer by layer; `paddle_srcnn.deploy.blocks` is faster for SRCNN."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from paddle_srcnn.deploy.older_graph import OlderGraph
from paddle_srcnn.model.network import Network
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.static.layers import Borders

__all__ = ["shuffled", "write_network"]


class _GraphOperations:
    """Operations of `paddle_srcnn.model.network.Operations` in a graph that repeats some borders.

    OpenVINO does not read Paddle's ``pixel_shuffle``. The graph ends with the maps, which `shuffled` arranges.
    """

    def __init__(self, graph: OlderGraph, network: Network, borders: Borders) -> None:
        self._graph, self._filters, self._borders = graph, network.filters, borders

    def convolve(self, x: Any, layer: int) -> Any:
        """Add a convolution and its bias, after padding."""
        padded = self._graph.pad(x, [self._filters[layer - 1] // 2 * repeated for repeated in self._borders])
        return self._graph.add_bias(self._graph.convolve(padded, f"conv{layer}.weight"), f"conv{layer}.bias")

    def relu(self, x: Any) -> Any:
        """Add ReLU."""
        return self._graph.relu(x)

    def tanh(self, x: Any) -> Any:
        """Add the hyperbolic tangent."""
        return self._graph.tanh(x)

    def add(self, x: Any, y: Any) -> Any:
        """Add an addition."""
        return self._graph.add(x, y)

    def join(self, maps: Sequence[Any]) -> Any:
        """Add a concatenation of channels."""
        return self._graph.join(maps)

    def crop(self, x: Any, pixels: int) -> Any:
        """Add the removal of pixels at borders that are not repeated."""
        return self._graph.crop(x, [0 if repeated else pixels for repeated in self._borders])

    def shuffle(self, x: Any, factor: int) -> Any:
        """Leave the maps to `shuffled`."""
        return x


def write_network(weights: Weights, borders: Borders, path: Path) -> tuple[Path, Path]:
    """Write a network for Paddle Inference.

    Parameters
    ----------
    weights : Weights
    borders : Borders
        Borders that each layer pads.
    path : Path
        Path of the files, without suffix.

    Returns
    -------
    model, parameters : Path
        The network maps (N, C, H, W) images to maps for `shuffled`.
    """
    values = {name: np.ascontiguousarray(value, np.float32) for name, value in weights.parameters.items()}
    graph = OlderGraph(weights.architecture.channels, values)
    operations = _GraphOperations(graph, weights.architecture, borders)
    return graph.write(path, weights.architecture.outputs(operations, graph.images)[-1])


def shuffled(maps: np.ndarray, factor: int) -> np.ndarray:
    """Arrange maps as blocks of pixels, as Paddle's ``pixel_shuffle`` does.

    Parameters
    ----------
    maps : (C * factor * factor, H, W) array
    factor : int

    Returns
    -------
    (C, factor * H, factor * W) array
    """
    height, width = maps.shape[1:]
    blocks = maps.reshape(-1, factor, factor, height, width).transpose(0, 3, 1, 4, 2)
    return blocks.reshape(-1, factor * height, factor * width)
