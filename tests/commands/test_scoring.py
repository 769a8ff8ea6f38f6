"""Scores of weights in the protocol `paper`."""

import numpy as np
import pytest
from helpers import needs_paddle

from paddle_srcnn.commands import scoring
from paddle_srcnn.images.io import read_image
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.protocols.paper import colour_psnrs, paper_channels, upsample

pytestmark = needs_paddle


def weights_that_add(value, channels=1, **metadata):
    """Network that passes its channels on, raised by a value on 0..255."""
    architecture = Architecture((3, 1, 1), (channels, channels), channels)
    parameters = {}
    for number, shape in enumerate(architecture.weight_shapes, 1):
        weight = np.zeros(shape, np.float32)
        for channel in range(channels):
            weight[channel, channel, shape[2] // 2, shape[3] // 2] = 1
        parameters[f"conv{number}.weight"] = weight
        parameters[f"conv{number}.bias"] = np.zeros(channels, np.float32)
    parameters["conv3.bias"] += value / 255
    return Weights(architecture, parameters, {"value_range": "0..1", "scale": "2", **metadata})


@pytest.fixture
def folder(tmp_path, write_noise):
    write_noise(tmp_path / "mine" / "a.png", 40, 50)
    write_noise(tmp_path / "mine" / "b.png", 33, 60)
    return tmp_path / "mine"


def test_kept_rows_have_no_seconds_and_end_with_the_mean(folder):
    kept = scoring.paper_scores(weights_that_add(0), str(folder), commit="abc")
    assert (kept["protocol"], kept["scale"], kept["commit"]) == ("paper", 2, "abc")
    assert [row["picture"] for row in kept["rows"]] == ["a", "b", "(mean)"]
    for row in kept["rows"]:
        assert "seconds" not in row
        assert row["srcnn_psnr_db"] == pytest.approx(row["bicubic_psnr_db"], abs=0.01)  # clipped at 0 by the ReLUs
    means = [np.mean([row["srcnn_ssim"] for row in kept["rows"][:2]]), kept["rows"][2]["srcnn_ssim"]]
    assert means[0] == pytest.approx(means[1], abs=1e-3)


@pytest.mark.parametrize(
    ("channels", "metadata", "raised"),
    [(1, {}, [0]), (3, {"colour": "YCbCr, 16..240 (MATLAB's rgb2ycbcr)"}, [0, 1, 2])],
)
def test_channels_that_a_network_does_not_restore_are_bicubic(folder, channels, metadata, raised):
    expected = []
    for file in sorted(folder.iterdir()):
        image = read_image(file)
        sr = upsample(paper_channels(image, 2, "ycbcr"), 2)
        sr[raised] = np.maximum(sr[raised], 0) + 10
        expected.append(colour_psnrs(sr, image, 2, "ycbcr"))
    found = scoring.colour_means(weights_that_add(10, channels, **metadata), str(folder), 2)
    for channel, psnr_db in found.items():
        assert psnr_db == pytest.approx(np.mean([score[channel] for score in expected]), abs=0.01)


def test_rgb_is_upscaled_as_rgb(folder):
    found = scoring.colour_means(weights_that_add(0, 3), str(folder), 2)
    expected = []
    for file in sorted(folder.iterdir()):
        image = read_image(file)
        expected.append(colour_psnrs(upsample(paper_channels(image, 2, "rgb"), 2), image, 2, "rgb")["RGB"])
    assert found["RGB"] == pytest.approx(np.mean(expected), abs=0.01)
