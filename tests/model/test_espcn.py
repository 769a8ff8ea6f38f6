from dataclasses import replace

import numpy as np
import pytest
from later_networks import espcn

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.model.espcn import Espcn
from paddle_srcnn.model.parameters import initial_parameters
from paddle_srcnn.model.weights import Weights, load_weights, save_weights

METADATA = {"protocol": "paper", "scale": "3", "value_range": "0..1", "network": "espcn", "activation": "tanh"}


def weights_of(network, **metadata):
    parameters = initial_parameters(network, std=None, rng=np.random.default_rng(0), identity=True)
    return Weights(network, parameters, {**METADATA, **network.metadata(), "scale": str(network.scale), **metadata})


def test_numbers_are_those_of_the_paper():
    """Shi et al. 2016, section 3.2: f1 = 5, n1 = 64; f2 = 3, n2 = 32; f3 = 3, and r * r maps."""
    network = Espcn(3)
    assert network.weight_shapes == ((64, 1, 5, 5), (32, 64, 3, 3), (9, 32, 3, 3))
    assert (network.weight_count, network.bias_count) == (22_624, 105)
    assert (network.factor, network.margin, network.receptive_field) == (3, 4, 9)


@pytest.mark.parametrize(
    "arguments", [(1,), (3, "sigmoid"), (3, "tanh", (5, 4, 3)), (3, "tanh", (5, 3)), (3, "tanh", (5, 3, 3), (0, 5))]
)
def test_nonsense_is_refused(arguments):
    with pytest.raises(ValueError, match=r"ESPCN upscales|filter sizes"):
        Espcn(*arguments)


@pytest.mark.parametrize("scale", [2, 3, 4])
@pytest.mark.parametrize(("activation", "tolerance"), [("relu", 1e-6), ("tanh", 0.02)])
def test_network_begins_as_the_bicubic_enlargement(scale, activation, tolerance):
    """By a last layer of 5x5 exactly, but for the bend of tanh; by the published 3x3 nearly."""
    image = np.random.default_rng(1).uniform(0.2, 0.8, (1, 1, 12, 15))
    for filters, difference in (((3, 1, 5), tolerance), ((5, 3, 3), 0.1)):
        network = Espcn(scale, activation, filters)
        lost = network.margin * scale
        expected = imresize(image, scale)[..., lost:-lost, lost:-lost]
        found = espcn(network, weights_of(network).parameters, image)
        np.testing.assert_allclose(found, expected, atol=difference)
        flat = espcn(network, weights_of(network).parameters, np.full((1, 1, 9, 9), 0.5))
        np.testing.assert_allclose(flat, 0.5, atol=1e-6)


@pytest.mark.parametrize("network", [Espcn(3), Espcn(2, "relu"), Espcn(4, "tanh", (5, 1, 3, 3), (20, 16, 7))])
def test_weights_read_back_with_their_architecture(tmp_path, network):
    weights = weights_of(network)
    save_weights(tmp_path / "w.safetensors", weights)
    loaded = load_weights(tmp_path / "w.safetensors")
    assert (loaded.architecture, loaded.metadata, loaded.space) == (network, weights.metadata, "y")
    for name, value in weights.parameters.items():
        np.testing.assert_array_equal(loaded.parameters[name], value)


CHANGES = {
    "other network": (lambda p: p, {"network": "gan"}, "network `gan`"),
    "no activation": (lambda p: p, {"activation": "sigmoid"}, "do not make a network `espcn`"),
    "no square": (
        lambda p: {**p, "conv3.bias": p["conv3.bias"][:8], "conv3.weight": p["conv3.weight"][:8]},
        {},
        "make",
    ),
    "no layer": (lambda p: {}, {}, "do not make"),
    "further layer": (lambda p: {**p, "conv9.weight": p["conv3.weight"], "conv9.bias": p["conv3.bias"]}, {}, "make"),
    "short bias": (lambda p: {**p, "conv1.bias": p["conv1.bias"][:5]}, {}, "do not make"),
    "flat weight": (lambda p: {**p, "conv2.weight": p["conv2.weight"][0]}, {}, "do not make"),
    "scalar": (lambda p: {**p, "conv3.weight": np.float32(1)[np.newaxis][0:0]}, {}, "do not make"),
    "doubles": (lambda p: {**p, "conv1.bias": p["conv1.bias"].astype(np.float64)}, {}, "conv1.bias is not finite"),
    "infinite": (lambda p: {**p, "conv1.bias": p["conv1.bias"] * np.float32(np.nan)}, {}, "conv1.bias is not finite"),
    "bytes": (lambda p: p, {"value_range": "0..255"}, "values in 0..1"),
    "other protocol": (lambda p: p, {"protocol": "article"}, "protocol `paper`"),
    "other scale": (lambda p: p, {"scale": "2"}, "x3"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_other_files_are_refused_by_name(tmp_path, change):
    alter, metadata, words = change
    weights = weights_of(Espcn(3))
    altered = replace(weights, parameters=alter(weights.parameters), metadata={**weights.metadata, **metadata})
    save_weights(tmp_path / "w.safetensors", altered)
    with pytest.raises(UserError, match=words) as caught:
        load_weights(tmp_path / "w.safetensors")
    assert "w.safetensors" in str(caught.value)
