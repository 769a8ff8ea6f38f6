"""SRCNN's layers in the operations that Paddle's CPU kernels do well; the plain graph's mathematics, to float rounding.

The plain graph is slow on a CPU for three reasons, and each has its remedy here:

- The bias is a broadcast addition, whose gradient is a generic reduction: `affine_channel` with scale 1 does both in
  a pass over each channel.
- A convolution with one output channel is a matrix-vector product over an im2col buffer: the last layer is written as
  a transposed convolution with flipped filters, which is a matrix-matrix product.
- A middle layer of size k unfolds every patch into a buffer of k * k times its size (2.8 MB for 5x5), which no core's
  own cache holds: `paddle_srcnn.static.onednn` has it convolved in place, once the program is complete.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.static.backend import paddle
from paddle_srcnn.static.layers import srcnn
from paddle_srcnn.static.onednn import has_layers
from paddle_srcnn.static.session import Device
from paddle_srcnn.system.environment import core_count

functional = paddle.nn.functional


def has_fast_layers() -> bool:
    """Tell whether this Paddle has the operations of the fast layers."""
    return not paddle.framework.in_pir_mode() or hasattr(paddle._C_ops, "affine_channel")


def fast_srcnn(x: paddle.Tensor, parameters: Sequence[tuple[paddle.Tensor, paddle.Tensor]]) -> paddle.Tensor:
    """Valid convolutions, with ReLU after all but the last; see `paddle_srcnn.static.layers.srcnn`, which it stands for."""
    for weight, bias in parameters[:-1]:
        x = functional.relu(_add_bias(functional.conv2d(x, weight), bias))
    weight, bias = parameters[-1]
    return _add_bias(_last_convolution(x, weight), bias)


def _last_convolution(x: paddle.Tensor, weight: paddle.Tensor) -> paddle.Tensor:
    size = weight.shape[-1]
    if size == 1:
        return functional.conv2d(x, weight)
    flipped = paddle.flip(weight.transpose([1, 0, 2, 3]), [2, 3])
    return functional.conv2d_transpose(x, flipped, padding=size - 1)


def _add_bias(x: paddle.Tensor, bias: paddle.Tensor) -> paddle.Tensor:
    scale = paddle.ones([bias.shape[0]], "float32")
    scale.stop_gradient = False  # the kernel leaves the bias's gradient unset where the scale's is not asked for
    if paddle.framework.in_pir_mode():
        return paddle._C_ops.affine_channel(x, scale, bias, "NCHW")
    helper = paddle.base.layer_helper.LayerHelper("affine_channel")  # Paddle 2.6
    out = helper.create_variable_for_type_inference(x.dtype)
    helper.append_op(
        type="affine_channel",
        inputs={"X": x, "Scale": scale, "Bias": bias},
        outputs={"Out": out},
        attrs={"data_layout": "NCHW"},
    )
    return out


def branch_count(threads: int, batch_size: int) -> int:
    """Branches of a program that pay for this many threads and samples.

    One for each thread. Where they have all cores, and each of them eight samples, several for each core even out the
    cores' work and keep a branch's buffers in the cache; with fewer samples, a branch's 0.1 ms a step are not paid for.
    """
    cores = core_count()
    spare = batch_size // 8 if threads >= cores > 1 else 0
    return max(1, min(threads, batch_size // 2), min(4 * cores, spare))


Layers = Callable[[paddle.Tensor, Sequence[tuple[paddle.Tensor, paddle.Tensor]]], paddle.Tensor]


def split(x: paddle.Tensor, branches: int) -> list[paddle.Tensor]:
    """Split a batch into equal parts, one for each branch."""
    return paddle.split(x, branches) if branches > 1 else [x]


def fastest_layers(device: Device) -> Layers:
    """What builds the network faster on `device`: the CPU has a graph of its own, where Paddle has its operations."""
    return fast_srcnn if isinstance(device, paddle.CPUPlace) and has_fast_layers() else srcnn


def share_cores(architecture: Architecture, device: Device, threads: int, batch_size: int) -> int:
    """Decide how the work is spread over a CPU's cores; to be called before the programs that it is for are built.

    With layers of oneDNN one operation runs after the other, so each gets all threads, in a single branch. Otherwise
    each gets one thread, which it uses best, and branches of the program run side by side.

    Parameters
    ----------
    architecture : Architecture
    device : CPUPlace or CUDAPlace
    threads : int
        Cores to use.
    batch_size : int
        Samples of a step, or tiles.

    Returns
    -------
    int
        Branches to build; 1 on a GPU.
    """
    if not isinstance(device, paddle.CPUPlace):
        return 1
    one_by_one = has_layers(architecture)
    paddle.base.core.set_num_threads(threads if one_by_one else 1)
    return 1 if one_by_one else branch_count(threads, batch_size)
