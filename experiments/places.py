"""Where runs, results and weights lie."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "experiments" / "results"
PRETRAINED = ROOT / "paddle_srcnn" / "pretrained"
RUNS = Path("runs")  # of the working folder, where train.py leaves its runs
