"""Sharing of a CPU's cores (threads, branches), and layers in operations that Paddle's CPU kernels do well.

`choose_plan` shares out the cores of a CPU. SRCNN's fast layers compute the plain layers' mathematics, up to
float rounding. The plain layers are slow on a CPU for three reasons, each with its remedy:

- The bias is a broadcast addition, whose gradient is a generic reduction: `affine_channel` with scale 1 does both in
  a pass over each channel.
- A convolution with one output channel is a matrix-vector product over an im2col buffer. The fast last layer is a
  transposed convolution with flipped filters, which is a matrix-matrix product.
- A middle layer of size k unfolds every patch into a buffer of k * k times its size, 2.8 MB for 5x5. No core's own
  cache holds it. `paddle_srcnn.static.onednn` convolves in place, once the program is complete.

Other networks have the first and the third remedy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.network import Network
from paddle_srcnn.static import onednn
from paddle_srcnn.static.backend import paddle
from paddle_srcnn.static.layers import Parameters, srcnn
from paddle_srcnn.static.networks import StaticOperations, add_network, add_outputs
from paddle_srcnn.static.session import Device
from paddle_srcnn.system.environment import core_count

__all__ = ["Plan", "branch_count", "choose_plan", "fast_srcnn", "split"]

functional = paddle.nn.functional
Layers: TypeAlias = Callable[[paddle.Tensor, Parameters], paddle.Tensor]


@dataclass(frozen=True)
class Plan:
    """A decision on how the programs of a network run on a device.

    Parameters
    ----------
    device : CPUPlace or CUDAPlace
    branches : int
        Equal shares of a batch that a program computes independently; the executor runs them side by side.
    threads : int or None
        Threads of each operation; None for Paddle's own number.
    layers : callable
        Adds the layers of a network to the program under construction, as `paddle_srcnn.static.layers.srcnn` does.
    every : callable, optional
        Adds the layers of a network that has further outputs, and returns all of them, the last one last.
    finish : callable
        Rewrites a program that is complete, before its first run.
    """

    device: Device
    branches: int = 1
    threads: int | None = None
    layers: Layers = srcnn
    every: Callable[[paddle.Tensor, Parameters], Sequence[paddle.Tensor]] | None = None
    finish: Callable[[paddle.static.Program], object] = lambda program: None


def choose_plan(architecture: Network, device: Device, *, threads: int = 1, batch_size: int = 1) -> Plan:
    """Choose the fastest plan for a network.

    oneDNN's operations run one after the other: each gets all threads, in a single branch. All other operations use
    one thread best: branches of the program share the threads.

    Parameters
    ----------
    architecture : Network
    device : CPUPlace or CUDAPlace
    threads : int
        Cores to use on a CPU.
    batch_size : int
        Samples of a run.

    Returns
    -------
    Plan
    """
    is_srcnn, several = isinstance(architecture, Architecture), architecture.further_outputs > 0
    plain = srcnn if is_srcnn else partial(add_network, architecture)
    plain_every = partial(add_outputs, architecture) if several else None
    if not isinstance(device, paddle.CPUPlace):
        return Plan(device, layers=plain, every=plain_every)
    by_onednn = onednn.has_layers(architecture)
    branches = 1 if by_onednn else branch_count(threads, batch_size)
    threads = threads if by_onednn else 1
    if not has_fast_layers():
        return Plan(device, branches, threads, plain, plain_every)
    fast = fast_srcnn if is_srcnn else partial(fast_network, architecture)
    fast_every = partial(fast_outputs, architecture) if several else None
    return Plan(device, branches, threads, fast, fast_every, onednn.take_over)


def branch_count(threads: int, batch_size: int) -> int:
    """Count the branches of a program that pay for this many threads and samples.

    The count is one for each thread. If the threads have all cores, and each of them eight samples, each core has
    several branches. They even out the cores' work and keep a branch's buffers in the cache. With fewer samples, a
    branch does not earn the 0.1 ms that it costs in a step.
    """
    cores = core_count()
    spare = batch_size // 8 if threads >= cores > 1 else 0
    return max(1, min(threads, batch_size // 2), min(4 * cores, spare))


def split(x: paddle.Tensor, branches: int) -> list[paddle.Tensor]:
    """Split a batch into equal shares, one for each branch."""
    return paddle.split(x, branches) if branches > 1 else [x]


def has_fast_layers() -> bool:
    """Tell whether this Paddle has the operations of the fast layers."""
    return not paddle.framework.use_pir_api() or hasattr(paddle._C_ops, "affine_channel")


def fast_srcnn(x: paddle.Tensor, parameters: Parameters) -> paddle.Tensor:
    """Add the valid convolutions of `paddle_srcnn.static.layers.srcnn` to the program under construction.

    Parameters
    ----------
    x : (N, C, H, W) variable of float32
    parameters : sequence of (weight, bias)

    Returns
    -------
    (N, C, H - 2 margin, W - 2 margin) variable of float32
    """
    for weight, bias in parameters[:-1]:
        x = functional.relu(_add_bias(functional.conv2d(x, weight), bias))
    weight, bias = parameters[-1]
    return _add_bias(_last_convolution(x, weight), bias)


def fast_network(network: Network, x: paddle.Tensor, parameters: Parameters) -> paddle.Tensor:
    """Add the valid convolutions of another network, as `paddle_srcnn.static.networks.add_network` does."""
    return fast_outputs(network, x, parameters)[-1]


def fast_outputs(network: Network, x: paddle.Tensor, parameters: Parameters) -> Sequence[paddle.Tensor]:
    """Add a network as `fast_network` does, and return the outputs that training supervises, the last one last."""
    return network.outputs(_FastOperations(parameters), x)


class _FastOperations(StaticOperations):
    """Operations with a bias whose gradient is fast."""

    def convolve(self, x: paddle.Tensor, layer: int) -> paddle.Tensor:
        weight, bias = self.parameters[layer - 1]
        return _add_bias(functional.conv2d(x, weight), bias)


def _last_convolution(x: paddle.Tensor, weight: paddle.Tensor) -> paddle.Tensor:
    size = weight.shape[-1]
    if size == 1:
        return functional.conv2d(x, weight)
    flipped = paddle.flip(weight.transpose([1, 0, 2, 3]), [2, 3])
    return functional.conv2d_transpose(x, flipped, padding=size - 1)


def _add_bias(x: paddle.Tensor, bias: paddle.Tensor) -> paddle.Tensor:
    scale = paddle.ones([bias.shape[0]], "float32")
    scale.stop_gradient = False  # the kernel computes the bias's gradient only together with the scale's
    if paddle.framework.use_pir_api():
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
