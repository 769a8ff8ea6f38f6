"""Networks that came after SRCNN, recomputed by hand in NumPy's float64, for the tests of programs."""

import numpy as np
from networks import correlate

from paddle_srcnn.model.drcn import Drcn
from paddle_srcnn.model.espcn import Espcn

ESPCN, ESPCN_RELU = Espcn(3, "tanh", (5, 3, 3), (4, 3)), Espcn(2, "relu", (3, 1, 3), (3, 4))
DRCN = Drcn(3, 4)


def padded(x, size):
    return np.pad(x, ((0, 0), (0, 0), *[(size // 2, size // 2)] * 2), mode="edge")


def espcn(network, parameters, x, *, replicate=False):
    """Shi et al. 2016, equations 1 to 4: the value at (i, j) is that of the map for i mod r and j mod r."""
    last, x = len(network.filters), x.astype(np.float64)
    for layer, size in enumerate(network.filters, 1):
        weight, bias = (parameters[f"conv{layer}.{part}"].astype(np.float64) for part in ("weight", "bias"))
        x = correlate(padded(x, size) if replicate else x, weight) + bias[:, np.newaxis, np.newaxis]
        if layer < last:
            x = np.tanh(x) if network.activation == "tanh" else np.maximum(x, 0)
    r = network.scale
    result = np.empty((len(x), 1, r * x.shape[2], r * x.shape[3]))
    for i in range(r):
        for j in range(r):
            result[:, 0, i::r, j::r] = x[:, r * i + j]
    return result


def numeric_gradients(loss, parameters, step=1e-6):
    """Central differences of a loss in float64, one parameter at a time."""
    parameters = {name: value.astype(np.float64) for name, value in parameters.items()}
    gradients = {name: np.empty(value.shape) for name, value in parameters.items()}
    for name, value in parameters.items():
        for index in np.ndindex(value.shape):
            kept, found = value[index], []
            for sign in (1, -1):
                value[index] = kept + sign * step
                found.append(loss(parameters))
            value[index] = kept
            gradients[name][index] = (found[0] - found[1]) / (2 * step)
    return gradients


def drcn(network, parameters, x, *, replicate=False):
    """Kim et al. 2016, section 3: the output of each recursion, cropped to the last one's size, then their mean."""
    weights = {name: value.astype(np.float64) for name, value in parameters.items()}
    x = x.astype(np.float64)

    def layer(maps, number):
        weight = weights[f"conv{number}.weight"]
        given = padded(maps, weight.shape[-1]) if replicate else maps
        return correlate(given, weight) + weights[f"conv{number}.bias"][:, np.newaxis, np.newaxis]

    maps, made = x, []
    for number in (1, 2, *[3] * network.recursions):
        maps = np.maximum(layer(maps, number), 0)
        if number == 3:
            output = layer(np.maximum(layer(maps, 4), 0), 5)
            made.append(output + cut(x, (x.shape[2] - output.shape[2]) // 2))
    outputs = [cut(output, (output.shape[2] - made[-1].shape[2]) // 2) for output in made]
    mean = sum(weights["conv6.weight"][0, number, 0, 0] * output for number, output in enumerate(outputs))
    return [*outputs, mean + weights["conv6.bias"]]


def cut(x, pixels):
    return x[:, :, pixels : x.shape[2] - pixels, pixels : x.shape[3] - pixels]
