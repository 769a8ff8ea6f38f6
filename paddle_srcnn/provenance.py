"""Where a result comes from: the commit of the code, and the versions it ran with."""

from __future__ import annotations

import platform
import subprocess
from importlib import metadata
from pathlib import Path

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
