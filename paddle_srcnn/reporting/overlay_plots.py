"""Figures of several curves, overlaid on one pair of axes."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import EngFormatter, LogLocator

from paddle_srcnn.reporting.curve_plots import HIGHEST_RANGE_DB, missing_glyphs_allowed

__all__ = ["COLOURS", "overlay_figure"]

# Okabe and Ito's palette, which colour-blind readers tell apart, without its yellow, which is too light for a line.
COLOURS = ("#000000", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00")
# In print without colour, the markers alone tell up to nine curves apart; the line styles help.
MARKERS = "os^DvPX<>"
LINES = ("-", "--", "-.", (0, (6, 1, 1, 1, 1, 1)))
LEVEL: dict[str, Any] = {"color": "0.4", "linewidth": 0.9}


def overlay_figure(
    curves: Mapping[str, Sequence[tuple[int, float]]],
    title: str,
    levels: Mapping[str, Sequence[float]],
    *,
    ranges: Mapping[str, Sequence[tuple[int, float, float]]] | None = None,
    log: bool = False,
) -> Figure:
    """Draw several curves of PSNR against backprops, told apart by marker and line style as well as by colour.

    Parameters
    ----------
    curves : mapping of str to sequence of (int, float)
        Backprops and PSNR in dB of each evaluation, by label.
    title : str
        Title of the figure.
    levels : mapping of str to sequence of float
        Horizontal lines to compare with: label, and one PSNR in dB or several that share the label.
    ranges : mapping of str to sequence of (int, float, float), optional
        Areas behind the curves, by the curves' labels: backprops, lowest and highest PSNR in dB.
    log : bool
        Draw a logarithmic axis of backprops, without evaluations before any training.

    Returns
    -------
    Figure
    """
    bottom, top = _overlay_limits(curves, levels, ranges or {})
    labels = [_at_the_end(label, series[-1][1], bottom) for label, series in curves.items()]
    figure = Figure(figsize=(9, 4.9 + 0.2 * -(-len(labels) // _columns(labels))), layout="constrained")
    axes = figure.add_subplot()
    axes.set(xscale="log" if log else "linear", ylim=(bottom, top), xlabel="backprops", ylabel="PSNR, dB")
    lines = [
        _draw_curve(axes, number, [point for point in series if point[0] > 0 or not log])
        for number, series in enumerate(curves.values())
    ]
    _draw_ranges(axes, list(curves), ranges or {})
    _label_backprops(axes)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(title, fontsize=11, loc="left", parse_math=False)
    _draw_legend(figure, lines, labels)
    _draw_levels(figure, axes, levels)
    return figure


def _draw_ranges(axes: Axes, labels: Sequence[str], ranges: Mapping[str, Sequence[tuple[int, float, float]]]) -> None:
    """Fill the areas behind the curves, in the colours of the curves."""
    for number, label in enumerate(labels):
        if label in ranges:
            backprops, lowest, highest = zip(*ranges[label], strict=True)
            axes.fill_between(backprops, lowest, highest, color=COLOURS[number % len(COLOURS)], alpha=0.15, lw=0)


def _draw_legend(figure: Figure, lines: Sequence[Line2D], labels: Sequence[str]) -> None:
    """Draw the legend below the axes, in two columns if the labels are many and short."""
    legend = figure.legend(
        lines,
        labels,
        title="at the end of each curve",
        loc="outside lower left",
        alignment="left",
        ncols=_columns(labels),
        handlelength=5,
        fontsize=9,
        frameon=False,
    )
    for text in legend.get_texts():
        text.set_parse_math(False)  # labels are names of folders


def _columns(labels: Sequence[str]) -> int:
    return 2 if len(labels) > 3 and max(map(len, labels)) <= 45 else 1


def _at_the_end(label: str, psnr_db: float, bottom: float) -> str:
    below = " (below this axis)" if psnr_db < bottom else ""
    return f"{psnr_db:.2f} dB{below}   {label}"


def _label_backprops(axes: Axes) -> None:
    """Write backprops as 500 k or 2 M. A linear axis starts at 0; a logarithmic one has more than powers of ten."""
    if axes.get_xscale() == "log":
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_minor_formatter("")
    else:
        axes.set_xlim(left=0)
    axes.xaxis.set_major_formatter(EngFormatter())


def _draw_curve(axes: Axes, number: int, series: Sequence[tuple[int, float]]) -> Line2D:
    """Draw the overlay's curve with an index, in a style of its own."""
    return axes.plot(
        *zip(*series, strict=True),
        color=COLOURS[number % len(COLOURS)],
        linestyle=LINES[number % len(LINES)],
        linewidth=1.5,
        marker=MARKERS[number % len(MARKERS)],
        markersize=6.5,
        markeredgecolor="white",
        markeredgewidth=0.5,
        # Distances along the drawn line, shifted for each curve, so that markers of near curves do not coincide.
        markevery=(0.02 + 0.025 * (number % 5), 0.125),
    )[0]


