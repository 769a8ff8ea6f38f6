"""The static program that trains a network, and what it shares with the one that runs it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.parameters import parameter_names
from paddle_srcnn.model.whitening import whitened
from paddle_srcnn.static.backend import paddle, under_construction
from paddle_srcnn.static.cpu import Layers, fast_srcnn, fastest_layers, split
from paddle_srcnn.static.distributed import ALONE, Workers, sum_over_workers
from paddle_srcnn.static.inference_program import scaled
from paddle_srcnn.static.layers import create_parameter, create_parameters
from paddle_srcnn.static.onednn import take_over
from paddle_srcnn.static.session import Device, Session, StepProgram

# Their own rate is 1, so that each parameter's factor is its rate.
LEARNING_RATE = "learning_rate_0"  # what Paddle calls that rate
OPTIMIZERS = {
    "adam": lambda: paddle.optimizer.Adam(learning_rate=1.0),
    "sgd": lambda: paddle.optimizer.Momentum(learning_rate=1.0, momentum=0.9),
}

# What a program trains in place of the first layer, and the matrix that makes the layer of it.
WHITENED, WHITENING = "conv1.whitened", "conv1.whitening"


class _WhitenedLayer:
    """First layer that follows from what is trained in its place; for a program under construction."""

    def __init__(self, layer: tuple[paddle.Tensor, paddle.Tensor], rate: float) -> None:
        self._layer = layer
        for parameter in layer:
            parameter.stop_gradient = True
        filters, *patch = layer[0].shape
        length = math.prod(patch) + 1
        self._rows = create_parameter(WHITENED, (filters, length), rate)
        self._matrix = create_parameter(WHITENING, (length, length))
        self._matrix.stop_gradient = True

    def __call__(self) -> tuple[paddle.Tensor, paddle.Tensor]:
        """Its filters and biases, by what is trained as it is at this point of the program."""
        rows = paddle.matmul(self._rows, self._matrix)
        return rows[:, :-1].reshape(self._layer[0].shape), rows[:, -1]

    def keep(self) -> None:
        """Store them under the layer's own names, for all who use the network."""
        for value, parameter in zip(self(), self._layer, strict=True):
            paddle.assign(value, parameter)


