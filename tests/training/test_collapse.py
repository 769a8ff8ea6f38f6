import numpy as np
import pytest

pytest.importorskip("paddle")

from paddle_srcnn.model.parameters import initial_parameters
from paddle_srcnn.recipes import BASIC
from paddle_srcnn.static.backend import choose_device
from paddle_srcnn.training.collapse import has_dead_layer

PICTURE = np.random.default_rng(0).integers(0, 256, (1, 20, 30), dtype=np.uint8)


@pytest.mark.parametrize("layer", [1, 2])
def test_layer_is_dead_when_no_filter_of_it_answers(layer):
    parameters = initial_parameters(BASIC, std=0.001, rng=np.random.default_rng(0))
    assert not has_dead_layer(BASIC, parameters, [PICTURE], choose_device("cpu"))
    bias = parameters[f"conv{layer}.bias"]
    bias[:-1] = -1e3  # one filter is left
    assert not has_dead_layer(BASIC, parameters, [PICTURE], choose_device("cpu"))
    bias[:] = -1e3
    assert has_dead_layer(BASIC, parameters, [PICTURE], choose_device("cpu"))


def test_answer_to_one_picture_keeps_a_layer_alive():
    parameters = initial_parameters(BASIC, std=0.001, rng=np.random.default_rng(0))
    parameters["conv1.weight"] = np.abs(parameters["conv1.weight"])
    parameters["conv1.bias"][:] = -1.0
    black = np.zeros_like(PICTURE)
    assert has_dead_layer(BASIC, parameters, [black], choose_device("cpu"))
    assert not has_dead_layer(BASIC, parameters, [black, PICTURE], choose_device("cpu"))
