"""Paddle Inference with OpenVINO, which Paddle's wheels for x86 carry: the same bits however a picture is cut.

`python -m benchmarks.inference` measures it beside oneDNN in Paddle Inference, which is faster on some processors and
slower on others, and the static programs that serve for training.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from paddle_srcnn.architecture import Architecture
from paddle_srcnn.backend import paddle
from paddle_srcnn.data import checksum
from paddle_srcnn.predictors import predictor
from paddle_srcnn.programs import plain_program
from paddle_srcnn.weights import Weights

Run = Callable[[np.ndarray], np.ndarray]

_COMPILED: dict[tuple[Architecture, str, int, bool], Run] = {}


def available() -> bool:
    """Whether this Paddle has OpenVINO, and can write the format of programs that it reads."""
    libraries = Path(paddle.__file__).parent / "libs"
    return hasattr(paddle, "pir_utils") and any(libraries.glob("*openvino_paddle_frontend*"))


def openvino_program(weights: Weights, *, threads: int, replicate: bool) -> Run:
    """Compile a network for OpenVINO, once in a process: Paddle never gives back what that takes.

    Not to be called by two threads at once; what it returns may be.

    Parameters
    ----------
    weights : Weights
    threads : int
        Cores to use.
    replicate : bool
        Repeat the border before each layer, see `paddle_srcnn.network.srcnn`.

    Returns
    -------
    callable
        (C, H, W) float32 in the network's value range to (C, H - 2 margin, W - 2 margin), or (C, H, W) if
        `replicate`; each pixel's value is the same, to the last bit, in whatever part of a picture it is computed.
    """
    key = (weights.architecture, checksum(weights.parameters.values()), threads, replicate)
    if key not in _COMPILED:
        _COMPILED[key] = _compiled(weights, threads, replicate)
    return _COMPILED[key]


def _compiled(weights: Weights, threads: int, replicate: bool) -> Run:
    # OpenVINO reads programs of the older kind only, and only from files; it keeps its own compiled ones beside them.
    with tempfile.TemporaryDirectory() as folder, paddle.pir_utils.OldIrGuard():

        def configure(config: paddle.inference.Config) -> None:
            config.set_cpu_math_library_num_threads(threads)
            config.set_optim_cache_dir(folder)
            config.enable_openvino_engine(paddle.inference.Config.Precision.Float32)

        path = Path(folder, "network")
        program, ends, variables = plain_program(
            weights.architecture, paddle.CPUPlace(), weights.parameters, replicate=replicate
        )
        variables.save(str(path), program, *ends)
        restore = predictor(path.with_suffix(".pdmodel"), path.with_suffix(".pdiparams"), configure)
    lock = threading.Lock()

    def run(planes: np.ndarray) -> np.ndarray:
        with lock:
            return restore(planes[np.newaxis])[0]

    return run
