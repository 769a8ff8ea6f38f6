import numpy as np
import pytest
from later_networks import drcn

from paddle_srcnn.errors import UserError
from paddle_srcnn.model.drcn import Drcn
from paddle_srcnn.model.parameters import initial_parameters
from paddle_srcnn.model.weights import Weights, load_weights, save_weights

METADATA = {"protocol": "paper", "scale": "3", "value_range": "0..1", "network": "drcn"}


def first(network, *, identity=True):
    return initial_parameters(network, std=None, rng=np.random.default_rng(0), identity=identity)


def test_numbers_are_those_of_the_paper():
    """Kim et al. 2016, section 3: 256 filters of 3x3, 16 recursions, which see 41x41 pixels."""
    network = Drcn(256, 16)
    assert network.receptive_field == 41
    assert network.weight_count + network.bias_count == 2304 + 3 * 589_824 + 2304 + 16 + 4 * 256 + 2
    assert (network.factor, network.further_outputs) == (1, 16)
    for numbers in ((0, 3), (3, 0)):
        with pytest.raises(ValueError, match="must be positive"):
            Drcn(*numbers)


def test_network_begins_as_the_identity():
    network, image = Drcn(8, 3), np.random.default_rng(1).random((1, 1, 30, 30))
    for output in drcn(network, first(network), image):
        np.testing.assert_allclose(output, image[..., 7:-7, 7:-7], atol=1e-6)
    parameters = first(network)
    np.testing.assert_array_equal(parameters["conv3.weight"].sum(axis=(2, 3)), np.eye(8))
    assert first(network, identity=False)["conv3.weight"].std() > 0.1


def test_weights_read_back_with_their_architecture(tmp_path):
    network = Drcn(5, 4)
    save_weights(tmp_path / "w.safetensors", Weights(network, first(network), METADATA))
    assert load_weights(tmp_path / "w.safetensors").architecture == network
    incomplete = {name: value for name, value in first(network).items() if "conv6" not in name}
    save_weights(tmp_path / "w.safetensors", Weights(network, incomplete, METADATA))
    with pytest.raises(UserError, match="do not make a network `drcn`"):
        load_weights(tmp_path / "w.safetensors")
