"""`infer.py --upscale`: the memory that it takes, and what is refused before anything is computed."""

import json
import subprocess
import sys
from dataclasses import replace
from os import environ

import pytest
from helpers import ROOT, assert_one_line, needs_paddle
from small_networks import weights_of

from paddle_srcnn.commands import infer
from paddle_srcnn.model.weights import save_weights

MEMORY = """
import json, re, sys, numpy as np
from pathlib import Path
from paddle_srcnn.apps.upscaler import Upscaler
path, scale, shape, dtype = json.loads(sys.argv[1])
upscaler, picture = Upscaler(path, scale=scale), np.zeros(shape, dtype)
upscaler(picture)
peak = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())  # ru_maxrss begins at the parent's
print(int(peak[1]) << 10, upscaler.memory_needed(picture))
"""


def taken_and_told(network, scale, shape, dtype):
    line = [sys.executable, "-c", MEMORY, json.dumps([str(network), scale, shape, dtype])]
    return map(int, subprocess.run(line, capture_output=True, text=True, check=True).stdout.split())


@needs_paddle
@pytest.mark.parametrize(
    ("channels", "scale", "shape", "dtype"),
    [
        (1, 3, (1000, 1000, 3), "uint8"),
        (1, 2.5, (900, 900, 4), "uint16"),
        (3, 4.5, (500, 500), "uint8"),
        (1, 4, (10, 60_000, 3), "uint8"),
    ],
)
def test_estimate_of_memory_holds(tmp_path, channels, scale, shape, dtype):
    path = tmp_path / "network.safetensors"
    save_weights(path, weights_of(channels, filters=(3, 1, 3)))
    taken, told = taken_and_told(path, scale, shape, dtype)
    assert taken < told < 2 * taken


@needs_paddle
@pytest.mark.parametrize(
    ("scale", "shape"), [(3, (120, 120, 3)), (8, (120, 120, 3)), (3, (30, 8000, 3)), (4, (3, 50_000))]
)
def test_estimate_of_memory_holds_for_the_largest_network(scale, shape):
    """With 64 and 32 maps, twice of them at x8, and pictures that are nearly all border."""
    taken, told = taken_and_told("9-5-5", scale, shape, "uint8")
    assert taken < told < 2 * taken


@needs_paddle
def test_memory_is_bounded(command, tmp_path, write_noise):
    picture = write_noise(tmp_path / "large.png", 3000, 2000)
    arguments = ["--image", picture, "--out", tmp_path / "out", "--max-memory", 700]
    status, _, stderr = command(infer, "--upscale", 2, *arguments)
    assert status == 1
    assert "--max-memory" in stderr
    assert "large.png needs about" in stderr
    assert not list((tmp_path / "out").glob("*"))


@pytest.mark.parametrize("out", ["file", "file/below"])
def test_folder_that_cannot_be_written_to_is_told_at_once(command, tmp_path, write_noise, out):
    (tmp_path / "file").write_text("no folder")
    picture = write_noise(tmp_path / "a.png", 10, 10)
    result = command(infer, "--upscale", 2, "--image", picture, "--weights", "any", "--out", tmp_path / out)
    assert_one_line(result, "infer", tmp_path / out)


