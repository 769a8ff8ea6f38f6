"""One training at a time in a folder."""

import errno
import os
import signal
import subprocess
import sys

import pytest
from helpers import ROOT, assert_one_line, contents, needs_paddle

from paddle_srcnn.commands import train
from paddle_srcnn.errors import RunStopped, UserError
from paddle_srcnn.system import locks, windows
from paddle_srcnn.system.locks import LOCK, locked

HOLDER = """
import sys, time
from pathlib import Path
from paddle_srcnn.system.locks import locked
with locked(Path(sys.argv[1])):
    print("locked", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    """A process that has locked the folder `out`."""
    line = [sys.executable, "-c", HOLDER, str(tmp_path / "out")]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "locked\n"
        yield process
        process.kill()


def test_second_is_refused_and_told_of_the_first(holder, tmp_path):
    out = tmp_path / "out"
    with pytest.raises(UserError) as caught, locked(out):
        pass
    assert str(caught.value).startswith(f"{out} is in use by another training (process {holder.pid}, since 20")
    assert (out / LOCK).exists()


def test_lock_of_a_killed_process_holds_nobody_up(holder, tmp_path):
    out = tmp_path / "out"
    os.kill(holder.pid, signal.SIGKILL)
    holder.wait()
    assert (out / LOCK).read_text().startswith(f"process {holder.pid}, ")
    with locked(out):
        assert (out / LOCK).read_text().startswith(f"process {os.getpid()}, ")
    assert contents(out) == {}


@pytest.mark.parametrize("ending", [None, KeyboardInterrupt, UserError])
def test_lock_goes_with_its_block_and_can_be_had_again(tmp_path, ending):
    for _ in range(2):
        try:
            with locked(tmp_path), pytest.raises(UserError, match="in use"), locked(tmp_path):
                pass
            if ending:
                with locked(tmp_path):
                    raise ending("in the block")
        except (KeyboardInterrupt, UserError) as error:
            assert type(error) is ending
        assert contents(tmp_path) == {}


def test_lock_that_its_holder_removes_meanwhile_is_not_taken_for_held(tmp_path, monkeypatch):
    """Between opening and locking, the first holder removes the file: the second must lock the one that is there."""
    lock, raced = locks.lock_descriptor, []

    def late(descriptor, **options):
        if not raced:
            raced.append((tmp_path / LOCK).unlink())
        return lock(descriptor, **options)

    monkeypatch.setattr(locks, "lock_descriptor", late)
    with locked(tmp_path), pytest.raises(UserError, match="in use"), locked(tmp_path):
        pass
    assert raced


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_file_system_without_locks_is_no_obstacle(tmp_path, monkeypatch, code):
    def refuse(*_, **__):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(locks, "lock_descriptor", refuse)
    with locked(tmp_path) as lock:
        lock.check()


@pytest.mark.parametrize("fault", ["moved", "removed", "replaced"])
def test_folder_that_is_gone_is_noticed(tmp_path, fault):
    out = tmp_path / "out"
    with locked(out) as lock:
        lock.check()
        out.rename(tmp_path / "elsewhere")
        if fault == "removed":
            (tmp_path / "elsewhere" / LOCK).unlink()
        elif fault == "replaced":
            out.mkdir()
            (out / LOCK).write_text("of another run")
        with pytest.raises(RunStopped, match=f"{out} was moved or removed"):
            lock.check()
    assert (fault != "replaced") or (out / LOCK).exists()


@needs_paddle
@pytest.mark.parametrize("resume", [[], ["--resume"]], ids=["anew", "resumed"])
def test_second_training_is_refused_by_one_line(holder, command, options, tmp_path, resume):
    out = tmp_path / "out"
    if resume:
        (out / "checkpoint.safetensors").write_text("of the first")
    before = contents(out)
    result = command(train, "--exp", "baseline", *options, "--out", out, *resume)
    assert_one_line(result, "train", out, "in use by another training", f"process {holder.pid}")
    assert contents(out) == before


@needs_paddle
def test_second_training_of_two_workers_is_refused_by_one_line(holder, options, tmp_path):
    """The first writes checkpoints meanwhile, which are no reason to speak of --resume."""
    out = tmp_path / "out"
    (out / "checkpoint.safetensors").write_text("of the first")
    os.utime(out / "checkpoint.safetensors", (2**32, 2**32))
    line = [sys.executable, "train.py", "--exp", "baseline", *map(str, options), "--out", str(out), "--workers", "2"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert_one_line((done.returncode, done.stdout, done.stderr), "train", f"process {holder.pid}")


def test_file_that_is_no_lock_is_left_alone(tmp_path):
    (tmp_path / LOCK).write_text("precious")
    with pytest.raises(UserError, match=r"\.lock was not left by a training"), locked(tmp_path):
        pass
    assert (tmp_path / LOCK).read_text() == "precious"


def test_link_under_the_name_of_the_lock_is_not_followed(tmp_path):
    (tmp_path / "precious.txt").write_text("precious")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / LOCK).symlink_to("../precious.txt")
    with pytest.raises(UserError, match="cannot be written to"), locked(tmp_path / "out"):
        pass
    assert (tmp_path / "precious.txt").read_text() == "precious"


def test_on_windows_the_file_is_closed_before_it_is_removed(tmp_path, monkeypatch):
    """Windows removes no file that is open, and no other process can read the byte that it locks."""
    monkeypatch.setattr(windows, "WINDOWS", True)
    close, opened, read, remove = os.close, [], os.read, type(tmp_path).unlink

    def unlink(path, *arguments, **options):
        assert not opened, "the file is still open"
        remove(path, *arguments, **options)

    def read_on(descriptor, length):
        assert os.lseek(descriptor, 0, os.SEEK_CUR) > 0, "the first byte is locked"
        return read(descriptor, length)

    monkeypatch.setattr(os, "close", lambda descriptor: (close(descriptor), descriptor in opened and opened.clear()))
    monkeypatch.setattr(os, "read", read_on)
    monkeypatch.setattr(type(tmp_path), "unlink", unlink)
    with locked(tmp_path) as lock:
        opened.append(lock.descriptor)
        with pytest.raises(UserError, match=rf"in use by another training \(process {os.getpid()}, since"):
            locked(tmp_path).__enter__()
    assert contents(tmp_path) == {}
