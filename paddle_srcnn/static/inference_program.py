"""The static program that restores pictures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.static.backend import paddle, under_construction
from paddle_srcnn.static.cpu import fast_srcnn, fastest_layers, share_cores, split
from paddle_srcnn.static.layers import EVERYWHERE, Sides, create_parameters, srcnn
from paddle_srcnn.static.onednn import take_over
from paddle_srcnn.static.session import Device, Session, StepProgram
from paddle_srcnn.system.environment import core_count

# Side, in pixels, of the output tiles: larger ones leave a core's cache, smaller ones repeat more of the input.
TILE = 64
TILES = 16  # tiles in one run of the program


def restorer(weights: Weights, device: Device) -> InferenceProgram:
    """The program that restores pictures with some weights, on all cores."""
    return InferenceProgram(
        weights.architecture, device, weights.parameters, value_range=weights.value_range, threads=core_count()
    )


class InferenceProgram:
    """A network that restores pictures of any size, tile by tile.

    Tiles overlap by what the network loses on each side, so that the result is that of the whole picture, up to float
    rounding, in memory that does not grow with it.

    Parameters
    ----------
    architecture : Architecture
    device : CPUPlace or CUDAPlace
    parameters : mapping of str to float32 array, optional
        Values of the parameters; left out where `session` has them already.
    session : paddle_srcnn.static.session.Session, optional
        Where the parameters live; a training program's, to see them as they are trained.
    value_range : float
        What the network sees as 255.
    threads : int
        Cores to use on a CPU.
    """

    def __init__(
        self,
        architecture: Architecture,
        device: Device,
        parameters: Mapping[str, np.ndarray] | None = None,
        *,
        session: Session | None = None,
        value_range: float = 255.0,
        threads: int = 1,
    ) -> None:
        self._margin = architecture.margin
        self._unit = value_range / 255
        self._branches = share_cores(architecture, device, threads, TILES)
        self._program, startup = StepProgram(), paddle.static.Program()
        layers = fastest_layers(device)
        with under_construction(self._program, startup):
            x = paddle.static.data("input", [None, architecture.channels, None, None], "float32")
            tensors = create_parameters(architecture)
            self._outputs = [layers(part, tensors) for part in split(x, self._branches)]
        if layers is fast_srcnn:
            take_over(self._program)
        self._session = session or Session(device)
        if parameters is not None:
            self._session.run(startup)
            self._session.set(parameters)

    def __call__(self, planes: np.ndarray) -> np.ndarray:
        """Restore one picture.

        Parameters
        ----------
        planes : (C, H, W) array
            On 0..255.

        Returns
        -------
        (C, H - 2 margin, W - 2 margin) array of float32
            On 0..255, neither clipped nor rounded.
        """
        channels, height, width = planes.shape
        restored = np.empty((channels, height - 2 * self._margin, width - 2 * self._margin), np.float32)
        rows, columns = (tiles(length) for length in restored.shape[1:])
        corners = [(row, column) for row in rows for column in columns]
        side = tuple(min(TILE, length) for length in restored.shape[1:])
        for start in range(0, len(corners), TILES):
            part = corners[start : start + TILES]
            for (row, column), tile in zip(part, self._restore(planes, part, side), strict=False):
                restored[:, row : row + side[0], column : column + side[1]] = tile
        return restored

    def _restore(self, planes: np.ndarray, corners: list[tuple[int, int]], side: tuple[int, ...]) -> np.ndarray:
        """Restore tiles of one size; branches take equal parts, which the last tile fills up."""
        height, width = (length + 2 * self._margin for length in side)
        corners = corners + corners[-1:] * (-len(corners) % self._branches)
        batch = np.stack([planes[:, row : row + height, column : column + width] for row, column in corners])
        feed = {"input": scaled(batch, self._unit)}
        parts = self._session.run(self._program, feed, self._outputs)
        return np.concatenate(parts) / self._unit


def tiles(length: int, side: int = TILE) -> list[int]:
    """First pixels of the tiles that cover `length` pixels; the last one is moved back to end where they end."""
    last = max(length - side, 0)
    return [*range(0, last, side), last]


def plain_program(
    architecture: Architecture, device: Device, parameters: Mapping[str, np.ndarray], *, sides: Sides
) -> tuple[paddle.static.Program, tuple[paddle.Tensor, paddle.Tensor], Session]:
    """Make a program of Paddle's own operations that runs a network.

    Parameters
    ----------
    architecture : Architecture
    device : CPUPlace or CUDAPlace
    parameters : mapping of str to float32 array
    sides : Sides
        See `paddle_srcnn.static.layers.srcnn`.

    Returns
    -------
    program : paddle.static.Program
    ends : (input, output)
        Its ends, (N, C, H, W) of float32.
    session : Session
        Which hold the parameters.
    """
    program, startup, ends = plain_graph(architecture, sides=sides)
    session = Session(device)
    session.run(startup)
    session.set(parameters)
    return program, ends, session


def plain_graph(
    architecture: Architecture, *, sides: Sides
) -> tuple[paddle.static.Program, paddle.static.Program, tuple[paddle.Tensor, paddle.Tensor]]:
    """Program of `plain_program` without values for its parameters, the one that declares these, and its ends."""
    program, startup = paddle.static.Program(), paddle.static.Program()
    with under_construction(program, startup):
        x = paddle.static.data("input", [None, architecture.channels, None, None], "float32")
        output = srcnn(x, create_parameters(architecture), sides=sides)
    return program, startup, (x, output)


def scaled(values: np.ndarray, unit: float) -> np.ndarray:
    """Pixels in a network's own unit, as the float32 that it takes."""
    return np.multiply(values, unit, dtype=np.float32)


