"""Commands in environments that are new, or damaged."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import ROOT, assert_one_line, needs_paddle

pytestmark = needs_paddle


def train(options, out, **environment):
    line = [sys.executable, "train.py", "--exp", "baseline", "--epochs", "1", *map(str, options), "--out", str(out)]
    done = subprocess.run(
        line, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_libraries_say_nothing_of_their_caches(options, tmp_path):
    """Paddle's import gives the root logger a handler, which showed that Matplotlib lists the fonts."""
    status, _, stderr = train(options, tmp_path / "out", MPLCONFIGDIR=str(tmp_path / "matplotlib"))
    assert (status, stderr) == (0, "")
    assert list((tmp_path / "matplotlib").iterdir())


@pytest.mark.parametrize("missing", ["version", "cuda_env.py"])
def test_incomplete_paddle_is_one_line(options, tmp_path, missing):
    """As an interrupted installation, or two of which one was removed, leave it: Paddle prints wrong advice then."""
    (tmp_path / "paddle").mkdir()
    for path in Path(importlib.util.find_spec("paddle").origin).parent.iterdir():
        if path.name not in (missing, "__pycache__"):
            (tmp_path / "paddle" / path.name).symlink_to(path)
    result = train(options, tmp_path / "out", PYTHONPATH=str(tmp_path))
    assert_one_line(result, "train", "PaddlePaddle is not completely installed", "pip install")
