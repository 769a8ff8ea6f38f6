"""Curves that are overlaid: found by name, read with their summaries, and told apart in table and figure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from lab.paths import RESULTS, RUNS
from paddle_srcnn.errors import UserError
from paddle_srcnn.recipes import RECIPES
from paddle_srcnn.reporting.curves import backprops_to_reach, psnr_series, read_curve
from paddle_srcnn.reporting.summary import Summary
from paddle_srcnn.reporting.text_tables import text_table
from paddle_srcnn.system.files import expanded, is_file, text_of

__all__ = ["Curve", "default_reach", "described", "levels", "load_curves", "shown_series", "table"]

LARGEST_DB = 1000


@dataclass(frozen=True)
class Curve:
    """Curve to show.

    Parameters
    ----------
    label : str
    series : list of (int, float)
        Backprops and PSNR in dB of each evaluation.
    protocol, validation : str, optional
        Protocol and validation set; None without a summary.
    input_db : float, optional
        PSNR of the unrestored input; None without a summary.
    published : (str, float), optional
        Source and PSNR in dB of the published result; None if there is none.
    """

    label: str
    series: list[tuple[int, float]]
    protocol: str | None = None
    validation: str | None = None
    input_db: float | None = None
    published: tuple[str, float] | None = None


def find_curve(name: str) -> Path:
    """Find the CSV file that an argument names: itself, or the one of a recipe or folder.

    Raises
    ------
    UserError
        If there is none.
    """
    given = expanded(name)
    if given.suffix.lower() == ".csv":
        folders, candidates = [], [given]
    else:
        # A name with a separator is a path, not a recipe.
        folders = [*((RESULTS / name, RUNS / name) if given.name == name else ()), given]
        candidates = [folder / "curve.csv" for folder in folders]
    for candidate in candidates:
        if is_file(candidate):
            return candidate
    if not folders:
        raise UserError(f"{name} is not there; {available()}")
    raise UserError(f"{name}: no curve.csv in {' or '.join(map(str, folders))}; {available()}")


def available() -> str:
    """List the curves that a message offers instead of a missing one."""
    found = sorted({path.parent.name for folder in (RESULTS, RUNS) for path in folder.glob("*/curve.csv")})
    return f"available: {', '.join(found)}" if found else "none is there yet: train with python train.py --exp NAME"


def unique_labels(paths: Sequence[Path]) -> list[str]:
    """Name each curve by its folder (by the file, if it is not curve.csv), with as many parents as set it apart.

    Raises
    ------
    UserError
        If a curve is given twice.
    """
    named = [(path.parent if path.name == "curve.csv" else path).resolve().parts for path in paths]
    labels = []
    for number, parts in enumerate(named):
        others = named[:number] + named[number + 1 :]
        if parts in others:
            raise UserError(f"{paths[number]} is given twice: leave one out")
        length = next(n for n in range(1, len(parts) + 1) if all(other[-n:] != parts[-n:] for other in others))
        labels.append(text_of(Path(*parts[-length:]).as_posix()))
    return labels


def load_curve(name: str, path: Path, label: str, pooling: str) -> Curve:
    """Read a curve and the summary beside it, if there is one.

    Raises
    ------
    UserError
        If one of them cannot be read, or holds values that no axis can show.
    """
    series = psnr_series(read_curve(path), pooling)
    if not series or not all(abs(value) < LARGEST_DB for _, value in series):  # NaN is not, either
        problem = f"a PSNR that is not within {LARGEST_DB} dB" if series else "no row"
        raise UserError(f"{path} has {problem}: leave it out or mend it")
    summary_path = path.with_name("summary.json")
    if not is_file(summary_path):
        published = RECIPES[name].published if name in RECIPES else None
        known = (published.source, published.psnr_db) if published else None
        return Curve(f"{label} (protocol unknown)", series, published=known)
    try:
        return described_curve(label, series, Summary.read(summary_path), pooling)
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise UserError(f"{summary_path} is no summary of a run ({error!r}): mend it or move it away") from None


def described_curve(label: str, series: list[tuple[int, float]], summary: Summary, pooling: str) -> Curve:
    """Make a curve of a run's evaluations and its summary, whose values may be anything that JSON can hold.

    Raises
    ------
    ValueError, KeyError, TypeError, OverflowError
        If a value is no PSNR.
    """
    published, input_db = summary.published, float(summary.input.psnr(pooling))
    known = (text_of(str(published["source"])), float(published["psnr_db"])) if published else None
    if not all(abs(value) < LARGEST_DB for value in (input_db, *(known or ())[1:])):
        raise ValueError(f"a PSNR that is not within {LARGEST_DB} dB")
    return Curve(label, series, str(summary.protocol), text_of(str(summary.validation_set)), input_db, known)


def load_curves(names: Sequence[str], pooling: str) -> list[Curve]:
    """Read the curves that the arguments name.

    Raises
    ------
    UserError
        If one is missing, unreadable or given twice, or if they are of different protocols.
    """
    paths = [find_curve(name) for name in names]
    labels = unique_labels(paths)
    curves = [load_curve(*item, pooling) for item in zip(names, paths, labels, strict=True)]
    known = [curve for curve in curves if curve.protocol]
    for first, curve in pairwise(known):
        if curve.protocol != first.protocol:
            raise UserError(
                f"{first.label} is of protocol {first.protocol}, {curve.label} of {curve.protocol}: "
                "their numbers do not compare, so name curves of one protocol"
            )
    return curves


def described(curves: Sequence[Curve]) -> str:
    """Name the protocol and validation set of the curves, for the heads of table and figure."""
    protocols = sorted({curve.protocol for curve in curves if curve.protocol})
    sets = sorted({curve.validation for curve in curves if curve.validation})
    if not protocols:
        return "protocol and validation set unknown"
    return f"protocol `{protocols[0]}`, scored on {' and '.join(sets)}"


def shown_series(curves: Sequence[Curve]) -> dict[str, list[tuple[int, float]]]:
    """Return each curve's series by label, which names the validation set if the curves differ in it."""
    several = len({curve.validation for curve in curves if curve.validation}) > 1
    return {
        f"{curve.label} ({curve.validation})" if several and curve.validation else curve.label: curve.series
        for curve in curves
    }


