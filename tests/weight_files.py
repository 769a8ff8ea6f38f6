"""Parameters and hostile files of weights, for the tests of everything that reads them."""

import json
import resource
from contextlib import contextmanager

import numpy as np

from paddle_srcnn.model.architecture import Architecture

SMALL = Architecture((3, 1, 3), (4, 2))
HOSTILE_TENSORS = [
    {"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 4 * 10**12]},
    {"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 8]},
    {"dtype": "F32", "shape": [2**63, 4], "data_offsets": [0, 8]},
    {"dtype": "F32", "shape": [2, -1], "data_offsets": [0, 8]},
    {"dtype": "F32", "shape": [0, 10**12], "data_offsets": [0, 0]},
    {"dtype": "BF16", "shape": [4], "data_offsets": [0, 8]},
    {"dtype": "F8_E4M3", "shape": [8], "data_offsets": [0, 8]},
]


def noise(*shape):
    return np.random.default_rng(sum(shape)).normal(size=shape).astype(np.float32)


def good_parameters(architecture):
    parameters = {}
    for i, shape in enumerate(architecture.weight_shapes, 1):
        parameters |= {f"conv{i}.weight": noise(*shape), f"conv{i}.bias": noise(shape[0])}
    return parameters


def hostile_contents(tensor):
    """Safetensors files whose headers claim this tensor, and lengths of their own."""
    for length in (None, 2**32 - 1, 2**63, 2**64 - 1):
        header = json.dumps({"conv1.weight": tensor, "__metadata__": {"a": "b"}}).encode()
        yield (length or len(header)).to_bytes(8, "little") + header + bytes(8)


@contextmanager
def file_size_limit(size):
    """Let files grow no larger than so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
