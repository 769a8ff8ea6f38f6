"""Two checkpoints of a run, of which one may be damaged."""

import hashlib
import json
import subprocess
from contextlib import ExitStack

import numpy as np
import pytest
from helpers import contents
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from paddle_srcnn.errors import UserError
from paddle_srcnn.protocols.metrics import Score
from paddle_srcnn.recipes import vary
from paddle_srcnn.reporting.curves import Point
from paddle_srcnn.system.files import write_safetensors
from paddle_srcnn.training import checkpoints
from paddle_srcnn.training.checkpoints import (
    CHECKPOINT,
    PREVIOUS,
    Checkpoint,
    has_checkpoint,
    load_checkpoint,
    newest_checkpoint,
    save_checkpoint,
)


def checkpoint(epoch):
    curve = tuple(Point(8 * i, i, 0.5 if i else None, Score((30.0,), 30.0, 30.0)) for i in range(epoch + 1))
    state = {"conv1.weight": np.full((2, 3), epoch, np.float32), "moment": np.arange(5.0)}
    return Checkpoint(state, np.random.default_rng(epoch).bit_generator.state, curve, 0.5, {"name": "x"}, [])


@pytest.fixture
def two(tmp_path):
    """Folder with the checkpoints of epochs 4 and, before it, 3."""
    for epoch in range(5):
        save_checkpoint(tmp_path / CHECKPOINT, checkpoint(epoch), keep=tmp_path / PREVIOUS)
    return tmp_path


def cut(path):
    path.write_bytes(path.read_bytes()[:-1])


def flip(path):
    content = bytearray(path.read_bytes())
    content[-3] ^= 4
    path.write_bytes(content)


def empty(path):
    path.write_bytes(b"")


def remove(path):
    path.unlink()


def test_the_last_two_are_kept(two):
    assert sorted(contents(two)) == [PREVIOUS, CHECKPOINT]
    assert (load_checkpoint(two / CHECKPOINT).epoch, load_checkpoint(two / PREVIOUS).epoch) == (4, 3)
    found, problem = newest_checkpoint(two)
    assert (found.epoch, problem) == (4, "")


@pytest.mark.parametrize("damage", [cut, flip, empty, remove])
def test_damaged_one_is_replaced_by_the_previous_and_said(two, damage):
    damage(two / CHECKPOINT)
    found, problem = newest_checkpoint(two)
    assert found.epoch == 3
    word = "missing" if damage is remove else "damaged"
    assert problem == f"{two / CHECKPOINT} is {word}: going on from {two / PREVIOUS}, after epoch 3"


@pytest.mark.parametrize("damage", [cut, flip, empty])
def test_damaged_previous_one_does_not_matter(two, damage):
    damage(two / PREVIOUS)
    assert newest_checkpoint(two)[0].epoch == 4


@pytest.mark.parametrize("damage", [cut, flip, empty, remove])
def test_both_damaged_are_refused(two, damage):
    damage(two / CHECKPOINT)
    flip(two / PREVIOUS)
    with pytest.raises(UserError, match=rf"neither .*{CHECKPOINT} nor .*{PREVIOUS} is a readable checkpoint"):
        newest_checkpoint(two)


def test_any_flipped_bit_is_recognised(two):
    path, rng = two / CHECKPOINT, np.random.default_rng(0)
    content = path.read_bytes()
    for bit in rng.choice(8 * len(content), 500, replace=False):
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        with pytest.raises(UserError, match="is no readable checkpoint"):
            load_checkpoint(path)


def test_checkpoint_without_checksum_is_of_another_version(two):
    path = two / CHECKPOINT
    with checkpoints.safe_open(path, framework="numpy") as file:
        metadata = {"checkpoint": file.metadata()["checkpoint"]}
    save_file(load_file(path), path, metadata=metadata)
    with pytest.raises(UserError, match=r"it has no checksum, so another version of this program wrote it.*anew"):
        load_checkpoint(path)