def levels(curves: Sequence[Curve]) -> dict[str, list[float]]:
    """Return the lines to compare with: published results, and the PSNR of the unrestored inputs.

    Inputs of one set differ by hundredths of a dB with the margin that a network leaves unscored.
    """
    values: dict[str, set[float]] = {}
    for curve in curves:
        if curve.published:
            source, published_db = curve.published
            values.setdefault(f"published, Set5 ({source})", set()).add(published_db)
        if curve.input_db is not None:
            values.setdefault(f"input, unrestored, {curve.validation}", set()).add(round(curve.input_db, 2))
    return {label: sorted(found) for label, found in values.items()}


def default_reach(curves: Sequence[Curve]) -> list[float]:
    """Return the three highest whole numbers of dB that at least one curve reaches."""
    highest = math.floor(max(value for curve in curves for _, value in curve.series))
    return [float(highest - below) for below in (2, 1, 0)]


def table(curves: dict[str, list[tuple[int, float]]], reach: Sequence[float]) -> str:
    """Return a text table of curves: length, final and best PSNR, and backprops until they first reached each level."""
    rows = [["curve", "backprops", "final dB", "best dB", *(f"to {level:g} dB" for level in reach)]]
    for label, series in curves.items():
        reached = [backprops_to_reach(series, level) for level in reach]
        last, final = series[-1]
        best = max(value for _, value in series)
        counts = ["-" if backprops is None else f"{backprops:,}" for backprops in reached]
        rows.append([label, f"{last:,}", f"{final:.2f}", f"{best:.2f}", *counts])
    return text_table(rows, left=1)
