"""Groups of runs that differ in their seeds alone: medians, ranges, collapses, and the figure of several groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from matplotlib.figure import Figure

from lab.paths import read_summary
from paddle_srcnn.recipes import RECIPES
from paddle_srcnn.reporting.curves import POOLINGS, psnr_series, read_curve
from paddle_srcnn.reporting.overlay_plots import overlay_figure

__all__ = [
    "STALLED_DB",
    "group_figure",
    "group_row",
    "is_collapsed",
    "median_series",
    "protocol_text",
    "published_levels",
    "published_row",
    "range_series",
    "trained_on",
]

STALLED_DB = 0.1


def median_series(folders: Sequence[Path], pooling: str) -> list[tuple[int, float]]:
    """Return the median over runs of the PSNR of Y, in dB, at each evaluation that all of them have."""
    return [(backprops, median(values)) for backprops, values in _columns(folders, pooling)]


def range_series(folders: Sequence[Path], pooling: str) -> list[tuple[int, float, float]]:
    """Return the lowest and highest PSNR of Y over runs, in dB, at each evaluation that all of them have."""
    return [(backprops, min(values), max(values)) for backprops, values in _columns(folders, pooling)]


def _columns(folders: Sequence[Path], pooling: str) -> list[tuple[int, tuple[float, ...]]]:
    series = [psnr_series(read_curve(folder / "curve.csv"), pooling) for folder in folders]
    return [
        (points[0][0], tuple(value for _, value in points))
        for points in zip(*series, strict=False)  # a run that was stopped early bounds the others
    ]


def group_figure(
    groups: Mapping[str, Sequence[Path]],
    title: str,
    *,
    pooling: str = "mean",
    levels: Mapping[str, float] | None = None,
) -> Figure:
    """Draw medians against backprops, with the range of the seeds behind them.

    Parameters
    ----------
    groups : mapping of str to sequence of Path
        Folders of the runs, by label.
    title : str
        First words of the title, which also names sets, protocol and seeds.
    pooling : {"mean", "pooled"}
    levels : mapping of str to float, optional
        Lines to compare with: label and PSNR in dB. The input's line is always drawn.

    Returns
    -------
    Figure
    """
    summary = read_summary(next(iter(groups.values()))[0])
    seeds = sorted({len(folders) for folders in groups.values()})
    shown = f"{POOLINGS[pooling]} of Y on {summary.validation_set}, {protocol_text(summary.protocol, summary.scale)}"
    if seeds[-1] > 1:
        shown += f"; median and range of {' or '.join(map(str, seeds))} seeds"
    given = {f"input, unrestored, {summary.validation_set}": summary.input.psnr(pooling)}
    return overlay_figure(
        {label: median_series(folders, pooling) for label, folders in groups.items()},
        f"{title}, trained on {' or '.join(trained_on(groups))}\n{shown}",
        {label: [level] for label, level in {**(levels or {}), **given}.items()},
        ranges={label: range_series(folders, pooling) for label, folders in groups.items() if len(folders) > 1},
    )


def protocol_text(protocol: str, scale: int) -> str:
    """Return a protocol as titles name it, with its scale where it has one."""
    return f"protocol `{protocol}`" + (f", x{scale}" if scale > 1 else "")


def trained_on(groups: Mapping[str, Sequence[Path]]) -> list[str]:
    """Return the names of the sets that runs were trained on."""
    names = (read_summary(folder).train_set for folders in groups.values() for folder in folders)
    return list(dict.fromkeys(names))


def published_levels(recipes: Iterable[str]) -> dict[str, float]:
    """Return the published PSNRs, in dB, that recipes reproduce, by their sources."""
    answers = [RECIPES[name].published for name in recipes]
    return {published.source: published.psnr_db for published in answers if published}


def published_row(recipe: str) -> dict[str, float]:
    """Return a row's entry of the published PSNR, in dB, that a recipe reproduces; an empty one if there is none."""
    published = RECIPES[recipe].published
    return {"published_db": published.psnr_db} if published else {}


def group_row(folders: Sequence[Path]) -> dict[str, Any]:
    """Return a group's figures at the end of its runs: medians and ranges in dB, and the number of collapses."""
    summaries = [read_summary(folder) for folder in folders]
    row: dict[str, Any] = {"seeds": len(summaries), "backprops": summaries[0].backprops}
    for pooling in POOLINGS:
        values = [summary.final.psnr(pooling) for summary in summaries]
        row[pooling] = {"median_db": median(values), "lowest_db": min(values), "highest_db": max(values)}
    row["below_input"] = sum(summary.end.below_input for summary in summaries)
    row["dead_layer"] = sum(summary.end.dead_layer for summary in summaries)
    row["collapsed"] = sum(map(is_collapsed, folders))
    return row


def is_collapsed(folder: Path) -> bool:
    """Tell whether a run collapsed.

    It did if a layer is dead. It did also if it ends below its unrestored input and stopped rising. It stopped if mean
    PSNR rose by less than 0.1 dB over the last third of its evaluations. A run below its input that still rises is
    slow.
    """
    end = read_summary(folder).end
    values = [psnr_db for _, psnr_db in psnr_series(read_curve(folder / "curve.csv"), "mean")]
    rise_db = values[-1] - values[-1 - len(values) // 3]
    return end.dead_layer or (end.below_input and rise_db < STALLED_DB)
