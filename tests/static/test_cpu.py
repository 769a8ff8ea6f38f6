"""The CPU's graph is the plain graph: same outputs, same gradients, same training, up to float rounding."""

import warnings
from dataclasses import replace

import numpy as np
import pytest

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.recipes import RECIPES

pytest.importorskip("paddle")

from paddle_srcnn.model.parameters import initial_parameters, parameter_names
from paddle_srcnn.static import onednn
from paddle_srcnn.static.backend import choose_device, paddle
from paddle_srcnn.static.cpu import Plan, choose_plan
from paddle_srcnn.static.guest import under_construction
from paddle_srcnn.static.layers import create_parameters
from paddle_srcnn.static.session import Session
from paddle_srcnn.static.training_program import TrainingProgram
from paddle_srcnn.system.environment import core_count

CPU = choose_device("cpu")
PATCH = 33
RECIPE_ARCHITECTURES = sorted(
    {recipe.architecture for recipe in RECIPES.values() if isinstance(recipe.architecture, Architecture)}, key=str
)
ARCHITECTURES = sorted(
    {*RECIPE_ARCHITECTURES}
    | {Architecture(filters, (64, 32), 3) for filters in ((9, 1, 5), (9, 5, 5))}
    | {Architecture((9, 1, 1, 5), (64, 32, 16)), Architecture((5, 3), (6,)), Architecture((11, 1, 7), (64, 32))},
    key=str,
)


def outputs_and_gradients(plan, architecture, parameters, inputs, labels):
    """Output, and the mean squared error's gradients by the parameters' names."""
    program, startup = paddle.static.Program(), paddle.static.Program()
    with warnings.catch_warnings(), under_construction(program, startup):
        warnings.simplefilter("ignore")  # of Paddle's own backward pass
        x = paddle.static.data("input", [None, architecture.channels, None, None], "float32")
        label = paddle.static.data("label", [None, architecture.channels, None, None], "float32")
        tensors = create_parameters(architecture)
        output = plan.layers(x, tensors)
        loss = paddle.nn.functional.mse_loss(output, label)
        gradients = paddle.static.gradients([loss], [variable for pair in tensors for variable in pair])
        # oneDNN's own outputs cannot be fetched, so copies are.
        output, *gradients = (paddle.assign(variable) for variable in (output, *gradients))
    plan.finish(program)
    # A pattern that no longer matches would leave everything right, and slow.
    by_onednn = plan != Plan(CPU) and onednn.has_layers(architecture)
    for operation in ('onednn_op.conv2d"', 'onednn_op.conv2d_grad"'):
        assert (operation in str(program)) == by_onednn
    holder = Session(CPU)
    holder.run(startup)
    holder.set(parameters)
    feed = {"input": inputs, "label": labels}
    output, *gradients = holder.run(program, feed, [output, *gradients])
    names = [name for pair in parameter_names(architecture) for name in pair]
    return output, dict(zip(names, gradients, strict=True))


def random_batch(architecture, count, seed):
    rng = np.random.default_rng(seed)
    inputs = rng.uniform(0, 255, (count, architecture.channels, PATCH, PATCH)).astype(np.float32)
    kept = slice(architecture.margin, PATCH - architecture.margin)
    return inputs, inputs[..., kept, kept] + rng.normal(0, 20, inputs[..., kept, kept].shape).astype(np.float32)


def relative_difference(value, reference):
    return np.abs(value - reference).max() / np.abs(reference).max()


@pytest.mark.parametrize("std", [0.001, 0.05])
@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=lambda network: f"{network.name} x{network.channels}")
def test_outputs_and_gradients_are_the_plain_graphs(architecture, std):
    """With seeds at which no unit of a layer is so near 0 that rounding decides what ReLU makes of it."""
    rng = np.random.default_rng(2)
    parameters = initial_parameters(architecture, std=std, rng=rng)
    for _, bias in parameter_names(architecture):
        parameters[bias] = rng.normal(0, 0.1, parameters[bias].shape).astype(np.float32)
    batch = random_batch(architecture, 5, seed=3)
    output, gradients = outputs_and_gradients(choose_plan(architecture, CPU), architecture, parameters, *batch)
    plain_output, plain_gradients = outputs_and_gradients(Plan(CPU), architecture, parameters, *batch)
    assert relative_difference(output, plain_output) < 1e-5
    for name, gradient in gradients.items():
        assert relative_difference(gradient, plain_gradients[name]) < 1e-5, name


@pytest.mark.parametrize(
    "architecture", RECIPE_ARCHITECTURES, ids=lambda network: f"{network.name} x{network.channels}"
)
def test_fifty_steps_stay_together(architecture):
    """Adam divides by the gradients' size, so rounding may move a parameter by a small part of its steps."""
    rate = 5e-4
    parameters = initial_parameters(architecture, std=0.01, rng=np.random.default_rng(4))
    losses, ends = [], []
    fast = choose_plan(architecture, CPU)
    for plan in (Plan(CPU), fast, replace(fast, branches=4)):
        program = TrainingProgram(architecture, [rate] * len(architecture.filters), plan)
        program.set_state(parameters)
        batches = [list(zip(*random_batch(architecture, 6, seed), strict=True)) for seed in range(50)]
        losses.append([program.step(batch) for batch in batches])
        ends.append(program.parameters())
    assert losses[0][-1] < 0.9 * losses[0][0]  # it did train
    for other in (1, 2):
        np.testing.assert_allclose(losses[other], losses[0], rtol=1e-4)
        for name, value in ends[0].items():
            assert np.abs(ends[other][name] - value).max() < 0.02 * 50 * rate, name


@pytest.mark.parametrize("filters", [(9, 1, 5), (9, 5, 5)])
def test_same_bits_again(filters):
    """On all cores: in branches, or by oneDNN's threads."""
    architecture = Architecture(filters, (64, 32))
    parameters = initial_parameters(architecture, std=0.01, rng=np.random.default_rng(5))
    ends = []
    for _ in range(2):
        plan = choose_plan(architecture, CPU, threads=core_count(), batch_size=16)
        program = TrainingProgram(architecture, [1e-4] * 3, plan)
        program.set_state(parameters)
        for seed in range(20):
            program.step(list(zip(*random_batch(architecture, 16, seed), strict=True)))
        ends.append(program.state())
    for name, value in ends[0].items():
        np.testing.assert_array_equal(ends[1][name], value)