class WholePictures:
    """A network that gives back pictures of the size that it is given: each layer sees its input's border repeated.

    Only pixels nearer to the border than the network's margin see any of that. They come from four strips, all others
    tile by tile, so that memory does not grow with the picture, up to float rounding with the same result.

    Parameters
    ----------
    architecture : Architecture
    device : CPUPlace or CUDAPlace
    parameters : mapping of str to float32 array, optional
        Values of the parameters; left out where `session` has them already.
    session : paddle_srcnn.static.session.Session, optional
        Where the parameters live; a training program's, to see them as they are trained.
    value_range : float
        What the network sees as 255.
    threads : int
        Cores to use on a CPU.
    """

    def __init__(
        self,
        architecture: Architecture,
        device: Device,
        parameters: Mapping[str, np.ndarray] | None = None,
        *,
        session: Session | None = None,
        value_range: float = 255.0,
        threads: int = 1,
    ) -> None:
        self._margin, self._unit = architecture.margin, value_range / 255
        self._session = session or Session(device)
        self._inside = InferenceProgram(
            architecture, device, parameters, session=self._session, value_range=value_range, threads=threads
        )
        self._program, _, (_, self._output) = plain_graph(architecture, sides=EVERYWHERE)

    def __call__(self, planes: np.ndarray) -> np.ndarray:
        """Restore one picture.

        Parameters
        ----------
        planes : (C, H, W) array
            On 0..255.

        Returns
        -------
        (C, H, W) array of float32
            On 0..255, neither clipped nor rounded.
        """
        margin = self._margin
        if min(planes.shape[1:]) <= 2 * margin:
            return self._bordered(planes)
        restored = np.empty(planes.shape, np.float32)
        # What a strip's inner edge repeats reaches as far as the outer edge does: half of the strip is good.
        restored[:, :margin] = self._bordered(planes[:, : 2 * margin])[:, :margin]
        restored[:, -margin:] = self._bordered(planes[:, -2 * margin :])[:, margin:]
        restored[:, :, :margin] = self._bordered(planes[:, :, : 2 * margin])[:, :, :margin]
        restored[:, :, -margin:] = self._bordered(planes[:, :, -2 * margin :])[:, :, margin:]
        restored[:, margin:-margin, margin:-margin] = self._inside(planes)
        return restored

    def _bordered(self, planes: np.ndarray) -> np.ndarray:
        feed = {"input": scaled(planes[np.newaxis], self._unit)}
        (restored,) = self._session.run(self._program, feed, [self._output])
        return restored[0] / self._unit
