"""Dead layers: what a training that collapsed leaves behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.static.backend import paddle, under_construction
from paddle_srcnn.static.inference_program import scaled
from paddle_srcnn.static.layers import create_parameters, hidden
from paddle_srcnn.static.session import Device, Session
from paddle_srcnn.system.process import held_interrupts

LOWER_RATES = "lower the learning rates of its row in paddle_srcnn/recipes.py"
SIDE = 256  # pixels of each picture that are looked at, which bounds the memory


@held_interrupts()  # one in the midst of building a program becomes a SystemError of Paddle's
def has_dead_layer(
    architecture: Architecture,
    parameters: Mapping[str, np.ndarray],
    pictures: Sequence[np.ndarray],
    device: Device,
    *,
    value_range: float = 255.0,
) -> bool:
    """Whether all outputs of some layer's ReLU are zero, so that what follows sees nothing of the pictures.

    Parameters
    ----------
    architecture : Architecture
    parameters : mapping of str to float32 array
    pictures : sequence of (C, H, W) arrays
        Inputs on 0..255, no smaller than the receptive field; their first 256 rows and columns are looked at.
    device : CPUPlace or CUDAPlace
    value_range : float
        What the network sees as 255.
    """
    program, startup, session = paddle.static.Program(), paddle.static.Program(), Session(device)
    with under_construction(program, startup):
        x = paddle.static.data("input", [1, architecture.channels, None, None], "float32")
        highest = [paddle.max(maps) for maps in hidden(x, create_parameters(architecture)[:-1])]
    session.run(startup)
    session.set(parameters)
    found = [
        session.run(program, {"input": scaled(planes[np.newaxis, :, :SIDE, :SIDE], value_range / 255)}, highest)
        for planes in pictures
    ]
    return bool((np.max(found, axis=0) <= 0).any())
