"""The static programs that train a network and run it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from paddle_srcnn.architecture import Architecture
from paddle_srcnn.backend import paddle
from paddle_srcnn.network import create_parameters, parameter_names, srcnn

Place = paddle.CPUPlace | paddle.CUDAPlace


def set_values(scope: paddle.static.Scope, values: Mapping[str, np.ndarray], place: Place) -> None:
    """Set variables of a scope, by name.

    Raises
    ------
    KeyError
        If the scope has no variable of a name.
    ValueError
        If a value has another shape than its variable.
    """
    for name, value in values.items():
        variable = scope.find_var(name)
        if variable is None:
            raise KeyError(name)
        tensor = variable.get_tensor()
        if tuple(tensor.shape()) != value.shape:
            raise ValueError(f"{name} has shape {tuple(tensor.shape())}, not {value.shape}")
        tensor.set(value, place)


class InferenceProgram:
    """A network that restores whole pictures.

    Parameters
    ----------
    architecture : Architecture
    place : CPUPlace or CUDAPlace
    parameters : mapping of str to float32 array, optional
        Values of the parameters; left out where `scope` has them already.
    scope : paddle.static.Scope, optional
        Where the parameters live; a training program's, to see them as they are trained.
    """

    def __init__(
        self,
        architecture: Architecture,
        place: Place,
        parameters: Mapping[str, np.ndarray] | None = None,
        scope: paddle.static.Scope | None = None,
    ) -> None:
        self._program, startup = paddle.static.Program(), paddle.static.Program()
        with paddle.static.program_guard(self._program, startup), paddle.utils.unique_name.guard():
            x = paddle.static.data("input", [None, architecture.channels, None, None], "float32")
            self._output = srcnn(x, create_parameters(architecture))
        self._executor = paddle.static.Executor(place)
        self._scope = scope or paddle.static.Scope()
        if parameters is not None:
            self._executor.run(startup, scope=self._scope)
            set_values(self._scope, parameters, place)

    def __call__(self, planes: np.ndarray) -> np.ndarray:
        """Restore one picture.

        Parameters
        ----------
        planes : (C, H, W) array
            In the value range that the network was trained on.

        Returns
        -------
        (C, H - 2 margin, W - 2 margin) array of float32
        """
        feed = {"input": planes[np.newaxis].astype(np.float32)}
        (output,) = self._executor.run(self._program, feed=feed, fetch_list=[self._output], scope=self._scope)
        return output[0]


class TrainingProgram:
    """One step of training: mean squared error, its gradients, and Adam with a rate for each parameter.

    Parameters
    ----------
    architecture : Architecture
    learning_rates : sequence of float
        Adam's rate for each layer.
    place : CPUPlace or CUDAPlace
    """

    def __init__(self, architecture: Architecture, learning_rates: Sequence[float], place: Place) -> None:
        self.architecture = architecture
        self.scope = paddle.static.Scope()
        self._program, startup = paddle.static.Program(), paddle.static.Program()
        shape = [None, architecture.channels, None, None]
        with paddle.static.program_guard(self._program, startup), paddle.utils.unique_name.guard():
            x = paddle.static.data("input", shape, "float32")
            label = paddle.static.data("label", shape, "float32")
            # The optimiser's own rate is 1, so that each parameter's factor is its rate.
            parameters = create_parameters(architecture, learning_rates)
            self._loss = paddle.nn.functional.mse_loss(srcnn(x, parameters), label)
            paddle.optimizer.Adam(learning_rate=1.0).minimize(self._loss)
        self._place = place
        self._executor = paddle.static.Executor(place)
        self._executor.run(startup, scope=self.scope)

    def step(self, inputs: np.ndarray, labels: np.ndarray) -> float:
        """Train on one batch.

        Parameters
        ----------
        inputs : (N, C, H, W) array of float32
        labels : (N, C, H - 2 margin, W - 2 margin) array of float32

        Returns
        -------
        float
            Mean squared error of the batch before the update.
        """
        feed = {"input": inputs, "label": labels}
        (loss,) = self._executor.run(self._program, feed=feed, fetch_list=[self._loss], scope=self.scope)
        return float(loss)

    def state(self) -> dict[str, np.ndarray]:
        """Copy of all that training changes: parameters and the optimiser's moments, by name."""
        tensors = self._program.state_dict("all", self.scope)
        return {name: np.array(tensor) for name, tensor in tensors.items()}

    def set_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Take over values that `state` gave, or some of them, such as the parameters alone."""
        set_values(self.scope, state, self._place)

    def parameters(self) -> dict[str, np.ndarray]:
        """Copy of the parameters, by name."""
        state = self.state()
        return {name: state[name] for pair in parameter_names(self.architecture) for name in pair}
