"""Data-parallel training by the real command, on photographs of the set `samples`."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from paddle_srcnn.model.weights import load_weights
from paddle_srcnn.reader.datasets import samples_training, samples_validation
from paddle_srcnn.reporting.curves import read_curve
from paddle_srcnn.static.distributed import Workers

ROOT = Path(__file__).resolve().parents[2]
EPOCHS = 3


def command(out: Path, *options: str) -> list[str]:
    coins = next(str(file) for file in samples_training().files if file.name == "coins.png")
    camera = next(str(file) for file in samples_validation().files if file.name == "camera.png")
    data = ["--train-data", coins, "--val-data", camera]
    # A batch that divides neither the patches nor two workers: last batches and shares are uneven.
    fixed = ["--exp", "baseline", "--epochs", str(EPOCHS), "--batch-size", "13", "--out", str(out)]
    return [sys.executable, "train.py", *fixed, *data, *options]


def run(out: Path, *options: str) -> None:
    subprocess.run(command(out, *options), cwd=ROOT, check=True, capture_output=True, timeout=120)


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory):
    """Folder of a finished run of two workers, which end in an error if their parameters differ in a bit."""
    out = tmp_path_factory.mktemp("workers") / "two"
    run(out, "--workers", "2")
    return out


@pytest.mark.end_to_end
def test_curve_is_that_of_one_worker(two_workers, tmp_path):
    run(tmp_path / "one")
    one, two = (read_curve(out / "curve.csv") for out in (tmp_path / "one", two_workers))
    assert [point.backprops for point in one] == [point.backprops for point in two]
    for alone, shared in zip(one[1:], two[1:], strict=True):
        assert shared.score.psnr_mean_db == pytest.approx(alone.score.psnr_mean_db, abs=0.02)
        assert shared.loss == pytest.approx(alone.loss, rel=1e-3)


@pytest.mark.end_to_end
def test_workers_share_a_network_that_upscales_itself(tmp_path):
    options = ["--exp", "espcn_x3", "--patches", "20", "--epochs", "2"]  # the later of two equal options counts
    for workers in ("1", "2"):
        run(tmp_path / workers, *options, "--workers", workers)
    one, two = (read_curve(tmp_path / workers / "curve.csv") for workers in ("1", "2"))
    for alone, shared in zip(one, two, strict=True):
        assert shared.score.psnr_mean_db == pytest.approx(alone.score.psnr_mean_db, abs=0.02)


def test_same_bits_again(two_workers, tmp_path):
    run(tmp_path / "again", "--workers", "2")
    for name in ("curve.csv", "weights.safetensors"):
        assert (tmp_path / "again" / name).read_bytes() == (two_workers / name).read_bytes()


def test_killed_worker_ends_the_run_which_can_be_resumed(two_workers, tmp_path):
    out = tmp_path / "killed"
    arguments = command(out, "--workers", "2", "--epochs", "100000")
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if line.startswith("epoch 1:"):
                break
        start = time.monotonic()
        os.kill(worker_of(process.pid, rank=1), signal.SIGKILL)
        _, stderr = process.communicate(timeout=30)
    assert time.monotonic() - start < 30
    assert process.returncode == 128 + signal.SIGKILL
    assert stderr == (
        "worker 1 was killed by SIGKILL; the run was stopped\n"
        f"the state after the last evaluation is in {out}; --resume goes on\n"
    )
    finished = read_curve(out / "curve.csv")[-1].epoch
    whole = read_curve(two_workers / "curve.csv")
    if finished < EPOCHS:  # it was killed after the first epoch; on a slow machine others may have passed
        run(out, "--workers", "2", "--resume")
        assert (out / "curve.csv").read_bytes() == (two_workers / "curve.csv").read_bytes()
    else:
        assert read_curve(out / "curve.csv")[: len(whole)] == whole


def test_checkpoint_goes_on_under_another_number_of_workers(two_workers, tmp_path):
    out = tmp_path / "one-then-two"
    run(out, "--epochs", "1")
    run(out, "--workers", "2", "--resume")
    expected = read_curve(two_workers / "curve.csv")[-1].score.psnr_mean_db
    assert read_curve(out / "curve.csv")[-1].score.psnr_mean_db == pytest.approx(expected, abs=0.02)


def test_launched_by_paddle(two_workers, tmp_path):
    out = tmp_path / "launched"
    launcher = ["-m", "paddle.distributed.launch", "--nproc_per_node", "2", "--log_dir", str(tmp_path / "log")]
    python, *arguments = command(out)
    subprocess.run(
        [python, *launcher, "--backend", "gloo", *arguments], cwd=ROOT, check=True, capture_output=True, timeout=120
    )
    assert (out / "weights.safetensors").read_bytes() == (two_workers / "weights.safetensors").read_bytes()


def test_summary_and_weights_are_whole(two_workers):
    summary = json.loads((two_workers / "summary.json").read_text(encoding="utf-8"))
    assert summary["epochs"] == EPOCHS
    assert summary["workers"] == 2
    assert load_weights(two_workers / "weights.safetensors").architecture.name == "9-1-5"


@pytest.mark.parametrize("count", [1, 2, 3, 5])
@pytest.mark.parametrize("length", [1, 2, 13, 16])
def test_shares_are_a_partition(count, length):
    shares = [range(length)[Workers(rank, count).share(length)] for rank in range(count)]
    assert [index for share in shares for index in share] == list(range(length))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_differing_parameters_are_noticed():
    class Store:
        def add(self, key: str, value: int) -> int:
            return 12345  # rank 0 has met, with some other checksum

    worker = Workers(rank=1, count=2, store=Store())
    with pytest.raises(RuntimeError, match="worker 1 has other parameters"):
        worker.check_agreement({"conv1.bias": np.zeros(1, np.float32)})


def worker_of(supervisor: int, *, rank: int) -> int:
    """Process of a supervisor's worker."""
    for folder in Path("/proc").iterdir():
        try:
            if f"PPid:\t{supervisor}\n" not in (folder / "status").read_text():
                continue
            if f"PADDLE_TRAINER_ID={rank}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                return int(folder.name)
        except (OSError, ValueError):
            continue
    raise AssertionError(f"no worker {rank}")
