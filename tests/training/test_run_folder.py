"""The folder of a run: worker 0 writes, nobody else does."""

import numpy as np
import pytest
from helpers import contents

from paddle_srcnn.errors import UserError
from paddle_srcnn.protocols.metrics import Score
from paddle_srcnn.training.checkpoints import CHECKPOINT, PREVIOUS, Checkpoint, load_checkpoint
from paddle_srcnn.training.run_folder import CURVE, RunFolder

RNG = np.random.default_rng(0)
STATE = {"conv1.bias": np.zeros(1, np.float32)}


def first():
    return Checkpoint.first(STATE, RNG, Score((30.0,), 30.0, 30.0), {"name": "x"})


def later(run):
    return run.after(run.curve[-1].backprops + 8, 1.0, Score((31.0,), 31.0, 31.0), STATE, RNG, 0.5)


def test_each_save_keeps_the_checkpoint_before_it(tmp_path):
    with RunFolder(tmp_path, ["a"], writes=True) as folder:
        run = first()
        folder.begin(run, 2, resumed=False)
        for _ in range(2):
            run = later(run)
            folder.save(run)
    assert load_checkpoint(tmp_path / CHECKPOINT).epoch == 2
    assert load_checkpoint(tmp_path / PREVIOUS).epoch == 1
    assert (run.seconds, [point.backprops for point in run.curve]) == (1.0, [0, 8, 16])
    assert len((tmp_path / CURVE).read_text().splitlines()) == 4


def test_another_run_is_refused_until_the_first_has_left(tmp_path):
    with (
        RunFolder(tmp_path, ["a"], writes=True),
        pytest.raises(UserError, match="in use"),
        RunFolder(tmp_path, ["a"], writes=True),
    ):
        pass
    with RunFolder(tmp_path, ["a"], writes=True) as folder:
        folder.begin(first(), 1, resumed=False)


def test_other_workers_leave_the_folder_alone(tmp_path):
    with (
        RunFolder(tmp_path / "run", ["a"], writes=False) as folder,
        pytest.raises(RuntimeError, match="another worker"),
    ):
        folder.begin(first(), 1, resumed=False)
    assert contents(tmp_path) == {}


def test_results_of_an_earlier_run_move_aside(tmp_path):
    for _ in range(2):
        with RunFolder(tmp_path, ["a"], writes=True) as folder:
            folder.begin(first(), 1, resumed=False)
    assert contents(tmp_path).keys() == {CHECKPOINT, CURVE, f"earlier-1/{CHECKPOINT}", f"earlier-1/{CURVE}"}
