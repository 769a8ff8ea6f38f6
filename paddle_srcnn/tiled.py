"""Networks on pictures of any size, tile by tile: the fastest way that the place has, in memory that stays the same."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np

from paddle_srcnn import openvino
from paddle_srcnn.backend import paddle
from paddle_srcnn.blocks import COLUMNS
from paddle_srcnn.inference import InferenceProgram
from paddle_srcnn.network import EVERYWHERE, NOWHERE, Sides
from paddle_srcnn.variables import Place
from paddle_srcnn.weights import Weights
from paddle_srcnn.whole_pictures import WholePictures

TILE = 192  # side of the largest tiles' results, in pixels: what larger ones need leaves a processor's caches
Box = tuple[slice, slice]
_BUILDING = threading.Lock()  # Paddle builds programs in one thread at a time
# Where parts of a picture reach its border: its inside, four strips (the upper and the lower one with the corners), and
# all of a picture that is too small for them.
INSIDE, SMALL = NOWHERE, EVERYWHERE
TOP, BOTTOM = EVERYWHERE._replace(bottom=False), EVERYWHERE._replace(top=False)
LEFT, RIGHT = NOWHERE._replace(left=True), NOWHERE._replace(right=True)


class TiledNetwork:
    """A network whose result has the size of what it is given: each layer sees its input's border repeated.

    Each tile is computed with what surrounds it as far as the network sees, so that the result does not depend on
    how the picture is cut. Pixels that see the picture's border are computed in strips, since a program that repeats
    borders takes up to half as long again. Several threads may use it; one after the other computes a tile.

    Parameters
    ----------
    weights : Weights
    place : CPUPlace or CUDAPlace
    threads : int
        Cores to use on a CPU.
    tile : int
        Side of the largest tiles, in pixels; widths are made up to a multiple of `paddle_srcnn.blocks.COLUMNS`.
    """

    def __init__(self, weights: Weights, place: Place, *, threads: int, tile: int = TILE) -> None:
        self.margin, self.channels = weights.architecture.margin, weights.architecture.channels
        self._tile, self._unit = tile, np.float32(weights.value_range / 255)
        self._lock = threading.Lock()
        parts = (INSIDE, SMALL, TOP, BOTTOM, LEFT, RIGHT)
        with _BUILDING:
            if isinstance(place, paddle.CPUPlace) and openvino.available():
                self._runs = {
                    sides: openvino.openvino_program(weights, threads=threads, sides=sides) for sides in parts
                }
            else:
                settings = (weights.architecture, place, weights.parameters)
                bordered = WholePictures(*settings, threads=threads)
                self._runs = {sides: partly(bordered, self.margin, sides) for sides in parts}
                self._runs[INSIDE] = InferenceProgram(*settings, threads=threads)

    def __call__(self, planes: np.ndarray, rows: slice | None = None) -> np.ndarray:
        """Restore a picture, or some rows of it.

        Parameters
        ----------
        planes : (C, H, W) array of float32
            On 0..255.
        rows : slice, optional
            Which rows to restore. Those beyond them serve as surroundings: as many as `margin` are enough.

        Returns
        -------
        (C, rows, W) array of float32
            On 0..255, neither clipped nor rounded.
        """
        height, width = planes.shape[1:]
        start, stop, _ = (rows or slice(None)).indices(height)
        restored = np.empty((self.channels, stop - start, width), np.float32)
        for sides, box in self._parts(height, width, start, stop):
            self._restore(restored, start, planes, box, sides)
        return restored

    def _parts(self, height: int, width: int, start: int, stop: int) -> Iterator[tuple[Sides, Box]]:
        """Cut rows of a picture into parts, each with the sides at which it reaches the border."""
        margin, whole = self.margin, slice(0, width)
        if min(height, width) <= 2 * margin:
            yield SMALL, (slice(start, stop), whole)
            return
        if start < margin:
            yield TOP, (slice(start, min(stop, margin)), whole)
        if stop > height - margin:
            yield BOTTOM, (slice(max(start, height - margin), stop), whole)
        inside = slice(max(start, margin), min(stop, height - margin))
        if inside.start >= inside.stop:
            return
        yield LEFT, (inside, slice(0, margin))
        yield RIGHT, (inside, slice(width - margin, width))
        for rows in parts_of(inside, self._tile):
            for columns in parts_of(slice(margin, width - margin), self._tile, COLUMNS):
                yield INSIDE, (rows, columns)

    def _restore(self, restored: np.ndarray, start: int, planes: np.ndarray, box: Box, sides: Sides) -> None:
        """Restore a part of the picture by the program for its sides, into rows from `start` on."""
        around = tuple(
            slice(max(part.start - self.margin, 0), min(part.stop + self.margin, length))
            for part, length in zip(box, planes.shape[1:], strict=True)
        )
        with self._lock:
            values = self._runs[sides](planes[(slice(None), *around)] * self._unit)
        first = box[0].start - around[0].start - (0 if sides.top else self.margin)  # more rows than those near a border
        values = values[:, first : first + box[0].stop - box[0].start]
        restored[:, box[0].start - start : box[0].stop - start, box[1]] = values / self._unit


def parts_of(pixels: slice, most: int, unit: int = 1) -> list[slice]:
    """Cut a line into about equal parts of at most so many pixels, whole multiples of a unit but for the last one."""
    length = pixels.stop - pixels.start
    step = -(-length // -(-length // most))
    step = -(-step // unit) * unit
    return [slice(first, min(first + step, pixels.stop)) for first in range(pixels.start, pixels.stop, step)]


def partly(bordered: openvino.Run, margin: int, sides: Sides) -> openvino.Run:
    """What repeats the border at all sides, and loses the margin where it is not asked for."""

    def run(planes: np.ndarray) -> np.ndarray:
        height, width = planes.shape[1:]
        rows = slice(0 if sides.top else margin, height if sides.bottom else height - margin)
        columns = slice(0 if sides.left else margin, width if sides.right else width - margin)
        return bordered(planes)[:, rows, columns]

    return run