class TrainingProgram:
    """One step of training: mean squared error, its gradients, and an optimiser with a rate for each parameter.

    On a CPU the batch is split into branches that share the parameters; the executor runs them side by side.

    Parameters
    ----------
    architecture : Architecture
    learning_rates : sequence of float
        The optimiser's rate for each layer.
    device : CPUPlace or CUDAPlace
    optimizer : {"adam", "sgd"}
        ``"sgd"`` has a momentum of 0.9, as in section 3.3 of the paper.
    value_range : float
        What the network sees as 255, in inputs and labels.
    branches : int
        Parts of the batch that the program computes independently of each other.
    workers : Workers
        Those that share each batch; gradients are summed over all of them.
    whitening : array, optional
        Train the first layer as `paddle_srcnn.model.whitening.whitening_matrix` says, which gives this.
    layers : callable, optional
        What builds the network, `paddle_srcnn.static.layers.srcnn` or `paddle_srcnn.fast_srcnn`; None chooses the one
        that is faster on `device`.
    """

    def __init__(
        self,
        architecture: Architecture,
        learning_rates: Sequence[float],
        device: Device,
        *,
        optimizer: str = "adam",
        value_range: float = 255.0,
        branches: int = 1,
        workers: Workers = ALONE,
        whitening: np.ndarray | None = None,
        layers: Layers | None = None,
    ) -> None:
        self.architecture = architecture
        self._unit = value_range / 255
        self.session = Session(device)
        self._branches, self._workers, self._whitening = branches, workers, whitening
        self._program, startup = StepProgram(), paddle.static.Program()
        with under_construction(self._program, startup):
            parameters = create_parameters(architecture, learning_rates)
            layers = layers or fastest_layers(device)
            if whitening is None:
                loss = self._batch_loss(parameters, layers)
            else:
                first = _WhitenedLayer(parameters[0], learning_rates[0])
                loss = self._batch_loss([first(), *parameters[1:]], layers)
            update = OPTIMIZERS[optimizer]()
            pairs = update.backward(loss)
            if workers.count > 1:
                *gradients, loss = sum_over_workers([*(gradient for _, gradient in pairs), loss])
                pairs = [(parameter, gradient) for (parameter, _), gradient in zip(pairs, gradients, strict=True)]
            update.apply_gradients(pairs)
            if whitening is not None:
                first.keep()
        if layers is fast_srcnn:
            take_over(self._program)
        self._loss = loss
        self.session.run(startup)
        if whitening is not None:
            self.session.set({WHITENING: whitening})

    def _batch_loss(self, parameters: list[tuple[paddle.Tensor, paddle.Tensor]], layers: Layers) -> paddle.Tensor:
        """Squared errors summed over the branches; each sample, or channel of it, with its weight in the mean."""
        shape = [None, self.architecture.channels, None, None]
        x = paddle.static.data("input", shape, "float32")
        label = paddle.static.data("label", shape, "float32")
        weight = paddle.static.data("weight", [None, None, 1, 1], "float32")
        parts = (split(part, self._branches) for part in (x, label, weight))
        losses = [
            paddle.sum(paddle.square(layers(x, parameters) - label) * weight)
            for x, label, weight in zip(*parts, strict=True)
        ]
        return paddle.add_n(losses)

    def step(self, batch: Sequence[tuple[np.ndarray, np.ndarray]], channels: Sequence[int] = ()) -> float:
        """Train on one batch, of which each worker computes its share.

        Parameters
        ----------
        batch : sequence of (input, label)
            Samples of (C, H, W) and (C, H - 2 margin, W - 2 margin) arrays, 0..255; the same for all workers.
        channels : sequence of int
            Channels that alone the loss is of; none for all of them.

        Returns
        -------
        float
            Mean squared error of the whole batch before the update, in the network's own value range.
        """
        share = batch[self._workers.share(len(batch))]
        # Branches take equal parts: what is missing is made up by samples that weigh nothing, as is an empty share.
        padding = -len(share) % self._branches if share else self._branches
        samples = [*share, *[batch[0]] * padding]
        inputs, labels = (scaled(np.stack(planes), self._unit) for planes in zip(*samples, strict=True))
        weights = np.full((len(samples), 1, 1, 1), 1 / (len(batch) * labels[0].size), np.float32)
        weights[len(share) :] = 0
        if channels:
            chosen = np.isin(range(self.architecture.channels), channels).reshape(1, -1, 1, 1)
            weights = weights * chosen.astype(np.float32) * np.float32(chosen.size / chosen.sum())
        feed = {"input": inputs, "label": labels, "weight": weights}
        with self._workers.company():
            (loss,) = self.session.run(self._program, feed, [self._loss])
        return float(loss)

    def set_rates(self, factor: float) -> None:
        """Let all rates be their recipe's times a factor from here on."""
        self.set_state({LEARNING_RATE: np.array(factor, np.float32)})

    def state(self) -> dict[str, np.ndarray]:
        """Copy of all that training goes on from, by name: parameters, the optimiser's moments, and `WHITENING`."""
        tensors = self._program.state_dict("all", self.session.scope)
        return {name: np.array(tensor) for name, tensor in tensors.items()}

    def set_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Take over values that `state` gave, or some of them, such as the parameters alone."""
        self.session.set(state)
        if self._whitening is not None and state.keys() >= {"conv1.weight", "conv1.bias"} and WHITENED not in state:
            self.session.set({WHITENED: whitened(state["conv1.weight"], state["conv1.bias"], self._whitening)})

    def parameters(self) -> dict[str, np.ndarray]:
        """Copy of the parameters, by name."""
        state = self.state()
        return {name: state[name] for pair in parameter_names(self.architecture) for name in pair}
