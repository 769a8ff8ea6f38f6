"""Upscaling images: sizes, types, borders, colours and transparency, and independence of how the work is cut."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from helpers import needs_paddle
from PIL import Image
from small_networks import weights_of

from paddle_srcnn.apps.upscaler import Upscaler, stages_of
from paddle_srcnn.errors import UserError
from paddle_srcnn.images.colour import rgb_to_ycbcr
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.model.weights import save_weights
from paddle_srcnn.protocols.paper import quantised

pytestmark = needs_paddle
SIZES = [(1, 1), (2, 70), (13, 13), (33, 60), (5, 1)]


def noise(*shape, dtype=np.uint8, seed=0):
    rng = np.random.default_rng(seed)
    if np.issubdtype(dtype, np.floating):
        return rng.random(shape).astype(dtype)
    return rng.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)


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
def test_size_type_and_channels_are_those_of_the_image(upscaler, size, dtype, channels, scale):
    image = noise(*size, *channels, dtype=dtype)
    upscaled = upscaler(scale)(image)
    assert upscaled.shape == (size[0] * scale, size[1] * scale, *channels)
    assert upscaled.dtype == dtype


@pytest.mark.parametrize("scale", [1, 1.5, 2.5, 5, 6, 8])
def test_other_factors_go_through_larger_ones(upscaler, scale):
    image = noise(11, 14, 3)
    upscaled = upscaler(scale)(image)
    assert upscaled.shape == (int(11 * scale + 0.5), int(14 * scale + 0.5), 3)
    if scale == 1:
        np.testing.assert_array_equal(upscaled, image)


def test_stages():
    assert [stages_of(scale) for scale in (1, 1.2, 2, 2.1, 3.5, 4.5, 7)] == [(), (2,), (2,), (3,), (4,), (3, 2), (4, 2)]
    for scale in (0, 0.9, 8.1, float("nan")):
        with pytest.raises(UserError, match="enlarged by 1 to 8"):
            stages_of(scale)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("kind", ["grey", "colour"])
def test_without_detail_it_is_bicubic(upscaler, kind, channels):
    image = noise(40, 31, *((3,) if kind == "colour" else ())) // 2 + 64  # nothing is clipped
    upscaled = upscaler(3, channels=channels, detail=0.0)(image)
    bicubic = imresize(np.atleast_3d(image).transpose(2, 0, 1), 3)
    expected = quantised(bicubic).transpose(1, 2, 0).reshape(upscaled.shape)
    assert np.abs(upscaled.astype(int) - expected).max() <= 1  # colours are rounded once, from YCbCr


def test_grey_images_are_scored_as_the_protocol_does(upscaler):
    """The network's output for upsampled luma is the one that the evaluation scores."""
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.static.inference_program import restorer

    weights = weights_of()
    restore = restorer(weights, choose_device("cpu"), padding="replicate", threads=1)
    image = noise(60, 47)
    expected = restore(imresize(image[np.newaxis], 3))[0]
    assert np.abs(upscaler(3)(image / 255.0) * 255 - np.clip(expected, 0, 255)).max() < 0.01


@pytest.mark.parametrize("seed", range(10))
def test_result_does_not_depend_on_where_tiles_and_bands_are_cut(upscaler, seed):
    """Parts of an image are cut elsewhere than the whole; away from their own borders they come out the same."""
    image, seen = noise(400, 500, 3), 10  # pixels; the network and bicubic interpolation see fewer
    whole = upscaler(2)(image)
    rng = np.random.default_rng(seed)
    (top, bottom), (left, right) = (sorted(rng.choice(length, 2, replace=False)) for length in image.shape[:2])
    top, left = max(min(top, bottom - 60), 0), max(min(left, right - 60), 0)
    part = upscaler(2)(np.ascontiguousarray(image[top : bottom + 1, left : right + 1]))
    inside = np.s_[2 * seen : -2 * seen, 2 * seen : -2 * seen]
    expected = whole[2 * top : 2 * bottom + 2, 2 * left : 2 * right + 2]
    differences = np.abs(part[inside].astype(int) - expected[inside])
    assert differences.size > 1000
    assert differences.max() <= 1  # rounding of what vectors and their remainders compute
    assert (differences > 0).mean() < 1e-3


@pytest.mark.parametrize("value", [0, 1, 100, 255])
@pytest.mark.parametrize("shape", [(1, 1), (40, 300), (300, 7)])
def test_constant_image_stays_constant_to_its_borders(upscaler, value, shape):
    for image in (np.full(shape, value, np.uint8), np.full((*shape, 3), value, np.uint8)):
        upscaled = upscaler(3)(image)
        assert (upscaled == upscaled[0, 0]).all()
        if value:
            assert np.abs(upscaled[0, 0].astype(int) - value).max() < 60  # of the made-up network


def test_mirrored_image_gives_the_mirrored_result(upscaler):
    upscale = upscaler(3, symmetric=True)
    image = noise(90, 120, 3)
    mirrored = upscale(image[:, ::-1])[:, ::-1]
    assert np.abs(upscale(image).astype(int) - mirrored).max() <= 1


