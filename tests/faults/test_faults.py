"""Faults during a training: one line on stderr, exit status 2, and a checkpoint that `--resume` goes on from."""

import os
import resource
import shutil
import subprocess
import sys
import threading
from contextlib import contextmanager

import numpy as np
import pytest
from helpers import ROOT, assert_one_line, contents

from paddle_srcnn.errors import UserError
from paddle_srcnn.protocols.metrics import Score
from paddle_srcnn.reporting.curves import Point, read_curve
from paddle_srcnn.training.checkpoints import CHECKPOINT, PREVIOUS, newest_checkpoint

pytest.importorskip("paddle")

from tiny_runs import CPU, PATCHES, RECIPE

from paddle_srcnn.commands import train
from paddle_srcnn.model.parameters import initial_parameters
from paddle_srcnn.training import trainer
from paddle_srcnn.training.progress import Progress

DISK = 8 << 20  # bytes of the disk that is filled


@contextmanager
def training(options, out, *, prefix=()):
    """A training that has been through its second epoch, and has no end."""
    line = [*prefix, sys.executable, "train.py", "--exp", "baseline", "--epochs", "1000000", "--out", str(out)]
    line += map(str, options)
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        watchdog = threading.Timer(60, process.kill)
        watchdog.start()
        try:
            for printed in process.stdout:
                if printed.startswith("epoch 2:"):
                    break
            yield process
        finally:
            process.kill()
            watchdog.cancel()


def assert_ended(process, *words):
    stdout, stderr = process.communicate(timeout=60)
    assert_one_line((process.returncode, stdout, stderr), "train", *words)


def assert_resumable(command, options, out):
    """Go on for an epoch from what a fault has left; what was trained before stays as it was."""
    done = newest_checkpoint(out)[0].curve
    assert len(done) >= 3
    arguments = [*options, "--epochs", done[-1].epoch + 1, "--out", out, "--resume"]
    status, _, stderr = command(train, "--exp", "baseline", *arguments)
    assert (status, stderr) == (0, "")
    assert tuple(read_curve(out / "curve.csv")[:-1]) == done
    assert not list(out.glob(".*"))


def test_folder_that_is_moved_ends_the_run(command, options, tmp_path):
    out = tmp_path / "out"
    with training(options, out) as process:
        out.rename(tmp_path / "moved")
        assert_ended(process, out, "was moved or removed", "--resume")
    assert not out.exists()
    assert_resumable(command, options, tmp_path / "moved")


def test_folder_that_is_removed_is_not_brought_back(options, tmp_path):
    out = tmp_path / "out"
    with training(options, out) as process:
        out.rename(tmp_path / "bin")  # at once, as no removal of several files is
        shutil.rmtree(tmp_path / "bin")
        assert_ended(process, out, "was moved or removed")
    assert not out.exists()


@pytest.mark.parametrize("moment", ["first_parameters", "has_dead_layer"])
def test_folder_that_is_replaced_as_a_run_begins_or_ends_is_left_alone(run, tmp_path, monkeypatch, moment):
    out, called = tmp_path / "out", getattr(trainer, moment)

    def replacing(*arguments, **options):
        out.rename(tmp_path / "moved")
        out.mkdir()
        (out / "summary.json").write_text("of another run")
        return called(*arguments, **options)

    monkeypatch.setattr(trainer, moment, replacing)
    with pytest.raises(UserError, match="was moved or removed"):
        run(RECIPE, out)
    assert contents(out) == {"summary.json": b"of another run"}


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root needs setpriv to be refused")
def test_folder_that_becomes_read_only_ends_the_run(command, options, tmp_path):
    out = tmp_path / "out"
    prefix = ["setpriv", "--bounding-set", "-dac_override"] if os.geteuid() == 0 else []
    with training(options, out, prefix=prefix) as process:
        out.chmod(0o500)
        assert_ended(process, "cannot be written (Permission denied)", "--resume goes on from the last checkpoint")
    out.chmod(0o700)
    assert_resumable(command, options, out)


