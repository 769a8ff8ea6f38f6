"""Overlay curves: a table and a figure of PSNR against backprops.

A curve is named by a recipe (its published curve in experiments/results/NAME, else the run in runs/NAME), by the folder
of a run, or by a CSV file. Protocol and validation set are those of the summary.json beside the curve; curves of
different protocols are refused.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from lab.paths import RESULTS, RUNS
from paddle_srcnn.errors import UserError
from paddle_srcnn.recipes import RECIPES
from paddle_srcnn.reporting.curve_plots import overlay_figure, save_figure
from paddle_srcnn.reporting.curves import POOLINGS, backprops_to_reach, psnr_series, read_curve
from paddle_srcnn.system.cli import CommandParser, run_command
from paddle_srcnn.system.files import expanded, is_file, text_of

LARGEST_DB = 1000


@dataclass(frozen=True)
class Curve:
    """A curve to show: backprops and PSNR in dB of each evaluation, and what is known of its origin.

    `protocol`, `validation` and `input_db` are None where there is no summary, `published` (source, PSNR in dB) where
    nothing was published.
    """

    label: str
    series: list[tuple[int, float]]
    protocol: str | None = None
    validation: str | None = None
    input_db: float | None = None
    published: tuple[str, float] | None = None


def psnr_db(text: str) -> float:
    """Parse a PSNR in dB."""
    if not math.isfinite(number := float(text)):
        raise argparse.ArgumentTypeError(f"{text} is not finite")
    return number


psnr_db.__name__ = "number of dB"  # how argparse names the type in its messages


def parse_arguments() -> argparse.Namespace:
    """Options of the command line."""
    parser = CommandParser(description=__doc__)
    parser.add_argument("curves", nargs="+", metavar="CURVE", help="recipe, folder of a run, or CSV file")
    parser.add_argument("--pooling", choices=POOLINGS, default="mean", help="which PSNR (default %(default)s)")
    parser.add_argument(
        "--reach",
        nargs="+",
        type=psnr_db,
        metavar="DB",
        help="levels that the table counts backprops to (default: the three highest whole dB that any curve reaches)",
    )
    parser.add_argument("--log", action="store_true", help="logarithmic axis of backprops")
    parser.add_argument(
        "--out",
        type=expanded,
        default=Path("runs/compare.png"),
        metavar="FILE",
        help="figure, .png, .svg or .pdf (default %(default)s)",
    )
    arguments = parser.parse_args()
    if arguments.out.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise UserError(f"--out {arguments.out}: give the file a suffix .png, .svg or .pdf")
    return arguments


def find_curve(name: str) -> Path:
    """CSV file that an argument names: itself, or the one of a recipe or folder."""
    given = expanded(name)
    if given.suffix.lower() == ".csv":
        folders, candidates = [], [given]
    else:
        # What has a separator is a path: it is not looked up among the recipes.
        folders = [*((RESULTS / name, RUNS / name) if given.name == name else ()), given]
        candidates = [folder / "curve.csv" for folder in folders]
    for candidate in candidates:
        if is_file(candidate):
            return candidate
    if not folders:
        raise UserError(f"{name} is not there; {available()}")
    raise UserError(f"{name}: no curve.csv in {' or '.join(map(str, folders))}; {available()}")


def available() -> str:
    """What a missing curve's message offers instead."""
    found = sorted({path.parent.name for folder in (RESULTS, RUNS) for path in folder.glob("*/curve.csv")})
    return f"available: {', '.join(found)}" if found else "none is there yet: train with python train.py --exp NAME"


def unique_labels(paths: Sequence[Path]) -> list[str]:
    """Name of each curve's folder (of the file, if it is not curve.csv), with as many parents as set it apart."""
    places = [(path.parent if path.name == "curve.csv" else path).resolve().parts for path in paths]
    labels = []
    for number, place in enumerate(places):
        others = places[:number] + places[number + 1 :]
        if place in others:
            raise UserError(f"{paths[number]} is given twice: leave one out")
        length = next(n for n in range(1, len(place) + 1) if all(other[-n:] != place[-n:] for other in others))
        labels.append(text_of(Path(*place[-length:]).as_posix()))
    return labels


def load_curve(name: str, path: Path, label: str, pooling: str) -> Curve:
    """Read a curve and the summary beside it, if there is one."""
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
        summary = json.loads(summary_path.read_text(encoding="utf-8"))
        published = summary["settings"]["published"]
        input_db = float(summary["input"][f"psnr_{pooling}_db"])
        known = (text_of(str(published["source"])), float(published["psnr_db"])) if published else None
        if not all(abs(value) < LARGEST_DB for value in (input_db, *(known or ())[1:])):
            raise ValueError(f"a PSNR that is not within {LARGEST_DB} dB")
        return Curve(
            label,
            series,
            str(summary["protocol"]),
            text_of(str(summary["data"]["validation"]["name"])),
            input_db,
            known,
        )
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        raise UserError(f"{summary_path} is no summary of a run ({error!r}): mend it or move it away") from None


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
    """Protocol and validation set of the curves, for the heads of table and figure."""
    protocols = sorted({curve.protocol for curve in curves if curve.protocol})
    sets = sorted({curve.validation for curve in curves if curve.validation})
    if not protocols:
        return "protocol and validation set unknown"
    return f"protocol `{protocols[0]}`, scored on {' and '.join(sets)}"


def shown_series(curves: Sequence[Curve]) -> dict[str, list[tuple[int, float]]]:
    """Each curve's series by label, which names the validation set where the curves differ in it."""
    several = len({curve.validation for curve in curves if curve.validation}) > 1
    return {
        f"{curve.label} ({curve.validation})" if several and curve.validation else curve.label: curve.series
        for curve in curves
    }


def levels(curves: Sequence[Curve]) -> dict[str, list[float]]:
    """Lines to compare with: published results, and the PSNR of the unrestored inputs.

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
    """The three highest whole numbers of dB that at least one curve reaches."""
    highest = math.floor(max(value for curve in curves for _, value in curve.series))
    return [float(highest - below) for below in (2, 1, 0)]


def table(curves: dict[str, list[tuple[int, float]]], reach: Sequence[float]) -> str:
    """Text table: length, final and best PSNR of each curve, and backprops to the first evaluation of each level."""
    rows = [["curve", "backprops", "final dB", "best dB", *(f"to {level:g} dB" for level in reach)]]
    for label, series in curves.items():
        reached = [backprops_to_reach(series, level) for level in reach]
        last, final = series[-1]
        best = max(value for _, value in series)
        counts = ["-" if backprops is None else f"{backprops:,}" for backprops in reached]
        rows.append([label, f"{last:,}", f"{final:.2f}", f"{best:.2f}", *counts])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    )


def main() -> None:
    """Run the command."""
    arguments = parse_arguments()
    curves = load_curves(arguments.curves, arguments.pooling)
    for curve in curves:
        if arguments.log and curve.series[-1][0] == 0:
            raise UserError(f"--log: {curve.label} has no evaluation after 0 backprops; leave the option out")
    shown = shown_series(curves)
    heading = f"{POOLINGS[arguments.pooling]}, {described(curves)}"
    print(heading)
    print(table(shown, arguments.reach or default_reach(curves)))
    save_figure(overlay_figure(shown, heading, levels(curves), log=arguments.log), arguments.out)
    print(f"figure in {arguments.out}")


if __name__ == "__main__":
    run_command(main)
