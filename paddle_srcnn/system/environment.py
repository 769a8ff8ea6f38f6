"""What machine this is, as far as speed depends on it."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

# The subsets of AVX-512 that MKL's code for it wants, as Linux calls them.
AVX512 = frozenset({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"})


def processor_description() -> str:
    """Vendor and model of the processor, as far as the system tells."""
    fields = _processor_fields()
    return " ".join(fields[key] for key in ("vendor_id", "model name") if key in fields) or platform.processor()


def has_avx512() -> bool:
    """Whether the processor is known to have AVX-512."""
    return set(_processor_fields().get("flags", "").split()) >= AVX512


def _processor_fields() -> dict[str, str]:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # no Linux
        return {}
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}


def core_count() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


PACKAGES = ("paddlepaddle", "paddlepaddle-gpu", "numpy", "opencv-python", "pillow", "safetensors", "torch")


def code_commit() -> str:
    """Commit of the checkout that this package lies in, with ``-changed`` where tracked files differ from it.

    ``unknown`` where the package lies in no checkout.
    """
    folder = Path(__file__).parent
    command = ["git", "-C", str(folder), "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=-changed"]
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def package_versions() -> dict[str, str]:
    """Versions of Python and of the packages that results depend on, those that are installed."""
    versions = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions
