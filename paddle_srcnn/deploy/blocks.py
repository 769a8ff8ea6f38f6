"""A network whose last layer computes blocks of pixels, and the layer before it columns by Winograd's convolution.

A CPU computes 8 or 16 channels at a time, even if an image has only one. With a stride, the 4x4 pixels of a block
become the channels, each with the layer's filter shifted to its position among zeros. For 5x5 filters these are 2.6
times the multiplications of one channel, but no more than a sixth of the 16 channels' multiplications. The result is
the same to the last bit, since each sum gains only zeros. This holds as long as no convolution pads. Kernels sum in
another order if a filter reaches beyond its input.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from paddle_srcnn.deploy import winograd
from paddle_srcnn.deploy.older_graph import OlderGraph
from paddle_srcnn.model.network import Network
from paddle_srcnn.model.parameters import parameter_names
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.static.layers import NO_BORDERS, Borders

__all__ = [
    "COLUMNS",
    "UNIT",
    "block_rows",
    "blocked_layer",
    "blocked_parameters",
    "columns_apart",
    "has_winograd",
    "pad_to_unit",
    "pixels_of_blocks",
    "write_blocked",
]

COLUMNS = winograd.COLUMNS  # of a block
UNIT = 16  # pixels; sizes of tiles are multiples of it
LANES = 16  # numbers of float32 in the largest vectors of CPUs


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
    lie at unrepeated borders.

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


def write_blocked(weights: Weights, borders: Borders, path: Path) -> tuple[Path, Path]:
    """Write a network that returns its result in blocks, for Paddle Inference on a CPU.

    Networks that repeat borders have no Winograd convolution: in narrow strips it gains nothing.

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
        The network maps (N, C, H, W) images of `pad_to_unit` to (N, C * rows * 4, h, w) blocks for `pixels_of_blocks`.
        The first block begins with the first pixel.
    """
    architecture = weights.architecture
    graph = OlderGraph(architecture.channels, blocked_parameters(weights, borders))
    *hidden, (last, last_bias) = parameter_names(architecture)
    x, step = graph.images, (block_rows(architecture.channels), COLUMNS)
    by_columns = has_winograd(architecture, borders)
    for (name, bias), size in zip(hidden[:-1] if by_columns else hidden, architecture.filters, strict=False):
        x = graph.pad(x, [size // 2 * padded for padded in borders])
        x = graph.relu(graph.add_bias(graph.convolve(x, name), bias))
    if by_columns:
        x = graph.join([graph.relu(fourth) for fourth in winograd.convolution(graph, x, hidden[-1][0])])
        step = (step[0], 1)
    else:
        margin, more = architecture.filters[-1] // 2, (0, COLUMNS - 1, 0, step[0] - 1)  # to fill the last blocks
        x = graph.pad(x, [(margin + pixels) * padded for padded, pixels in zip(borders, more, strict=True)])
    return graph.write(path, graph.add_bias(graph.convolve(x, last, stride=step), last_bias))


def has_winograd(architecture: Network, borders: Borders) -> bool:
    """Tell whether Winograd's convolution computes the last layer but one of a network."""
    filters = architecture.filters
    # The columns that the last layer's blocks see must be whole fours, too.
    return borders == NO_BORDERS and filters[-2:-1] == (winograd.SIZE,) and filters[-1] % COLUMNS == 1


def blocked_parameters(weights: Weights, borders: Borders) -> dict[str, np.ndarray]:
    """Compute the parameters of `write_blocked`, as float32, by name."""
    *hidden, last = parameter_names(weights.architecture)
    values = {name: weights.parameters[name] for pair in hidden for name in pair}
    weight, bias = blocked_layer(*(weights.parameters[name] for name in last))
    if has_winograd(weights.architecture, borders):
        name, bias_name = hidden[-1]
        values |= winograd.parameters(values.pop(name), values.pop(bias_name), name)
        weight = columns_apart(weight)
    values |= dict(zip(last, (weight, bias), strict=True))
    return {name: np.ascontiguousarray(value, np.float32) for name, value in values.items()}


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
