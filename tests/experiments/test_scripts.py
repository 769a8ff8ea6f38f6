"""The scripts of the experiments, as rehearsals in an empty folder."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
from helpers import ROOT, needs_paddle

from lab.catalogue import EXPERIMENTS

EXPERIMENTS_FOLDER = ROOT / "experiments"
TOOLS = {"compare", "evaluate", "report", "sparse_figures", "tables"}


def test_folder_holds_scripts_of_the_catalogue_and_tools():
    """One runs everything there; what the scripts share is in `lab`, which imports no script."""
    scripts = {path.stem for path in EXPERIMENTS_FOLDER.glob("*.py")}
    assert scripts == EXPERIMENTS.keys() | TOOLS
    assert all('if __name__ == "__main__":' in path.read_text() for path in EXPERIMENTS_FOLDER.glob("*.py"))
    imported = re.compile(rf"^\s*(?:from|import) ({'|'.join(scripts)})\b", re.MULTILINE)
    for path in (EXPERIMENTS_FOLDER / "lab").rglob("*.py"):
        assert not imported.findall(path.read_text(encoding="utf-8")), path


def experiment(script, *arguments, cwd):
    line = [sys.executable, str(EXPERIMENTS_FOLDER / f"{script}.py"), *arguments]
    return subprocess.Popen(
        line, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def ended(process, seconds=300):
    stdout, stderr = process.communicate(timeout=seconds)
    return process.returncode, stdout, stderr


@pytest.mark.parametrize("script", EXPERIMENTS)
def test_help_explains_the_experiment(script, tmp_path):
    status, stdout, stderr = ended(experiment(script, "--help", cwd=tmp_path))
    assert (status, stderr) == (0, "")
    for word in ("--quick", "--publish", "Set5" if script != "deblurring" else "downscales"):
        assert word in stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("arguments", [["--seeds", "0"], ["--quick", "--publish"], ["--fast"]])
def test_wrong_options_are_one_line(arguments, tmp_path):
    status, _, stderr = ended(experiment("filter_size", *arguments, cwd=tmp_path))
    assert (status, stderr.count("\n")) == (2, 1)
    assert stderr.startswith("filter_size.py: error: ")
    assert arguments[-1].split()[0] in stderr or arguments[0] in stderr


@needs_paddle
@pytest.mark.parametrize(
    ("script", "folder", "groups", "figures"),
    [
        ("learning_rates", "learning_rates", 8, ["rgb_mean", "rgb_pooled", "y_mean", "y_pooled"]),
        ("optimizers", "optimizers", 6, ["optimizers_mean", "optimizers_pooled"]),
        ("rgb_pretrained", "rgb", 2, ["colour", "rgb_mean", "rgb_pooled"]),
        ("paper_colour", "paper_colour", 5, ["colour_mean"]),
        ("super_resolution", "super_resolution", 12, ["x2_mean", "x3_mean", "x4_mean"]),
    ],
)
def test_rehearsal_leaves_table_and_figures(script, folder, groups, figures, tmp_path):
    status, stdout, stderr = ended(experiment(script, "--quick", cwd=tmp_path))
    assert (status, stderr) == (0, "")
    out = tmp_path / "runs" / "quick" / folder
    rows = json.loads((out / "table.json").read_text())["rows"]
    assert len(rows) == groups
    for label, row in rows.items():
        assert label in stdout
        assert row["seeds"] == 1
        assert row["mean"]["lowest_db"] == row["mean"]["median_db"] == row["mean"]["highest_db"]
    assert sorted(path.stem for path in out.iterdir() if path.suffix != ".json") == figures


@needs_paddle
def test_stopped_experiment_goes_on_without_repeating(tmp_path):
    """Stopped in the middle, by the signal that Ctrl-C sends to all of them, and run again."""
    process = experiment("filter_size", "--quick", cwd=tmp_path)
    curve = tmp_path / "runs" / "quick" / "filter_9-5-5" / "curve.csv"
    deadline = time.monotonic() + 100
    while not (curve.exists() and len(curve.read_text().splitlines()) > 2):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    status, _, stderr = ended(process)
    assert status == 130
    assert stderr == "filter_size.py: interrupted: the same command goes on where it was\n"
    status, stdout, stderr = ended(experiment("filter_size", "--quick", cwd=tmp_path))
    assert (status, stderr) == (0, "")
    first = {path: path.stat().st_mtime_ns for path in (tmp_path / "runs" / "quick").glob("*/summary.json")}
    assert len(first) == 4
    status, again, _ = ended(experiment("filter_size", "--quick", cwd=tmp_path))
    assert (status, again) == (0, stdout)
    assert {path: path.stat().st_mtime_ns for path in first} == first


@needs_paddle
def test_failed_training_is_named_with_what_it_said(tmp_path):
    out = tmp_path / "runs" / "quick" / "baseline"
    out.mkdir(parents=True)
    (out / "checkpoint.safetensors").write_text("no checkpoint")
    status, _, stderr = ended(experiment("baseline", "--quick", cwd=tmp_path))
    assert (status, stderr.count("\n")) == (2, 1)
    for word in ("runs/quick/baseline with status 2", "is no readable checkpoint", "move its folder away"):
        assert word in stderr


@needs_paddle
@pytest.mark.parametrize("ending", ["terminated", "a folder that cannot be made"])
def test_no_training_outlives_its_experiment(tmp_path, ending):
    quick = tmp_path / "runs" / "quick"
    quick.mkdir(parents=True)
    if ending != "terminated":
        (quick / "rgb_scratch").write_text("no folder")
    process = experiment("rgb_pretrained", "--quick", cwd=tmp_path)
    if ending == "terminated":
        deadline = time.monotonic() + 60
        while not (quick / "rgb_pretrained" / "log.txt").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.terminate()
    status, _, stderr = ended(process)
    assert status == (143 if ending == "terminated" else 2), stderr
    with pytest.raises(ProcessLookupError):  # nobody is left of the group
        os.killpg(process.pid, 0)


@needs_paddle
def test_folder_that_vanishes_is_named(tmp_path):
    out = tmp_path / "runs" / "quick" / "baseline"
    process = experiment("baseline", "--quick", cwd=tmp_path)
    deadline = time.monotonic() + 60
    while not (out / "checkpoint.safetensors").exists():
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    out.rename(tmp_path / "elsewhere")
    status, _, stderr = ended(process)
    assert (status, stderr.count("\n")) == (2, 1), stderr
    assert "runs/quick/baseline/log.txt cannot be read" in stderr


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "quick").write_text("no folder")
    status, _, stderr = ended(experiment("baseline", "--quick", cwd=tmp_path))
    assert (status, stderr.count("\n")) == (2, 1)
    assert "runs/quick" in stderr
