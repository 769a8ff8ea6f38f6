"""A network whose last layer computes blocks of pixels, and the layer before it columns by Winograd's convolution.

A CPU computes 8 or 16 channels at a time, even if an image has only one. With a stride, the 4x4 pixels of a block
become the channels, each with the layer's filter shifted to its position among zeros. For 5x5 filters these are 2.6
times the multiplications of one channel, but no more than a sixth of the 16 channels' multiplications. The result is
the same to the last bit, since each sum gains only zeros, as long as no convolution pads: kernels sum in another order
if a filter reaches beyond its input.
"""

from __future__ import annotations

import numpy as np

from paddle_srcnn.deploy import winograd
from paddle_srcnn.model.parameters import parameter_names
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.static.backend import paddle
from paddle_srcnn.static.guest import new_program, under_construction
from paddle_srcnn.static.layers import NO_BORDERS, Borders, create_parameter, hidden_maps, pad_borders
from paddle_srcnn.static.session import Session

__all__ = [
    "COLUMNS",
    "UNIT",
    "block_rows",
    "blocked_layer",
    "blocked_program",
    "columns_apart",
    "pad_to_unit",
    "pixels_of_blocks",
]

COLUMNS = winograd.COLUMNS  # of a block
UNIT = 16  # pixels; sizes of tiles are multiples of it
LANES = 16  # numbers of float32 in the largest vectors of CPUs

functional = paddle.nn.functional


def block_rows(channels: int) -> int:
    """Count the rows of the largest blocks that fit into one vector with all channels: 4 for luma, 1 for RGB."""
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
        Filters for the pixels of each channel's block, row by row.
    bias : (out * rows * 4,) array
    """
    out, depth, size, _ = weight.shape
    rows = block_rows(out)
    blocked = np.zeros((out, rows, COLUMNS, depth, size + rows - 1, size + COLUMNS - 1), weight.dtype)
    for row, column in np.ndindex(rows, COLUMNS):
        blocked[:, row, column, :, row : row + size, column : column + size] = weight
    return blocked.reshape(-1, *blocked.shape[3:]), np.repeat(bias, rows * COLUMNS)


def pad_to_unit(image: np.ndarray, margin: int, borders: Borders) -> tuple[np.ndarray, tuple[slice, slice]]:
    """Pad an image so that a program's result has one of few sizes, and whole blocks.

    Engines compile a program for each size and keep it: images of many sizes would fill the memory. The added pixels
    lie at borders that are not repeated.

    Parameters
    ----------
    image : (C, H, W) array
    margin : int
        Pixels that the network loses at such borders.
    borders : Borders
        Borders that the program repeats.

    Returns
    -------
    image : (C, padded H, padded W) array
    result : (slice, slice)
        Rows and columns of the program's result that belong to the image.
    """
    pads, result = [(0, 0)], []
    for length, low, high in zip(
        image.shape[1:], (borders.top, borders.left), (borders.bottom, borders.right), strict=True
    ):
        kept = length - margin * (2 - low - high)
        missing = 0 if low and high else -kept % (UNIT if kept > margin else COLUMNS)
        pads.append((missing, 0) if high else (0, missing))
        result.append(slice(pads[-1][0], pads[-1][0] + kept))
    rows, columns = result
    if any(map(any, pads)):
        image = np.pad(image, pads, mode="edge")
    return image, (rows, columns)


def pixels_of_blocks(blocks: np.ndarray, channels: int) -> np.ndarray:
    """Join (channels * rows * 4, h, w) blocks to a (channels, h * rows, w * 4) image."""
    rows, (high, wide) = block_rows(channels), blocks.shape[1:]
    pixels = blocks.reshape(channels, rows, COLUMNS, high, wide).transpose(0, 3, 1, 4, 2)
    return pixels.reshape(channels, high * rows, wide * COLUMNS)


def blocked_program(
    weights: Weights, borders: Borders
) -> tuple[paddle.static.Program, tuple[paddle.Tensor, paddle.Tensor], Session]:
    """Build a program for a CPU that runs a network and returns its result in blocks.

    Programs that repeat borders have no Winograd convolution: in narrow strips it gains nothing.

    Parameters
    ----------
    weights : Weights
    borders : Borders
        Borders that each layer pads.

    Returns
    -------
    program : paddle.static.Program
    ends : (input, output)
        (N, C, H, W) images of `pad_to_unit`, and (N, C * rows * 4, h, w) blocks for `pixels_of_blocks`. The first
        block begins with the first pixel.
    session : Session
        The session that holds the parameters.
    """
    values: dict[str, np.ndarray] = {}

    def declare(name: str, value: np.ndarray) -> paddle.Tensor:
        values[name] = np.ascontiguousarray(value, np.float32)
        return create_parameter(name, value.shape)

    program, startup = new_program(), new_program()
    with under_construction(program, startup):
        x = paddle.static.data("input", [None, weights.architecture.channels, None, None], "float32")
        blocks = _layers(x, weights, borders, declare)
    session = Session(paddle.CPUPlace())
    session.run(startup)
    session.set(values)
    return program, (x, blocks), session


def _layers(x: paddle.Tensor, weights: Weights, borders: Borders, declare: winograd.Declare) -> paddle.Tensor:
    filters, values = weights.architecture.filters, weights.parameters
    *names, last = parameter_names(weights.architecture)
    weight, bias = blocked_layer(*(values[name] for name in last))
    step = [block_rows(weights.architecture.channels), COLUMNS]
    # The columns that the last layer's blocks see must be whole fours, too.
    by_columns = borders == NO_BORDERS and filters[-2:-1] == (winograd.SIZE,) and filters[-1] % COLUMNS == 1
    direct = names[:-1] if by_columns else names
    layers = [(declare(name, values[name]), declare(bias_name, values[bias_name])) for name, bias_name in direct]
    *_, x = [x, *hidden_maps(x, layers, borders)]
    if by_columns:
        name, bias_name = names[-1]
        fourths = winograd.convolution(x, values[name], values[bias_name], declare, name)
        x = paddle.concat([functional.relu(fourth) for fourth in fourths], axis=1)
        weight, step = columns_apart(weight), [step[0], 1]
    else:
        x = pad_borders(x, filters[-1], borders, (COLUMNS - 1, step[0] - 1))
    name, bias_name = last
    return functional.conv2d(x, declare(name, weight), declare(bias_name, bias), step)


def columns_apart(weight: np.ndarray) -> np.ndarray:
    """Rearrange filters for maps that keep each fourth column in maps of their own.

    Parameters
    ----------
    weight : (out, in, h, w) array
        Filters with w a multiple of 4.

    Returns
    -------
    (out, 4 in, h, w / 4) array
    """
    out, depth, height, width = weight.shape
    apart = weight.reshape(out, depth, height, width // COLUMNS, COLUMNS).transpose(0, 4, 1, 2, 3)
    return apart.reshape(out, COLUMNS * depth, height, width // COLUMNS)
