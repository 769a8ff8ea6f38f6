"""First parameters of a network, and those made from another network's."""

import numpy as np
import pytest

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.parameters import (
    colour_parameters,
    grown_parameters,
    initial_parameters,
    parameter_names,
)


def test_network_that_begins_as_the_identity():
    pytest.importorskip("paddle")
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.static.inference_program import InferenceProgram

    architecture = Architecture((3, 5, 1, 3), (6, 5, 4), 3)
    parameters = initial_parameters(architecture, std=None, rng=np.random.default_rng(0), identity=True)
    last = parameter_names(architecture)[-1][0]
    parameters[last][:, 3:] = 0  # without what the other filters add
    image = np.random.default_rng(1).uniform(0, 255, (3, 60, 70))
    restore = InferenceProgram(architecture, choose_device("cpu"), parameters, padding="replicate", value_range=1.0)
    restored = restore(image)
    np.testing.assert_allclose(restored, image, rtol=1e-5, atol=1e-4)


def test_identity_needs_a_filter_for_each_channel():
    with pytest.raises(ValueError, match="too narrow"):
        initial_parameters(Architecture((3, 3), (2,), 3), std=0.1, rng=np.random.default_rng(0), identity=True)


def response(filters, patch):
    """Response of filters (out, in, size, size) to one patch (in, size, size)."""
    return np.tensordot(filters.astype(np.float64), patch, axes=3)


def test_colour_network_responds_to_grey_as_the_luma_network():
    rng = np.random.default_rng(0)
    luma = initial_parameters(Architecture((3, 1, 3), (4, 2)), std=0.1, rng=rng)
    luma["conv3.bias"][:] = 0.25
    colour = colour_parameters(luma)
    grey = rng.uniform(0, 1, (1, 3, 3))
    np.testing.assert_allclose(
        response(colour["conv1.weight"], np.repeat(grey, 3, axis=0)), response(luma["conv1.weight"], grey), rtol=1e-5
    )
    red = np.concatenate([grey, np.zeros((2, 3, 3))])  # its share in Y is 0.299 (BT.601)
    np.testing.assert_allclose(
        response(colour["conv1.weight"], red), 0.299 * response(luma["conv1.weight"], grey), rtol=1e-5
    )
    assert colour["conv3.weight"].shape == (3, 2, 3, 3)
    for channel in range(3):
        np.testing.assert_array_equal(colour["conv3.weight"][channel], luma["conv3.weight"][0])
    assert colour["conv3.bias"].tolist() == [0.25] * 3
    np.testing.assert_array_equal(colour["conv2.weight"], luma["conv2.weight"])


def test_grown_filters_respond_as_the_small_ones():
    rng = np.random.default_rng(0)
    small, large = Architecture((3, 1, 3), (4, 2)), Architecture((5, 3, 3), (4, 2))
    parameters = initial_parameters(small, std=0.1, rng=rng)
    grown = grown_parameters(parameters, large)
    assert [grown[f"conv{i}.weight"].shape for i in (1, 2, 3)] == list(large.weight_shapes)
    patch = rng.uniform(0, 1, (1, 5, 5))
    np.testing.assert_allclose(
        response(grown["conv1.weight"], patch), response(parameters["conv1.weight"], patch[:, 1:-1, 1:-1]), rtol=1e-6
    )
    with pytest.raises(ValueError, match=r"conv1\.weight is larger than the 3x3 of 3-1-3"):
        grown_parameters(grown, small)


def test_each_layer_is_drawn_by_the_number_of_its_inputs():
    """He et al. 2015: the square root of 2 over a filter's inputs; a tenth of it for the last layer."""
    parameters = initial_parameters(Architecture((9, 5, 5), (64, 32)), std=None, rng=np.random.default_rng(0))
    for name, inputs, share in (("conv1", 81, 1), ("conv2", 64 * 25, 1), ("conv3", 32 * 25, 0.1)):
        assert parameters[f"{name}.weight"].std() == pytest.approx(share * (2 / inputs) ** 0.5, rel=0.1)
        assert not parameters[f"{name}.bias"].any()
