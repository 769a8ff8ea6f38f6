"""Networks recomputed by hand, in NumPy, for the tests of programs."""

from dataclasses import replace

import numpy as np

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.parameters import parameter_names

BASIC = Architecture((9, 1, 5), (64, 32))


def cpu_plan(architecture, branches=1):
    """Make the CPU's plan for one thread, with a number of branches."""
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.static.cpu import choose_plan

    return replace(choose_plan(architecture, choose_device("cpu")), branches=branches)


def trained_like(architecture, seed=0):
    """Parameters of the size that trained ones have, so that every layer's output counts (He's, and some bias)."""
    rng = np.random.default_rng(seed)
    parameters = {}
    for (weight, bias), shape in zip(parameter_names(architecture), architecture.weight_shapes, strict=True):
        parameters[weight] = rng.normal(0, np.sqrt(2 / np.prod(shape[1:])), shape).astype(np.float32)
        parameters[bias] = rng.normal(0, 0.1, shape[0]).astype(np.float32)
    return parameters


def batch(architecture, count, height=24, width=21, seed=1):
    rng = np.random.default_rng(seed)
    lost = 2 * architecture.margin
    inputs = rng.random((count, architecture.channels, height, width), np.float32)
    return inputs, rng.random((count, architecture.channels, height - lost, width - lost), np.float32)


def step(program, inputs, labels):
    return program.step(list(zip(inputs, labels, strict=True)))


def windows(x, *size):
    return np.lib.stride_tricks.sliding_window_view(x, size, axis=(2, 3))


def correlate(x, weight):
    return np.einsum("nchwkl,ockl->nohw", windows(x, *weight.shape[2:]), weight, optimize=True)


def reference(architecture, parameters, x):
    """Every layer's input and the output, in float64, by the definition of a valid correlation."""
    layers = [x.astype(np.float64)]
    for i, (weight, bias) in enumerate(parameter_names(architecture)):
        y = correlate(layers[-1], parameters[weight].astype(np.float64)) + parameters[bias][:, np.newaxis, np.newaxis]
        layers.append(y if i == len(architecture.filters) - 1 else np.maximum(y, 0))
    return layers


def reference_gradients(architecture, parameters, x, label):
    """Gradients of the mean squared error, by the chain rule."""
    layers = reference(architecture, parameters, x)
    flow = 2 * (layers[-1] - label) / label.size
    gradients = {}
    for i, (weight, bias) in reversed(list(enumerate(parameter_names(architecture)))):
        size = architecture.filters[i]
        gradients[bias] = flow.sum(axis=(0, 2, 3))
        gradients[weight] = np.einsum("nchwkl,nohw->ockl", windows(layers[i], size, size), flow, optimize=True)
        padded = np.pad(flow, ((0, 0), (0, 0), (size - 1, size - 1), (size - 1, size - 1)))
        flipped = parameters[weight][:, :, ::-1, ::-1].transpose(1, 0, 2, 3).astype(np.float64)
        flow = correlate(padded, flipped) * (layers[i] > 0)
    return gradients


def reference_adam(architecture, parameters, rates, batches):
    """Adam as Kingma and Ba 2015 print it, algorithm 1, with their constants and a rate for each layer."""
    parameters = {name: value.astype(np.float64) for name, value in parameters.items()}
    first = {name: 0.0 for name in parameters}
    second = {name: 0.0 for name in parameters}
    for step, (x, label) in enumerate(batches, 1):
        for name, gradient in reference_gradients(architecture, parameters, x, label).items():
            first[name] = 0.9 * first[name] + 0.1 * gradient
            second[name] = 0.999 * second[name] + 0.001 * gradient**2
            moment, deviation = first[name] / (1 - 0.9**step), np.sqrt(second[name] / (1 - 0.999**step))
            parameters[name] = parameters[name] - rates[int(name[4]) - 1] * moment / (deviation + 1e-8)
    return parameters
