"""Networks on images of any size, tile by tile: the fastest program of the device, in memory that does not grow."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from paddle_srcnn.deploy import openvino
from paddle_srcnn.deploy.blocks import UNIT
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.static.backend import paddle
from paddle_srcnn.static.inference_program import InferenceProgram, cover
from paddle_srcnn.static.layers import ALL_BORDERS, NO_BORDERS, Borders
from paddle_srcnn.static.session import Device

__all__ = ["POSITIONS", "TILE", "Tile", "TiledNetwork", "cut", "surroundings"]

TILE = 192  # side of the largest tiles, in pixels: larger ones leave a processor's caches
STRIP = 4  # times as long are strips, which are narrow
# Positions of tiles in an image, by the borders that they touch: inside, in strips along the borders, of which the
# upper and the lower one have the corners, and anywhere in an image that is too small for strips.
INSIDE, ANYWHERE = NO_BORDERS, ALL_BORDERS
TOP, BOTTOM = ALL_BORDERS._replace(bottom=False), ALL_BORDERS._replace(top=False)
LEFT, RIGHT = NO_BORDERS._replace(left=True), NO_BORDERS._replace(right=True)
POSITIONS = (INSIDE, ANYWHERE, TOP, BOTTOM, LEFT, RIGHT)


class Tile(NamedTuple):
    """A rectangle of an image's pixels that one run of a program computes."""

    position: Borders
    rows: slice
    columns: slice


class TiledNetwork:
    """A network whose output has the size of its input, or is larger by its factor: each layer repeats the border.

    The network computes each tile with its surroundings, as far as it sees, so that the result does not depend on the
    cut. By OpenVINO this holds to the last bit, otherwise up to float rounding. Programs that repeat borders take
    several times as long, and compute only strips. Several threads may call one network, which computes one tile after
    the other.

    Parameters
    ----------
    weights : Weights
    device : CPUPlace or CUDAPlace
    threads : int
        Cores to use on a CPU.
    tile : int
        Side of the largest tiles, in pixels, rounded up to a multiple of `paddle_srcnn.deploy.blocks.UNIT`.
    """

    def __init__(self, weights: Weights, device: Device, *, threads: int, tile: int = TILE) -> None:
        network = weights.architecture
        self.margin, self.channels, self.factor = network.margin, network.channels, network.factor
        self._tile, self._unit = tile, np.float32(weights.value_range / 255)
        if isinstance(device, paddle.CPUPlace) and openvino.available():
            self._programs = {
                position: openvino.openvino_program(weights, threads=threads, borders=position)
                for position in POSITIONS
            }
        else:
            self._programs = _static_programs(weights, device, threads)

    def __call__(self, image: np.ndarray, rows: slice | None = None) -> np.ndarray:
        """Restore or upscale an image, or some of its rows.

        Parameters
        ----------
        image : (C, H, W) array of float32
            Channels on 0..255.
        rows : slice, optional
            Rows to restore. The others serve as surroundings: `margin` rows on either side are enough.

        Returns
        -------
        (C, factor * rows, factor * W) array of float32
            Channels on 0..255, neither clipped nor rounded.
        """
        height, width = image.shape[1:]
        start, stop, _ = (rows or slice(None)).indices(height)
        factor = self.factor
        restored = np.empty((self.channels, factor * (stop - start), factor * width), np.float32)
        for tile in cut((height, width), slice(start, stop), self.margin, self._tile):
            target = _shifted(tile.rows, start, factor), _shifted(tile.columns, 0, factor)
            restored[(slice(None), *target)] = self._restore(image, tile)
        return restored

    def _restore(self, image: np.ndarray, tile: Tile) -> np.ndarray:
        """Restore the pixels of one tile."""
        position, *lines = tile
        around = surroundings(tile, self.margin, image.shape[1:])
        values = self._programs[position](image[(slice(None), *around)] * self._unit)
        # Values begin at a border that is repeated, or a margin further: at the tile's first pixel, or before it.
        offsets = (
            wide.start + (0 if repeated else self.margin)
            for wide, repeated in zip(around, (position.top, position.left), strict=True)
        )
        own = tuple(_shifted(line, offset, self.factor) for line, offset in zip(lines, offsets, strict=True))
        return values[(slice(None), *own)] / self._unit


