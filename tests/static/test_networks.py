"""Architectures beside SRCNN as static programs, against computations in NumPy's float64."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

pytest.importorskip("paddle")

from later_networks import DRCN, ESPCN, ESPCN_RELU, drcn, espcn, numeric_gradients
from networks import BASIC, batch, cpu_plan, step, trained_like

from paddle_srcnn.static.backend import choose_device, paddle
from paddle_srcnn.static.cpu import Plan
from paddle_srcnn.static.guest import under_construction
from paddle_srcnn.static.inference_program import InferenceProgram
from paddle_srcnn.static.layers import ALL_BORDERS, NO_BORDERS, create_parameters, srcnn
from paddle_srcnn.static.networks import StaticOperations, add_network, add_outputs
from paddle_srcnn.static.session import Session
from paddle_srcnn.static.training_program import TrainingProgram

CPU = choose_device("cpu")
NETWORKS = [pytest.param(network, id=network.name) for network in (ESPCN, ESPCN_RELU, DRCN)]


def outputs(network, parameters, x, **borders):
    """All outputs of a network by its definition, the last one last."""
    return drcn(network, parameters, x, **borders) if network is DRCN else [espcn(network, parameters, x, **borders)]


def samples(network, count=3):
    side = network.receptive_field + 2
    rng, kept = np.random.default_rng(4), network.factor * 3
    return rng.random((count, 1, side, side), np.float32), rng.random((count, 1, kept, kept), np.float32)


def plans(network):
    """The CPU's plan in one branch and in three, and Paddle's own layers, as on other devices."""
    every = partial(add_outputs, network) if network.further_outputs else None
    plain = Plan(CPU, layers=partial(add_network, network), every=every)
    return [cpu_plan(network), cpu_plan(network, 3), plain]


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("supervision", [0.0, 0.3])
def test_gradients_are_those_of_the_definition(network, number, supervision):
    """SGD's first step is the gradient times the rate, which differs for each layer."""
    if supervision and not network.further_outputs:
        pytest.skip("has one output")
    rates = tuple(0.1 * layer for layer in range(1, len(network.filters) + 1))
    before, (inputs, labels) = trained_like(network), samples(network)
    program = TrainingProgram(network, rates, plans(network)[number], optimizer="sgd")
    program.set_state(before)

    def loss(parameters):
        *others, last = (np.mean((found - labels) ** 2) for found in outputs(network, parameters, inputs))
        return last if not others else supervision * np.mean(others) + (1 - supervision) * last

    batch = list(zip(inputs, labels, strict=True))
    assert program.step(batch, supervision=supervision) == pytest.approx(loss(before), rel=1e-5)
    after = program.parameters()
    for name, gradient in numeric_gradients(loss, before).items():
        found = (before[name].astype(np.float64) - after[name]) / rates[int(name[4]) - 1]
        assert np.abs(gradient).max() > 1e-3
        np.testing.assert_allclose(found, gradient, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("padding", ["valid", "replicate"])
@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("size", [(17, 17), (150, 77)])
def test_image_follows_the_definition(network, padding, size):
    parameters = trained_like(network)
    image = np.random.default_rng(5).random((1, *size), np.float32)
    expected = outputs(network, parameters, image[np.newaxis], replicate=padding == "replicate")[-1][0]
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
