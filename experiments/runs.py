"""Run a recipe by the real command, and publish a finished run among the committed results."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from paddle_srcnn.errors import UserError
from paddle_srcnn.files import atomic_path
from paddle_srcnn.plots import curve_figure, run_title, save_figure, summary_levels

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "experiments" / "results"
PRETRAINED = ROOT / "paddle_srcnn" / "pretrained"


def run(recipe: str) -> Path:
    """Train by a recipe in ``runs/RECIPE``, or go on from the checkpoint there; returns the folder.

    Raises
    ------
    UserError
        If the training ended in an error, which it printed itself.
    """
    out = ROOT / "runs" / recipe
    command = [sys.executable, str(ROOT / "train.py"), "--exp", recipe, "--out", str(out)]
    if (out / "checkpoint.safetensors").exists():
        command.append("--resume")
    _call(command, f"the training of {recipe}")
    return out


def publish_example(recipe: str, picture: str) -> None:
    """Publish the figure of a picture restored with a recipe's packaged weights; the picture must be free to show."""
    out = ROOT / "runs" / recipe / "example"
    command = [sys.executable, str(ROOT / "infer.py"), "--image", picture, "--weights", recipe, "--out", str(out)]
    _call(command, f"the restoration of {picture}")
    figure = Image.open(out / f"{picture}_comparison.png").convert("RGB")
    figure.thumbnail((1000, 1000))
    with atomic_path(RESULTS / recipe / f"{picture}_comparison.jpg") as temporary:  # a tenth of the PNG's size
        figure.save(temporary, quality=85)


def _call(command: list[str], what: str) -> None:
    if status := subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise UserError(f"{what} ended with exit status {status}: mend what it says and run this again")


def publish(out: Path, *, levels: Mapping[str, float] | None = None) -> None:
    """Take a finished run into the committed results, and its weights into the package.

    Parameters
    ----------
    out : Path
        Folder of the run.
    levels : mapping of str to float, optional
        Further lines of the figure: label and PSNR in dB.

    Raises
    ------
    UserError
        If the run's code was not committed, or its data are not the article's: its results stay in `out`.
    """
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    sets = summary["data"]["train"]["name"], summary["data"]["validation"]["name"]
    if sets != ("T91", "Set5"):
        raise UserError(f"results on {sets[0]} and {sets[1]} stay in {out}: only those on T91 and Set5 are published")
    if "changed" in summary["commit"] or "unknown" in summary["commit"]:
        raise UserError(f"results of uncommitted code stay in {out}: commit, and run it anew in an empty folder")
    folder = RESULTS / summary["recipe"]
    for name in ("curve.csv", "summary.json"):
        with atomic_path(folder / name) as temporary:
            shutil.copyfile(out / name, temporary)
    figure = curve_figure(folder / "curve.csv", run_title(summary), {**summary_levels(summary), **(levels or {})})
    save_figure(figure, folder / "curve.png")
    with atomic_path(PRETRAINED / f"{summary['recipe']}.safetensors") as temporary:
        shutil.copyfile(out / "weights.safetensors", temporary)
    print(f"published in {folder}")
