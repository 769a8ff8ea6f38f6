"""Small networks for super-resolution, for the tests that upscale."""

import numpy as np

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.espcn import Espcn
from paddle_srcnn.model.weights import Weights


def weights_of(channels=1, *, detail=0.02, seed=0, symmetric=False, filters=(9, 5, 5)):
    """Make a network that passes its channels on, with some detail of random filters added."""
    architecture = Architecture(filters, (8, 6), channels)
    rng, parameters = np.random.default_rng(seed), {}
    for number, shape in enumerate(architecture.weight_shapes, 1):
        weight = rng.normal(0, detail, shape).astype(np.float32)
        weight = (weight + weight[..., ::-1]) / 2 if symmetric else weight
        for channel in range(channels):
            weight[channel, channel, shape[2] // 2, shape[3] // 2] += 1
        parameters[f"conv{number}.weight"] = weight
        parameters[f"conv{number}.bias"] = np.zeros(shape[0], np.float32)
    metadata = {"protocol": "paper", "value_range": "0..1"}
    return Weights(architecture, parameters, metadata)


def espcn_of(scale, *, detail=0.02, seed=0, activation="tanh"):
    """Make an ESPCN that computes the bicubic enlargement, with some detail of random filters added."""
    network, rng = Espcn(scale, activation, (3, 1, 5), (8, 6)), np.random.default_rng(seed)
    parameters = {}
    for number, shape in enumerate(network.weight_shapes, 1):
        parameters[f"conv{number}.weight"] = np.zeros(shape, np.float32)
        parameters[f"conv{number}.bias"] = np.zeros(shape[0], np.float32)
    network.pass_on(parameters)
    for name in ("conv1.weight", "conv2.weight", "conv3.weight"):
        parameters[name] += rng.normal(0, detail, parameters[name].shape).astype(np.float32)
    metadata = {"protocol": "paper", "value_range": "0..1", "scale": str(scale), **network.metadata()}
    return Weights(network, parameters, metadata)
