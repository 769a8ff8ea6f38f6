"""Networks as nodes of ONNX."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import onnx

__all__ = ["OnnxOperations"]


class OnnxOperations:
    """Operations of `paddle_srcnn.model.network.Operations` that append `nodes`; maps are the names of their values.

    Parameters
    ----------
    filters : sequence of int
        Size of each layer's filters.
    replicate : bool
        Let each layer repeat the border.
    """

    def __init__(self, filters: Sequence[int], *, replicate: bool) -> None:
        self._filters, self._replicate = filters, replicate
        self._uses: Counter[int] = Counter()  # of each layer so far
        self.nodes: list[onnx.NodeProto] = []
        self.pads: dict[str, np.ndarray] = {}  # numbers of pixels that layers repeat at the borders, by name

    def convolve(self, x: str, layer: int) -> str:
        """Append a layer's padding and its convolution."""
        name, margin = f"conv{layer}", self._filters[layer - 1] // 2
        self._uses[layer] += 1
        use = name if self._uses[layer] == 1 else f"{name}.{self._uses[layer]}"
        if self._replicate and margin:
            self.pads[f"{name}.pads"] = np.array([0, 0, margin, margin] * 2, np.int64)
            x = self._append("Pad", [x, f"{name}.pads"], f"{use}.padded", mode="edge")
        return self._append("Conv", [x, f"{name}.weight", f"{name}.bias"], f"{use}.output")

    def relu(self, x: str) -> str:
        """Append ReLU."""
        return self._append("Relu", [x], x.replace("output", "relu"))

    def tanh(self, x: str) -> str:
        """Append the hyperbolic tangent."""
        return self._append("Tanh", [x], x.replace("output", "tanh"))

    def shuffle(self, x: str, factor: int) -> str:
        """Append the rearrangement of maps as blocks of pixels, in the order of ``pixel_shuffle``."""
        return self._append("DepthToSpace", [x], x.replace("output", "pixels"), blocksize=factor, mode="CRD")

    def _append(self, kind: str, given: list[str], made: str, **attributes: Any) -> str:
        from onnx.helper import make_node

        self.nodes.append(make_node(kind, given, [made], **attributes))
        return made
