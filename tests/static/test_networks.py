"""Architectures beside SRCNN as static programs, against computations in NumPy's float64."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("paddle")

from later_networks import ESPCN, ESPCN_RELU, espcn, numeric_gradients
from networks import BASIC, batch, cpu_plan, step, trained_like

from paddle_srcnn.static.backend import choose_device, paddle
from paddle_srcnn.static.cpu import Plan
from paddle_srcnn.static.guest import under_construction
from paddle_srcnn.static.inference_program import InferenceProgram
from paddle_srcnn.static.layers import ALL_BORDERS, NO_BORDERS, create_parameters, srcnn
from paddle_srcnn.static.networks import StaticOperations, add_network
from paddle_srcnn.static.session import Session
from paddle_srcnn.static.training_program import TrainingProgram

CPU = choose_device("cpu")
NETWORKS = [pytest.param(network, id=network.name) for network in (ESPCN, ESPCN_RELU)]


def samples(network, count=3, side=11):
    rng, kept = np.random.default_rng(4), network.factor * (side - 2 * network.margin)
    return rng.random((count, 1, side, side), np.float32), rng.random((count, 1, kept, kept), np.float32)


def plans(network):
    """The CPU's plan in one branch and in three, and Paddle's own layers, as on other devices."""
    plain = Plan(CPU, layers=lambda x, parameters: add_network(network, x, parameters))
    return [cpu_plan(network), cpu_plan(network, 3), plain]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("number", range(3))
def test_gradients_are_those_of_the_definition(network, number):
    """SGD's first step is the gradient times the rate, which differs for each layer."""
    rates = (0.1, 0.2, 0.3)
    before, (inputs, labels) = trained_like(network), samples(network)
    program = TrainingProgram(network, rates, plans(network)[number], optimizer="sgd")
    program.set_state(before)

    def loss(parameters):
        return np.mean((espcn(network, parameters, inputs) - labels) ** 2)

    assert step(program, inputs, labels) == pytest.approx(loss(before), rel=1e-5)
    after = program.parameters()
    for name, gradient in numeric_gradients(loss, before).items():
        found = (before[name].astype(np.float64) - after[name]) / rates[int(name[4]) - 1]
        assert np.abs(gradient).max() > 1e-3
        np.testing.assert_allclose(found, gradient, atol=2e-6, err_msg=name)


@pytest.mark.parametrize("padding", ["valid", "replicate"])
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("size", [(9, 9), (150, 77)])
def test_image_follows_the_definition(network, padding, size):
    parameters = trained_like(network)
    image = np.random.default_rng(5).random((1, *size), np.float32)
    expected = espcn(network, parameters, image[np.newaxis], replicate=padding == "replicate")[0]
    restored = InferenceProgram(network, CPU, parameters, padding=padding)(image)
    assert restored.shape == expected.shape
    np.testing.assert_allclose(restored, expected, atol=1e-5)


@pytest.mark.parametrize("borders", [NO_BORDERS, ALL_BORDERS])
def test_srcnn_is_connected_as_its_page_says(borders):
    """The layers of the article's page are those that the architecture names for other backends."""
    program, startup, session = paddle.static.Program(), paddle.static.Program(), Session(CPU)
    with under_construction(program, startup):
        x = paddle.static.data("input", [None, 1, None, None], "float32")
        parameters = create_parameters(BASIC)
        (named,) = BASIC.outputs(StaticOperations(parameters, borders), x)
        ends = [srcnn(x, parameters, borders=borders), named]
    session.run(startup)
    session.set(trained_like(BASIC))
    found = session.run(program, {"input": batch(BASIC, 2)[0]}, ends)
    np.testing.assert_array_equal(found[0], found[1])


def test_branches_and_a_short_batch_change_nothing_but_rounding():
    inputs, labels = samples(ESPCN, count=5)
    states = []
    for branches in (1, 4):
        program = TrainingProgram(ESPCN, (0.1,) * 3, replace(cpu_plan(ESPCN), branches=branches), optimizer="sgd")
        program.set_state(trained_like(ESPCN))
        step(program, inputs, labels)
        states.append(program.parameters())
    for name, value in states[0].items():
        np.testing.assert_allclose(states[1][name], value, atol=1e-6)
