"""Networks in blocks of pixels and Winograd's columns: the same as layer by layer in NumPy, however they are cut."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from skimage import data
from skimage.transform import resize

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.weights import Weights, load_weights, packaged_weights

pytest.importorskip("paddle")

from test_programs import CPU, correlate, trained_like

from paddle_srcnn.deploy import openvino, winograd
from paddle_srcnn.deploy.blocks import (
    blocked_layer,
    blocked_program,
    columns_apart,
    made_up,
    pixels_of_blocks,
)
from paddle_srcnn.deploy.tiles import PARTS, SMALL, TiledNetwork
from paddle_srcnn.static.inference_program import InferenceProgram, WholePictures

NETWORKS = [
    Architecture((9, 5, 5), (5, 4)),
    Architecture((9, 5, 5), (5, 4), 3),
    Architecture((5, 5, 3), (4, 6)),
    Architecture((3, 5, 1), (4, 6)),
    Architecture((9, 1, 5), (6, 3)),
    Architecture((3, 3, 5), (4, 3), 5),
    Architecture((3, 5, 1, 9), (4, 3, 5)),
    Architecture((5,), ()),
]


def drawn(architecture):
    return Weights(architecture, trained_like(architecture), {"value_range": "0..1", "protocol": "paper"})


def correlated(planes, weight):
    """Valid correlation of (C, H, W) planes in float64."""
    return correlate(planes[np.newaxis], weight.astype(np.float64))[0]


@pytest.fixture(params=["openvino", "static programs"])
def engine(request, monkeypatch):
    """What networks run by."""
    if request.param == "static programs":
        monkeypatch.setattr(openvino, "available", lambda: False)
    elif not openvino.available():
        pytest.skip("needs OpenVINO, which Paddle 3's wheels for x86 carry: install one of them")
    return request.param


def reference(weights, planes, sides=SMALL):
    """Layer by layer, each with its input's border repeated at some sides."""
    planes, layers = planes.astype(np.float64), len(weights.architecture.filters)
    for layer in range(1, layers + 1):
        weight, bias = (weights.parameters[f"conv{layer}.{kind}"] for kind in ("weight", "bias"))
        margin = weight.shape[-1] // 2
        pads = [(0, 0), (margin * sides.top, margin * sides.bottom), (margin * sides.left, margin * sides.right)]
        planes = correlated(np.pad(planes, pads, "edge"), weight) + bias[:, np.newaxis, np.newaxis]
        planes = np.maximum(planes, 0) if layer < layers else planes
    return planes


def test_transforms_give_four_results_from_eight_columns():
    of_columns, of_filter, of_products = winograd.transforms()
    rng = np.random.default_rng(0)
    columns, taps = rng.normal(size=8), rng.normal(size=5)
    results = of_products.T @ ((of_filter @ taps) * (of_columns @ columns))
    np.testing.assert_allclose(results, np.correlate(columns, taps, "valid"), atol=1e-12)
    for matrix in (of_columns, of_products):  # no digit is lost in float32
        np.testing.assert_array_equal(matrix.astype(np.float32), matrix)


@pytest.mark.parametrize(("size", "apart"), [(1, False), (3, False), (5, False), (1, True), (5, True), (9, True)])
@pytest.mark.parametrize("channels", [1, 2, 3, 20])
def test_blocks_are_the_layer(channels, size, apart):
    rng = np.random.default_rng(size)
    weight, bias = rng.normal(size=(channels, 2, size, size)), rng.normal(size=channels)
    planes = rng.normal(size=(2, size + 11, size + 19))
    expected = correlated(planes, weight) + bias[:, np.newaxis, np.newaxis]
    blocked, biases = blocked_layer(weight, bias)
    rows = blocked.shape[0] // channels // 4
    if apart:
        planes = np.concatenate([planes[..., first::4] for first in range(4)])
        blocks = correlated(planes, columns_apart(blocked))[:, ::rows]
    else:
        blocks = correlated(planes, blocked)[:, ::rows, ::4]
    pixels = pixels_of_blocks(blocks + biases[:, np.newaxis, np.newaxis], channels)
    np.testing.assert_allclose(pixels, expected, atol=1e-12)


@pytest.mark.parametrize("sides", PARTS, ids=lambda sides: "".join(str(int(side)) for side in sides))
@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: f"{network.name} x{network.channels}")
def test_program_is_the_network(network, sides):
    weights = drawn(network)
    program, (_, output), session = blocked_program(weights, sides)
    for size in ((25, 30), (26, 31), (28, 33)):
        planes = np.random.default_rng(1).random((network.channels, *size), np.float32)
        given, (rows, columns) = made_up(planes, network.margin, sides)
        (blocks,) = session.run(program, {"input": given[np.newaxis]}, [output])
        pixels = pixels_of_blocks(blocks[0], network.channels)[:, rows, columns]
        np.testing.assert_allclose(pixels, reference(weights, planes, sides), atol=2e-6)


