"""Variables that programs share, and what runs these programs."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from paddle_srcnn.static.backend import paddle

Device: TypeAlias = paddle.CPUPlace | paddle.CUDAPlace


class StepProgram(paddle.static.Program):
    """A program that is complete before its first run and never changed afterwards.

    Paddle 3's executor finds its compiled program by ``str(program)``, and prints the whole graph at every step to do
    so: 0.9 ms of a step of 7. The identity says as much as the text here.
    """

    def __str__(self) -> str:
        return f"step program {id(self)}"


class Session:
    """Variables that programs share, by name, and what runs these programs.

    Paddle keeps them, and every buffer of every program that ran with them, until the process ends. Here they are given
    back when nobody uses them any longer.
    """

    def __init__(self, device: Device) -> None:
        self.scope, self._device = paddle.static.Scope(), device
        self.executor = paddle.static.Executor(device)
        weakref.finalize(self, _give_back, self.executor, self.scope).atexit = False  # where all ends anyway

    def run(
        self,
        program: paddle.static.Program,
        feed: Mapping[str, np.ndarray] | None = None,
        fetch_list: Sequence[paddle.Tensor] = (),
    ) -> list[np.ndarray]:
        """Run a program; gives the values of what is in `fetch_list`."""
        return self.executor.run(program, feed=feed, fetch_list=list(fetch_list), scope=self.scope)

    def save(self, path: str, program: paddle.static.Program, given: paddle.Tensor, made: paddle.Tensor) -> None:
        """Write a program that makes one variable of another, with its parameters, in Paddle's format for inference."""
        with paddle.static.scope_guard(self.scope):
            paddle.static.save_inference_model(path, [given], [made], self.executor, program=program)

    def set(self, values: Mapping[str, np.ndarray]) -> None:
        """Set variables, by name.

        Raises
        ------
        KeyError
            If there is no variable of a name.
        ValueError
            If a value has another shape than its variable.
        """
        for name, value in values.items():
            variable = self.scope.find_var(name)
            if variable is None:
                raise KeyError(name)
            tensor = variable.get_tensor()
            if tuple(tensor.shape()) != value.shape:
                raise ValueError(f"{name} has shape {tuple(tensor.shape())}, not {value.shape}")
            tensor.set(value, self._device)


def _give_back(executor: paddle.static.Executor, scope: paddle.static.Scope) -> None:
    """Free what an executor compiled, which refers to the scope, and then the scope."""
    for name in ("_get_cached_program_and_executor", "_get_cached_program_and_executor_pir_mode"):
        if cached := getattr(executor._executor_cache, name, None):
            cached.cache_clear()
    scope._remove_from_pool()


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
