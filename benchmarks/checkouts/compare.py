"""Comparison of two folders of results, file by file, and what differs in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from itertools import zip_longest
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from safetensors import safe_open

SHOWN = 4  # files that a line shows, each with its first difference
VOLATILE = frozenset({"commit", "seconds", "backprops_per_second"})  # which two runs of the same code need not share
LONGEST_VALUE = 60  # characters of a value that a message shows


@dataclass
class Outcome:
    """Result of a comparison.

    Parameters
    ----------
    compared : int
        Files, and the tensors and entries within them that were compared one by one.
    differences : list of str
        One for each file; those of one file's content before `compare_folders` joins them.
    notes : list of str
        What differs legitimately.
    """

    compared: int = 0
    differences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, other: Outcome) -> None:
        """Add another outcome to this one."""
        self.compared += other.compared
        self.differences += other.differences
        self.notes += other.notes

    def sentence(self) -> str:
        """Return the outcome as a part of a line."""
        if not self.differences:
            verdict = "identical" if self.compared else "nothing was compared"
        else:
            hidden = len(self.differences) - SHOWN
            verdict = "; ".join(self.differences[:SHOWN]) + (f"; and {hidden} more files" if hidden > 0 else "")
        return "; ".join([verdict, *dict.fromkeys(self.notes)])


Comparer = Callable[[Path, Path, frozenset[str]], Outcome]


def compare_folders(old: Path, new: Path, *, ignored: frozenset[str] = VOLATILE, exact: bool = False) -> Outcome:
    """Compare all files below two folders.

    Parameters
    ----------
    old, new : Path
    ignored : frozenset of str
        Keys of JSON objects that may differ.
    exact : bool
        Report files whose bytes differ even if they hold the same.
    """
    files = [{path.relative_to(root) for path in root.rglob("*") if path.is_file()} for root in (old, new)]
    outcome = Outcome()
    for file in sorted(files[0] | files[1]):
        if file not in files[0] or file not in files[1]:
            lacking = "OLD" if file not in files[0] else "NEW"
            outcome.add(Outcome(1, [f"{file} is missing in {lacking}"]))
            continue
        found = comparer_of(file.name)(old / file, new / file, ignored)
        if exact and not found.differences and not _same_bytes(old / file, new / file):
            found.differences.append("bytes differ, the content is identical")
        if found.differences:
            further = len(found.differences) - 1
            found.differences = [f"{file}: {found.differences[0]}" + (f" (and {further} more)" if further else "")]
        outcome.add(found)
    return outcome


def comparer_of(name: str) -> Comparer:
    """Return the function that compares files of a name."""
    return next(comparer for pattern, comparer in COMPARERS if fnmatch(name, pattern))


def _same_bytes(old: Path, new: Path) -> Outcome | None:
    return Outcome(1) if old.read_bytes() == new.read_bytes() else None


def compare_bytes(old: Path, new: Path, ignored: frozenset[str] = VOLATILE) -> Outcome:
    """Compare all bytes."""
    return _compare_bytes(old.read_bytes(), new.read_bytes())


def _compare_bytes(before: bytes, after: bytes) -> Outcome:
    if before == after:
        return Outcome(1)
    at = next((index for index, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), None)
    index = min(len(before), len(after)) if at is None else at
    return Outcome(1, [f"bytes differ from byte {index} on ({len(before)} and {len(after)} bytes)"])


def compare_text(old: Path, new: Path, ignored: frozenset[str] = VOLATILE) -> Outcome:
    """Compare all bytes, and name the first line that differs."""
    if same := _same_bytes(old, new):
        return same
    lines = zip_longest(*(path.read_text(encoding="utf-8").split("\n") for path in (old, new)))
    for number, (before, after) in enumerate(lines, 1):
        if before != after:
            return Outcome(1, [f"line {number} is {_short(repr(before))}, now {_short(repr(after))}"])
    return compare_bytes(old, new)


def compare_json(old: Path, new: Path, ignored: frozenset[str] = VOLATILE) -> Outcome:
    """Compare the content of JSON files but for the ignored keys; their order counts."""
    before, after = (json.loads(path.read_text(encoding="utf-8")) for path in (old, new))
    return compare_content(before, after, ignored)


def compare_content(before: Any, after: Any, ignored: frozenset[str]) -> Outcome:
    """Compare what JSON files hold, value by value."""
    values = [dict(_flattened(content, ignored)) for content in (before, after)]
    outcome = Outcome(len(values[0]))
    for key in dict.fromkeys([*values[0], *values[1]]):
        old, new = (repr(value[key]) if key in value else "missing" for value in values)
        if old != new:
            outcome.differences.append(f"{key} is {_short(old)}, now {_short(new)}")
    if not outcome.differences and list(values[0]) != list(values[1]):
        outcome.differences.append("the order of keys differs")
    return outcome


def _flattened(content: Any, ignored: frozenset[str], path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the path and value of each leaf, and of each empty container."""
    if not content or not isinstance(content, (dict, list)):
        yield path, content
        return
    for key, value in content.items() if isinstance(content, dict) else enumerate(content):
        if key not in ignored:
            yield from _flattened(value, ignored, f"{path}.{key}" if path else str(key))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def compare_checkpoints(old: Path, new: Path, ignored: frozenset[str] = VOLATILE) -> Outcome:
    """Compare every tensor of two checkpoints, and the curve, the identity and the random state with them.

    Their own checksums are over the seconds as well, so that they differ.
    """
    tensors, contents, keys = [], [], []
    for path in (old, new):
        with safe_open(path, framework="numpy") as file:
            tensors.append({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118 -- no mapping
            metadata = file.metadata()
        contents.append(json.loads(metadata["checkpoint"]))
        keys.append(sorted(metadata))
    outcome = compare_content(contents[0], contents[1], ignored)
    if keys[0] != keys[1]:
        outcome.differences.append(f"metadata are {keys[0]}, now {keys[1]}")
    for name in sorted(tensors[0].keys() | tensors[1].keys()):
        outcome.add(_compare_arrays(name, tensors[0].get(name), tensors[1].get(name)))
    return outcome


def compare_images(old: Path, new: Path, ignored: frozenset[str] = VOLATILE) -> Outcome:
    """Compare the bytes of image files and, if these differ, their pixels."""
    if same := _same_bytes(old, new):
        return same
    outcome = _compare_arrays("pixels", *(cv2.imread(str(path), cv2.IMREAD_UNCHANGED) for path in (old, new)))
    return Outcome(1, outcome.differences or ["bytes differ, pixels are identical"])


def compare_arrays(old: Path, new: Path, ignored: frozenset[str] = VOLATILE) -> Outcome:
    """Compare the arrays of two files of NumPy."""
    return _compare_arrays("values", np.load(old), np.load(new))


def _compare_arrays(name: str, before: np.ndarray | None, after: np.ndarray | None) -> Outcome:
    """Compare two arrays bit by bit."""
    if before is None or after is None:
        return Outcome(1, [f"{name} is missing in {'OLD' if before is None else 'NEW'}"])
    if (before.dtype, before.shape) != (after.dtype, after.shape):
        return Outcome(1, [f"{name} are {before.dtype} {before.shape}, now {after.dtype} {after.shape}"])
    if before.tobytes() == after.tobytes():
        return Outcome(1)
    distance = np.abs(before.astype(np.float64) - after.astype(np.float64))
    count = np.count_nonzero(distance)
    return Outcome(1, [f"{count} of {before.size} {name} differ, by at most {distance.max():.3g}"])


def compare_onnx(old: Path, new: Path, ignored: frozenset[str] = VOLATILE) -> Outcome:
    """Compare the bytes of ONNX models; the version of their producer may differ."""
    if same := _same_bytes(old, new):
        return same
    import onnx

    models = [onnx.load(str(path)) for path in (old, new)]
    versions = [model.producer_version for model in models]
    models[1].producer_version = versions[0]
    outcome = _compare_bytes(*(model.SerializeToString(deterministic=True) for model in models))
    if versions[0] != versions[1]:
        outcome.notes.append(f"producer_version of ONNX models is {versions[0]}, now {versions[1]}: not compared")
    return outcome


COMPARERS: tuple[tuple[str, Comparer], ...] = (
    ("checkpoint*.safetensors", compare_checkpoints),
    ("summary.json", compare_json),
    ("*_scores.json", compare_json),
    ("*.onnx", compare_onnx),
    ("*.npy", compare_arrays),
    *((f"*.{suffix}", compare_images) for suffix in ("png", "jpg", "tif", "webp", "bmp")),
    *((f"*.{suffix}", compare_text) for suffix in ("txt", "csv", "md", "json")),
    ("*", compare_bytes),
)
