"""Style and types, as the tools see them by their settings in pyproject.toml."""

import subprocess
import sys

import pytest
from helpers import ROOT


@pytest.mark.parametrize("check", ["ruff check .", "ruff format --check .", "mypy"])
def test_tool_finds_nothing(check):
    tool, *arguments = check.split()
    pytest.importorskip(tool, reason=f"needs {tool}: pip install '.[test]'")
    line = [sys.executable, "-m", tool, *arguments]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
