"""Figures of images: restored ones beside their inputs, and the filters of a first layer."""

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

__all__ = ["DETAIL", "comparison_figure", "detail_corner", "filters_figure", "high_frequencies"]

DETAIL = 64  # size, in pixels, of the square of an image that is shown in detail


def detail_corner(channel: np.ndarray, size: int) -> tuple[int, int]:
    """Find the square of an image that holds the most high-frequency energy.

    Parameters
    ----------
    channel : (H, W) array
        One channel of the image.
    size : int
        Size of the square, in pixels; a smaller image is one square.

    Returns
    -------
    row, column : int
        Top-left corner.
    """
    energy = np.square(high_frequencies(channel))
    rows, columns = (min(size, extent) for extent in channel.shape)
    sums = cv2.boxFilter(energy, -1, (columns, rows), anchor=(0, 0), normalize=False)
    inside = sums[: channel.shape[0] - rows + 1, : channel.shape[1] - columns + 1]
    row, column = np.unravel_index(np.argmax(inside), inside.shape)
    return int(row), int(column)


def high_frequencies(channel: np.ndarray) -> np.ndarray:
    """Subtract a Gaussian blur of sigma 1.5 from a channel.

    Parameters
    ----------
    channel : (H, W) array

    Returns
    -------
    (H, W) array of float64
        In the channel's own units.
    """
    values = channel.astype(np.float64)
    return values - cv2.GaussianBlur(values, (0, 0), 1.5)


def comparison_figure(images: Mapping[str, np.ndarray], title: str, *, detail: int = DETAIL) -> Figure:
    """Draw images in columns: whole, then their most detailed square, then the high frequencies of its luma.

    Parameters
    ----------
    images : mapping of str to (H, W, 3) array of uint8
        RGB by label. The first image, such as the ground truth, decides the square.
    title : str
        Title of the figure.
    detail : int
        Size of the square, in pixels.

    Returns
    -------
    Figure
    """
    lumas = [luma(image)[0] for image in images.values()]
    row, column = detail_corner(lumas[0], detail)
    square = (slice(row, row + detail), slice(column, column + detail))
    height, width = lumas[0].shape
    ratio = min(height / width, 3.0)  # of a cell's height to its width: a narrower image leaves room beside it
    cell = max(10 / len(images), 2.5)  # width in inches
    figure = Figure(figsize=(cell * len(images), cell * (1.92 + 0.99 * ratio)), layout="constrained")
    grid = figure.subplots(3, len(images), squeeze=False, height_ratios=[ratio, 1, 1])
    for column_of_axes, (label, image), of_luma in zip(grid.T, images.items(), lumas, strict=True):
        whole, enlarged, details = column_of_axes
        whole.imshow(image)
        whole.set_title(textwrap.fill(label.replace(" dB", "\u00a0dB"), int(11 * cell)), fontsize=10)
        whole.add_patch(Rectangle((column, row), detail, detail, fill=False, edgecolor="#ffcc00", linewidth=1.2))
        enlarged.imshow(image[square], interpolation="nearest")
        details.imshow(high_frequencies(of_luma)[square], cmap="gray", vmin=-40, vmax=40, interpolation="nearest")
    for axes, label in zip(grid[:, 0], ("whole picture", "detail", "its high frequencies"), strict=True):
        axes.set_ylabel(label, fontsize=9)
    for axes in grid.flat:
        _frame_only(axes)
    figure.suptitle(title, fontsize=11, parse_math=False)
    return figure


def filters_figure(filters: np.ndarray, title: str) -> Figure:
    """Draw the filters of a first layer, as in the paper's figure 6.

    The strongest filter comes first. The figure stretches each filter to its own extremes. Grey stands for 0.

    Parameters
    ----------
    filters : (N, C, size, size) array
        ``conv1.weight``. Filters of three channels are drawn as colours.
    title : str
        Title of the figure.

    Returns
    -------
    Figure

    References
    ----------
    Dong et al. 2016, figure 6.
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