@pytest.mark.parametrize(
    "network", [*NETWORKS[:2], NETWORKS[4], Architecture((1, 1), (3,))], ids=lambda network: network.name
)
@pytest.mark.parametrize("size", [(61, 50), (9, 40), (40, 3), (17, 17), (1, 1), (7, 70)])
def test_rows_and_tiles_make_the_picture(size, network, engine):
    weights = drawn(network)
    planes = np.random.default_rng(2).random((network.channels, *size), np.float32) * 255
    whole = TiledNetwork(weights, CPU, threads=2)(planes)
    np.testing.assert_allclose(whole, reference(weights, planes / 255) * 255, atol=1e-3)
    for tile, step in ((7, 3), (8, 16), (20, 7), (1, 60)):
        restore = TiledNetwork(weights, CPU, threads=2, tile=tile)
        for start in range(0, size[0], step):
            stop = min(start + step, size[0])
            first, last = max(start - restore.margin, 0), min(stop + restore.margin, size[0])
            part = restore(planes[:, first:last], slice(start - first, stop - first))
            if engine == "openvino":
                np.testing.assert_array_equal(part, whole[:, start:stop])
            else:
                np.testing.assert_allclose(part, whole[:, start:stop], atol=1e-3)


PACKAGED = [name for name in packaged_weights() if name.startswith("sr_")]


@pytest.mark.parametrize("name", PACKAGED)
def test_trained_networks_are_rounded_no_worse(name):
    """Filters trained on whitened patches are large in places: what float32 leaves must be far below a grey level."""
    weights = load_weights(name)
    picture = resize(data.astronaut()[:64, 180:260] / 255, (96, 120), order=3).astype(np.float32) * 255
    planes = np.moveaxis(picture, -1, 0)[: weights.architecture.channels]
    restored = TiledNetwork(weights, CPU, threads=2)(planes)
    expected = reference(weights, planes / 255 * weights.value_range) / weights.value_range * 255
    assert np.abs(restored - expected).max() < 0.002


def test_parts_of_many_pictures_have_few_sizes():
    """What is compiled for each size is kept, so that the number of sizes bounds what a folder of pictures takes."""
    restore, rng, sizes = TiledNetwork(drawn(NETWORKS[0]), CPU, threads=2), np.random.default_rng(3), set()

    def noting(sides):
        def run(planes):
            given, (rows, columns) = made_up(planes, restore.margin, sides)
            sizes.add((sides, given.shape))
            return np.zeros((1, rows.stop - rows.start, columns.stop - columns.start), np.float32)

        return run

    restore._runs = {sides: noting(sides) for sides in PARTS}
    found = []
    for _ in range(2):
        for height, width in rng.integers(100, 1500, (400, 2)):
            restore(np.zeros((1, height, width), np.float32))
        found.append(len(sizes))
    assert found[1] < 300 and found[1] - found[0] < 20, found


def test_threads_take_turns(engine, monkeypatch):
    """Several threads use two networks, which share what is compiled; no program runs twice at once."""
    overlaps, started = [], []

    def watched(run):
        inside = []

        def turn(*arguments):
            overlaps.append(bool(inside))
            inside.append(threading.get_ident())
            time.sleep(0.002)  # so that whoever does not wait is seen
            try:
                return run(*arguments)
            finally:
                inside.pop()

        started.append(turn)
        return turn

    weights = drawn(NETWORKS[0])
    if engine == "openvino":
        real = openvino.predictor
        monkeypatch.setattr(openvino, "_COMPILED", {})
        monkeypatch.setattr(openvino, "predictor", lambda *arguments: watched(real(*arguments)))
        networks = [TiledNetwork(weights, CPU, threads=2, tile=16) for _ in range(2)]
        assert len(started) == len(PARTS)
    else:
        both = watched(lambda restore, planes: restore(planes))
        for kind in (InferenceProgram, WholePictures):
            call = kind.__call__
            monkeypatch.setattr(kind, "__call__", lambda self, planes, call=call: both(lambda p: call(self, p), planes))
        networks = [TiledNetwork(weights, CPU, threads=2, tile=16)] * 2
    pictures = [np.random.default_rng(seed).random((1, 40, 45 + seed), np.float32) * 255 for seed in range(4)]
    expected = [networks[0](planes) for planes in pictures]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: networks[number % 2](pictures[number]), range(4)))
    assert overlaps and not any(overlaps)
    for planes, other in zip(expected, found, strict=True):
        np.testing.assert_array_equal(planes, other)
