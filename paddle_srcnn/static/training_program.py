"""The static program that trains a network, one step at a time."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence

import numpy as np

from paddle_srcnn.model.network import Network
from paddle_srcnn.model.parameters import parameters_in
from paddle_srcnn.model.whitening import whitened
from paddle_srcnn.static.backend import paddle
from paddle_srcnn.static.cpu import Plan, split
from paddle_srcnn.static.distributed import ALONE, Workers, sum_over_workers
from paddle_srcnn.static.guest import under_construction
from paddle_srcnn.static.inference_program import scaled
from paddle_srcnn.static.layers import Parameters, create_parameter, create_parameters
from paddle_srcnn.static.session import Session, StepProgram

__all__ = ["OPTIMIZERS", "WHITENED", "WHITENING", "TrainingProgram"]

# The optimiser's own rate is 1, so that each parameter's factor is its rate.
LEARNING_RATE = "learning_rate_0"  # Paddle's name of the optimiser's own rate
OPTIMIZERS = {
    "adam": lambda: paddle.optimizer.Adam(learning_rate=1.0),
    "sgd": lambda: paddle.optimizer.Momentum(learning_rate=1.0, momentum=0.9),
}

# Variables that are trained in place of the first layer, and the matrix that turns them into the layer.
WHITENED, WHITENING = "conv1.whitened", "conv1.whitening"


class TrainingProgram:
    """One step of training: mean squared error, its gradients, and an optimiser with a rate for each layer.

    Parameters
    ----------
    architecture : Network
    learning_rates : sequence of float
        The optimiser's rate for each layer; the article trains the last layer at a tenth of the others' rate.
    plan : Plan
        The plan of `choose_plan`. The branches of the program share the parameters.
    optimizer : {"adam", "sgd"}
        ``"sgd"`` has a momentum of 0.9, as in section 3.3 of the paper.
    value_range : float
        Value of white in the network, in inputs and labels.
    workers : Workers
        Workers that share each batch; gradients are summed over all of them.
    whitening : (n + 1, n + 1) array of float32, optional
        Train the first layer on whitened patches of n values, by a matrix of
        `paddle_srcnn.model.whitening.whitening_matrix`.
    """

    def __init__(
        self,
        architecture: Network,
        learning_rates: Sequence[float],
        plan: Plan,
        *,
        optimizer: str = "adam",
        value_range: float = 255.0,
        workers: Workers = ALONE,
        whitening: np.ndarray | None = None,
    ) -> None:
        self.architecture = architecture
        self._unit = value_range / 255
        self._plan, self._workers, self._whitening = plan, workers, whitening
        self.session = Session(plan.device, plan.threads)
        self._program, startup = StepProgram(), paddle.static.Program()
        with under_construction(self._program, startup):
            parameters = create_parameters(architecture, learning_rates)
            if whitening is None:
                self._loss = self._update(self._batch_loss(parameters), optimizer)
            else:
                first = _WhitenedLayer(parameters[0], learning_rates[0])
                self._loss = self._update(self._batch_loss([first(), *parameters[1:]]), optimizer)
                first.store()
        plan.finish(self._program)
        self.session.run(startup)
        if whitening is not None:
            self.session.set({WHITENING: whitening})

    def _batch_loss(self, parameters: Parameters) -> paddle.Tensor:
        """Add the network and its squared errors, each with its sample's and channel's weight in the mean."""
        shape = [None, self.architecture.channels, None, None]
        x = paddle.static.data("input", shape, "float32")
        label = paddle.static.data("label", shape, "float32")
        weight = paddle.static.data("weight", [None, None, 1, 1], "float32")
        if self._plan.every is not None:
            self._supervision = paddle.static.data("supervision", [], "float32")
        shares = (split(batch, self._plan.branches) for batch in (x, label, weight))
        losses = [self._loss_of_branch(x, label, weight, parameters) for x, label, weight in zip(*shares, strict=True)]
        return paddle.add_n(losses)

    def _loss_of_branch(
        self, x: paddle.Tensor, label: paddle.Tensor, weight: paddle.Tensor, parameters: Parameters
    ) -> paddle.Tensor:
        """Add the network for a share of the batch; further outputs have a share of the loss that each step feeds."""
        if self._plan.every is None:
            return paddle.sum(paddle.square(self._plan.layers(x, parameters) - label) * weight)
        *others, output = self._plan.every(x, parameters)
        of_last = paddle.sum(paddle.square(output - label) * weight)
        of_others = paddle.sum(paddle.square(paddle.concat(others, axis=1) - label) * weight) / len(others)
        return of_last + (of_others - of_last) * self._supervision

    def _update(self, loss: paddle.Tensor, optimizer: str) -> paddle.Tensor:
        """Add gradients and the optimiser's update; return the loss of the whole batch."""
        update = OPTIMIZERS[optimizer]()
        with warnings.catch_warnings():
            # Paddle's own backward pass asks for it in any program.
            warnings.filterwarnings("ignore", message="(Tensor|Variable) do not have 'place' interface")
            gradients = update.backward(loss)
        if self._workers.count > 1:
            *sums, loss = sum_over_workers([*(gradient for _, gradient in gradients), loss])
            gradients = [(parameter, total) for (parameter, _), total in zip(gradients, sums, strict=True)]
        update.apply_gradients(gradients)
        return loss

    def step(
        self,
        batch: Sequence[tuple[np.ndarray, np.ndarray]],
        channels: Sequence[int] = (),
        *,
        supervision: float = 0.0,
    ) -> float:
        """Train on one batch; each worker computes its share.

        Parameters
        ----------
        batch : sequence of (input, label)
            Samples of (C, H, W) and (C, H - 2 margin, W - 2 margin) arrays, 0..255; the same for all workers. Labels
            of a network that upscales itself are larger by its factor.
        channels : sequence of int
            Channels in the loss. Empty: all channels.
        supervision : float
            Share of a network's further outputs in the loss, the mean of theirs. The last output has the rest.

        Returns
        -------
        float
            Mean squared error of the whole batch before the update, in the network's own value range.
        """
        share = batch[self._workers.share(len(batch))]
        # Branches take equal shares of it: samples that weigh nothing fill it up, and an empty share.
        branches = self._plan.branches
        missing = -len(share) % branches if share else branches
        samples = [*share, *[batch[0]] * missing]
        inputs, labels = (scaled(np.stack(images), self._unit) for images in zip(*samples, strict=True))
        weights = np.full((len(samples), 1, 1, 1), 1 / (len(batch) * labels[0].size), np.float32)
        weights[len(share) :] = 0
        if channels:
            chosen = np.isin(range(self.architecture.channels), channels).reshape(1, -1, 1, 1)
            weights = weights * chosen.astype(np.float32) * np.float32(chosen.size / chosen.sum())
        feed = {"input": inputs, "label": labels, "weight": weights}
        if self._plan.every is not None:
            feed["supervision"] = np.array(supervision, np.float32)
        with self._workers.company():
            (loss,) = self.session.run(self._program, feed, [self._loss])
        return float(loss)

    def set_rates(self, factor: float) -> None:
        """Multiply all rates of the constructor by a factor from here on."""
        self.set_state({LEARNING_RATE: np.array(factor, np.float32)})

    def state(self) -> dict[str, np.ndarray]:
        """Copy the state that training goes on from, by name: parameters, the optimiser's moments, and `WHITENING`."""
        return self.session.state(self._program)

    def set_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Set the state to values of `state`, or some of them, such as the parameters alone."""
        self.session.set(state)
        if self._whitening is not None and state.keys() >= {"conv1.weight", "conv1.bias"} and WHITENED not in state:
            self.session.set({WHITENED: whitened(state["conv1.weight"], state["conv1.bias"], self._whitening)})

    def parameters(self) -> dict[str, np.ndarray]:
        """Copy the parameters, by name."""
        state = self.state()
        return parameters_in(self.architecture, state)


class _WhitenedLayer:
    """First layer of a program under construction, computed from whitened rows, which are trained instead."""

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
        """Compute filters and biases from the rows at this point of the program."""
        rows = paddle.matmul(self._rows, self._matrix)
        return rows[:, :-1].reshape(self._layer[0].shape), rows[:, -1]

    def store(self) -> None:
        """Assign filters and biases to the layer's own parameters, which all other programs use."""
        for value, parameter in zip(self(), self._layer, strict=True):
            paddle.assign(value, parameter)
