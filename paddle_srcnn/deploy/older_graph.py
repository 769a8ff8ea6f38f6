"""Networks as files in the format of Paddle 2, the one that OpenVINO reads, written without Paddle's global state."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from paddle_srcnn.static.backend import paddle
from paddle_srcnn.static.guest import older_programs, static_graphs

__all__ = ["OlderGraph"]

framework = paddle.base.framework
FLOAT32 = paddle.base.core.VarDesc.VarType.FP32


class OlderGraph:
    """A network in the format of Paddle 2, built operation by operation.

    Paddle's own functions add to the main program, which all threads share. These methods add to the graph's program.

    Parameters
    ----------
    channels : int
        Channels of the images, whose variable is `images`.
    parameters : mapping of str to array of float32
        Values of all parameters, by name.
    """

    def __init__(self, channels: int, parameters: Mapping[str, np.ndarray]) -> None:
        self._values = parameters
        with older_programs(), static_graphs():
            self._program = framework.Program()
            self._block = self._program.global_block()
            self.images = self._block.create_var(
                name="input", shape=[-1, channels, -1, -1], dtype=FLOAT32, is_data=True, need_check_feed=True
            )
            self._parameters = {
                name: self._block.create_parameter(name=name, shape=list(value.shape), dtype=FLOAT32)
                for name, value in parameters.items()
            }

    def convolve(self, x: Any, weight: str, *, stride: Sequence[int] = (1, 1), groups: int = 1) -> Any:
        """Add a valid convolution.

        Parameters
        ----------
        x : (N, in, H, W) variable
        weight : str
            Name of (out, in / groups, rows, columns) filters.
        stride : (rows, columns)
        groups : int

        Returns
        -------
        (N, out, H', W') variable
        """
        return self._add(
            "depthwise_conv2d" if groups > 1 else "conv2d",
            {"Input": x, "Filter": self._parameters[weight]},
            "Output",
            strides=list(stride),
            paddings=[0, 0],
            dilations=[1, 1],
            groups=groups,
            padding_algorithm="EXPLICIT",
            data_format="NCHW",
        )

    def add_bias(self, x: Any, bias: str) -> Any:
        """Add a parameter (out,) to the channels of (N, out, H, W) maps."""
        wide = self._add("reshape2", {"X": self._parameters[bias]}, "Out", "XShape", shape=[1, x.shape[1], 1, 1])
        return self.add(x, wide)

    def add(self, x: Any, y: Any) -> Any:
        """Add two variables."""
        return self._add("elementwise_add", {"X": x, "Y": y}, "Out", axis=-1)

    def multiply(self, x: Any, factor: float) -> Any:
        """Multiply a variable by a constant."""
        return self._add("scale", {"X": x}, "Out", scale=factor, bias=0.0, bias_after_scale=True)

    def relu(self, x: Any) -> Any:
        """Replace negative numbers by 0."""
        return self._add("relu", {"X": x}, "Out")

    def tanh(self, x: Any) -> Any:
        """Apply the hyperbolic tangent."""
        return self._add("tanh", {"X": x}, "Out")

    def join(self, maps: Sequence[Any]) -> Any:
        """Join the channels of several maps."""
        return self._add("concat", {"X": list(maps)}, "Out", axis=1)

    def pad(self, x: Any, pads: Sequence[int]) -> Any:
        """Repeat the outermost pixels of maps: so many at the left, the right, the upper and the lower border."""
        if not any(pads):
            return x
        deep = self._add("unsqueeze2", {"X": x}, "Out", "XShape", axes=[2])
        padded = self._add(
            "pad3d", {"X": deep}, "Out", paddings=[*pads, 0, 0], mode="replicate", value=0.0, data_format="NCDHW"
        )
        return self._add("squeeze2", {"X": padded}, "Out", "XShape", axes=[2])

    def crop(self, x: Any, pixels: Sequence[int]) -> Any:
        """Remove so many pixels at the left, the right, the upper and the lower border."""
        if not any(pixels):
            return x
        left, right, top, bottom = pixels
        ends = [-last or 2**31 - 1 for last in (bottom, right)]
        return self._add("slice", {"Input": x}, "Out", axes=[2, 3], starts=[top, left], ends=ends, decrease_axis=[])

    def _add(self, kind: str, inputs: Mapping[str, Any], *outputs: str, **attributes: Any) -> Any:
        """Add an operation; return the variable of its first output."""
        with older_programs(), static_graphs():
            number = len(self._block.ops)
            made = {name: self._block.create_var(name=f"{kind}_{number}.{name}", dtype=FLOAT32) for name in outputs}
            self._block.append_op(type=kind, inputs=dict(inputs), outputs=made, attrs=attributes)
        return made[outputs[0]]

    def write(self, path: Path, result: Any) -> tuple[Path, Path]:
        """Write the network's files; `paddle.inference` loads them.

        Parameters
        ----------
        path : Path
            Path of the files, without suffix.
        result : variable
            The network's output.

        Returns
        -------
        model, parameters : Path
        """
        with older_programs(), static_graphs():
            program = paddle.static.normalize_program(self._program, [self.images], [result])
            # As `save_inference_model` does. Without this, processes with several networks crash now and then.
            program = program._remove_training_info(clip_extra=True)
        model, parameters = path.with_suffix(".pdmodel"), path.with_suffix(".pdiparams")
        model.write_bytes(program.desc.serialize_to_string())
        parameters.write_bytes(b"".join(_tensor(self._values[name]) for name in sorted(self._values)))
        return model, parameters


def _tensor(value: np.ndarray) -> bytes:
    """Format an array of float32 as in Paddle's files: three versions and sizes of 0, a description, the numbers."""
    types = paddle.base.proto.framework_pb2.VarType
    described = types.TensorDesc(data_type=types.FP32, dims=value.shape).SerializeToString()
    return struct.pack("<IQIi", 0, 0, 0, len(described)) + described + value.astype("<f4").tobytes()
