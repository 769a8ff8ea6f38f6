"""Windows, simulated: what it refuses is refused here, and what it lacks is taken away."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT, contents, needs_paddle
from small_networks import weights_of

from paddle_srcnn.apps.plan import BatchOptions, check_files, plan_tasks
from paddle_srcnn.errors import UserError
from paddle_srcnn.model.weights import save_weights
from paddle_srcnn.system import files, windows
from paddle_srcnn.system.files import write_text


@pytest.fixture
def simulated(monkeypatch):
    """Folders cannot be opened, and other programs have the files open whose names the returned set holds."""
    opened, replace, open_descriptor = set(), Path.replace, os.open

    def replace_closed(path, target):
        if {path.name, Path(target).name} & opened:
            raise PermissionError(13, "Permission denied")
        return replace(path, target)

    def open_files(path, *arguments, **options):
        if Path(path).is_dir():
            raise PermissionError(13, "Permission denied")
        return open_descriptor(path, *arguments, **options)

    monkeypatch.setattr(windows, "WINDOWS", True)
    monkeypatch.setattr(windows, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(windows, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(Path, "replace", replace_closed)
    monkeypatch.setattr(os, "open", open_files)
    return opened


def test_folder_that_cannot_be_flushed_is_no_failure(simulated, tmp_path):
    write_text(tmp_path / "a.txt", "new")
    assert contents(tmp_path) == {"a.txt": b"new"}


def test_file_that_a_program_has_open_keeps_its_content(simulated, tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    simulated.add("a.txt")
    with pytest.raises(UserError, match=r"a\.txt cannot be written \(Permission denied\): close the program that has"):
        write_text(path, "new")
    assert contents(tmp_path) == {"a.txt": b"old"}


@pytest.mark.parametrize("opened", ["a.txt", "b.txt"])
def test_file_that_was_to_be_kept_keeps_its_place(simulated, tmp_path, opened):
    write_text(tmp_path / "a.txt", "old")
    write_text(tmp_path / "b.txt", "older")
    simulated.add(opened)
    with (
        pytest.raises(UserError, match="close the program"),
        files.atomic_path(tmp_path / "a.txt", keep=tmp_path / "b.txt") as temporary,
    ):
        temporary.write_text("new")
    assert contents(tmp_path) == {"a.txt": b"old", "b.txt": b"older"}


def test_old_file_comes_back_if_the_new_one_cannot_take_its_place(monkeypatch, tmp_path):
    write_text(tmp_path / "a.txt", "old")
    replace = Path.replace

    def refuse_new(path, target):
        if ".partial" in path.name:
            raise PermissionError(13, "Permission denied")
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", refuse_new)
    with (
        pytest.raises(UserError, match="choose another path"),
        files.atomic_path(tmp_path / "a.txt", keep=tmp_path / "b.txt") as temporary,
    ):
        temporary.write_text("new")
    assert contents(tmp_path) == {"a.txt": b"old"}


def test_program_that_lets_go_of_a_file_is_waited_for(simulated, monkeypatch, tmp_path):
    path = tmp_path / "a.txt"
    write_text(path, "old")
    simulated.add("a.txt")
    monkeypatch.setattr(windows.time, "sleep", lambda _: simulated.clear())
    write_text(path, "new")
    assert contents(tmp_path) == {"a.txt": b"new"}


@pytest.mark.parametrize("name", ["con.png", "NUL", "com1.tif", "a:b", "a?.png", "a.png.", "a "])
def test_names_that_windows_does_not_take_are_refused(simulated, tmp_path, name):
    with pytest.raises(UserError, match="Windows allows no file of the name"):
        write_text(tmp_path / name, "new")
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("name", ["con.png", "a:b", "a.png."])
def test_other_systems_take_every_name(tmp_path, name):
    write_text(tmp_path / name, "new")
    assert contents(tmp_path) == {name: b"new"}


def test_batch_refuses_such_a_name_before_its_work(simulated, tmp_path):
    tasks = plan_tasks(
        [(tmp_path / "a.png", Path()), (tmp_path / "b.png", Path())], BatchOptions(2, tmp_path, suffix=":2")
    )
    kept, refused = check_files(tasks, existing="refuse")
    assert (kept, len(refused)) == ([], 2)
    assert "Windows allows no file of the name a:2.png" in str(refused[0])


# Python without the modules and calls that Windows lacks. Paddle, OpenCV and the like load what they need before.
BARE = """
import os, signal, sys
import cv2, filelock, matplotlib.figure, skimage  # their own needs, on the system that they are built for
import paddle_srcnn.static.backend
for module in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[module] = None
for name in ("fork", "pread", "pwrite", "sched_getaffinity", "O_NOFOLLOW", "getuid", "fchmod", "killpg", "setsid"):
    delattr(os, name)
for name in ("SIGHUP", "SIGUSR1", "SIGUSR2", "SIGKILL", "SIGALRM"):
    delattr(signal, name)
opened = os.open
def open_files(path, *arguments, **options):
    if os.path.isdir(path) and "dir_fd" not in options:  # with it, shutil asks, which does so on Linux alone
        raise PermissionError(13, "Permission denied")
    return opened(path, *arguments, **options)
os.open = open_files
from paddle_srcnn.system import windows
windows.WINDOWS = True
from paddle_srcnn.commands.dispatcher import main
sys.argv[0] = "srcnn"
main()
"""


def bare(*arguments, cwd):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SRCNN_CACHE": str(cwd / "cache")}
    line = [sys.executable, "-c", BARE, *map(str, arguments)]
    return subprocess.run(line, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


@needs_paddle
def test_training_and_enlarging_need_nothing_that_windows_lacks(options, pictures, tmp_path):
    trained = bare("train", "--exp", "baseline", *options, "--epochs", 2, "--out", tmp_path / "run", cwd=tmp_path)
    assert trained.returncode == 0, trained.stderr
    assert trained.stdout.endswith(f"results are in {tmp_path / 'run'}\n")
    assert {"weights.safetensors", "summary.json", "checkpoint.safetensors"} <= contents(tmp_path / "run").keys()
    save_weights(tmp_path / "network.safetensors", weights_of(filters=(3, 1, 3)))
    done = bare("upscale", pictures / "val", "--weights", "network.safetensors", cwd=tmp_path)
    assert (done.returncode, contents(tmp_path / "enlarged").keys()) == (0, {"v_x2.png"}), done.stderr


@needs_paddle
def test_without_fcntl_nothing_is_missing(options, tmp_path):
    """`filelock` itself then has no lock to offer, as on a system without `flock`."""
    code = "import sys; sys.modules['fcntl'] = None; import runpy; sys.argv[0] = 'train.py'\n"
    code += f"runpy.run_path({str(ROOT / 'train.py')!r}, run_name='__main__')"
    line = [sys.executable, "-c", code, "--exp", "baseline", *map(str, options), "--epochs", "2", "--out", "run"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "summary.json" in contents(tmp_path / "run")
