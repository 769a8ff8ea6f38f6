"""Upscaling by a network that enlarges by itself."""

import numpy as np
import pytest
from helpers import needs_paddle
from small_networks import espcn_of

from paddle_srcnn.apps.upscaler import Upscaler
from paddle_srcnn.errors import UserError
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.model import weights as weight_files
from paddle_srcnn.model.weights import save_weights
from paddle_srcnn.protocols.paper import quantised

pytestmark = needs_paddle


@pytest.fixture(scope="module", params=["openvino", "static"])
def upscale(request, tmp_path_factory):
    """Upscalers by packaged networks, as a function of the scale; by OpenVINO and by Paddle's static programs."""
    folder = tmp_path_factory.mktemp("packaged")
    for scale in (2, 3, 4):
        save_weights(folder / f"espcn_x{scale}.safetensors", espcn_of(scale))
    save_weights(folder / "espcn_x3_plain.safetensors", espcn_of(3, detail=0.0, activation="relu"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(weight_files, "PRETRAINED", folder)
        if request.param == "static":
            patch.setattr("paddle_srcnn.deploy.openvino.available", lambda: False)
        yield lambda scale, network="espcn": Upscaler(network, scale)


def noise(*shape):
    return np.random.default_rng(0).integers(64, 192, shape, dtype=np.uint8)


@pytest.mark.parametrize("size", [(1, 1), (2, 70), (33, 60)])
@pytest.mark.parametrize("scale", [2, 3, 4, 2.5, 6])
def test_size_is_that_of_the_factor(upscale, scale, size):
    for channels in ((), (4,)):
        upscaled = upscale(scale)(noise(*size, *channels))
        assert upscaled.shape == (*(int(length * scale + 0.5) for length in size), *channels)


def test_grey_images_are_upscaled_as_the_evaluation_scores_them(upscale):
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.static.inference_program import restorer

    restore = restorer(espcn_of(3), choose_device("cpu"), padding="replicate", threads=1)
    image = noise(300, 217)
    expected = np.clip(restore(image[np.newaxis])[0], 0, 255)
    found = upscale(3)(image / 255.0) * 255
    assert np.abs(found - imresize(image, 3)).max() > 3  # of the made-up detail
    assert np.abs(found - expected).max() < 0.01


def test_without_detail_it_is_bicubic_but_for_the_borders(upscale):
    """Bicubic interpolation mirrors the border, the network repeats it."""
    image, inside = noise(40, 31, 3), np.s_[6:-6, 6:-6]
    expected = quantised(imresize(image.transpose(2, 0, 1), 3)).transpose(1, 2, 0)
    found = upscale(3, "espcn_x3_plain")(image)
    assert np.abs(found[inside].astype(int) - expected[inside]).max() <= 1
    assert np.abs(found.astype(int) - expected).mean() < 1


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_result_does_not_depend_on_where_tiles_and_bands_are_cut(upscale, scale):
    image, seen = noise(330, 290), 3
    whole = upscale(scale)(image)
    for top, left in ((0, 0), (7, 100), (71, 33)):
        part = upscale(scale)(np.ascontiguousarray(image[top : top + 230, left : left + 170]))
        inside = np.s_[scale * seen : -scale * seen, scale * seen : -scale * seen]
        expected = whole[scale * top : scale * (top + 230), scale * left : scale * (left + 170)]
        differences = np.abs(part[inside].astype(int) - expected[inside])
        assert differences.max() <= 1  # rounding of what vectors and their remainders compute
        assert (differences > 0).mean() < 1e-3


def test_memory_is_that_of_a_band(upscale):
    """Beside the image and its result, memory does not grow with the number of rows."""
    pixels = [np.zeros((rows, 1000, 3), np.uint8) for rows in (1000, 2000, 3000)]
    first, second, third = (upscale(3).memory_needed(image) for image in pixels)
    held = 2 * 3 * 10 + 2 * 4 * 3  # bytes for an image's pixel: both images twice, and the channels twice
    assert third - second == second - first == held * 1000 * 1000


def test_network_is_for_one_factor(upscale, tmp_path):
    save_weights(tmp_path / "mine.safetensors", espcn_of(3))
    with pytest.raises(UserError, match="is for x3, and x4 is needed"):
        Upscaler(str(tmp_path / "mine.safetensors"), scale=4)
    with pytest.raises(UserError, match="espcn_x3_other"):
        upscale(3, "espcn_x3_other")