def _shifted(line: slice, first: int, factor: int) -> slice:
    """Return where the results of an input's pixels lie, if those of the pixel `first` come first."""
    return slice(factor * (line.start - first), factor * (line.stop - first))


def _static_programs(weights: Weights, device: Device, threads: int) -> dict[Borders, openvino.Run]:
    """Build programs for all positions from the two static programs; only one runs at a time."""
    settings, lock = (weights.architecture, device, weights.parameters), threading.Lock()
    inside = InferenceProgram(*settings, threads=threads)
    bordered = InferenceProgram(*settings, padding="replicate", threads=threads)
    margin = weights.architecture.factor * weights.architecture.margin
    programs = {position: _cropped(bordered, margin, position, lock) for position in POSITIONS}
    return {**programs, INSIDE: _cropped(inside, 0, INSIDE, lock)}


def _cropped(restore: openvino.Run, margin: int, borders: Borders, lock: threading.Lock) -> openvino.Run:
    """Wrap a network so that calls are serialised, and crop the margin at unrepeated borders."""

    def run(image: np.ndarray) -> np.ndarray:
        with lock:
            values = restore(image)
        height, width = values.shape[1:]
        rows = slice(0 if borders.top else margin, height if borders.bottom else height - margin)
        columns = slice(0 if borders.left else margin, width if borders.right else width - margin)
        return values[:, rows, columns]

    return run


def cut(size: Sequence[int], rows: slice, margin: int, most: int = TILE) -> Iterator[Tile]:
    """Cut rows of an image into tiles.

    Parameters
    ----------
    size : (height, width)
        Pixels of the image.
    rows : slice
    margin : int
        Pixels on each side of a tile that the network sees.
    most : int
        Side of the largest tiles, in pixels.

    Yields
    ------
    Tile
    """
    height, width = size
    start, stop, strip = rows.start, rows.stop, STRIP * most
    across = _equal_pieces(slice(0, width), strip)
    if min(height, width) <= 2 * margin:
        yield from (Tile(ANYWHERE, *box) for box in product(_equal_pieces(slice(start, stop), strip), across))
        return
    upper, lower = slice(start, min(stop, margin)), slice(max(start, height - margin), stop)
    for position, edge in ((TOP, upper), (BOTTOM, lower)):
        if edge.start < edge.stop:
            yield from (Tile(position, edge, columns) for columns in across)
    inside = slice(max(start, margin), min(stop, height - margin))
    if inside.start >= inside.stop:
        return
    for piece in _pieces(inside, strip) if margin else ():
        yield Tile(LEFT, piece, slice(0, margin))
        yield Tile(RIGHT, piece, slice(width - margin, width))
    for box in product(_pieces(inside, most), _pieces(slice(margin, width - margin), most)):
        yield Tile(INSIDE, *box)


def surroundings(tile: Tile, margin: int, size: Sequence[int]) -> tuple[slice, slice]:
    """Return the rows and columns of an image of size (height, width) that a network sees for a tile."""
    rows, columns = (
        slice(max(line.start - margin, 0), min(line.stop + margin, length))
        for line, length in zip((tile.rows, tile.columns), size, strict=True)
    )
    return rows, columns


def _pieces(pixels: slice, most: int) -> list[slice]:
    """Cut a line into pieces of about equal lengths: `most` pixels at most, rounded up to a multiple of `UNIT`."""
    length = _piece_length(pixels, most)
    return [slice(first, min(first + length, pixels.stop)) for first in range(pixels.start, pixels.stop, length)]


def _equal_pieces(pixels: slice, most: int) -> list[slice]:
    """Cut a line into two or more pieces of one length, if it is no shorter than `UNIT`. Some pixels are in two."""
    length = _piece_length(pixels, most, 2)
    firsts = cover(pixels.stop - pixels.start, length)
    return [slice(pixels.start + first, min(pixels.start + first + length, pixels.stop)) for first in firsts]


def _piece_length(pixels: slice, most: int, fewest: int = 1) -> int:
    """Return the length of the fewest pieces, `fewest` at least, as a multiple of `UNIT`."""
    length = pixels.stop - pixels.start
    count = max(math.ceil(length / most), fewest)
    return math.ceil(length / count / UNIT) * UNIT