def _overlay_limits(
    curves: Mapping[str, Sequence[tuple[int, float]]],
    levels: Mapping[str, Sequence[float]],
    ranges: Mapping[str, Sequence[tuple[int, float, float]]],
) -> tuple[float, float]:
    """Find the lowest and the highest PSNR to show.

    Untrained networks stand near 6 dB and climb past 20 within an epoch. On an axis that shows this, curves that differ
    by tenths of a dB look alike. So the axis starts at the lowest level, or at the lowest value after the first tenth
    of a curve. Values far below the highest one (a collapse) do not stretch it either.
    """
    level_values = [value for values in levels.values() for value in values]
    widest = [highest for series in ranges.values() for _, _, highest in series]
    settled = [value for series in curves.values() for _, value in series[-(-len(series) // 10) :] or series]
    top = max([*level_values, *widest, *(value for series in curves.values() for _, value in series)])
    near = [value for value in settled if value >= top - HIGHEST_RANGE_DB]
    bottom = min([*level_values, *near], default=top - HIGHEST_RANGE_DB)
    padding = max(0.05 * (top - bottom), 0.05)
    return bottom - padding, top + padding


def _draw_levels(figure: Figure, axes: Axes, levels: Mapping[str, Sequence[float]]) -> None:
    """Draw horizontal lines, with their labels right of the axes, moved apart if they would overlap."""
    bottom, top = axes.get_ylim()
    with missing_glyphs_allowed():
        figure.draw_without_rendering()  # settles the height of the axes, which the labels share
    line_height = 10.5 / 72 * figure.dpi / axes.bbox.height
    texts, targets, heights = [], [], []
    for label, values in sorted(levels.items(), key=lambda item: sum(item[1]) / len(item[1])):
        lines = [" to ".join(f"{value:.2f}" for value in sorted({min(values), max(values)})) + " dB"]
        lines += textwrap.wrap(label, 28, break_on_hyphens=False)
        texts.append("\n".join(lines))
        targets.append([(value - bottom) / (top - bottom) for value in values])
        heights.append(line_height * (len(lines) + 0.5))
    positions = _spread([sum(fractions) / len(fractions) for fractions in targets], heights)
    for text, fractions, position in zip(texts, targets, positions, strict=True):
        for fraction in fractions:
            axes.plot((0, 1), (fraction, fraction), transform=axes.transAxes, linestyle=":", zorder=1, **LEVEL)
            axes.plot((1, 1.03), (fraction, position), transform=axes.transAxes, clip_on=False, **LEVEL)
        drawn = axes.text(1.04, position, text, transform=axes.transAxes, va="center", fontsize=8, color="0.2")
        drawn.set_parse_math(False)


def _spread(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Move labels in 0..1 as little as possible so that they do not overlap, and return their centres.

    The wanted centres ascend. Labels too many for the range go on below 0.
    """
    centres: list[float] = []
    floor = 0.0
    for centre, height in zip(wanted, heights, strict=True):
        centres.append(max(centre, floor + height / 2))
        floor = centres[-1] + height / 2
    ceiling = 1.0
    for index in reversed(range(len(centres))):
        centres[index] = min(centres[index], ceiling - heights[index] / 2)
        ceiling = centres[index] - heights[index] / 2
    return centres
