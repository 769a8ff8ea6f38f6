"""Sessions: variables that programs share by name, and the runs of these programs."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from paddle_srcnn.static.backend import paddle
from paddle_srcnn.static.guest import compiling, running, static_graphs

__all__ = ["Device", "Network", "Session", "StepProgram", "load_network"]

Device: TypeAlias = paddle.CPUPlace | paddle.CUDAPlace
Network: TypeAlias = Callable[[np.ndarray], np.ndarray]


class StepProgram(paddle.static.Program):
    """A program that is complete before its first run and never changed afterwards.

    Paddle 3's executor looks its compiled program up by ``str(program)``. To do so it prints the whole graph at every
    step, 0.9 ms of a step of 7. The identity serves as well here.
    """

    def __str__(self) -> str:
        return f"step program {id(self)}"


class Session:
    """Variables that programs share by name, and an executor that runs these programs.

    Paddle keeps the variables, and every buffer of every program that ran with them, until the process ends. A session
    frees them when nobody uses it any longer.

    Parameters
    ----------
    device : CPUPlace or CUDAPlace
    threads : int, optional
        Threads of each operation on a CPU. None leaves the process's own number.
    """

    def __init__(self, device: Device, threads: int | None = None) -> None:
        self.scope, self._device, self._threads = paddle.static.Scope(), device, threads
        self._executor = paddle.static.Executor(device)
        self._compiled: set[int] = set()  # programs that ran, by identity: the executor keeps them alive
        weakref.finalize(self, _free, self._executor, self.scope).atexit = False  # all ends there anyway

    def run(
        self,
        program: paddle.static.Program,
        feed: Mapping[str, np.ndarray] | None = None,
        fetch_list: Sequence[paddle.Tensor] = (),
    ) -> list[np.ndarray]:
        """Run a program.

        Parameters
        ----------
        program : paddle.static.Program
        feed : mapping of str to array, optional
            Values of its inputs, by name.
        fetch_list : sequence of variables

        Returns
        -------
        list of array
            Values of the variables in `fetch_list`.
        """
        with static_graphs(), running(self._threads), self._first_run(program):
            return self._executor.run(program, feed=feed, fetch_list=list(fetch_list), scope=self.scope)

    @contextlib.contextmanager
    def _first_run(self, program: paddle.static.Program) -> Iterator[None]:
        """Notice the first run of a program, in which the executor compiles it."""
        if id(program) in self._compiled:
            yield
            return
        with compiling():
            yield
        self._compiled.add(id(program))

    def save(self, path: Path, program: paddle.static.Program, ends: tuple[paddle.Tensor, paddle.Tensor]) -> None:
        """Write a program with its parameters in Paddle's format for inference.

        Parameters
        ----------
        path : Path
            Path of the files, without suffix.
        program : paddle.static.Program
        ends : (input, output)
            Variables of the program.
        """
        given, made = ends
        names, scope = paddle.utils.unique_name.guard(), paddle.static.scope_guard(self.scope)
        with compiling(), static_graphs(), names, scope:
            paddle.static.save_inference_model(str(path), [given], [made], self._executor, program=program)

    def state(self, program: paddle.static.Program) -> dict[str, np.ndarray]:
        """Copy all variables of a program that outlive a run, by name."""
        with static_graphs():
            return {name: np.array(tensor) for name, tensor in program.state_dict("all", self.scope).items()}

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


def _free(executor: paddle.static.Executor, scope: paddle.static.Scope) -> None:
    """Free compiled programs, which refer to the scope, and then the scope."""
    for name in ("_get_cached_program_and_executor", "_get_cached_program_and_executor_pir_mode"):
        if cached := getattr(executor._executor_cache, name, None):
            cached.cache_clear()
    scope._remove_from_pool()


Configure = Callable[[paddle.inference.Config], object]


def load_network(model: Path, parameters: Path, configure: Configure = lambda config: None) -> Network:
    """Load a saved network of one input and one output into Paddle Inference, on the CPU.

    Parameters
    ----------
    model, parameters : Path
        Files of the program and of its parameters, which are read only once.
    configure : callable, optional
        Changes the configuration before the network is loaded.

    Returns
    -------
    callable
        Maps an (N, C, H, W) array of float32 to the network's output. Two threads must not call it at once.
    """
    config = paddle.inference.Config(str(model), str(parameters))
    config.disable_gpu()
    config.disable_glog_info()
    configure(config)
    with running(None):
        predictor = paddle.inference.create_predictor(config)
    given = predictor.get_input_handle(predictor.get_input_names()[0])
    made = predictor.get_output_handle(predictor.get_output_names()[0])

    def run(images: np.ndarray) -> np.ndarray:
        given.copy_from_cpu(np.ascontiguousarray(images, np.float32))
        with running(None):  # which a run sets to the configuration's
            predictor.run()
        return made.copy_to_cpu()

    return run
