"""Networks on pictures of any size, tile by tile: the fastest way that the place has, in memory that stays the same."""

from __future__ import annotations

import threading

import numpy as np

from paddle_srcnn import openvino
from paddle_srcnn.backend import paddle
from paddle_srcnn.inference import InferenceProgram
from paddle_srcnn.variables import Place
from paddle_srcnn.weights import Weights
from paddle_srcnn.whole_pictures import WholePictures

TILE = 256  # side of a tile's result, in pixels: larger ones gain nothing
Box = tuple[slice, slice]
_BUILDING = threading.Lock()  # Paddle builds programs in one thread at a time


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
        Side of the tiles, in pixels.
    """

    def __init__(self, weights: Weights, place: Place, *, threads: int, tile: int = TILE) -> None:
        self.margin, self.channels = weights.architecture.margin, weights.architecture.channels
        self._tile, self._unit = tile, np.float32(weights.value_range / 255)
        self._lock = threading.Lock()
        with _BUILDING:
            if isinstance(place, paddle.CPUPlace) and openvino.available():
                self._inside, self._bordered = (
                    openvino.openvino_program(weights, threads=threads, replicate=replicate)
                    for replicate in (False, True)
                )
            else:
                settings = (weights.architecture, place, weights.parameters)
                self._inside = InferenceProgram(*settings, threads=threads)
                self._bordered = WholePictures(*settings, threads=threads)

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
        margin = self.margin
        if min(height, width) <= 2 * margin:
            self._restore(restored, start, planes, (slice(start, stop), slice(0, width)), self._bordered)
            return restored
        inside = range(max(start, margin), min(stop, height - margin))
        for top in range(inside.start, inside.stop, self._tile):
            for left in range(margin, width - margin, self._tile):
                right = min(left + self._tile, width - margin)
                box = slice(top, min(top + self._tile, inside.stop)), slice(left, right)
                self._restore(restored, start, planes, box, self._inside)
        for part in (slice(start, min(stop, margin)), slice(max(start, height - margin), stop)):
            if part.start < part.stop:
                self._restore(restored, start, planes, (part, slice(0, width)), self._bordered)
        for columns in (slice(0, margin), slice(width - margin, width)):
            self._restore(restored, start, planes, (slice(start, stop), columns), self._bordered)
        return restored

    def _restore(self, restored: np.ndarray, start: int, planes: np.ndarray, box: Box, run: openvino.Run) -> None:
        """Restore a part of the picture by a program that sees what is around it, into rows from `start` on."""
        around = tuple(
            slice(max(part.start - self.margin, 0), min(part.stop + self.margin, length))
            for part, length in zip(box, planes.shape[1:], strict=True)
        )
        with self._lock:
            values = run(planes[(slice(None), *around)] * self._unit)
        if run is self._bordered:
            inner = (slice(p.start - w.start, p.stop - w.start) for p, w in zip(box, around, strict=True))
            values = values[(slice(None), *inner)]
        restored[:, box[0].start - start : box[0].stop - start, box[1]] = values / self._unit