def test_names_of_any_bytes_are_printed(tmp_path):
    line = [sys.executable, ROOT / "infer.py", "--upscale", "2", "--image", b"\xff.png"]
    ended = subprocess.run(
        line, capture_output=True, cwd=tmp_path, env={"PYTHONIOENCODING": "utf-8", **environ}, check=False
    )
    assert (ended.returncode, ended.stderr.count(b"\n")) == (2, 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--upscale", "9"], ["1 to 8", "9"]),
        (["--upscale", "nan"], ["--upscale", "1 to 8"]),
        (["--upscale", "2,5"], ["--upscale", "2,5 may be one number or two: write 2.5"]),
        (["--upscale", "twice"], ["--upscale", "twice", "2, 2.5, 2x or 200%"]),
        (["--upscale", "50%"], ["1 to 8, not by 0.5"]),
        (["--upscale", "2", "--model", "rgb", "--jpeg", "on"], ["--jpeg", "leave out rgb"]),
        (["--upscale", "2", "--model", "rgb", "--fast"], ["--fast"]),
        (["--upscale", "2", "--weights", "sr_9-5-5_x2", "--noise", "off"], ["--noise", "name no weights"]),
        (["--upscale", "2", "--model", "y", "--jpeg", "on", "--noise", "low"], ["--noise", "leave one of them out"]),
        (["--jpeg", "on"], ["--jpeg", "--upscale"]),
        (["--fast"], ["--fast", "--upscale"]),
        (["--upscale", "2", "--quality", "101"], ["--quality", "101"]),
        (["--upscale", "2", "--suffix", "a/b"], ["--suffix", "a/b"]),
        (["--upscale", "2", "--overwrite", "--skip-existing"], ["--skip-existing"]),
        (["--overwrite"], ["--overwrite", "--upscale"]),
        (["--format", "jpg"], ["--format", "--upscale"]),
        (["--upscale", "2", "--image", "nothing.png"], ["nothing.png"]),
        (["--image", "astronaut", "camera"], ["--upscale takes many"]),
        (["--image", "astronaut", "--out", "restored.png"], ["--out", "restored.png", "name a folder"]),
        (["--upscale", "2", "--image", "astronaut", "camera", "--out", "x.png"], ["x.png", "2 pictures"]),
        (["--upscale", "2", "--weights", "baseline"], ["baseline does not enlarge"]),
        (["--upscale", "2", "--weights", "baseline", "--model", "y"], ["--model", "--weights"]),
        (["--upscale", "2", "--weights", ""], ["empty"]),
        (["--upscale", "2", "--quality", "90", "--format", "png"], ["--quality", "png"]),
        (["--upscale", "2", "--quality", "90"], ["--quality", ".png"]),
        (["--upscale", "2", "--quality", "90", "--out", "x.bmp"], ["--quality", ".bmp"]),
        (["--upscale", "2", "--max-memory", "100"], ["--max-memory", "100 MB", "650 MB"]),
        (["--upscale", "2", "--out", "x.gif"], ["x.gif", "not written"]),
        (["--suffix", ""], ["--suffix", "--upscale"]),
        (["--upscale", "1", "--model", "rgb"], ["--model", "factor of 1"]),
        (["--upscale", "1", "--weights", "baseline"], ["--weights", "factor of 1"]),
        (["--upscale", "2", "--out", "x.png", "--format", "png"], ["--out", "x.png", "leave out"]),
    ],
)
def test_mistakes_are_one_line(command, arguments, words):
    images = [] if "--image" in arguments else ["--image", "astronaut"]
    chosen = "--weights" in arguments or "--model" in arguments
    weights = ["--weights", "none.safetensors"] if "--upscale" in arguments and not chosen else []
    assert_one_line(command(infer, *arguments, *images, *weights), "infer", *words)


@needs_paddle
def test_second_picture_of_one_name_is_told(command, tmp_path, write_noise):
    save_weights(tmp_path / "w.safetensors", weights_of(filters=(3, 1, 3)))
    for name in ("a/x.png", "b/x.png"):
        write_noise(tmp_path / name, 10, 10)
    images = [tmp_path / "a" / "x.png", tmp_path / "b" / "x.png"]
    options = ["--weights", tmp_path / "w.safetensors", "--out", tmp_path / "out"]
    status, stdout, stderr = command(infer, "--upscale", 2, *images, *options)
    assert (status, stderr.count("\n")) == (1, 1)
    for words in (f"{images[1]} and {images[0]} would both become", "x_x2.png"):
        assert words in stderr
    assert f"{images[0]} -> {tmp_path / 'out' / 'x_x2.png'}" in stdout
    assert "1 of 2 enlarged" in stdout


@needs_paddle
def test_weights_for_another_scale_are_told(command, tmp_path):
    weights = weights_of(filters=(3, 1, 3))
    save_weights(tmp_path / "x3.safetensors", replace(weights, metadata={**weights.metadata, "scale": "3"}))
    result = command(infer, "--upscale", 2, "--image", "astronaut", "--weights", tmp_path / "x3.safetensors")
    assert_one_line(result, "infer", "is for x3")
