import contextlib
import importlib.util
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from helpers import ROOT, needs_paddle

from benchmarks import inference, inference_worker, soak, training
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.recipes import vary
from paddle_srcnn.system.cli import run_command


@pytest.mark.parametrize(
    "arguments", [["--rounds", "0"], ["--rounds", "x"], ["--seconds", "0"], ["--seconds", "nan"], ["--seconds", "inf"]]
)
def test_wrong_options_are_one_line(monkeypatch, capsys, arguments):
    monkeypatch.setattr(sys, "argv", ["training.py", *arguments])
    with pytest.raises(SystemExit) as ended:
        run_command(training.main)
    stderr = capsys.readouterr().err
    assert (ended.value.code, stderr.count("\n")) == (2, 1)
    assert arguments[0] in stderr


def test_missing_pytorch_is_said_before_anything_is_measured(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["training.py"])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit) as ended:
        run_command(training.main)
    assert ended.value.code == 2
    assert "'.[bench]'" in capsys.readouterr().err


@needs_paddle
def test_interrupted_benchmark_says_so_once_and_leaves_no_process(tmp_path):
    pytest.importorskip("torch")
    command = [sys.executable, "-m", "benchmarks.training", "--seconds", "0.1", "--out", str(tmp_path)]
    settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | {"TMPDIR": str(tmp_path)}, **settings) as process:
        deadline = time.monotonic() + 60
        while len(workers_of(tmp_path)) < 2 and process.poll() is None:  # until the first has answered
            assert time.monotonic() < deadline
            time.sleep(0.1)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (130, "training.py: interrupted\n")
    assert workers_of(tmp_path) == []


def workers_of(folder):
    """Processes that a folder is named to, on Linux."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if os.fsencode(folder) in path.read_bytes() and b"training_worker" in path.read_bytes():
                found.append(path.parent.name)
    return found


def test_multiply_adds_of_a_backprop():
    """9-1-5 by hand: maps of 25, 25 and 21 pixels; the first layer's input needs no gradient."""
    first, middle, last = 64 * 81 * 25 * 25, 64 * 32 * 25 * 25, 32 * 25 * 21 * 21
    assert training.multiply_adds(Architecture((9, 1, 5), (64, 32))) == 2 * first + 3 * middle + 3 * last


def test_page_has_a_line_for_each_network_and_batch(monkeypatch):
    rates = {row: [90.0, 100.0 * (number + 1), 900.0] for number, row in enumerate(training.ROWS)}
    monkeypatch.setattr(training, "measure", lambda *_, **__: rates)
    monkeypatch.setattr(training, "product_rate", lambda: 1e9)
    records = training.run(3, 0.1)
    page = training.markdown(records, 3, 0.1)
    lines = [line for line in page.splitlines() if line.startswith("| 9-")]
    assert len(lines) == len(training.ARCHITECTURES) * len(training.BATCH_SIZES)
    assert "300 (0.60x, " in lines[0]  # the third row's median, against the fifth's 500
    assert "medians of 3 rounds of 0.1 s" in page


def test_growth_is_told_from_the_second_quarter_to_the_last():
    def readings(values):
        return [soak.Reading(n, 1.0 * n, value, 11, 4) for n, value in enumerate(values)]

    flat = soak.growth(readings([100, 300, 450, *[500, 520] * 8]))  # the first rounds fill heaps
    assert flat == {"resident_megabytes": 0, "open_files": 0, "threads": 0}
    assert soak.growth(readings(range(100, 200)))["resident_megabytes"] > 0.3


@needs_paddle
def test_a_round_of_everything_leaves_no_files_open(tmp_path, monkeypatch):
    pytest.importorskip("onnx")
    monkeypatch.setattr(soak, "RECIPE", vary(soak.RECIPE, count=64))
    soak.one_round(tmp_path)
    first = soak.reading(1, 0.0)
    soak.one_round(tmp_path)
    assert soak.reading(2, 0.0).open_files == first.open_files


@pytest.mark.parametrize("runtime", [*inference_worker.RUNTIMES, "pixels", "bicubic"])
def test_every_runtime_is_measured(runtime):
    for module in ("paddle", "onnxruntime", *(["torch"] if "PyTorch" in runtime else [])):
        pytest.importorskip(module)
    settings = {"runtime": runtime, "tile": 0, "filters": [9, 1, 5], "size": [60, 60]}
    command = [sys.executable, "-m", "benchmarks.inference_worker", json.dumps(settings)]
    answer = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.splitlines()[-1])
    assert 0 < answer["seconds"] < 10
    assert 1 << 20 < answer["peak_bytes"] < 4 << 30


def test_page_of_inference_shows_the_fastest_way_of_each(monkeypatch):
    seconds = {"ours": 1.0, "ONNX Runtime": 2.0, "PyTorch": 4.0, "OpenCV dnn": 8.0, "pixels": 2.0, "bicubic": 0.1}
    seconds |= {"PyTorch, channels last": 2.0, "static programs": 5.0, "Paddle Inference, oneDNN": 5.0}

    def measured(runtime, tile, filters, size):
        if runtime == "OpenCV dnn" and not tile:
            return None  # out of memory
        return {"seconds": seconds[runtime] / (2 if tile else 1), "peak_bytes": 300 << 20}

    monkeypatch.setattr(inference, "measured", measured)
    records = inference.run(2, ((1000, 1000),))
    page = inference.markdown(records, 2)
    (line,) = (line for line in page.splitlines() if line.startswith("| 9-1-5 |"))
    assert line == (
        "| 9-1-5 | 1.0 | 1.0 (300 MB) | 1.0 t (300 MB) | 0.25 (300 MB) | 1.0 t (300 MB) | 0.25 t (300 MB) | "
        "0.5 (300 MB) | 10.0 (300 MB) | 0.2 (300 MB) | 0.4 t (300 MB) | 1.00x | 4.00x | 1.00x |"
    )
