"""`examples/article.py` and `train.py --exp baseline` are two programs of one system."""

import csv
import json
import os
import re
import subprocess
import sys

import cv2
import numpy as np
import pytest
from helpers import ROOT, needs_paddle

PRINTED = re.compile(r"^(input|epoch \d+): (\S+) dB mean, (\S+) dB pooled", re.MULTILINE)

# The example prints hundredths: up to 0.005 dB of rounding. The rest is float32 rounding, measured below 1e-6 dB:
# train.py computes the same mathematics with other kernels, which add the terms of a sum in another order.
TOLERANCE_DB = 0.005 + 0.001


def run(script, *arguments, cwd):
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ""}
    command = [sys.executable, ROOT / script, *map(str, arguments)]
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def scores(results):
    return float(results["psnr_mean_db"]), float(results["psnr_pooled_db"])


def write_noise(folder, names, side):
    """Write images of noise, slightly smooth as photographs are; each is darker than the one before."""
    folder.mkdir()
    for seed, name in enumerate(names):
        noise = np.random.default_rng(seed).integers(0, 256 - 50 * seed, (side, side + seed, 3), dtype=np.uint8)
        cv2.imwrite(str(folder / name), cv2.GaussianBlur(noise, (3, 3), 0))


@needs_paddle
def test_example_trains_to_the_numbers_of_the_baseline(tmp_path):
    write_noise(tmp_path / "train", ["b.bmp", "a.bmp", "C.bmp", "d.bmp"], 327)
    write_noise(tmp_path / "val", ["y.bmp", "x.bmp"], 70)
    options = ["--train-data", tmp_path / "train", "--val-data", tmp_path / "val", "--epochs", 2, "--seed", 3]

    example = run("examples/article.py", *options, cwd=tmp_path)
    assert (example.returncode, example.stderr) == (0, "")
    printed = {name: (float(mean), float(pooled)) for name, mean, pooled in PRINTED.findall(example.stdout)}

    baseline = ["--exp", "baseline", "--threads", 1, "--device", "cpu", "--out", tmp_path / "out"]
    trained = run("train.py", *baseline, *options, cwd=tmp_path)
    assert trained.returncode == 0, trained.stderr
    with (tmp_path / "out" / "curve.csv").open(newline="") as file:
        expected = {f"epoch {row['epoch']}": scores(row) for row in csv.DictReader(file)}
    expected["input"] = scores(json.loads((tmp_path / "out" / "summary.json").read_text())["input"])

    assert list(printed) == ["input", "epoch 0", "epoch 1", "epoch 2"]
    assert printed.keys() == expected.keys()
    for name in printed:
        assert printed[name] == pytest.approx(expected[name], rel=0, abs=TOLERANCE_DB), name
    first, second, third = (expected[f"epoch {epoch}"][0] for epoch in range(3))
    assert third > second + 1 > first + 2  # it learnt enough for a difference to show


@needs_paddle
@pytest.mark.parametrize("option", ["--train-data", "--val-data"])
@pytest.mark.parametrize("content", [None, "nothing", "text"])
def test_missing_data_is_one_line(tmp_path, option, content):
    write_noise(tmp_path / "good", ["a.bmp"], 70)
    folder = tmp_path / "bad"
    if content:
        folder.mkdir()
    if content == "text":
        (folder / "text.bmp").write_text("no image")
    folders = {"--train-data": tmp_path / "good", "--val-data": tmp_path / "good", option: folder}

    done = run("examples/article.py", *(part for pair in folders.items() for part in pair), cwd=tmp_path)

    assert done.returncode == 1
    assert done.stderr.startswith("article.py: "), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert str(folder) in done.stderr