def test_limit_on_the_size_of_files_ends_the_run(command, options, tmp_path):
    out = tmp_path / "out"
    with training(options, out) as process:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (50_000, 50_000))  # a checkpoint has twice as much
        assert_ended(process, out / CHECKPOINT, "cannot be written (File too large)", "--resume goes on")
    assert_resumable(command, options, out)


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "none", str(disk)]
    if not shutil.which("mount") or subprocess.run(mounting, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_full_disk_ends_the_run(command, options, small_disk):
    out, filler = small_disk / "out", small_disk / "filler"
    with training(options, out) as process, filler.open("wb", buffering=0) as file:
        while process.poll() is None:  # again and again: the run itself removes files
            try:
                file.write(b"\0" * 4096)
            except OSError:
                continue
        assert_ended(process, out, "cannot be written (No space left on device)", "--resume goes on")
    filler.unlink()
    assert_resumable(command, options, out)


BLOWN_UP = """
import runpy, sys
from dataclasses import replace
from paddle_srcnn.recipes import RECIPES, vary
RECIPES["baseline"] = vary(RECIPES["baseline"], learning_rates=(1e12, 1e12, 1e12))
sys.argv[0] = "train.py"
runpy.run_path("train.py", run_name="__main__")
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_loss_that_is_not_finite_is_said_again_when_resumed(options, tmp_path, workers):
    out = tmp_path / "out"
    line = [sys.executable, "-c", BLOWN_UP, "--exp", "baseline", *map(str, options), "--out", str(out)]
    said = []
    for resume in ([], ["--resume"]):
        done = subprocess.run(
            [*line, "--workers", str(workers), *resume], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert_one_line((done.returncode, done.stdout, done.stderr), "train", "backprops: lower the learning rates")
        said.append(done.stderr)
        assert newest_checkpoint(out)[0].epoch == 0
        assert sorted(contents(out)) == [CHECKPOINT, "curve.csv"]
    assert said[0] == said[1]


def test_state_that_is_not_finite_is_never_kept(run, tmp_path, monkeypatch):
    """As where a ReLU has hidden a NaN from loss and PSNR."""
    from paddle_srcnn.static.training_program import TrainingProgram

    state, calls = TrainingProgram.state, []

    def poisoned(program):
        found = state(program)
        calls.append(1)
        return {name: value * np.nan for name, value in found.items()} if (tmp_path / PREVIOUS).exists() else found

    monkeypatch.setattr(TrainingProgram, "state", poisoned)
    with pytest.raises(UserError, match=f"the network is not finite after {2 * PATCHES} backprops"):
        run(RECIPE, tmp_path)
    monkeypatch.undo()
    assert calls
    assert newest_checkpoint(tmp_path)[0].epoch == 1
    assert run(RECIPE, tmp_path, resume=True).epochs == 3


def progress_of(run, gains_db):
    """Progress of a run whose evaluations lie so far above the input, up to the last but one; and that last one."""
    data, rng = run.data(RECIPE)
    input_db = data.validation.input_score().psnr_mean_db
    points = [Point(8 * i, i, 0.5, Score((), input_db + db, input_db + db)) for i, db in enumerate(gains_db)]
    state = initial_parameters(RECIPE.architecture, std=RECIPE.start.std, rng=rng)
    return Progress(RECIPE, data, CPU, points[:1], talks=True), points[1:], state


@pytest.mark.parametrize(
    ("gains_db", "epoch"),
    [((-9, -8, -7), None), ((-9, 1, 2), None), ((-9, 1, -2, 3, -2), 2), ((1, 2, 1, -0.1, -2), 3)],
    ids=["short", "good", "fell back", "fell at last"],
)
def test_output_that_becomes_worse_than_the_input_is_said_once(run, capsys, gains_db, epoch):
    progress, points, state = progress_of(run, gains_db)
    for point in points:
        progress.show(point, state)
    stderr = capsys.readouterr().err
    assert stderr.count("\n") == (epoch is not None)
    if epoch is not None:
        assert stderr.startswith(f"epoch {epoch}: the output, once better than the input, is worse now (")


def test_dead_layer_is_said_once(run, capsys):
    progress, points, state = progress_of(run, (-9, -8, -7, -8, 1))
    progress.show(points[0], state)
    dead = {**state, "conv2.bias": np.full_like(state["conv2.bias"], -1e3)}
    for point in points[1:]:
        progress.show(point, dead)
    assert capsys.readouterr().err == (
        "epoch 2: a layer is dead, so the output is the same whatever the input: "
        "lower the learning rates of its row in paddle_srcnn/recipes\n"
    )


def test_run_says_its_dead_layer(run, tmp_path, monkeypatch, capsys):
    dead = initial_parameters(RECIPE.architecture, std=RECIPE.start.std, rng=np.random.default_rng(0))
    dead["conv1.bias"][:] = -1e6
    monkeypatch.setattr(trainer, "first_parameters", lambda *_, **__: dead)
    run(RECIPE, tmp_path)
    stdout, stderr = capsys.readouterr()
    assert stderr.count("\n") == 1
    assert "a layer is dead" in stderr
    assert "epoch 3" in stdout
