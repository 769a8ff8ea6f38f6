"""Packaged networks: their names, the choice of the best one, and of the one for each photo."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers import needs_paddle
from packaged import DEFECTS, put_packaged
from small_networks import weights_of

from paddle_srcnn.apps.choice import MOST_BLOCKY_QUALITY, Networks
from paddle_srcnn.apps.networks import best_network, network_weights, restores_chroma, stage_weights
from paddle_srcnn.apps.plan import BatchOptions
from paddle_srcnn.apps.upscaler import Upscaler
from paddle_srcnn.errors import UserError
from paddle_srcnn.images.photos import Photo
from paddle_srcnn.model.weights import packaged_weights, save_weights


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Fabricated weights in place of the packaged ones; gives their folder."""
    put_packaged(tmp_path / "pretrained", monkeypatch)
    return tmp_path / "pretrained"


def noise(*shape):
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def photo(quality=None):
    return Photo(np.zeros((4, 5, 3), np.uint8), jpeg_quality=quality)


def networks(**changes):
    return Networks(BatchOptions(**{"scale": 2, "out": Path("out"), **changes}))


def test_best_packaged_network():
    assert best_network("y", (3, 2)) == "9-5-5"
    assert best_network("y", (4, 2), fast=True) == "9-1-5"
    assert best_network("rgb", ()) == "rgb_9-1-5"
    with pytest.raises(UserError, match="9-5-5 or 9-3-5 or 9-1-5 for x2 and x7"):
        best_network("y", (2, 7))


def test_best_network_that_removes_a_defect(package):
    assert best_network("y", (3, 2), defect="jpeg") == "jpeg_9-5-5"
    assert best_network("y", (2,), defect="noise_high", fast=True) == "noise_high_9-1-5"
    (package / "sr_jpeg_9-5-5_x4.safetensors").unlink()
    assert best_network("y", (4, 2), defect="jpeg") == "jpeg_9-1-5"
    (package / "sr_noise_low_9-1-5_x2.safetensors").unlink()
    with pytest.raises(UserError, match="noise_low_9-1-5 for x2 come with") as caught:
        best_network("y", (2,), defect="noise_low", fast=True)
    assert caught.value.about == "noise"


@pytest.mark.parametrize("defect", DEFECTS)
def test_first_of_two_stages_removes_the_defect(package, defect):
    found = stage_weights(f"{defect}_9-5-5", (4, 2))
    expected = [network_weights(f"{defect}_9-5-5", 4), network_weights("9-5-5", 2)]
    assert [one.metadata.get("defect") for one in found] == [defect, None]
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one.parameters["conv1.weight"], other.parameters["conv1.weight"])


