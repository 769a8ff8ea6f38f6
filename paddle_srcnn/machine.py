"""What machine this is, as far as speed depends on it."""

from __future__ import annotations

import os
import platform
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


def branch_count(threads: int, batch_size: int) -> int:
    """Branches of a program that pay for this many threads and samples.

    One for each thread. Where they have all cores, and each of them eight samples, several for each core even out the
    cores' work and keep a branch's buffers in the cache; with fewer samples, a branch's 0.1 ms a step are not paid for.
    """
    cores = core_count()
    spare = batch_size // 8 if threads >= cores > 1 else 0
    return max(1, min(threads, batch_size // 2), min(4 * cores, spare))