@pytest.mark.parametrize("hidden", [0, 255])
@pytest.mark.parametrize("edge", ["hard", "soft"])
def test_transparency_leaves_no_fringes(upscaler, edge, hidden):
    """One colour, seen through a disc; whatever colour lies hidden outside of it, by a network that sharpens."""
    rows, columns = np.mgrid[-20:20, -20:20]
    distance = np.hypot(rows, columns)
    alpha = np.clip(12 - distance, 0, 1 if edge == "hard" else 6) / (1 if edge == "hard" else 6)
    image = np.full((40, 40, 4), hidden, np.uint8)
    image[alpha > 0, :3] = (200, 90, 40)
    image[..., 3] = quantised(255 * alpha)
    upscaled = upscaler(3, detail=0.05)(image)
    plain = upscaler(3, detail=0.05)(np.full((40, 40, 3), (200, 90, 40), np.uint8))[60, 60]
    seen = upscaled[..., 3] > 0
    assert np.abs(upscaled[seen][:, :3].astype(int) - plain).max() <= 2
    np.testing.assert_array_equal(upscaled[..., 3], quantised(imresize(image[..., 3], 3)))


def test_opaque_images_are_upscaled_as_without_alpha(upscaler):
    image = noise(21, 30, 3)
    opaque = np.dstack([image, np.full((21, 30), 255, np.uint8)])
    upscaled = upscaler(2)(opaque)
    assert (upscaled[..., 3] == 255).all()
    assert np.abs(upscaled[..., :3].astype(int) - upscaler(2)(image)).max() <= 1


def test_sixteen_bits_are_finer(upscaler):
    image = noise(30, 30, 3)
    fine = upscaler(2)(image.astype(np.uint16) * 257)
    assert np.abs(fine / 257 - upscaler(2)(image)).max() <= 0.51
    assert len(np.unique(fine)) > 1000


def test_colours_keep_bicubic_chroma(upscaler):
    image = noise(30, 30, 3) // 2 + 64
    given, made = rgb_to_ycbcr(upscaler(2, detail=0.0)(image)), rgb_to_ycbcr(upscaler(2)(image))
    assert np.abs(given[..., 0].astype(int) - made[..., 0]).max() > 3
    assert np.abs(given[..., 1:].astype(int) - made[..., 1:])[10:-10, 10:-10].mean() < 1.5  # clipping changes some


def test_threads_share_an_upscaler(upscaler):
    shared = upscaler(2)
    images = [noise(60 + 7 * n, 50, 3, seed=n) for n in range(6)]
    expected = [shared(image) for image in images]
    found = [None] * 6

    def upscale(number):
        found[number] = shared(images[number])

    threads = [threading.Thread(target=upscale, args=(number,)) for number in range(6)]
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
    image = np.zeros(shape, dtype)
    with pytest.raises(ValueError, match="picture"):
        upscaler(2)(image)


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
    image = np.zeros((5, 5), np.float32)
    image[2, 2] = np.nan
    with pytest.raises(ValueError, match="finite"):
        upscaler(2)(image)
    with pytest.raises(ValueError, match="array"):
        upscaler(2)([[0.0]])


def test_numbers_beyond_white_are_clipped(upscaler):
    image = noise(9, 9).astype(np.float64) / 255
    beyond = np.where(image > 0.9, 1e308, np.where(image < 0.1, -1e308, image))
    np.testing.assert_array_equal(upscaler(2)(beyond), upscaler(2)(np.where(image < 0.1, 0, np.minimum(beyond, 1))))


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


@pytest.mark.parametrize("dtype", [">u2", ">f4", ">f8", "<u2"])
@pytest.mark.parametrize("scale", [1, 2])
def test_either_byte_order_is_taken(upscaler, dtype, scale):
    native = np.dtype(dtype).newbyteorder("=")
    image = noise(20, 30, 3, dtype=native)
    upscaled = upscaler(scale)(image.astype(dtype))
    assert upscaled.dtype == native
    np.testing.assert_array_equal(upscaled, upscaler(scale)(image))
    assert upscaler(2).memory_needed(image.astype(dtype)) == upscaler(2).memory_needed(image)


@pytest.mark.parametrize("arguments", [{"scale": "2"}, {"scale": True}, {"threads": 1.5}, {"threads": 0}])
def test_numbers_that_are_none_are_refused(arguments):
    with pytest.raises(ValueError, match=r"scale is a number|threads is above 0"):
        Upscaler(**arguments)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "I;16", "I;16B"])
def test_pillow_images_are_upscaled_as_their_arrays(upscaler, mode):
    shape = {"L": (9, 11), "LA": (9, 11, 2), "RGB": (9, 11, 3), "RGBA": (9, 11, 4)}.get(mode)
    pixels = noise(*shape) if shape else noise(9, 11, dtype=np.uint16)
    content = pixels.astype(">u2").tobytes() if mode == "I;16B" else pixels.tobytes()
    image = Image.frombytes(mode, (11, 9), content)
    np.testing.assert_array_equal(upscaler(2)(image), upscaler(2)(pixels))
    assert upscaler(2).memory_needed(image) == upscaler(2).memory_needed(pixels)


@pytest.mark.parametrize("mode", ["1", "P", "PA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "RGBa"])
def test_pillow_images_of_other_modes_are_refused(upscaler, mode):
    with pytest.raises(ValueError, match=rf'mode {mode} .*\.convert\("RGB"\)'):
        upscaler(2)(Image.new(mode, (5, 5)))
