import os
import platform
import subprocess

import numpy
import pytest
from helpers import ROOT

from paddle_srcnn.system import environment as environment


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


def test_cores_are_those_of_the_process():
    assert 1 <= environment.core_count() <= (os.cpu_count() or 1)


def test_commit_is_that_of_the_checkout(monkeypatch):
    if not (ROOT / ".git").exists():
        pytest.skip("needs a checkout")
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert environment.code_commit().removesuffix("-changed") == head.strip()
    monkeypatch.setenv("PATH", "")
    assert environment.code_commit() == "unknown"


def test_versions_are_those_of_what_is_installed(monkeypatch):
    monkeypatch.setattr(environment, "PACKAGES", ("numpy", "no-such-package-of-ours"))
    assert environment.package_versions() == {"python": platform.python_version(), "numpy": np.__version__}


def test_processor_is_unknown_where_the_system_does_not_tell(monkeypatch):
    def refuse(*_, **__):
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", refuse)
    assert not environment.has_avx512()
    assert environment.processor_description() == platform.processor()
    assert environment.core_count() >= 1
