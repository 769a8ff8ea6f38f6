import numpy as np
import pytest

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.whitening import rows_of, unwhitened

pytest.importorskip("paddle")

from networks import batch, cpu_plan, reference_gradients, step, trained_like

from paddle_srcnn.static.training_program import WHITENED, TrainingProgram


@pytest.mark.parametrize("branches", [1, 2])
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_whitened_first_layer_is_stored_as_it_is_trained(optimizer, branches):
    """Two steps with it are two steps of the plain program in other coordinates, which SGD shows in closed form."""
    network = Architecture((3, 1, 3), (4, 3))
    given, rates = trained_like(network), (0.01, 0.01, 0.001)
    rng = np.random.default_rng(3)
    matrix = np.eye(10) + 0.1 * rng.normal(size=(10, 10))
    matrix[-1] = np.eye(10)[-1]
    matrix = matrix.astype(np.float32)
    program = TrainingProgram(
        network, rates, cpu_plan(network, branches), optimizer=optimizer, whitening=matrix, value_range=255.0
    )
    program.set_state(given)
    inputs, labels = batch(network, 4)
    gradients = reference_gradients(network, given, inputs, labels)
    step(program, inputs, labels)
    after = program.parameters()
    for name in ("conv2.weight", "conv3.weight"):
        assert (after[name] != given[name]).any()
    rows = unwhitened(program.state()[WHITENED], matrix, given["conv1.weight"].shape)
    np.testing.assert_allclose(after["conv1.weight"], rows[0], atol=1e-6)
    np.testing.assert_allclose(after["conv1.bias"], rows[1], atol=1e-6)
    if optimizer == "sgd":
        gradient = rows_of(gradients["conv1.weight"], gradients["conv1.bias"])
        expected = rows_of(given["conv1.weight"], given["conv1.bias"]) - 0.01 * gradient @ matrix.T @ matrix
        found = rows_of(after["conv1.weight"], after["conv1.bias"])
        np.testing.assert_allclose(found, expected, atol=1e-5)
        moved = np.abs(expected - rows_of(given["conv1.weight"], given["conv1.bias"])).max()
        assert moved > 1e-3  # so that the tolerance means something


def test_whitened_state_goes_on_to_the_same_bits():
    network, matrix = Architecture((3, 3), (4,)), np.eye(10, dtype=np.float32) * 2
    samples = batch(network, 3)

    def program():
        return TrainingProgram(network, (0.01, 0.001), cpu_plan(network), whitening=matrix)

    whole, first, second = program(), program(), program()
    for each in (whole, first):
        each.set_state(trained_like(network))
        step(each, *samples)
    second.set_state(first.state())
    step(whole, *samples)
    step(second, *samples)
    assert whole.state().keys() == second.state().keys()
    assert all(value.tobytes() == second.state()[name].tobytes() for name, value in whole.state().items())
