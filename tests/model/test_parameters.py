"""First parameters of a network, and those made from another network's."""

import numpy as np
import pytest

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.parameters import initial_parameters, parameter_names


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
