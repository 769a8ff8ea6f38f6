"""Figures of pictures: a restored one beside what it was restored from, and the filters of a first layer."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from itertools import zip_longest

import cv2
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from paddle_srcnn.protocols.article import luma

DETAIL = 64  # side, in pixels, of the part of a picture that is shown in detail


def detail_corner(plane: np.ndarray, side: int) -> tuple[int, int]:
    """Top-left corner (row, column) of the square of a (H, W) picture that holds the most high-frequency energy."""
    energy = np.square(high_frequencies(plane))
    rows, columns = (min(side, extent) for extent in plane.shape)
    sums = cv2.boxFilter(energy, -1, (columns, rows), anchor=(0, 0), normalize=False)
    inside = sums[: plane.shape[0] - rows + 1, : plane.shape[1] - columns + 1]
    row, column = np.unravel_index(np.argmax(inside), inside.shape)
    return int(row), int(column)


def high_frequencies(plane: np.ndarray) -> np.ndarray:
    """What a Gaussian of sigma 1.5 takes away from a (H, W) picture, in its own units, float64."""
    values = plane.astype(np.float64)
    return values - cv2.GaussianBlur(values, (0, 0), 1.5)


def comparison_figure(pictures: Mapping[str, np.ndarray], title: str, *, detail: int = DETAIL) -> Figure:
    """Pictures side by side: whole, then their most detailed part enlarged, then that part's luma in high frequencies.

    Parameters
    ----------
    pictures : mapping of str to (H, W, 3) array of uint8
        RGB by label; the detailed part is chosen from the first one, the ground truth where there is one.
    title : str
    detail : int
        Side of the enlarged part, in pixels.
    """
    lumas = [luma(picture)[0] for picture in pictures.values()]
    row, column = detail_corner(lumas[0], detail)
    part = (slice(row, row + detail), slice(column, column + detail))
    height, width = lumas[0].shape
    shape = min(height / width, 3.0)  # of the cell: a narrower picture leaves room beside it
    side = max(10 / len(pictures), 2.5)  # of a cell, in inches
    figure = Figure(figsize=(side * len(pictures), side * (1.92 + 0.99 * shape)), layout="constrained")
    grid = figure.subplots(3, len(pictures), squeeze=False, height_ratios=[shape, 1, 1])
    for column_of_axes, (label, picture), of_luma in zip(grid.T, pictures.items(), lumas, strict=True):
        whole, enlarged, details = column_of_axes
        whole.imshow(picture)
        whole.set_title(textwrap.fill(label.replace(" dB", "\u00a0dB"), int(11 * side)), fontsize=10)
        whole.add_patch(Rectangle((column, row), detail, detail, fill=False, edgecolor="#ffcc00", linewidth=1.2))
        enlarged.imshow(picture[part], interpolation="nearest")
        details.imshow(high_frequencies(of_luma)[part], cmap="gray", vmin=-40, vmax=40, interpolation="nearest")
    for axes, label in zip(grid[:, 0], ("whole picture", "detail", "its high frequencies"), strict=True):
        axes.set_ylabel(label, fontsize=9)
    for axes in grid.flat:
        _frame_only(axes)
    figure.suptitle(title, fontsize=11, parse_math=False)
    return figure


def filters_figure(filters: np.ndarray, title: str) -> Figure:
    """Filters of a first layer, as in the paper's figure 6: the strongest first, each stretched to its own extremes.

    Parameters
    ----------
    filters : (N, C, size, size) array
        ``conv1.weight``; grey stands for 0. Those of three channels are shown as colours.
    title : str
    """
    strongest = np.argsort(-np.square(filters).sum(axis=(1, 2, 3)))
    columns = math.ceil(math.sqrt(len(filters)))
    figure = Figure(figsize=(6.4, 6.8), layout="constrained")
    grid = figure.subplots(math.ceil(len(filters) / columns), columns, squeeze=False)
    for axes, weights in zip_longest(grid.flat, filters[strongest]):
        axes.axis("off")
        if weights is None:
            continue
        stretched = np.moveaxis(0.5 + 0.5 * weights / max(np.abs(weights).max(), np.finfo(np.float32).tiny), 0, -1)
        axes.imshow(stretched if len(weights) == 3 else stretched[..., 0], cmap="gray", vmin=0, vmax=1)
    figure.suptitle(title, fontsize=11, parse_math=False)
    return figure


def _frame_only(axes: Axes) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
