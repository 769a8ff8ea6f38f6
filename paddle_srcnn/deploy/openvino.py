"""Paddle Inference with OpenVINO, which Paddle's wheels for x86 carry: the same bits however a picture is cut.

`paddle_srcnn.deploy.blocks` says how networks are put to it. `python -m benchmarks.inference` measures it beside oneDNN in
Paddle Inference, the static programs that serve for training, and other runtimes.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from paddle_srcnn.deploy.blocks import blocked_program, made_up, pixels_of_blocks
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.static.backend import paddle
from paddle_srcnn.static.layers import Sides
from paddle_srcnn.static.session import predictor
from paddle_srcnn.system.files import checksum

Run = Callable[[np.ndarray], np.ndarray]

_COMPILED: dict[tuple[Architecture, str, int, Sides], Run] = {}


def available() -> bool:
    """Whether this Paddle has OpenVINO, and can write the format of programs that it reads."""
    libraries = Path(paddle.__file__).parent / "libs"
    return hasattr(paddle, "pir_utils") and any(libraries.glob("*openvino_paddle_frontend*"))


def openvino_program(weights: Weights, *, threads: int, sides: Sides) -> Run:
    """Compile a network for OpenVINO, once in a process: Paddle never gives back what that takes.

    Not to be called by two threads at once; what it returns may be.

    Parameters
    ----------
    weights : Weights
    threads : int
        Cores to use.
    sides : Sides
        Where to repeat the border before each layer, see `paddle_srcnn.static.layers.srcnn`.

    Returns
    -------
    callable
        (C, H, W) float32 in the network's value range to the same without the network's margin, which is lost at all
        sides but those. A pixel's value is the same, to the last bit, in whatever part of a picture it is computed, if
        these begin with columns that are a multiple of `paddle_srcnn.deploy.blocks.COLUMNS` apart.
    """
    key = (weights.architecture, checksum(weights.parameters.values()), threads, sides)
    if key not in _COMPILED:
        _COMPILED[key] = _compiled(weights, threads, sides)
    return _COMPILED[key]


def _compiled(weights: Weights, threads: int, sides: Sides) -> Run:
    # OpenVINO reads programs of the older kind only, and only from files; it keeps its own compiled ones beside them.
    with tempfile.TemporaryDirectory() as folder, paddle.pir_utils.OldIrGuard():

        def configure(config: paddle.inference.Config) -> None:
            config.set_cpu_math_library_num_threads(threads)
            config.set_optim_cache_dir(folder)
            config.enable_openvino_engine(paddle.inference.Config.Precision.Float32)

        path = Path(folder, "network")
        program, ends, session = blocked_program(weights, sides)
        session.save(str(path), program, *ends)
        restore = predictor(path.with_suffix(".pdmodel"), path.with_suffix(".pdiparams"), configure)
    lock, architecture = threading.Lock(), weights.architecture

    def run(planes: np.ndarray) -> np.ndarray:
        given, (rows, columns) = made_up(planes, architecture.margin, sides)
        with lock:
            blocks = restore(given[np.newaxis])[0]
        return pixels_of_blocks(blocks, architecture.channels)[:, rows, columns]

    return run
