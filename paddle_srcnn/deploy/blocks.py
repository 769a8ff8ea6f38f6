"""A network whose last layer computes blocks of pixels, and the layer before it columns by Winograd's convolution.

A CPU computes 8 or 16 channels at a time, even where a picture has only one. With a stride, the 4x4 pixels of a block
become the channels, each with the layer's filter at its own place among zeros. For 5x5 filters these are 2.6 times the
multiplications of one channel, but no more than a sixth of those of 16. The result is the same to the last bit, since
nothing but zeros is added to any sum, as long as no convolution pads: kernels sum in another order where some of a
filter lies beyond its input.
"""

from __future__ import annotations

import numpy as np

from paddle_srcnn.deploy import winograd
from paddle_srcnn.model.parameters import parameter_names
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.static.backend import paddle, under_construction
from paddle_srcnn.static.layers import (
    NOWHERE,
    Sides,
    create_parameter,
    hidden,
    with_border,
)
from paddle_srcnn.static.session import Session

COLUMNS = winograd.COLUMNS  # of a block
UNIT = 16  # of the sizes of parts of pictures, in pixels
LANES = 16  # numbers of float32 in the largest vectors of CPUs

functional = paddle.nn.functional


def block_rows(channels: int) -> int:
    """Rows of the largest blocks that fit into one vector with all channels: 4 for luma, 1 for RGB."""
    return max(LANES // (COLUMNS * channels), 1)


def blocked_layer(weight: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rewrite a layer so that, with a stride of one block, its channels are the pixels of blocks.

    Parameters
    ----------
    weight : (out, in, size, size) array
    bias : (out,) array

    Returns
    -------
    weight : (out * rows * 4, in, size + rows - 1, size + 3) array
        For the pixels of each channel's block, row by row.
    bias : (out * rows * 4,) array
    """
    out, depth, size, _ = weight.shape
    rows = block_rows(out)
    blocked = np.zeros((out, rows, COLUMNS, depth, size + rows - 1, size + COLUMNS - 1), weight.dtype)
    for row, column in np.ndindex(rows, COLUMNS):
        blocked[:, row, column, :, row : row + size, column : column + size] = weight
    return blocked.reshape(-1, *blocked.shape[3:]), np.repeat(bias, rows * COLUMNS)


def made_up(planes: np.ndarray, margin: int, sides: Sides) -> tuple[np.ndarray, tuple[slice, slice]]:
    """Make planes up so that what a program makes of them has one of few sizes, and whole blocks.

    Engines compile a program for each size, and keep that: pictures of many sizes would fill the memory. What is added
    lies at sides where the border is not repeated.

    Parameters
    ----------
    planes : (C, H, W) array
    margin : int
        What the network loses at such sides.
    sides : Sides
        Where the border is repeated.

    Returns
    -------
    planes : array
    result : (slice, slice)
        Rows and columns of what a program makes of them that belong to what was given.
    """
    pads, parts = [(0, 0)], []
    for length, low, high in zip(planes.shape[1:], (sides.top, sides.left), (sides.bottom, sides.right), strict=True):
        result = length - margin * (2 - low - high)
        missing = 0 if low and high else -result % (UNIT if result > margin else COLUMNS)
        pads.append((missing, 0) if high else (0, missing))
        parts.append(slice(pads[-1][0], pads[-1][0] + result))
    rows, columns = parts
    if any(map(any, pads)):
        planes = np.pad(planes, pads, mode="edge")
    return planes, (rows, columns)


def pixels_of_blocks(blocks: np.ndarray, channels: int) -> np.ndarray:
    """Put (channels * rows * 4, h, w) blocks together to (channels, h * rows, w * 4) planes."""
    rows, (high, wide) = block_rows(channels), blocks.shape[1:]
    parts = blocks.reshape(channels, rows, COLUMNS, high, wide).transpose(0, 3, 1, 4, 2)
    return parts.reshape(channels, high * rows, wide * COLUMNS)


def blocked_program(
    weights: Weights, sides: Sides
) -> tuple[paddle.static.Program, tuple[paddle.Tensor, paddle.Tensor], Session]:
    """Make a program for a CPU that runs a network and gives its result in blocks.

    Winograd's convolution has no part in it where borders are repeated: in narrow strips it gains nothing.

    Parameters
    ----------
    weights : Weights
    sides : Sides
        Where the border is repeated before each layer.

    Returns
    -------
    program : paddle.static.Program
    ends : (input, output)
        (N, C, H, W), as `made_up` gives them, and (N, C * rows * 4, h, w), as `pixels_of_blocks` takes them. The first
        block begins with the first pixel.
    session : Session
        Which hold the parameters.
    """
    values: dict[str, np.ndarray] = {}

    def declare(name: str, value: np.ndarray) -> paddle.Tensor:
        values[name] = np.ascontiguousarray(value, np.float32)
        return create_parameter(name, value.shape)

    program, startup = paddle.static.Program(), paddle.static.Program()
    with under_construction(program, startup):
        x = paddle.static.data("input", [None, weights.architecture.channels, None, None], "float32")
        blocks = _layers(x, weights, sides, declare)
    session = Session(paddle.CPUPlace())
    session.run(startup)
    session.set(values)
    return program, (x, blocks), session


def _layers(x: paddle.Tensor, weights: Weights, sides: Sides, declare: winograd.Declare) -> paddle.Tensor:
    filters, values = weights.architecture.filters, weights.parameters
    *names, last = parameter_names(weights.architecture)
    weight, bias = blocked_layer(*(values[name] for name in last))
    step = [block_rows(weights.architecture.channels), COLUMNS]
    # The columns that the last layer's blocks see must be whole fours, too.
    by_columns = sides == NOWHERE and filters[-2:-1] == (winograd.SIZE,) and filters[-1] % COLUMNS == 1
    direct = names[:-1] if by_columns else names
    layers = [(declare(name, values[name]), declare(bias_name, values[bias_name])) for name, bias_name in direct]
    *_, x = [x, *hidden(x, layers, sides)]
    if by_columns:
        name, bias_name = names[-1]
        parts = winograd.convolution(x, values[name], values[bias_name], declare, name)
        x = paddle.concat([functional.relu(part) for part in parts], axis=1)
        weight, step = columns_apart(weight), [step[0], 1]
    else:
        x = with_border(x, filters[-1], sides, (COLUMNS - 1, step[0] - 1))
    name, bias_name = last
    return functional.conv2d(x, declare(name, weight), declare(bias_name, bias), step)


def columns_apart(weight: np.ndarray) -> np.ndarray:
    """Filters (out, in, h, w) for maps whose fourth columns are in maps of their own: (out, 4 in, h, w / 4)."""
    out, depth, height, width = weight.shape
    apart = weight.reshape(out, depth, height, width // COLUMNS, COLUMNS).transpose(0, 4, 1, 2, 3)
    return apart.reshape(out, COLUMNS * depth, height, width // COLUMNS)
