from dataclasses import replace

import numpy as np
import pytest
from helpers import assert_one_line, contents, needs_paddle
from PIL import Image
from skimage import data as photographs

from paddle_srcnn.commands import infer
from paddle_srcnn.images.io import read_image
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.weights import Weights, load_weights, save_weights


@needs_paddle
@pytest.mark.end_to_end
def test_infer_restores_a_photograph(command, random_weights, tmp_path):
    weights = random_weights / "basic.safetensors"
    arguments = ["--image", "astronaut", "--weights", weights, "--out", tmp_path / "out"]
    status, stdout, stderr = command(infer, *arguments)
    assert (status, stderr) == (0, "")
    told = stdout.splitlines()
    assert "blurs the picture and restores it; to enlarge it, give --upscale 2" in told[0]
    assert "dB degraded" in told[1]
    assert "protocol `article`" in told[1]
    names = ["astronaut_comparison.png", "astronaut_degraded.png", "astronaut_restored.png"]
    assert sorted(contents(tmp_path / "out")) == names
    for name in names[1:]:
        assert read_image(tmp_path / "out" / name).shape == (500, 500, 3)  # 512 less a margin of 6 on each side
    with Image.open(tmp_path / "out" / names[0]) as figure:
        assert min(figure.size) > 500
    hr = photographs.astronaut()[6:-6, 6:-6].astype(float)
    assert np.abs(read_image(tmp_path / "out" / names[1]) - hr).mean() < 10  # the same picture, a little blurred


@needs_paddle
def test_infer_restores_what_a_perfect_network_would(command, write_noise, tmp_path):
    """A network that passes its input on restores the degraded picture itself, colours included."""
    network = Architecture((9, 1, 5), (1, 1))
    parameters = {}
    for i, shape in enumerate(network.weight_shapes, 1):
        parameters[f"conv{i}.weight"] = np.zeros(shape, np.float32)
        parameters[f"conv{i}.weight"][0, 0, shape[-1] // 2, shape[-1] // 2] = 1
        parameters[f"conv{i}.bias"] = np.zeros(1, np.float32)
    save_weights(tmp_path / "w.safetensors", Weights(network, parameters, {}))
    picture = write_noise(tmp_path / "a.png", 40, 30)
    assert command(infer, "--image", picture, "--weights", tmp_path / "w.safetensors", "--out", tmp_path)[0] == 0
    restored, degraded = (read_image(tmp_path / f"a_{kind}.png") for kind in ("restored", "degraded"))
    assert restored.shape == (28, 18, 3)
    np.testing.assert_array_equal(restored, degraded)


@needs_paddle
def test_infer_takes_grey_and_smallest_pictures(command, write_noise, random_weights, tmp_path):
    picture = write_noise(tmp_path / "a.png", 13, 13, channels=1)
    weights = random_weights / "basic.safetensors"
    assert command(infer, "--image", picture, "--weights", weights, "--out", tmp_path / "out")[0] == 0
    assert read_image(tmp_path / "out" / "a_restored.png").shape == (1, 1, 3)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"--image": "nosuch"}, ["nosuch"]),
        ({"--image": "tiny/tiny.png"}, ["tiny.png", "13x13"]),
        ({"--image": "text/text.bmp"}, ["text.bmp"]),
        ({"--image": "cut_jpg/cut.jpg"}, ["cut.jpg"]),
        ({"--weights": "nosuch"}, ["nosuch"]),
        ({"--weights": "nosuch.safetensors"}, ["nosuch.safetensors"]),
        ({"--weights": "text/text.bmp"}, ["text.bmp"]),
        ({"--weights": "two"}, ["two.safetensors", "2 channels"]),
        ({"--device": "tpu"}, ["--device"]),
    ],
)
def test_wrong_options_of_infer_are_one_line(command, pictures, random_weights, tmp_path, monkeypatch, changes, words):
    monkeypatch.chdir(pictures)
    if changes.get("--weights") == "two":
        changes = {"--weights": random_weights / "two.safetensors"}
    options = {"--image": "val/v.png", "--weights": random_weights / "basic.safetensors", "--out": tmp_path / "out"}
    arguments = [text for option in (options | changes).items() for text in option]
    assert_one_line(command(infer, *arguments), "infer", *words)
    assert not (tmp_path / "out").exists()


def test_weights_that_enlarge_are_told(command):
    status, stdout, stderr = command(infer, "--image", "astronaut", "--weights", "sr_9-1-5_x3")
    assert "to enlarge it, give --upscale 2" in stdout
    assert_one_line((status, stdout, stderr), "infer", "--weights", "sr_9-1-5_x3 was trained to enlarge")


def test_infer_without_a_picture_is_one_line(command):
    assert_one_line(command(infer), "infer", "--image")


def test_picture_needs_no_option(command):
    assert_one_line(command(infer, "nosuch.png"), "infer", "nosuch.png does not exist in")
    assert_one_line(command(infer, "astronaut", "--image", "camera"), "infer", "one picture at a time")


def test_weights_on_ycbcr_are_told(command, random_weights, tmp_path):
    weights = load_weights(random_weights / "colour.safetensors")
    save_weights(tmp_path / "w.safetensors", replace(weights, metadata={"space": "ycbcr"}))
    result = command(infer, "astronaut", "--weights", tmp_path / "w.safetensors")
    assert_one_line(result, "infer", "--weights", "works on YCbCr")


@needs_paddle
def test_infer_with_unwritable_out_is_one_line(command, pictures, random_weights, tmp_path):
    (tmp_path / "file").write_text("no folder")
    weights = random_weights / "basic.safetensors"
    arguments = ["--image", pictures / "val" / "v.png", "--weights", weights, "--out", tmp_path / "file" / "out"]
    assert_one_line(command(infer, *arguments), "infer", tmp_path / "file" / "out")
