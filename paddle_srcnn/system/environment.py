"""The environment of a run: processor, cores, versions and commit."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

__all__ = ["code_commit", "core_count", "has_avx512", "package_versions", "processor_description"]

# Subsets of AVX-512 that MKL's code for it needs, by their names in Linux.
AVX512 = frozenset({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"})
PACKAGES = ("paddlepaddle", "paddlepaddle-gpu", "numpy", "opencv-python", "pillow", "safetensors", "torch")


def processor_description() -> str:
    """Return vendor and model of the processor, as far as the system tells."""
    fields = _processor_fields()
    return " ".join(fields[key] for key in ("vendor_id", "model name") if key in fields) or platform.processor()


def has_avx512() -> bool:
    """Tell whether the processor is known to have AVX-512."""
    return set(_processor_fields().get("flags", "").split()) >= AVX512


def _processor_fields() -> dict[str, str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # not Linux
        return {}
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}


def core_count() -> int:
    """Count the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def code_commit() -> str:
    """Return the commit of the checkout that holds this package.

    ``-changed`` follows if tracked files differ from it. The commit is ``unknown`` if there is no checkout.
    """
    file = Path(__file__)
    git = ["git", "-C", str(file.parent)]
    # An installed copy may lie in another project's checkout.
    tracked = [*git, "ls-files", "--error-unmatch", file.name]
    command = [*git, "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=-changed"]
    try:
        subprocess.run(tracked, check=True, capture_output=True)
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def package_versions() -> dict[str, str]:
    """Return the versions of Python and of the installed packages that results depend on."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions
