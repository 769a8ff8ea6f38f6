import shutil
import subprocess
import sys

import pytest
from helpers import ROOT, assert_one_line

from paddle_srcnn.commands import infer, train


@pytest.mark.parametrize(
    ("program", "arguments"),
    [("train", ["--exp", "baseline"]), ("infer", ["--image", "astronaut", "--weights", "basic.safetensors"])],
)
def test_without_paddle_one_line_says_what_to_install(random_weights, tmp_path, program, arguments):
    code = f"""
import runpy, sys
sys.modules["paddle"] = None
sys.path.insert(0, {str(ROOT)!r})
sys.argv[0] = "{program}.py"
runpy.run_path({str(ROOT / program)!r} + ".py", run_name="__main__")
"""
    shutil.copy(random_weights / "basic.safetensors", tmp_path)
    line = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert_one_line(
        (done.returncode, done.stdout, done.stderr), program, "PaddlePaddle is not installed", "'paddle-srcnn[cpu]'"
    )


def test_real_command_ends_with_one_line_and_status_2():
    line = [sys.executable, "train.py", "--exp", "nope"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert_one_line((done.returncode, done.stdout, done.stderr), "train", "nope", "baseline")


@pytest.mark.parametrize("path", ["~nosuchuser/x", "n" * 300, "a\0b", ""], ids=["user", "long", "zero", "empty"])
@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        (infer, ["--image"]),
        (infer, ["--image", "astronaut", "--weights"]),
        (train, ["--exp", "baseline", "--train-data"]),
        (train, ["--exp", "baseline", "--val-data"]),
    ],
)
def test_odd_paths_are_one_line(command, program, arguments, path):
    if program is train:
        pytest.importorskip("paddle")
    assert_one_line(command(program, *arguments, path), program.__name__)


@pytest.mark.parametrize("variable", ["SRCNN_DATA", "SRCNN_CACHE"])
@pytest.mark.parametrize("path", ["~nosuchuser/x", "n" * 300], ids=["user", "long"])
def test_odd_paths_in_the_environment_end_in_one_line(command, empty_disk, monkeypatch, variable, path):
    monkeypatch.setenv(variable, path)
    assert_one_line(command(infer, "--image", "bird"), "infer")


def test_folder_is_no_picture(command, tmp_path):
    assert_one_line(command(infer, "--image", tmp_path), "infer", tmp_path, "is a folder")


@pytest.mark.parametrize(
    ("program", "arguments", "option"),
    [
        ("train.py", ["--exp", "baseline", "--train-data", "nowhere"], "--train-data"),
        ("train.py", ["--exp", "baseline", "--train-data", "samples", "--val-data", "nowhere"], "--val-data"),
        ("train.py", ["--exp", "baseline", "--resume", "--out", "nowhere"], "--resume"),
        ("infer.py", ["--image", "astronaut", "--weights", "nowhere"], "--weights"),
        ("infer.py", ["--image", "astronaut", "--upscale", "9"], "--upscale"),
        ("infer.py", ["--image", "astronaut", "--upscale", "2", "--weights", "nowhere"], "--weights"),
        ("infer.py", ["--image", "astronaut", "--upscale", "2", "--out", "/proc/nowhere"], "--out"),
        ("experiments/evaluate.py", ["--weights", "nowhere"], "--weights"),
        ("experiments/evaluate.py", ["--weights", "sr_9-1-5_x3", "--set", "nowhere"], "--set"),
    ],
)
def test_problem_with_an_option_names_it(empty_disk, program, arguments, option):
    line = [sys.executable, str(ROOT / program), *arguments]
    ended = subprocess.run(line, capture_output=True, text=True, check=False)
    assert ended.returncode == 2, ended.stderr
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert f"error: {option}" in ended.stderr
