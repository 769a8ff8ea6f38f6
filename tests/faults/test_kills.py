"""Trainings that are killed again and again end as if nothing had happened.

`SRCNN_KILLS` sets the number of kills (default 20), which are drawn from a seed.
"""

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import pytest
from helpers import ROOT

from paddle_srcnn.training.checkpoints import CHECKPOINT, PREVIOUS, load_checkpoint, newest_checkpoint

pytest.importorskip("paddle")

KILLS = int(os.environ.get("SRCNN_KILLS", "20"))
ENDLESS = 1_000_000  # epochs, of a few milliseconds each; which of them is the last is decided after the kills
STDOUT = ("epoch ", "training ", "scoring ", "input: ", "final: ", "the output ", "results ")  # how its lines begin


class Forked:
    """Trainings of one worker, as forks of one process that has imported Paddle already."""

    workers = 1
    start_seconds, run_seconds = 0.5, 0.5  # up to the first evaluation, roughly; from there to the last kills

    def __init__(self) -> None:
        self._running: int | None = None
        self._server = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "faults" / "forked_trainings.py")],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, arguments: list[str], log: Path) -> int:
        print(json.dumps({"arguments": arguments, "log": str(log)}), file=self._server.stdin, flush=True)
        self._running = int(self._server.stdout.readline())
        return self._running

    def status(self) -> int:
        status = int(self._server.stdout.readline())
        self._running = None
        return status

    def close(self) -> None:
        if self._running:
            os.killpg(self._running, signal.SIGKILL)
        self._server.communicate(timeout=60)


