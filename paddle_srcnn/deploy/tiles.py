"""Networks on pictures of any size, tile by tile: the fastest way that the device has, in memory that stays the same."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from itertools import product

import numpy as np

from paddle_srcnn.deploy import openvino
from paddle_srcnn.deploy.blocks import UNIT
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.static.backend import paddle
from paddle_srcnn.static.inference_program import InferenceProgram, WholePictures, tiles
from paddle_srcnn.static.layers import EVERYWHERE, NOWHERE, Sides
from paddle_srcnn.static.session import Device

TILE = 192  # side of the largest tiles' results, in pixels: what larger ones need leaves a processor's caches
STRIP = 4  # times as long are strips, which are narrow
Box = tuple[slice, slice]
_BUILDING = threading.Lock()  # Paddle builds programs in one thread at a time
# Where parts of a picture reach its border: its inside, strips along its sides, of which the upper and the lower one
# have the corners, and all of a picture that is too small for that.
INSIDE, SMALL = NOWHERE, EVERYWHERE
TOP, BOTTOM = EVERYWHERE._replace(bottom=False), EVERYWHERE._replace(top=False)
LEFT, RIGHT = NOWHERE._replace(left=True), NOWHERE._replace(right=True)
PARTS = (INSIDE, SMALL, TOP, BOTTOM, LEFT, RIGHT)


class TiledNetwork:
    """A network whose result has the size of what it is given: each layer sees its input's border repeated.

    Each tile is computed with what surrounds it as far as the network sees, so that the result does not depend on
    how the picture is cut: not in a bit by OpenVINO, up to float rounding otherwise. Pixels that see the picture's
    border are computed in strips, since a program that repeats borders takes several times as long. Several threads may
    use it; one after the other computes a tile.

    Parameters
    ----------
    weights : Weights
    device : CPUPlace or CUDAPlace
    threads : int
        Cores to use on a CPU.
    tile : int
        Side of the largest tiles, in pixels, made up to a multiple of `paddle_srcnn.deploy.blocks.UNIT`.
    """

    def __init__(self, weights: Weights, device: Device, *, threads: int, tile: int = TILE) -> None:
        self.margin, self.channels = weights.architecture.margin, weights.architecture.channels
        self._tile, self._unit = tile, np.float32(weights.value_range / 255)
        with _BUILDING:
            if isinstance(device, paddle.CPUPlace) and openvino.available():
                self._runs = {
                    sides: openvino.openvino_program(weights, threads=threads, sides=sides) for sides in PARTS
                }
            else:
                settings, lock = (weights.architecture, device, weights.parameters), threading.Lock()
                inside = InferenceProgram(*settings, threads=threads)
                bordered = WholePictures(*settings, threads=threads)
                self._runs = {sides: partly(bordered, self.margin, sides, lock) for sides in PARTS[1:]}
                self._runs[INSIDE] = partly(inside, 0, INSIDE, lock)

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
        margin, strip = self.margin, STRIP * self._tile
        across = equal_parts(slice(0, width), strip)
        if min(height, width) <= 2 * margin:
            yield from ((SMALL, box) for box in product(equal_parts(slice(start, stop), strip), across))
            return
        upper, lower = slice(start, min(stop, margin)), slice(max(start, height - margin), stop)
        for sides, rows in ((TOP, upper), (BOTTOM, lower)):
            if rows.start < rows.stop:
                yield from ((sides, (rows, columns)) for columns in across)
        inside = slice(max(start, margin), min(stop, height - margin))
        if inside.start >= inside.stop:
            return
        for rows in parts_of(inside, strip) if margin else ():
            yield LEFT, (rows, slice(0, margin))
            yield RIGHT, (rows, slice(width - margin, width))
        for rows in parts_of(inside, self._tile):
            for columns in parts_of(slice(margin, width - margin), self._tile):
                yield INSIDE, (rows, columns)

    def _restore(self, restored: np.ndarray, start: int, planes: np.ndarray, box: Box, sides: Sides) -> None:
        """Restore a part of the picture by the program for its sides, into rows from `start` on."""
        around = tuple(
            slice(max(part.start - self.margin, 0), min(part.stop + self.margin, length))
            for part, length in zip(box, planes.shape[1:], strict=True)
        )
        values = self._runs[sides](planes[(slice(None), *around)] * self._unit)
        # What a program gives begins where the border is repeated, or a margin further; that may be before this part.
        firsts = (
            wide.start + (0 if bordered else self.margin)
            for wide, bordered in zip(around, (sides.top, sides.left), strict=True)
        )
        part = tuple(slice(p.start - first, p.stop - first) for p, first in zip(box, firsts, strict=True))
        restored[:, box[0].start - start : box[0].stop - start, box[1]] = values[(slice(None), *part)] / self._unit


def parts_of(pixels: slice, most: int) -> list[slice]:
    """Cut a line into parts of about equal lengths, `most` pixels or less made up to a multiple of `UNIT`."""
    length = part_length(pixels, most)
    return [slice(first, min(first + length, pixels.stop)) for first in range(pixels.start, pixels.stop, length)]


def equal_parts(pixels: slice, most: int) -> list[slice]:
    """Cut a line into parts that are all of such a length, two of them at least, where it is no shorter than `UNIT`.

    Some pixels are in two of them.
    """
    length = part_length(pixels, most, 2)
    firsts = tiles(pixels.stop - pixels.start, length)
    return [slice(pixels.start + first, min(pixels.start + first + length, pixels.stop)) for first in firsts]


def part_length(pixels: slice, most: int, fewest: int = 1) -> int:
    """Length of parts, a multiple of `UNIT`, so that there are as few as can be, `fewest` at least."""
    length = pixels.stop - pixels.start
    parts = max(math.ceil(length / most), fewest)
    return math.ceil(length / parts / UNIT) * UNIT


def partly(restore: openvino.Run, margin: int, sides: Sides, lock: threading.Lock) -> openvino.Run:
    """What restores one picture at a time, and loses a margin at the sides where the border is not to be repeated."""

    def run(planes: np.ndarray) -> np.ndarray:
        with lock:
            values = restore(planes)
        height, width = values.shape[1:]
        rows = slice(0 if sides.top else margin, height if sides.bottom else height - margin)
        columns = slice(0 if sides.left else margin, width if sides.right else width - margin)
        return values[:, rows, columns]

    return run
