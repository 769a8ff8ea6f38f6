"""Figures of single runs: a curve of PSNR against backprops; and the writing of any figure."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from paddle_srcnn.protocols import PROTOCOLS
from paddle_srcnn.reporting.curves import read_curve
from paddle_srcnn.reporting.summary import Summary
from paddle_srcnn.system.files import atomic_path

__all__ = [
    "HIGHEST_RANGE_DB",
    "METADATA",
    "curve_figure",
    "missing_glyphs_allowed",
    "run_title",
    "save_figure",
    "summary_levels",
]

# Fields left out of each format, because they would make two files of one figure differ.
METADATA = {".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}

HIGHEST_RANGE_DB = 12  # figures show curves down to this far below their highest value


@contextmanager
def missing_glyphs_allowed() -> Iterator[None]:
    """Ignore Matplotlib's warnings about missing glyphs: titles hold names of folders, in any script."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure atomically, the same bytes for the same figure.

    Parameters
    ----------
    figure : Figure
        The figure to write.
    path : Path
        File whose suffix chooses the format: ``.png``, ``.svg`` or ``.pdf``.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    fixed_ids = matplotlib.rc_context({"svg.hashsalt": "paddle_srcnn"})
    with atomic_path(path) as temporary, fixed_ids, missing_glyphs_allowed():
        figure.savefig(temporary, dpi=150, metadata=METADATA.get(path.suffix.lower()))


def run_title(summary: Summary) -> str:
    """Return the title of a run's curve: network, sets, and the protocol of the numbers."""
    return (
        f"{summary.recipe}: {summary.title} on {summary.channels}, trained on {summary.train_set}, "
        f"scored on {summary.validation_set}\nPSNR of Y, protocol `{summary.protocol}`, seed {summary.seed}"
    )


def summary_levels(summary: Summary) -> dict[str, float]:
    """Return the levels beside a run's curve: its own input's PSNR, and the published result if there is one."""
    levels = {f"input ({PROTOCOLS[summary.protocol].degraded}), mean": summary.input.psnr_mean_db}
    if published := summary.published:
        levels[f"published, Set5 ({published['source']})"] = published["psnr_db"]
    return levels


def curve_figure(curve: Path, title: str, levels: Mapping[str, float]) -> Figure:
    """Draw PSNR against backprops from a curve's CSV file, both poolings, with labelled levels.

    Parameters
    ----------
    curve : Path
        A file that `paddle_srcnn.reporting.curves.write_curve` wrote.
    title : str
        Title of the figure.
    levels : mapping of str to float
        Horizontal lines to compare with: label and PSNR in dB.

    Returns
    -------
    Figure

    Raises
    ------
    UserError
        If the file is missing or is no curve.
    """
    points = read_curve(curve)
    if points[0].score.psnr_mean_db < points[-1].score.psnr_mean_db - HIGHEST_RANGE_DB:
        points = points[1:]  # the score of random weights would stretch the axis; other first weights stay
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.add_subplot()
    millions = [point.backprops / 1e6 for point in points]
    axes.plot(
        millions, [point.score.psnr_mean_db for point in points], color="#0b5394", label="mean of the pictures' PSNR"
    )
    axes.plot(
        millions,
        [point.score.psnr_pooled_db for point in points],
        "--",
        color="#b45f06",
        label="PSNR of the mean squared error",
    )
    _draw_levels(axes, levels)
    axes.set_xlabel("backprops, millions")
    axes.set_ylabel("PSNR, dB")
    axes.set_title(title, fontsize=11, parse_math=False)
    axes.legend(loc="best", fontsize=9, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _draw_levels(axes: Axes, levels: Mapping[str, float]) -> None:
    """Draw horizontal lines, each with its label at the right end."""
    for (label, level), style in zip(levels.items(), cycle(("-.", ":", (0, (1, 3)), (0, (5, 5)))), strict=False):
        axes.axhline(level, color="0.35", linewidth=1, linestyle=style)
        axes.annotate(
            f"{label}: {level:.2f} dB",
            (1, level),
            xycoords=("axes fraction", "data"),
            xytext=(-4, 3),
            textcoords="offset points",
            ha="right",
            fontsize=8,
            color="0.25",
        )
