import os
import platform
import subprocess

import numpy
import pytest
from helpers import ROOT

from paddle_srcnn.system import environment as machine


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
    monkeypatch.setattr(machine, "_processor_fields", lambda: {"flags": flags} if flags else {})
    assert machine.has_avx512() is found


def test_versions_are_those_of_installed_packages():
    versions = machine.package_versions()
    assert versions["python"] == platform.python_version()
    assert versions["numpy"] == numpy.__version__
    assert None not in versions.values()


def test_commit_is_unknown_without_git(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.code_commit() == "unknown"


def test_commit_is_the_checkouts():
    line = ["git", "-C", ROOT, "rev-parse", "HEAD"]
    head = subprocess.run(line, capture_output=True, text=True, check=False).stdout.strip()
    if not head:
        pytest.skip("needs a checkout of the repository")
    assert machine.code_commit().removesuffix("-changed") == head


def test_cores_are_those_of_the_process():
    assert 1 <= machine.core_count() <= (os.cpu_count() or 1)
