"""The supervisor of workers, without Paddle: a small program stands for `train.py`."""

import os
import signal
import subprocess
import sys
import time

import pytest
from helpers import ROOT

from paddle_srcnn.errors import UserError
from paddle_srcnn.system.process import launched_count, launcher_number, local_count

PROGRAM = """
import os, signal, sys, time
from paddle_srcnn.system.process import END, SUPERVISED, exit_on_signal, supervise

def work(rank):
    signal.signal(END, exit_on_signal)
    print(f"worker {rank} of {os.environ['PADDLE_TRAINERS_NUM']}", flush=True)
    open(f"{sys.argv[1]}/{rank}", "w").write(str(os.getpid()))
    WORK

if SUPERVISED in os.environ:
    work(int(os.environ["PADDLE_TRAINER_ID"]))
else:
    sys.exit(supervise(2))
"""


@pytest.fixture
def supervised(tmp_path):
    """Start two workers whose work is some lines of Python; their process numbers go to files of their ranks."""

    def start(work):
        (tmp_path / "program.py").write_text(PROGRAM.replace("WORK", work))
        line = [sys.executable, tmp_path / "program.py", tmp_path]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)

    return start


def is_alive(file):
    try:
        os.kill(int(file.read_text()), 0)
    except ProcessLookupError:
        return False
    return True


def test_rank_0_alone_has_the_terminal(supervised):
    with supervised("pass") as process:
        stdout, stderr = process.communicate(timeout=30)
    assert (process.returncode, stdout, stderr) == (0, "worker 0 of 2\n", "")


@pytest.mark.parametrize(
    ("ending", "status", "told"),
    [
        ("sys.exit('no room')", 1, "worker 1 ended with status 1 (no room); the run was stopped\n"),
        ("sys.exit(3)", 3, "worker 1 ended with status 3; the run was stopped\n"),
        ("os.kill(os.getpid(), signal.SIGKILL)", 137, "worker 1 was killed by SIGKILL; the run was stopped\n"),
    ],
)
def test_failed_worker_ends_the_others(supervised, tmp_path, ending, status, told):
    with supervised(f"time.sleep(60) if rank == 0 else {ending}") as process:
        _, stderr = process.communicate(timeout=30)
    assert (process.returncode, stderr) == (status, told)
    assert not is_alive(tmp_path / "0")


def test_reason_of_rank_0_is_told_once(supervised):
    with supervised("sys.exit('no room' if rank == 0 else 0)") as process:
        _, stderr = process.communicate(timeout=30)
    assert (process.returncode, stderr) == (1, "no room\n")


def test_killed_supervisor_takes_its_workers_along(supervised, tmp_path):
    with supervised("time.sleep(60)") as process:
        deadline = time.monotonic() + 20
        while not all((tmp_path / rank).is_file() and (tmp_path / rank).read_text() for rank in "01"):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 128 + signal.SIGTERM
    assert not any(is_alive(tmp_path / rank) for rank in "01")


def test_numbers_of_a_launcher(monkeypatch):
    for name in ("PADDLE_TRAINER_ID", "PADDLE_TRAINERS_NUM", "PADDLE_LOCAL_SIZE"):
        monkeypatch.delenv(name, raising=False)
    assert (launched_count(), local_count()) == (0, 1)
    monkeypatch.setenv("PADDLE_TRAINERS_NUM", "4")
    assert (launched_count(), local_count()) == (0, 1)  # left behind by a group that this process is not of
    monkeypatch.setenv("PADDLE_TRAINER_ID", "1")
    assert (launched_count(), local_count()) == (4, 4)
    monkeypatch.setenv("PADDLE_LOCAL_SIZE", "2")
    assert (launched_count(), local_count()) == (4, 2)
    monkeypatch.setenv("PADDLE_LOCAL_SIZE", "two")
    with pytest.raises(UserError, match="PADDLE_LOCAL_SIZE=two"):
        launcher_number("PADDLE_LOCAL_SIZE")
