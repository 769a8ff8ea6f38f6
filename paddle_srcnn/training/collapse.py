"""Dead layers, the mark of a training that collapsed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from paddle_srcnn.model.network import Network
from paddle_srcnn.static.backend import paddle
from paddle_srcnn.static.guest import under_construction
from paddle_srcnn.static.inference_program import scaled
from paddle_srcnn.static.layers import create_parameters
from paddle_srcnn.static.networks import StaticOperations
from paddle_srcnn.static.session import Device, Session
from paddle_srcnn.system.process import held_interrupts

LOWER_RATES = "lower the learning rates of its row in paddle_srcnn/recipes"
SIDE = 256  # pixels; a crop bounds the memory


@held_interrupts()  # an interrupt while Paddle builds a program becomes a SystemError
def has_dead_layer(
    architecture: Network,
    parameters: Mapping[str, np.ndarray],
    images: Sequence[np.ndarray],
    device: Device,
    *,
    value_range: float = 255.0,
) -> bool:
    """Tell whether all outputs of some layer's ReLU are zero, so that later layers see nothing of the images.

    A layer with another function than ReLU is never dead.

    Parameters
    ----------
    architecture : Network
    parameters : mapping of str to float32 array
    images : sequence of (C, H, W) arrays
        Inputs on 0..255, no smaller than the receptive field. Their first 256 rows and columns are used.
    device : CPUPlace or CUDAPlace
    value_range : float
        Value of white in the network.
    """
    program, startup, session = paddle.static.Program(), paddle.static.Program(), Session(device)
    with under_construction(program, startup):
        x = paddle.static.data("input", [1, architecture.channels, None, None], "float32")
        operations = StaticOperations(create_parameters(architecture))
        architecture.outputs(operations, x)
        highest = [paddle.max(maps) for maps in operations.rectified]
    if not highest:
        return False
    session.run(startup)
    session.set(parameters)
    found = [
        session.run(program, {"input": scaled(image[np.newaxis, :, :SIDE, :SIDE], value_range / 255)}, highest)
        for image in images
    ]
    return bool((np.max(found, axis=0) <= 0).any())
