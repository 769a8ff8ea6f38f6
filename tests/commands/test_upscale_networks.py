"""`infer.py --upscale` and `srcnn upscale`: the network of each picture, the factor, and the lines of results."""

from pathlib import Path

import numpy as np
import pytest
from helpers import assert_one_line, contents, needs_paddle
from packaged import put_packaged
from PIL import Image

from paddle_srcnn.apps import batch
from paddle_srcnn.apps.upscaler import Upscaler
from paddle_srcnn.commands import infer, upscale
from paddle_srcnn.images.photos import read_photo

pytestmark = needs_paddle


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Fabricated weights in place of the packaged ones."""
    put_packaged(tmp_path / "pretrained", monkeypatch)


@pytest.fixture
def scans(tmp_path, monkeypatch):
    """A PNG, and JPEGs of a high, a middle and a low quality, below the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "scans").mkdir()
    pixels = np.random.default_rng(0).integers(90, 160, (12, 15, 3), dtype=np.uint8)
    Image.fromarray(pixels).save("scans/a.png")
    for name, quality in (("b", 95), ("c", 70), ("d", 30)):
        Image.fromarray(pixels).save(f"scans/{name}.jpg", quality=quality)


def assert_upscaled(network, *names, scale=2):
    """Compare results in PNG to those of an upscaler."""
    upscaler = Upscaler(network, scale=scale)
    for name in names:
        (source,) = (file for file in (Path.cwd() / "scans").iterdir() if file.stem == name)
        (result,) = (Path.cwd() / "out").glob(f"{name}_x*.png")
        np.testing.assert_array_equal(read_photo(result).pixels, upscaler(read_photo(source).pixels), str(source))


OUT = ("--out", "out", "--format", "png")


def test_jpegs_of_low_quality_take_the_network_for_jpeg(command, package, scans):
    status, stdout, stderr = command(infer, "scans", "--upscale", "2x", *OUT)
    assert (status, stderr) == (0, "")
    assert stdout.splitlines() == [
        "scans/a.png -> out/a_x2.png (9-5-5)",
        "scans/b.jpg -> out/b_x2.png (9-5-5, JPEG of quality 95)",
        "scans/c.jpg -> out/c_x2.png (jpeg_9-5-5, JPEG of quality 70)",
        "scans/d.jpg -> out/d_x2.png (jpeg_9-5-5, JPEG of quality 30)",
        "4 of 4 enlarged by 2 with 9-5-5 (2) and jpeg_9-5-5 (2), in out",
    ]
    assert_upscaled("9-5-5", "a", "b")
    assert_upscaled("jpeg_9-5-5", "c", "d")


@pytest.mark.parametrize(
    ("options", "network"),
    [
        (["--jpeg", "on"], "jpeg_9-5-5"),
        (["--jpeg", "off"], "9-5-5"),
        (["--noise", "low"], "noise_low_9-5-5"),
        (["--noise", "high", "--jpeg", "auto", "--fast"], "noise_high_9-1-5"),
        (["--jpeg", "off", "--fast"], "9-1-5"),
    ],
)
def test_options_choose_one_network_for_all(command, package, scans, options, network):
    status, stdout, _ = command(infer, "scans", "--upscale", 8, *OUT, *options)
    assert (status, stdout.count(f" ({network}")) == (0, 4)
    assert_upscaled(network, *"abcd", scale=8)


@pytest.mark.parametrize("factor", ["2", "2x", "x2", "200%"])
def test_installed_command_takes_the_same_options(command, package, scans, factor):
    status, stdout, _ = command(upscale, "scans/d.jpg", "--scale", factor, "--fast", "scans/a.png", *OUT)
    assert (status, stdout.splitlines()[:2]) == (
        0,
        ["scans/d.jpg -> out/d_x2.png (jpeg_9-1-5, JPEG of quality 30)", "scans/a.png -> out/a_x2.png (9-1-5)"],
    )


def test_pictures_with_and_without_the_option_are_taken(command, package, scans):
    status, *_ = command(infer, "scans/a.png", "--upscale", 2, "scans/b.jpg", "--image", "scans/c.jpg", *OUT)
    assert (status, sorted(contents(Path.cwd() / "out"))) == (0, ["a_x2.png", "b_x2.png", "c_x2.png"])


def test_network_that_is_missing_is_one_line(command, package, scans):
    for file in (Path.cwd() / "pretrained").glob("sr_noise_low_*_x3.safetensors"):
        file.unlink()
    result = command(infer, "scans", "--upscale", 3, "--noise", "low")
    assert_one_line(result, "infer", "--noise", "no weights of noise_low_9-5-5", "for x3")


def test_results_of_many_pictures_are_counted(command, package, scans):
    for number in range(9):
        Image.new("L", (5, 5)).save(f"scans/{number}.jpg", quality=40)
    status, stdout, _ = command(infer, "scans", "--upscale", 2, *OUT)
    assert (status, stdout) == (0, "13 of 13 enlarged by 2 with jpeg_9-5-5 (11) and 9-5-5 (2), in out\n")


def test_one_existing_result_stops_no_others(command, package, scans, write_noise, tmp_path):
    before = write_noise(tmp_path / "out" / "b_x2.png", 5, 5).read_bytes()
    status, stdout, stderr = command(infer, "scans", "--upscale", 2, *OUT)
    assert (status, stderr) == (1, "out/b_x2.png is there already: give --skip-existing or --overwrite\n")
    assert stdout.endswith("3 of 4 enlarged by 2 with jpeg_9-5-5 (2) and 9-5-5 (1), in out; 1 failed\n")
    assert sorted(contents(tmp_path / "out")) == ["a_x2.png", "b_x2.png", "c_x2.png", "d_x2.png"]
    assert (tmp_path / "out" / "b_x2.png").read_bytes() == before
    assert_one_line(command(infer, "scans", "--upscale", 2, *OUT), "infer", "a_x2.png is there already")


def test_time_to_expect_comes_first(command, package, scans, monkeypatch):
    told = []

    def expected_time(tasks, networks, scale):
        told.append([task.source.name for task in tasks])
        return "about 3 minutes for 12 pictures"

    monkeypatch.setattr(batch, "expected_time", expected_time)
    status, stdout, _ = command(infer, "scans/a.png", "--upscale", 2, *OUT)
    assert (status, stdout.splitlines()[0]) == (0, "about 3 minutes for 12 pictures")
    command(infer, "scans", "--upscale", 2, "--skip-existing", *OUT)
    assert told == [["a.png"], ["b.jpg", "c.jpg", "d.jpg"]]