@needs_paddle
@pytest.mark.parametrize("defect", DEFECTS)
@pytest.mark.parametrize("scale", [2, 2.5, 8])
def test_upscaler_takes_networks_that_remove_defects(package, defect, scale):
    image = (noise(20, 30) // 4 + 96) / 255.0  # nothing is clipped between the stages
    upscaled = Upscaler(f"{defect}_9-5-5", scale=scale)(image)
    assert upscaled.shape == (20 * scale, 30 * scale)
    if scale == 2:
        file = package / f"sr_{defect}_9-5-5_x2.safetensors"
        np.testing.assert_array_equal(upscaled, Upscaler(file, scale=2)(image))
    if scale == 8:
        first = Upscaler(f"{defect}_9-5-5", scale=4)(image)
        np.testing.assert_allclose(upscaled, Upscaler("9-5-5", scale=2)(first), atol=1e-4)


@needs_paddle
def test_networks_for_noise_restore_chroma_too(package):
    """Each of Y, Cb and Cr passes the network, alpha and the chroma of other networks do not."""
    from paddle_srcnn.images.colour import rgb_channels_to_ycbcr

    image = (noise(20, 30, 3) // 4 + 96) / 255.0
    given = rgb_channels_to_ycbcr(np.moveaxis(image * 255, -1, 0).astype(np.float32))
    for defect, restored in (("noise_low", 3), ("noise_high", 3), ("jpeg", 1)):
        upscale = Upscaler(f"{defect}_9-5-5", scale=2)
        made = rgb_channels_to_ycbcr(np.moveaxis(upscale(image) * 255, -1, 0).astype(np.float32))
        alone = [upscale(channel / 255.0) * 255 for channel in given]
        alike = [np.abs(channel - one).max() < 0.1 for channel, one in zip(made, alone, strict=True)]
        assert alike == [True, restored == 3, restored == 3]
        transparent = upscale(np.dstack([image, np.linspace(0.5, 1, 600).reshape(20, 30)]))
        plain = Upscaler("9-5-5", scale=2)(np.dstack([image, np.linspace(0.5, 1, 600).reshape(20, 30)]))
        np.testing.assert_array_equal(transparent[..., 3], plain[..., 3])


def test_metadata_tell_which_networks_restore_chroma():
    for defect, expected in (("jpeg", False), ("noise_low", True), ("noise_high", True), ("rain", False)):
        weights = weights_of(filters=(3, 1, 3))
        assert restores_chroma(replace(weights, metadata={"defect": defect})) == expected
    colour = weights_of(3, filters=(3, 1, 3))
    assert not restores_chroma(replace(colour, metadata={"defect": "noise_low"}))
    assert not restores_chroma(weights)


def test_weights_of_defects_that_the_package_has_say_so():
    """The networks that come with the package carry the defect that their name tells."""
    for name in packaged_weights():
        told = next((defect for defect in DEFECTS if name.startswith(f"sr_{defect}_")), None)
        assert network_weights(name, int(name[-1])).metadata.get("defect") == told if name.startswith("sr_") else True


def test_weights_on_ycbcr_are_refused(tmp_path):
    weights = weights_of(3, filters=(3, 1, 3))
    save_weights(tmp_path / "w.safetensors", replace(weights, metadata={**weights.metadata, "space": "ycbcr"}))
    with pytest.raises(UserError, match="works on YCbCr"):
        network_weights(str(tmp_path / "w.safetensors"), 2)


@pytest.mark.parametrize(
    ("changes", "quality", "network"),
    [
        ({}, None, "9-5-5"),
        ({}, MOST_BLOCKY_QUALITY, "jpeg_9-5-5"),
        ({}, MOST_BLOCKY_QUALITY + 1, "9-5-5"),
        ({"jpeg": "auto", "fast": True}, 30, "jpeg_9-1-5"),
        ({"fast": True}, None, "9-1-5"),
        ({"jpeg": "on"}, None, "jpeg_9-5-5"),
        ({"jpeg": "on"}, 99, "jpeg_9-5-5"),
        ({"jpeg": "off"}, 30, "9-5-5"),
        ({"noise": "low"}, 30, "noise_low_9-5-5"),
        ({"noise": "high", "jpeg": "auto"}, None, "noise_high_9-5-5"),
        ({"noise": "off", "jpeg": "on"}, None, "jpeg_9-5-5"),
        ({"noise": "high", "jpeg": "off", "fast": True, "scale": 6}, 30, "noise_high_9-1-5"),
    ],
)
def test_network_for_each_photo(package, changes, quality, network):
    assert networks(**changes).choose(photo(quality)) == network


def test_given_weights_and_rgb_serve_every_photo():
    for changes, network in (({"weights": "w.safetensors"}, "w.safetensors"), ({"model": "rgb"}, "rgb_9-1-5")):
        assert networks(**changes).choose(photo(30)) == network
    assert networks(scale=1).choose(photo(30)) == networks(scale=1).choose(photo())


def test_without_a_network_for_jpeg_the_plain_one_is_taken_and_told_once(package, caplog):
    for file in package.glob("sr_jpeg_*_x2.safetensors"):
        file.unlink()
    chosen = networks()
    assert [chosen.choose(photo(30)) for _ in range(3)] == ["9-5-5"] * 3
    assert ["keeps their blocks: no weights of jpeg_9-5-5" in message for message in caplog.messages] == [True]
    with pytest.raises(UserError, match="jpeg_9-5-5"):
        networks(jpeg="on")


@needs_paddle
def test_upscalers_are_made_once_and_only_if_needed(package, monkeypatch):
    made = []
    built = Upscaler.__init__

    def build(self, network, *arguments, **settings):
        made.append(network)
        built(self, network, *arguments, **settings)

    monkeypatch.setattr(Upscaler, "__init__", build)
    chosen = networks()
    chosen.prepare()
    assert made == []
    for quality in (30, None, 40, 95):
        chosen.upscaler(chosen.choose(photo(quality)))
    assert made == ["jpeg_9-5-5", "9-5-5"]
    networks(noise="low").prepare()
    assert made[2:] == ["noise_low_9-5-5"]


@needs_paddle
def test_mistakes_of_all_photos_are_found_before_the_first(package, tmp_path):
    with pytest.raises(UserError, match="no weights"):
        networks(weights=str(tmp_path / "nothing.safetensors")).prepare()
    with pytest.raises(ValueError, match="tpu"):
        networks(device="tpu").prepare()


def test_fabricated_packages_are_told_from_the_real_one(package):
    assert json.dumps(packaged_weights()).count("noise") == 12
