"""Paddle Inference: networks run from Paddle's format for it, by the engine that a configuration chooses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from paddle_srcnn.backend import paddle

Configure = Callable[[paddle.inference.Config], object]


def predictor(
    model: Path, values: Path, configure: Configure = lambda config: None
) -> Callable[[np.ndarray], np.ndarray]:
    """Load a network of one input and one output; its files are not read any more afterwards.

    Parameters
    ----------
    model, values : Path
        Program and parameters.
    configure : callable, optional
        Called with the configuration, which is for a CPU and for little talk, before the network is loaded.

    Returns
    -------
    callable
        (N, C, H, W) of float32 to what the network makes of it; not to be called by two threads at once.
    """
    config = paddle.inference.Config(str(model), str(values))
    config.disable_gpu()
    config.disable_glog_info()
    configure(config)
    loaded = paddle.inference.create_predictor(config)
    given = loaded.get_input_handle(loaded.get_input_names()[0])
    made = loaded.get_output_handle(loaded.get_output_names()[0])

    def run(planes: np.ndarray) -> np.ndarray:
        given.copy_from_cpu(np.ascontiguousarray(planes, np.float32))
        loaded.run()
        return made.copy_to_cpu()

    return run
