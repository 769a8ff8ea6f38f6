"""What several test modules use."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
needs_paddle = pytest.mark.skipif(
    subprocess.run(
        [sys.executable, "-c", "import importlib.util as u; raise SystemExit(not u.find_spec('paddle'))"]
    ).returncode,
    reason="needs PaddlePaddle",
)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_one_line(result, program, *words):
    status, _, stderr = result
    assert stderr.count("\n") == 1, stderr
    assert stderr.startswith(f"{program}.py: error: "), stderr
    for word in words:
        assert str(word) in stderr, stderr
    assert status == 2
