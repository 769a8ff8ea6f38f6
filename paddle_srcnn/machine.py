"""What machine this is, as far as speed depends on it."""

from __future__ import annotations

import os
import platform
from pathlib import Path


def processor_description() -> str:
    """Vendor and model of the processor, as far as the system tells."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    fields = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    return " ".join(fields[key] for key in ("vendor_id", "model name") if key in fields)


def core_count() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
