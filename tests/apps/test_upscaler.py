"""Enlarging pictures: sizes, types, borders, colours and transparency, and independence of how the work is cut."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from helpers import needs_paddle

from paddle_srcnn.apps.upscaler import Upscaler, stages_of
from paddle_srcnn.errors import UserError
from paddle_srcnn.images.colour import rgb_to_ycbcr
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.weights import Weights, save_weights
from paddle_srcnn.protocols.paper import quantised

pytestmark = needs_paddle
SIZES = [(1, 1), (2, 70), (13, 13), (33, 60), (5, 1)]


def noise(*shape, dtype=np.uint8, seed=0):
    rng = np.random.default_rng(seed)
    if np.issubdtype(dtype, np.floating):
        return rng.random(shape).astype(dtype)
    return rng.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)


def weights_of(channels=1, *, detail=0.02, seed=0, symmetric=False, filters=(9, 5, 5)):
    """Network that passes its channels on, with some detail of random filters added."""
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


@pytest.fixture(scope="module")
def upscaler(tmp_path_factory):
    """Upscaler of made-up weights, as a function of its scale and of what `weights_of` takes."""
    made = {}

    def make(scale, **settings):
        key = (scale, *settings.items())
        if key not in made:
            path = tmp_path_factory.mktemp("weights") / "network.safetensors"
            save_weights(path, weights_of(**settings))
            made[key] = Upscaler(str(path), scale=scale)
        return made[key]

    return make


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [(), (2,), (3,), (4,)])
@pytest.mark.parametrize("scale", [2, 3, 4])
def test_size_type_and_channels_are_those_of_the_picture(upscaler, size, dtype, channels, scale):
    picture = noise(*size, *channels, dtype=dtype)
    enlarged = upscaler(scale)(picture)
    assert enlarged.shape == (size[0] * scale, size[1] * scale, *channels)
    assert enlarged.dtype == dtype


@pytest.mark.parametrize("scale", [1, 1.5, 2.5, 5, 6, 8])
def test_other_factors_go_through_larger_ones(upscaler, scale):
    picture = noise(11, 14, 3)
    enlarged = upscaler(scale)(picture)
    assert enlarged.shape == (int(11 * scale + 0.5), int(14 * scale + 0.5), 3)
    if scale == 1:
        np.testing.assert_array_equal(enlarged, picture)


def test_stages():
    assert [stages_of(scale) for scale in (1, 1.2, 2, 2.1, 3.5, 4.5, 7)] == [(), (2,), (2,), (3,), (4,), (3, 2), (4, 2)]
    for scale in (0, 0.9, 8.1, float("nan")):
        with pytest.raises(UserError, match="enlarged by 1 to 8"):
            stages_of(scale)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kind", ["grey", "colour"])
def test_without_detail_it_is_bicubic(upscaler, kind, channels):
    picture = noise(40, 31, *((3,) if kind == "colour" else ())) // 2 + 64  # nothing is clipped
    enlarged = upscaler(3, channels=channels, detail=0.0)(picture)
    planes = imresize(np.atleast_3d(picture).transpose(2, 0, 1), 3)
    expected = quantised(planes).transpose(1, 2, 0).reshape(enlarged.shape)
    assert np.abs(enlarged.astype(int) - expected).max() <= 1  # colours are rounded once, from YCbCr


def test_grey_pictures_are_scored_as_the_protocol_does(upscaler):
    """What the network makes of enlarged luma is what the evaluation scores."""
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.static.inference_program import WholePictures

    weights = weights_of()
    restore = WholePictures(weights.architecture, choose_device("cpu"), weights.parameters, value_range=1.0)
    picture = noise(60, 47)
    expected = restore(imresize(picture[np.newaxis], 3))[0]
    assert np.abs(upscaler(3)(picture / 255.0) * 255 - np.clip(expected, 0, 255)).max() < 0.01


@pytest.mark.parametrize("tile", [17, 1000, *np.random.default_rng(6).integers(18, 300, 8).tolist()])
def test_result_does_not_depend_on_the_tiling(upscaler, tile, monkeypatch):
    picture = noise(150, 131, 3)
    whole = upscaler(2)(picture)
    other = upscaler(2)
    for _, network in other._stages:
        monkeypatch.setattr(network, "_tile", tile)
    monkeypatch.setattr("paddle_srcnn.apps.upscaler.BAND_ROWS", tile // 2)
    np.testing.assert_array_equal(other(picture), whole)


@pytest.mark.parametrize("value", [0, 1, 100, 255])
@pytest.mark.parametrize("shape", [(1, 1), (40, 300), (300, 7)])
def test_constant_picture_stays_constant_to_its_borders(upscaler, value, shape):
    for picture in (np.full(shape, value, np.uint8), np.full((*shape, 3), value, np.uint8)):
        enlarged = upscaler(3)(picture)
        assert (enlarged == enlarged[0, 0]).all()
        if value:
            assert np.abs(enlarged[0, 0].astype(int) - value).max() < 60  # of the made-up network


def test_mirrored_picture_gives_the_mirrored_result(upscaler):
    enlarge = upscaler(3, symmetric=True)
    picture = noise(90, 120, 3)
    mirrored = enlarge(picture[:, ::-1])[:, ::-1]
    assert np.abs(enlarge(picture).astype(int) - mirrored).max() <= 1


@pytest.mark.parametrize("hidden", [0, 255])
@pytest.mark.parametrize("edge", ["hard", "soft"])
def test_transparency_leaves_no_fringes(upscaler, edge, hidden):
    """One colour, seen through a disc; whatever colour lies hidden outside of it, by a network that sharpens."""
    rows, columns = np.mgrid[-20:20, -20:20]
    distance = np.hypot(rows, columns)
    alpha = np.clip(12 - distance, 0, 1 if edge == "hard" else 6) / (1 if edge == "hard" else 6)
    picture = np.full((40, 40, 4), hidden, np.uint8)
    picture[alpha > 0, :3] = (200, 90, 40)
    picture[..., 3] = quantised(255 * alpha)
    enlarged = upscaler(3, detail=0.05)(picture)
    plain = upscaler(3, detail=0.05)(np.full((40, 40, 3), (200, 90, 40), np.uint8))[60, 60]
    seen = enlarged[..., 3] > 0
    assert np.abs(enlarged[seen][:, :3].astype(int) - plain).max() <= 2
    np.testing.assert_array_equal(enlarged[..., 3], quantised(imresize(picture[..., 3], 3)))


def test_opaque_pictures_are_enlarged_as_without_alpha(upscaler):
    picture = noise(21, 30, 3)
    opaque = np.dstack([picture, np.full((21, 30), 255, np.uint8)])
    enlarged = upscaler(2)(opaque)
    assert (enlarged[..., 3] == 255).all()
    assert np.abs(enlarged[..., :3].astype(int) - upscaler(2)(picture)).max() <= 1


def test_sixteen_bits_are_finer(upscaler):
    picture = noise(30, 30, 3)
    fine = upscaler(2)(picture.astype(np.uint16) * 257)
    assert np.abs(fine / 257 - upscaler(2)(picture)).max() <= 0.51
    assert len(np.unique(fine)) > 1000


def test_colours_keep_bicubic_chroma(upscaler):
    picture = noise(30, 30, 3) // 2 + 64
    given, made = rgb_to_ycbcr(upscaler(2, detail=0.0)(picture)), rgb_to_ycbcr(upscaler(2)(picture))
    assert np.abs(given[..., 0].astype(int) - made[..., 0]).max() > 3
    assert np.abs(given[..., 1:].astype(int) - made[..., 1:])[10:-10, 10:-10].mean() < 1.5  # clipping changes some


def test_threads_share_an_upscaler(upscaler):
    shared = upscaler(2)
    pictures = [noise(60 + 7 * n, 50, 3, seed=n) for n in range(6)]
    expected = [shared(picture) for picture in pictures]
    found = [None] * 6

    def enlarge(number):
        found[number] = shared(pictures[number])

    threads = [threading.Thread(target=enlarge, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [((3, 3, 1), np.uint8), ((3, 3, 5), np.uint8), ((3,), np.uint8), ((0, 3), np.uint8), ((3, 3), np.int32)],
)
def test_other_arrays_are_refused(upscaler, shape, dtype):
    picture = np.zeros(shape, dtype)
    with pytest.raises(ValueError, match="picture"):
        upscaler(2)(picture)


def test_weights_that_do_not_fit_are_named(tmp_path):
    with pytest.raises(UserError, match="baseline does not enlarge"):
        Upscaler("baseline", scale=2)
    with pytest.raises(UserError, match="7-7-7 for x2"):
        Upscaler("7-7-7", scale=2)
    weights = weights_of()
    save_weights(tmp_path / "x3.safetensors", replace(weights, metadata={**weights.metadata, "scale": "3"}))
    with pytest.raises(UserError, match="is for x3, and x4 is needed"):
        Upscaler(str(tmp_path / "x3.safetensors"), scale=4)
    with pytest.raises(UserError, match="is for x3, and x2 is needed"):
        Upscaler(str(tmp_path / "x3.safetensors"), scale=6)


def test_progress_tells_all_pixels_of_the_networks_results(upscaler):
    told = []
    upscaler(6)(noise(10, 12), progress=told.append)
    assert sum(told) == 9 * 120 + 36 * 120


def test_values_that_are_no_numbers_are_refused(upscaler):
    picture = np.zeros((5, 5), np.float32)
    picture[2, 2] = np.nan
    with pytest.raises(ValueError, match="finite"):
        upscaler(2)(picture)
    with pytest.raises(ValueError, match="array"):
        upscaler(2)([[0.0]])


def test_numbers_beyond_white_are_clipped(upscaler):
    picture = noise(9, 9).astype(np.float64) / 255
    beyond = np.where(picture > 0.9, 1e308, np.where(picture < 0.1, -1e308, picture))
    np.testing.assert_array_equal(upscaler(2)(beyond), upscaler(2)(np.where(picture < 0.1, 0, np.minimum(beyond, 1))))


def test_file_is_named_by_a_path_too(tmp_path):
    save_weights(tmp_path / "network.safetensors", weights_of(filters=(3, 1, 3)))
    assert Upscaler(tmp_path / "network.safetensors", scale=2)(noise(9, 9)).shape == (18, 18)
    with pytest.raises(ValueError, match="tpu"):
        Upscaler(tmp_path / "network.safetensors", scale=2, device="tpu")


def test_upscalers_are_built_by_several_threads(tmp_path):
    found = []

    def build(number):
        save_weights(tmp_path / f"{number}.safetensors", weights_of(seed=number, filters=(3, 1, 3)))
        found.append(Upscaler(str(tmp_path / f"{number}.safetensors"), scale=2)(noise(9, 9)).shape)

    threads = [threading.Thread(target=build, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [(18, 18)] * 4
