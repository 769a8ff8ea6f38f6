"""What several test modules use."""

import os
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
    assert stderr.startswith(f"{program.rpartition('.')[2]}.py: error: "), stderr
    for word in words:
        assert str(word) in stderr, stderr
    assert status == 2


def write_report(out, hash_seed):
    command = [sys.executable, ROOT / "experiments" / "report.py", "--out", out]
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    done = subprocess.run(command, cwd=out.parent, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, f"page in {out}\n"), done.stderr
    return out
