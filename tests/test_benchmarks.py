import importlib.util
import sys

import pytest

from benchmarks import training
from paddle_srcnn.architecture import Architecture
from paddle_srcnn.errors import run_command


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
    assert "Medians of 3 rounds of 0.1 s" in page
