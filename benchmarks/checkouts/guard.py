"""Witness of the code that a process runs.

`benchmarks.checkouts` puts a copy of this file, named ``sitecustomize.py``, on the path of every process that it
starts. Python imports it before anything else.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
from pathlib import Path

WITNESS = "CHECKOUTS_WITNESS"  # variable that names the file to write to
PACKAGES = ("paddle_srcnn", "reader")


def forget_editable_installs() -> None:
    """Remove the finders of editable installs, so that a module missing from a checkout is not found elsewhere."""
    sys.meta_path[:] = [
        finder for finder in sys.meta_path if not str(getattr(finder, "__module__", "")).startswith("__editable__")
    ]


def imported_files() -> dict[str, str]:
    """Return the files of this project's imported modules, by name of the module."""
    files = {name: getattr(module, "__file__", None) for name, module in list(sys.modules.items())}
    return {name: os.path.realpath(file) for name, file in files.items() if file and name.partition(".")[0] in PACKAGES}


def write_witness() -> None:
    """Append the imported files, as a line of JSON, to the file that the environment names."""
    with Path(os.environ[WITNESS]).open("a", encoding="utf-8") as file:
        file.write(f"{json.dumps(imported_files())}\n")


if WITNESS in os.environ:
    forget_editable_installs()
    atexit.register(write_witness)