class Command:
    """Trainings of two workers, as the real command starts them."""

    workers = 2
    start_seconds, run_seconds = 6.0, 1.5

    def start(self, arguments: list[str], log: Path) -> int:
        line = [sys.executable, "train.py", *arguments, "--workers", "2"]
        with log.open("ab") as file:
            self._process = subprocess.Popen(line, cwd=ROOT, stdout=file, stderr=file, start_new_session=True)
        return self._process.pid

    def status(self) -> int:
        return self._process.wait(timeout=120)

    def close(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


@contextmanager
def trainings(kind):
    running = kind()
    try:
        yield running
    finally:
        running.close()


def said(log: Path) -> str:
    """What a training has said; one that was killed at its first breath has no log yet."""
    return log.read_text() if log.exists() else ""


def evaluated(log: Path) -> list[int]:
    """Epochs that a training has said it evaluated."""
    return [int(epoch) for epoch in re.findall(r"^epoch (\d+): .*pooled \(input: .*\)$", said(log), re.MULTILINE)]


def await_evaluation(log: Path) -> None:
    deadline = time.monotonic() + 120
    while not evaluated(log):
        assert time.monotonic() < deadline, log
        time.sleep(0.005)


def await_unlocked(folder: Path) -> None:
    """Wait for the last of a killed group to be gone."""
    with (folder / ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)


def await_writing(out: Path) -> None:
    """Wait for a file that is being written; a training that has ended writes none."""
    deadline = time.monotonic() + 5
    while not any(out.glob(".*.partial.*")) and time.monotonic() < deadline:
        time.sleep(0.0005)


def run_and_kill(running, arguments, log, rng, *, first):
    """Start a training and kill it: as it starts, at any time, or as it writes, in 2, 3 and 5 of 10 cases."""
    process = running.start(arguments, log)
    moment = 1.0 if first else rng.random()
    if moment < 0.2:
        time.sleep(rng.uniform(0, running.start_seconds))
    else:
        await_evaluation(log)
        time.sleep(rng.uniform(0, running.run_seconds))
    if moment > 0.5:
        await_writing(Path(arguments[arguments.index("--out") + 1]))
        time.sleep(rng.uniform(0, 0.005))
    with suppress(ProcessLookupError):  # it has ended by itself
        os.killpg(process, signal.SIGKILL)
    return running.status()


def check(out: Path, log: Path, before: int) -> int:
    """Check what a kill has left, and give the epoch from which the run will go on."""
    epoch = newest_checkpoint(out)[0].epoch
    assert epoch >= max([before, *evaluated(log)])  # nothing that was said is lost
    for name in (CHECKPOINT, PREVIOUS):
        if (out / name).exists():
            load_checkpoint(out / name)  # neither is ever damaged
    stderr = [line for line in said(log).splitlines() if not line.startswith(STDOUT)]
    assert all(line.startswith(f"warning: {out / CHECKPOINT} is missing: going on from ") for line in stderr), stderr
    return epoch


@pytest.mark.parametrize("kind", [Forked, Command], ids=["one worker", "two workers"])
def test_killed_training_ends_as_an_undisturbed_one(kind, options, tmp_path):
    """The last kills hit the end of the run as well, where weights, summary and figure are written."""
    kills = KILLS * 7 // 10 if kind is Forked else KILLS - KILLS * 7 // 10
    rng = np.random.default_rng(KILLS)
    out, epoch, found = tmp_path / "out", 0, {"partial files": 0, "previous alone": 0, "previous and newest": 0}
    fixed = ["--exp", "baseline_shuffled", "--threads", "1", *map(str, options)]
    with trainings(kind) as running:
        for kill in range(kills):
            if kill <= kills - max(kills // 8, 1):
                last = ENDLESS if kill < kills - max(kills // 8, 1) else epoch + 3
            arguments = [*fixed, "--out", str(out), "--epochs", str(last), *["--resume"][: min(kill, 1)]]
            log = tmp_path / f"{kill}.log"
            status = run_and_kill(running, arguments, log, rng, first=kill == 0)
            await_unlocked(out)
            if status == 0 and last < ENDLESS:  # it was faster than its kill
                continue
            assert status == -signal.SIGKILL, said(log)
            epoch = check(out, log, epoch)
            found["partial files"] += any(out.glob(".*.partial.*"))
            found["previous and newest" if (out / CHECKPOINT).exists() else "previous alone"] += 1
        whole = tmp_path / "whole"
        for folder, option in ((out, ["--resume"]), (whole, [])):
            running.start([*fixed, "--out", str(folder), "--epochs", str(last), *option], tmp_path / "end.log")
            assert running.status() == 0, (tmp_path / "end.log").read_text()
    print(f"{kills} kills in {last} epochs of {running.workers} workers: {found}")
    for name in ("curve.csv", "weights.safetensors"):
        assert (out / name).read_bytes() == (whole / name).read_bytes(), name
    assert not [path for folder in (out, whole) for path in folder.glob(".*")]


def test_killed_training_of_a_network_that_upscales_itself_ends_as_an_undisturbed_one(write_noise, tmp_path):
    """Its rates depend on the number of epochs, which all starts have in common."""
    picture, rng = write_noise(tmp_path / "pictures" / "x.png", 70, 70), np.random.default_rng(0)
    data = ["--train-data", str(picture), "--val-data", str(picture), "--patches", "4", "--batch-size", "4"]
    fixed = ["--exp", "espcn_x3", "--epochs", "60", "--threads", "1", "--device", "cpu", *data]
    out, whole, epoch = tmp_path / "out", tmp_path / "whole", 0
    with trainings(Forked) as running:
        for kill in range(max(KILLS // 8, 1)):
            log = tmp_path / f"{kill}.log"
            resume = ["--resume"] if (out / CHECKPOINT).exists() or (out / PREVIOUS).exists() else []
            if run_and_kill(running, [*fixed, "--out", str(out), *resume], log, rng, first=kill == 0) == 0:
                break
            await_unlocked(out)
            epoch = check(out, log, epoch)
        for folder, option in ((out, ["--resume"]), (whole, [])):
            running.start([*fixed, "--out", str(folder), *option], tmp_path / "end.log")
            assert running.status() == 0, (tmp_path / "end.log").read_text()
    assert epoch > 0
    for name in ("curve.csv", "weights.safetensors"):
        assert (out / name).read_bytes() == (whole / name).read_bytes(), name
