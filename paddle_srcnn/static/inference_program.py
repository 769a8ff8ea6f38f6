"""The static programs that restore or upscale images, with valid convolutions or with repeated borders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from paddle_srcnn.model.network import Network
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.static import onednn
from paddle_srcnn.static.backend import paddle
from paddle_srcnn.static.cpu import choose_plan, split
from paddle_srcnn.static.guest import under_construction
from paddle_srcnn.static.layers import ALL_BORDERS, Borders, create_parameters
from paddle_srcnn.static.networks import add_network
from paddle_srcnn.static.session import Device, Session, StepProgram
from paddle_srcnn.system.environment import core_count

__all__ = ["InferenceProgram", "cover", "plain_graph", "plain_program", "restorer", "scaled"]

# Side of the windows of the output, in pixels. Larger ones leave a core's cache, smaller ones repeat more of the input.
WINDOW = 64
WINDOWS = 16  # in one run of the program


class InferenceProgram:
    """A network that restores images of any size, window by window.

    Windows overlap by the margin that the network loses at each border. The result equals the whole image's, up to
    float rounding. Memory does not grow with the image.

    Parameters
    ----------
    architecture : Network
    device : CPUPlace or CUDAPlace
    parameters : mapping of str to float32 array, optional
        Values of the parameters; not needed if `session` has them.
    padding : {"valid", "replicate"}
        Lose the margin, or repeat the outermost pixels before each layer, so that the output has the input's size.
    session : paddle_srcnn.static.session.Session, optional
        Session of a training program, whose parameters the network follows as they are trained.
    value_range : float
        Value of white in the network.
    threads : int
        Cores to use on a CPU.
    """

    def __init__(
        self,
        architecture: Network,
        device: Device,
        parameters: Mapping[str, np.ndarray] | None = None,
        *,
        padding: str = "valid",
        session: Session | None = None,
        value_range: float = 255.0,
        threads: int = 1,
    ) -> None:
        self._margin, self._factor, self._unit = architecture.margin, architecture.factor, value_range / 255
        self._confuses_single_pixels = architecture.filters[-1] == 1 and onednn.has_layers(architecture)
        plan = choose_plan(architecture, device, threads=threads, batch_size=WINDOWS)
        self._branches = plan.branches
        self._program, startup = StepProgram(), paddle.static.Program()
        with under_construction(self._program, startup):
            x = paddle.static.data("input", [None, architecture.channels, None, None], "float32")
            tensors = create_parameters(architecture)
            self._outputs = [plan.layers(share, tensors) for share in split(x, self._branches)]
        plan.finish(self._program)
        self._session = session or Session(device, plan.threads)
        if parameters is not None:
            self._session.run(startup)
            self._session.set(parameters)
        self._bordered_program = None
        if padding == "replicate" and architecture.margin:
            self._bordered_program, _, (_, self._bordered_output) = plain_graph(architecture, borders=ALL_BORDERS)

    def __call__(self, image: np.ndarray) -> np.ndarray:
        """Restore one image.

        Parameters
        ----------
        image : (C, H, W) array
            Channels on 0..255.

        Returns
        -------
        (C, H - 2 margin, W - 2 margin) or (C, H, W) array of float32
            Channels on 0..255, neither clipped nor rounded; of the input's size if borders are repeated. A network that
            upscales itself makes H and W larger by its factor.
        """
        return self._restore_inside(image) if self._bordered_program is None else self._restore_whole(image)

    def _restore_inside(self, image: np.ndarray) -> np.ndarray:
        channels, height, width = image.shape
        if self._confuses_single_pixels and height == width == 2 * self._margin + 1:
            # Paddle 3.3 takes one layout of oneDNN's for another after maps of 1x1 pixel, in buffers that it has kept.
            return self._restore_inside(np.pad(image, ((0, 0), (0, 0), (0, 1)), mode="edge"))[:, :, : self._factor]
        lengths, factor = (height - 2 * self._margin, width - 2 * self._margin), self._factor
        restored = np.empty((channels, factor * lengths[0], factor * lengths[1]), np.float32)
        corners = list(product(*(cover(length, WINDOW) for length in lengths)))
        rows, columns = (min(WINDOW, length) for length in lengths)
        for start in range(0, len(corners), WINDOWS):
            some = corners[start : start + WINDOWS]
            for (top, left), window in zip(some, self._restore_windows(image, some, rows, columns), strict=False):
                lines = slice(factor * top, factor * (top + rows))
                restored[:, lines, factor * left : factor * (left + columns)] = window
        return restored

    def _restore_windows(
        self, image: np.ndarray, corners: Sequence[tuple[int, ...]], rows: int, columns: int
    ) -> np.ndarray:
        """Restore windows of one size; the last one fills up the branches, which take equal shares."""
        height, width = rows + 2 * self._margin, columns + 2 * self._margin
        corners = [*corners, *[corners[-1]] * (-len(corners) % self._branches)]
        batch = np.stack([image[:, top : top + height, left : left + width] for top, left in corners])
        feed = {"input": scaled(batch, self._unit)}
        return np.concatenate(self._session.run(self._program, feed, self._outputs)) / self._unit

    def _restore_whole(self, image: np.ndarray) -> np.ndarray:
        """Restore pixels nearer to a border than the margin in four strips, and all others window by window."""
        margin = self._margin
        if min(image.shape[1:]) <= 2 * margin:
            return self._restore_bordered(image)
        edge = self._factor * margin  # of the result
        restored = np.empty((len(image), *(self._factor * length for length in image.shape[1:])), np.float32)
        # The inner edge of a strip is repeated as well, and spoils as much of the strip as the margin: one half.
        restored[:, :edge] = self._restore_bordered(image[:, : 2 * margin])[:, :edge]
        restored[:, -edge:] = self._restore_bordered(image[:, -2 * margin :])[:, edge:]
        restored[:, :, :edge] = self._restore_bordered(image[:, :, : 2 * margin])[:, :, :edge]
        restored[:, :, -edge:] = self._restore_bordered(image[:, :, -2 * margin :])[:, :, edge:]
        restored[:, edge:-edge, edge:-edge] = self._restore_inside(image)
        return restored

    def _restore_bordered(self, image: np.ndarray) -> np.ndarray:
        feed = {"input": scaled(image[np.newaxis], self._unit)}
        (restored,) = self._session.run(self._bordered_program, feed, [self._bordered_output])
        return restored[0] / self._unit


def restorer(
    weights: Weights, device: Device, *, padding: str = "valid", threads: int | None = None
) -> InferenceProgram:
    """Build the program that restores images with some weights.

    Parameters
    ----------
    weights : Weights
    device : CPUPlace or CUDAPlace
    padding : {"valid", "replicate"}
    threads : int, optional
        Cores to use on a CPU; all of them by default.
    """
    return InferenceProgram(
        weights.architecture,
        device,
        weights.parameters,
        padding=padding,
        value_range=weights.value_range,
        threads=threads or core_count(),
    )


def cover(length: int, most: int) -> list[int]:
    """Cover a line by stretches of `most` pixels; return their first pixels. The last stretch ends with the line."""
    last = max(length - most, 0)
    return [*range(0, last, most), last]


def plain_program(
    architecture: Network, device: Device, parameters: Mapping[str, np.ndarray], *, borders: Borders
) -> tuple[paddle.static.Program, tuple[paddle.Tensor, paddle.Tensor], Session]:
    """Build a program of Paddle's own operations that runs a network.

    Parameters
    ----------
    architecture : Network
    device : CPUPlace or CUDAPlace
    parameters : mapping of str to float32 array
    borders : Borders
        Borders that each layer pads.

    Returns
    -------
    program : paddle.static.Program
    ends : (input, output)
        (N, C, H, W) variables of float32.
    session : Session
        The session that holds the parameters.
    """
    program, startup, ends = plain_graph(architecture, borders=borders)
    session = Session(device)
    session.run(startup)
    session.set(parameters)
    return program, ends, session


def plain_graph(
    architecture: Network, *, borders: Borders
) -> tuple[paddle.static.Program, paddle.static.Program, tuple[paddle.Tensor, paddle.Tensor]]:
    """Build the program of `plain_program`, and the one that declares its parameters; return both and the ends."""
    program, startup = paddle.static.Program(), paddle.static.Program()
    with under_construction(program, startup):
        x = paddle.static.data("input", [None, architecture.channels, None, None], "float32")
        output = add_network(architecture, x, create_parameters(architecture), borders=borders)
    return program, startup, (x, output)


def scaled(values: np.ndarray, unit: float) -> np.ndarray:
    """Convert pixels to a network's own unit, as the float32 that it takes."""
    return np.multiply(values, unit, dtype=np.float32)
