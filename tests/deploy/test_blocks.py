"""Networks in blocks of pixels and Winograd's columns: the same as layer by layer in NumPy, however they are cut."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from skimage import data
from skimage.transform import resize

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.weights import Weights, load_weights, packaged_weights

pytest.importorskip("paddle")

from networks import correlate, trained_like

from paddle_srcnn.deploy import openvino, winograd
from paddle_srcnn.deploy.blocks import blocked_layer, columns_apart, pad_to_unit, pixels_of_blocks, write_blocked
from paddle_srcnn.deploy.tiles import POSITIONS, TILE, TiledNetwork, cut, surroundings
from paddle_srcnn.static.backend import choose_device
from paddle_srcnn.static.layers import ALL_BORDERS
from paddle_srcnn.static.session import load_network

CPU = choose_device("cpu")

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


def correlated(image, weight):
    """Valid correlation of (C, H, W) image in float64."""
    return correlate(image[np.newaxis], weight.astype(np.float64))[0]


@pytest.fixture(params=["openvino", "static programs"])
def engine(request, monkeypatch):
    """What networks run by."""
    if request.param == "static programs":
        monkeypatch.setattr(openvino, "available", lambda: False)
    elif not openvino.available():
        pytest.skip("needs OpenVINO, which Paddle 3's wheels for x86 carry: install one of them")
    return request.param


def reference(weights, image, borders=ALL_BORDERS):
    """Layer by layer, each with its input repeated at some borders."""
    image, layers = image.astype(np.float64), len(weights.architecture.filters)
    for layer in range(1, layers + 1):
        weight, bias = (weights.parameters[f"conv{layer}.{kind}"] for kind in ("weight", "bias"))
        margin = weight.shape[-1] // 2
        pads = [
            (0, 0),
            (margin * borders.top, margin * borders.bottom),
            (margin * borders.left, margin * borders.right),
        ]
        image = correlated(np.pad(image, pads, "edge"), weight) + bias[:, np.newaxis, np.newaxis]
        image = np.maximum(image, 0) if layer < layers else image
    return image


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
    image = rng.normal(size=(2, size + 11, size + 19))
    expected = correlated(image, weight) + bias[:, np.newaxis, np.newaxis]
    blocked, biases = blocked_layer(weight, bias)
    rows = blocked.shape[0] // channels // 4
    if apart:
        image = np.concatenate([image[..., first::4] for first in range(4)])
        blocks = correlated(image, columns_apart(blocked))[:, ::rows]
    else:
        blocks = correlated(image, blocked)[:, ::rows, ::4]
    pixels = pixels_of_blocks(blocks + biases[:, np.newaxis, np.newaxis], channels)
    np.testing.assert_allclose(pixels, expected, atol=1e-12)


@pytest.mark.parametrize("borders", POSITIONS, ids=lambda borders: "".join(str(int(padded)) for padded in borders))
@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: f"{network.name} x{network.channels}")
def test_blocks_are_the_network(network, borders, tmp_path):
    weights = drawn(network)
    run = load_network(*write_blocked(weights, borders, tmp_path / "network"))
    for size in ((25, 30), (26, 31), (28, 33)):
        image = np.random.default_rng(1).random((network.channels, *size), np.float32)
        padded, (rows, columns) = pad_to_unit(image, network.margin, borders)
        pixels = pixels_of_blocks(run(padded[np.newaxis])[0], network.channels)[:, rows, columns]
        np.testing.assert_allclose(pixels, reference(weights, image, borders), atol=2e-6)


@pytest.mark.parametrize(
    "network", [*NETWORKS[:2], NETWORKS[4], Architecture((1, 1), (3,))], ids=lambda network: network.name
)
@pytest.mark.parametrize("size", [(61, 50), (9, 40), (40, 3), (17, 17), (1, 1), (7, 70)])
def test_rows_and_tiles_make_the_image(size, network, engine):
    weights = drawn(network)
    image = np.random.default_rng(2).random((network.channels, *size), np.float32) * 255
    whole = TiledNetwork(weights, CPU, threads=2)(image)
    np.testing.assert_allclose(whole, reference(weights, image / 255) * 255, atol=1e-3)
    for tile, step in ((7, 3), (8, 16), (20, 7), (1, 60)):
        restore = TiledNetwork(weights, CPU, threads=2, tile=tile)
        for start in range(0, size[0], step):
            stop = min(start + step, size[0])
            first, last = max(start - restore.margin, 0), min(stop + restore.margin, size[0])
            part = restore(image[:, first:last], slice(start - first, stop - first))
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
    image = np.moveaxis(picture, -1, 0)[: weights.architecture.channels]
    restored = TiledNetwork(weights, CPU, threads=2)(image)
    expected = reference(weights, image / 255 * weights.value_range) / weights.value_range * 255
    assert np.abs(restored - expected).max() < 0.002


def test_tiles_of_many_images_have_few_sizes():
    """OpenVINO keeps what it compiles for each size, so that the number of sizes bounds the memory of a folder."""
    rng, margin, sizes, found = np.random.default_rng(3), NETWORKS[0].margin, set(), []
    for _ in range(2):
        for size in rng.integers(100, 1500, (400, 2)):
            for tile in cut(size, slice(0, size[0]), margin, TILE):
                rows, columns = surroundings(tile, margin, size)
                image = np.empty((1, rows.stop - rows.start, columns.stop - columns.start), np.float32)
                sizes.add((tile.position, pad_to_unit(image, margin, tile.position)[0].shape))
        found.append(len(sizes))
    assert found[1] < 300 and found[1] - found[0] < 20, found


def test_threads_share_networks(engine):
    """Several threads call two networks of the same weights at once: each gets its own image's result."""
    weights = drawn(NETWORKS[0])
    networks = [TiledNetwork(weights, CPU, threads=2, tile=16) for _ in range(2)]
    images = [np.random.default_rng(seed).random((1, 40, 45 + seed), np.float32) * 255 for seed in range(4)]
    expected = [networks[0](image) for image in images]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda turn: networks[turn % 2](images[turn % 4]), range(24)))
    for turn, restored in enumerate(found):
        np.testing.assert_array_equal(restored, expected[turn % 4])
