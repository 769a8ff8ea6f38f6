"""Paddle Inference with OpenVINO, which Paddle's wheels for x86 contain: the same bits for every cut of an image.

`paddle_srcnn.deploy.blocks` writes SRCNN's programs, `paddle_srcnn.deploy.layers` those of other networks. `python -m
benchmarks.inference` measures them beside oneDNN in Paddle Inference, the static programs, and other runtimes.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import numpy as np

from paddle_srcnn.deploy.blocks import pad_to_unit, pixels_of_blocks, write_blocked
from paddle_srcnn.deploy.layers import shuffled, write_network
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.network import Network
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.static.backend import paddle
from paddle_srcnn.static.layers import Borders
from paddle_srcnn.static.session import load_network
from paddle_srcnn.system.files import checksum

__all__ = ["Run", "available", "openvino_program"]

Run: TypeAlias = Callable[[np.ndarray], np.ndarray]

# Compiled networks of this process, and the lock of those who add one. Paddle never frees what compiling takes.
_COMPILED: dict[tuple[Network, str, int, Borders], Run] = {}
_COMPILING = threading.Lock()


def available() -> bool:
    """Tell whether this Paddle has OpenVINO, and can write the format of programs that OpenVINO reads."""
    libraries = Path(paddle.__file__).parent / "libs"
    return hasattr(paddle, "pir_utils") and any(libraries.glob("*openvino_paddle_frontend*"))


def openvino_program(weights: Weights, *, threads: int, borders: Borders) -> Run:
    """Compile a network for OpenVINO, once in a process.

    Parameters
    ----------
    weights : Weights
    threads : int
        Cores to use.
    borders : Borders
        Borders that each layer pads; the network's margin is lost at the others.

    Returns
    -------
    callable
        Maps (C, H, W) float32 channels in the network's value range to the restored or upscaled ones. Threads may call
        it at once; they take turns. A pixel has the same value, to the last bit, in every tile whose first column is a
        multiple of `paddle_srcnn.deploy.blocks.COLUMNS` away.
    """
    key = (weights.architecture, checksum(weights.parameters.values()), threads, borders)
    with _COMPILING:
        if key not in _COMPILED:
            _COMPILED[key] = _compiled(weights, threads, borders)
        return _COMPILED[key]


def _compiled(weights: Weights, threads: int, borders: Borders) -> Run:
    is_srcnn = isinstance(weights.architecture, Architecture)
    write = write_blocked if is_srcnn else write_network
    # OpenVINO reads networks from files only, and puts its compiled ones beside them.
    with tempfile.TemporaryDirectory() as folder:

        def configure(config: paddle.inference.Config) -> None:
            config.set_cpu_math_library_num_threads(threads)
            config.set_optim_cache_dir(folder)
            config.enable_openvino_engine(paddle.inference.Config.Precision.Float32)

        restore = load_network(*write(weights, borders, Path(folder, "network")), configure)
    lock, architecture = threading.Lock(), weights.architecture

    def run(image: np.ndarray) -> np.ndarray:
        padded, (rows, columns) = pad_to_unit(image, architecture.margin, borders)
        with lock:
            values = restore(padded[np.newaxis])[0]
        if is_srcnn:
            return pixels_of_blocks(values, architecture.channels)[:, rows, columns]
        return shuffled(values[:, rows, columns], architecture.factor)

    return run
