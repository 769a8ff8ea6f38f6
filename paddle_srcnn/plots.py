"""Figures: the curve of a run, and a restored picture beside what it was restored from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from paddle_srcnn.curves import read_curve
from paddle_srcnn.files import atomic_path

DETAIL = 64  # side, in pixels, of the part of a picture that is shown enlarged


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure atomically, in the format of the path's suffix, the same bytes for the same figure."""
    with atomic_path(path) as temporary:
        figure.savefig(temporary, dpi=150, metadata={"Software": None} if path.suffix == ".png" else None)


def run_title(summary: Mapping[str, Any]) -> str:
    """Title of a run's curve, from its summary: what was trained on what, and the protocol of the numbers."""
    filters = "-".join(map(str, summary["settings"]["architecture"]["filters"]))
    data = summary["data"]
    return (
        f"{summary['recipe']}: SRCNN {filters}, trained on {data['train']['name']}, "
        f"scored on {data['validation']['name']}\nprotocol `{summary['protocol']}`, seed {summary['seed']}"
    )


def summary_levels(summary: Mapping[str, Any]) -> dict[str, float]:
    """Levels that a run's curve is compared with: its own input's PSNR, and the published result where there is one."""
    levels = {"input (blurred), mean": summary["input"]["psnr_mean_db"]}
    if published := summary["settings"]["published"]:
        levels[published["source"]] = published["psnr_db"]
    return levels


def curve_figure(curve: Path, title: str, levels: Mapping[str, float]) -> Figure:
    """PSNR against backprops from a curve's CSV file, both poolings, with labelled levels.

    Parameters
    ----------
    curve : Path
        What `paddle_srcnn.curves.write_curve` wrote.
    title : str
    levels : mapping of str to float
        Horizontal lines to compare with: label and PSNR in dB.
    """
    points = [point for point in read_curve(curve) if point.backprops > 0]
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
    for (label, level), style in zip(levels.items(), ("-.", ":", (0, (1, 3)), (0, (5, 5))), strict=False):
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
    axes.set_xlabel("backprops, millions")
    axes.set_ylabel("PSNR, dB")
    axes.set_title(title, fontsize=11)
    axes.legend(loc="lower right", fontsize=9, frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def detail_corner(luma: np.ndarray, side: int) -> tuple[int, int]:
    """Top-left corner (row, column) of the square of a (H, W) picture that holds the most high-frequency energy."""
    energy = np.square(high_frequencies(luma))
    rows, columns = (min(side, extent) for extent in luma.shape)
    sums = cv2.boxFilter(energy, -1, (columns, rows), anchor=(0, 0), normalize=False)
    inside = sums[: luma.shape[0] - rows + 1, : luma.shape[1] - columns + 1]
    row, column = np.unravel_index(np.argmax(inside), inside.shape)
    return int(row), int(column)


def high_frequencies(luma: np.ndarray) -> np.ndarray:
    """What a Gaussian of sigma 1.5 takes away from a (H, W) picture, in its own units, float64."""
    picture = luma.astype(np.float64)
    return picture - cv2.GaussianBlur(picture, (0, 0), 1.5)


def comparison_figure(pictures: Mapping[str, np.ndarray], lumas: Sequence[np.ndarray], title: str) -> Figure:
    """Pictures side by side: whole, then their most detailed part enlarged, then its high frequencies.

    Parameters
    ----------
    pictures : mapping of str to (H, W, 3) array of uint8
        RGB by label; the first one is the ground truth, which the detailed part is chosen from.
    lumas : sequence of (H, W) arrays
        The pictures' luma on 0..255, in the same order.
    title : str
    """
    row, column = detail_corner(lumas[0], DETAIL)
    part = (slice(row, row + DETAIL), slice(column, column + DETAIL))
    height, width = lumas[0].shape
    figure = Figure(figsize=(10, 6.4 + 3.3 * height / width), layout="constrained")
    grid = figure.subplots(3, len(pictures), squeeze=False, height_ratios=[height / width, 1, 1])
    for column_of_axes, (label, picture), luma in zip(grid.T, pictures.items(), lumas, strict=True):
        whole, enlarged, details = column_of_axes
        whole.imshow(picture)
        whole.set_title(label, fontsize=10)
        whole.add_patch(Rectangle((column, row), DETAIL, DETAIL, fill=False, edgecolor="#ffcc00", linewidth=1.2))
        enlarged.imshow(picture[part], interpolation="nearest")
        details.imshow(high_frequencies(luma)[part], cmap="gray", vmin=-40, vmax=40, interpolation="nearest")
    for axes, label in zip(grid[:, 0], ("whole picture", "detail", "its high frequencies"), strict=True):
        axes.set_ylabel(label, fontsize=9)
    for axes in grid.flat:
        _frame_only(axes)
    figure.suptitle(title, fontsize=11)
    return figure


def _frame_only(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
