import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from reader import download
from reader.datasets import find_dataset


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
