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
        self.constants: dict[str, np.ndarray] = {}  # numbers of pixels that operations add or remove, by name

    def convolve(self, x: str, layer: int) -> str:
        """Append a layer's padding and its convolution."""
        name, margin = f"conv{layer}", self._filters[layer - 1] // 2
        self._uses[layer] += 1
        use = name if self._uses[layer] == 1 else f"{name}.{self._uses[layer]}"
        if self._replicate and margin:
            self.constants[f"{name}.pads"] = np.array([0, 0, margin, margin] * 2, np.int64)
            x = self._append("Pad", [x, f"{name}.pads"], f"{use}.padded", mode="edge")
        return self._append("Conv", [x, f"{name}.weight", f"{name}.bias"], f"{use}.output")

    def relu(self, x: str) -> str:
        """Append ReLU."""
        return self._append("Relu", [x], x.replace("output", "relu"))

    def tanh(self, x: str) -> str:
        """Append the hyperbolic tangent."""
        return self._append("Tanh", [x], x.replace("output", "tanh"))

    def add(self, x: str, y: str) -> str:
        """Append an addition."""
        return self._append("Add", [x, y], y.replace("output", "sum"))

    def join(self, maps: Sequence[str]) -> str:
        """Append a concatenation of channels."""
        return self._append("Concat", list(maps), "joined", axis=1)

    def crop(self, x: str, pixels: int) -> str:
        """Append the removal of pixels at borders that are not repeated."""
        if self._replicate or not pixels:
            return x
        names = [f"crop{pixels}.{part}" for part in ("starts", "ends", "axes")]
        self.constants |= dict(zip(names, np.array([[pixels] * 2, [-pixels] * 2, [2, 3]], np.int64), strict=True))
        return self._append("Slice", [x, *names], f"{x}.cropped")

    def shuffle(self, x: str, factor: int) -> str:
        """Append the rearrangement of maps as blocks of pixels, in the order of ``pixel_shuffle``."""
        return self._append("DepthToSpace", [x], x.replace("output", "pixels"), blocksize=factor, mode="CRD")

    def _append(self, kind: str, given: list[str], made: str, **attributes: Any) -> str:
        from onnx.helper import make_node

        self.nodes.append(make_node(kind, given, [made], **attributes))
        return made