@pytest.mark.parametrize("damage", [cut, flip, empty, remove])
def test_what_does_not_read_back_leaves_the_one_before(two, monkeypatch, damage):
    """A disk that loses what it was given."""
    write = checkpoints.write_safetensors

    def lose(path, *arguments, **options):
        write(path, *arguments, **options)
        damage(path)

    monkeypatch.setattr(checkpoints, "write_safetensors", lose)
    with pytest.raises(UserError, match="does not read back as it was written"):
        save_checkpoint(two / CHECKPOINT, checkpoint(5), keep=two / PREVIOUS)
    assert newest_checkpoint(two)[0].epoch == 4


def test_writing_that_fails_leaves_both(two, monkeypatch):
    before = contents(two)
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(UserError, match="No space left on device"):
        save_checkpoint(two / CHECKPOINT, checkpoint(5), keep=two / PREVIOUS)
    assert contents(two) == before


def test_experiments_resume_from_the_previous_one_alone(two, monkeypatch):
    from lab import runs
    from paddle_srcnn.recipes import RECIPES

    started = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: started.append(command))
    (two / CHECKPOINT).unlink()
    assert has_checkpoint(two)
    with ExitStack() as logs:
        runs.start(RECIPES["baseline"], two, 1, quick=True, logs=logs)
        (two / PREVIOUS).unlink()
        runs.start(RECIPES["baseline"], two, 1, quick=True, logs=logs)
    assert ["--resume" in command for command in started] == [True, False]


@pytest.mark.parametrize("damage", [cut, remove])
def test_run_goes_back_one_epoch_to_the_same_bits(run, finished, tmp_path, capsys, caplog, damage):
    recipe, uninterrupted, _ = finished
    out = tmp_path / "out"
    run(vary(recipe, epochs=2), out)
    damage(out / CHECKPOINT)
    capsys.readouterr()
    run(recipe, out, resume=True)
    (record,) = caplog.records
    assert record.getMessage().endswith(f"going on from {out / PREVIOUS}, after epoch 1")
    assert "epoch 2: " in capsys.readouterr().out
    for name in ("curve.csv", "weights.safetensors"):
        assert (out / name).read_bytes() == (uninterrupted / name).read_bytes(), name
    assert json.loads((out / "summary.json").read_text())["parts"][-1]["epoch"] == 1


def test_damaged_one_never_becomes_the_previous_one(run, finished, tmp_path):
    """Killed right after it has gone back, a run can still be resumed."""
    recipe, _, _ = finished
    out = tmp_path / "out"
    run(vary(recipe, epochs=2), out)
    cut(out / CHECKPOINT)
    with pytest.raises(KeyboardInterrupt):
        run(recipe, out, resume=True, wrap=stop_at_once)
    assert (load_checkpoint(out / CHECKPOINT).epoch, load_checkpoint(out / PREVIOUS).epoch) == (1, 1)


def stop_at_once(_reader):
    def stopping():
        raise KeyboardInterrupt

    return stopping


@pytest.mark.parametrize(
    "change",
    [
        {"curve": []},
        {"curve": [{"backprops": 1}]},
        {"curve": None},
        {"random_state": {}},
        {"random_state": {"bit_generator": "MT19937"}},
        {"another": 1},
    ],
)
def test_content_is_checked_though_its_checksum_is_right(tmp_path, change):
    path = tmp_path / CHECKPOINT
    save_checkpoint(path, checkpoint(2))
    with safe_open(path, framework="numpy") as file:
        content = json.loads(file.metadata()["checkpoint"])
    text = json.dumps(content | change)
    write_safetensors(path, {}, {"checkpoint": text, "sha256": hashlib.sha256(text.encode()).hexdigest()})
    with pytest.raises(UserError, match="is no readable checkpoint"):
        load_checkpoint(path)


def test_deeply_nested_content_is_refused(tmp_path):
    text = "[" * 100_000
    path = tmp_path / CHECKPOINT
    write_safetensors(path, {}, {"checkpoint": text, "sha256": hashlib.sha256(text.encode()).hexdigest()})
    with pytest.raises(UserError, match="is no readable checkpoint"):
        load_checkpoint(path)
