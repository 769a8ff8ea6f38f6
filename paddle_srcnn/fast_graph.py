"""SRCNN's layers in the operations that Paddle's CPU kernels do well; the plain graph's mathematics, to float rounding.

The plain graph is slow on a CPU for three reasons, and each has its remedy here:

- The bias is a broadcast addition, whose gradient is a generic reduction: `affine_channel` with scale 1 does both in
  a pass over each channel.
- A convolution with one output channel is a matrix-vector product over an im2col buffer: the last layer is written as
  a transposed convolution with flipped filters, which is a matrix-matrix product.
- A middle layer of size k unfolds every patch into a buffer of k * k times its size (2.8 MB for 5x5), which no core's
  own cache holds: `paddle_srcnn.onednn` has it convolved in place, once the program is complete.
"""

from __future__ import annotations

from collections.abc import Sequence

from paddle_srcnn.backend import paddle

functional = paddle.nn.functional


def available() -> bool:
    """Whether this Paddle has the operations that the layers are made of."""
    return not paddle.framework.in_pir_mode() or hasattr(paddle._C_ops, "affine_channel")


def srcnn(x: paddle.Tensor, parameters: Sequence[tuple[paddle.Tensor, paddle.Tensor]]) -> paddle.Tensor:
    """Valid convolutions, with ReLU after all but the last; see `paddle_srcnn.network.srcnn`, which it stands for."""
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
