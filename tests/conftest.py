import hashlib
import os
import shutil
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import write_report
from PIL import Image

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.model.weights import Weights, save_weights
from paddle_srcnn.reader import download
from paddle_srcnn.reader.datasets import find_dataset
from paddle_srcnn.system.cli import run_command
from paddle_srcnn.system.process import STOPS


def pytest_configure():
    """Let processes that the tests start have default signals, though nohup or a shell in the background ignores some.

    Ignored signals are inherited, handled ones are not. This process goes on ignoring them.
    """
    for number in STOPS:
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


@pytest.fixture(scope="session")
def dataset_folder():
    """Folder of a known set, as a function of its name; skips the test where the set is not on this disk."""

    def folder(name: str) -> Path:
        found = find_dataset(name)
        if found is None:
            pytest.skip(f"needs {name}: run `python -m reader fetch {name}`")
        return Path(found.found).resolve()

    return folder


@pytest.fixture
def empty_disk(tmp_path, monkeypatch):
    """A working folder from which no known data set is found; gives the folder above it, which also has the cache."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.delenv("SRCNN_DATA", raising=False)
    monkeypatch.setenv("SRCNN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path


@pytest.fixture
def tiny_sets(empty_disk, monkeypatch):
    """Known sets of a few bytes in place of the real ones: contents by file name, by set."""
    sets = {
        "T91": {"t1.bmp": b"one" * 1000, "t2.bmp": b"two" * 1000, "t3.bmp": b"three" * 1000},
        "Set5": {"baby_GT.bmp": b"baby", "bird_GT.bmp": b"bird"},
        "Set14": {"zebra.bmp": b"zebra"},
    }
    folder = empty_disk / "checksums"
    folder.mkdir()
    for name, files in sets.items():
        lines = [f"{hashlib.sha256(content).hexdigest()}  {file}\n" for file, content in files.items()]
        (folder / f"{name}.txt").write_text("".join(lines))
    monkeypatch.setattr(download, "CHECKSUMS", folder)
    return sets


@pytest.fixture
def put_set(tiny_sets):
    """Write one of the tiny sets below a folder, as a function of the folder and the set's name."""

    def put(folder: Path, name: str) -> Path:
        (folder / name).mkdir(parents=True)
        for file, content in tiny_sets[name].items():
            (folder / name / file).write_bytes(content)
        return folder / name

    return put


@pytest.fixture(scope="session")
def write_noise():
    """Write a picture of noise, as a function of path, height and width; gives the path."""

    def write(path: Path, height: int, width: int, *, channels: int = 3, seed: int = 0) -> Path:
        noise = np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noise if channels > 1 else noise[..., 0]).save(path)
        return path

    return write


@pytest.fixture
def command(monkeypatch, capsys):
    """Run a command in this process, as `python train.py ...` would: exit status, stdout and stderr."""

    def run(module, *arguments):
        monkeypatch.setattr(sys, "argv", [f"{module.__name__.rpartition('.')[2]}.py", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            run_command(module.main)
        return ended.value.code, *capsys.readouterr()

    return run


@pytest.fixture(scope="session")
def pictures(write_noise, tmp_path_factory):
    """Folders of pictures, good and bad."""
    folder = tmp_path_factory.mktemp("pictures")
    for seed in (0, 1):
        write_noise(folder / "train" / f"{seed}.bmp", 60, 60, seed=seed)
    write_noise(folder / "val" / "v.png", 50, 50, seed=2)
    write_noise(folder / "small" / "small.png", 33, 90)
    write_noise(folder / "tiny" / "tiny.png", 12, 40)
    (folder / "empty").mkdir()
    (folder / "text").mkdir()
    (folder / "text" / "text.bmp").write_text("no picture\n" * 50)
    for suffix in ("png", "jpg", "bmp", "tif"):
        whole = write_noise(folder / f"cut_{suffix}" / f"cut.{suffix}", 60, 60)
        whole.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    return folder


@pytest.fixture(scope="session")
def options(pictures):
    return ["--train-data", pictures / "train", "--val-data", pictures / "val", "--batch-size", 3, "--device", "cpu"]


@pytest.fixture(scope="session")
def random_weights(tmp_path_factory):
    """Files of weights: `basic` for luma, `colour` for RGB, and `two` for channels that no picture has."""
    folder = tmp_path_factory.mktemp("weights")
    rng = np.random.default_rng(0)
    for name, channels in (("basic", 1), ("two", 2), ("colour", 3)):
        network = Architecture((9, 1, 5), (64, 32), channels)
        parameters = {}
        for i, shape in enumerate(network.weight_shapes, 1):
            parameters[f"conv{i}.weight"] = rng.normal(0, 0.05, shape).astype(np.float32)
            parameters[f"conv{i}.bias"] = np.zeros(shape[0], np.float32)
        save_weights(folder / f"{name}.safetensors", Weights(network, parameters, {}))
    return folder


@pytest.fixture(scope="session")
def run(write_noise, tmp_path_factory):
    """Runs recipes on tiny pictures; see `tiny_runs.Runner`."""
    pytest.importorskip("paddle")
    from tiny_runs import Runner

    folder = tmp_path_factory.mktemp("tiny")
    for seed in (0, 1):
        write_noise(folder / "train" / f"{seed}.png", 60, 60, seed=seed)
    write_noise(folder / "val" / "a.png", 50, 50, seed=2)
    write_noise(folder / "val" / "b.png", 30, 41, seed=3)
    return Runner(folder)


@pytest.fixture(scope="session", params=["in order", "shuffled"])
def finished(request, run, tmp_path_factory):
    """Recipe, folder and summary of a run that nothing disturbed."""
    from tiny_runs import RECIPE, SHUFFLED

    recipe = {"in order": RECIPE, "shuffled": SHUFFLED}[request.param]
    out = tmp_path_factory.mktemp("finished") / "out"
    return recipe, out, run(recipe, out)


@pytest.fixture(scope="session")
def report_page(tmp_path_factory):
    """The page of results as the command writes it."""
    return write_report(tmp_path_factory.mktemp("report") / "report.html", 1)


@pytest.fixture(scope="module")
def browser():
    """Headless Chromium: the system's, else playwright's own."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    names = ("chromium", "chromium-browser", "google-chrome")
    executable = next((found for name in names if (found := shutil.which(name))), None)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    with playwright.sync_playwright() as started:
        try:
            launched = started.chromium.launch(executable_path=executable, args=["--no-sandbox"] if root else [])
        except playwright.Error as error:
            if executable:
                raise
            pytest.skip(f"needs Chromium: none of {', '.join(names)}, nor playwright's ({str(error).splitlines()[0]})")
        yield launched
        launched.close()
