"""The environment of a run, as results record it."""

import os
import platform
import subprocess
from pathlib import Path

import numpy
import pytest
from helpers import ROOT

from paddle_srcnn.system import environment


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        ("fpu avx2 avx512f avx512dq avx512cd avx512bw avx512vl avx512_vnni", True),
        ("fpu avx2 avx512f avx512cd", False),  # Knights Landing's, which MKL has other code for
        ("fpu avx2", False),
        ("", False),
    ],
)
def test_avx512_is_told_by_all_its_flags(monkeypatch, flags, found):
    monkeypatch.setattr(environment, "_processor_fields", lambda: {"flags": flags} if flags else {})
    assert environment.has_avx512() is found


def test_versions_are_those_of_installed_packages():
    versions = environment.package_versions()
    assert versions["python"] == platform.python_version()
    assert versions["numpy"] == numpy.__version__
    assert None not in versions.values()


def test_commit_is_unknown_without_git(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert environment.code_commit() == "unknown"


def test_commit_is_the_checkouts():
    line = ["git", "-C", ROOT, "rev-parse", "HEAD"]
    head = subprocess.run(line, capture_output=True, text=True, check=False).stdout.strip()
    if not head:
        pytest.skip("needs a checkout of the repository")
    assert environment.code_commit().removesuffix("-changed") == head


def test_commit_is_not_that_of_a_checkout_around_an_installed_copy(monkeypatch, tmp_path):
    copy = tmp_path / "project" / ".venv" / "environment.py"
    copy.parent.mkdir(parents=True)
    copy.touch()
    git = ["git", "-C", tmp_path / "project", "-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init"], ["commit", "--allow-empty", "-m", "Another project"]):
        subprocess.run([*git, *command], check=True, capture_output=True)
    monkeypatch.setattr(environment, "__file__", str(copy))
    assert environment.code_commit() == "unknown"


def test_cores_are_those_of_the_process():
    assert 1 <= environment.core_count() <= (os.cpu_count() or 1)


def test_processor_is_unknown_where_the_system_does_not_tell(monkeypatch):
    def refuse(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", refuse)
    assert not environment.has_avx512()
    assert environment.processor_description() == platform.processor()
