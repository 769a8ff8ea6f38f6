"""Pictures restored without loss at their borders, as the paper's authors test."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from paddle_srcnn.architecture import Architecture
from paddle_srcnn.inference import InferenceProgram
from paddle_srcnn.network import EVERYWHERE
from paddle_srcnn.programs import plain_graph, scaled
from paddle_srcnn.variables import Place, Variables


class WholePictures:
    """A network that gives back pictures of the size that it is given: each layer sees its input's border repeated.

    Only pixels nearer to the border than the network's margin see any of that. They come from four strips, all others
    tile by tile, so that memory does not grow with the picture, up to float rounding with the same result.

    Parameters
    ----------
    architecture : Architecture
    place : CPUPlace or CUDAPlace
    parameters : mapping of str to float32 array, optional
        Values of the parameters; left out where `variables` has them already.
    variables : paddle_srcnn.programs.Variables, optional
        Where the parameters live; a training program's, to see them as they are trained.
    value_range : float
        What the network sees as 255.
    threads : int
        Cores to use on a CPU.
    """

    def __init__(
        self,
        architecture: Architecture,
        place: Place,
        parameters: Mapping[str, np.ndarray] | None = None,
        *,
        variables: Variables | None = None,
        value_range: float = 255.0,
        threads: int = 1,
    ) -> None:
        self._margin, self._unit = architecture.margin, value_range / 255
        self._variables = variables or Variables(place)
        self._inside = InferenceProgram(
            architecture, place, parameters, variables=self._variables, value_range=value_range, threads=threads
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
        (restored,) = self._variables.run(self._program, feed, [self._output])
        return restored[0] / self._unit
