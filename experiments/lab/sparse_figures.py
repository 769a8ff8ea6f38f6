"""The figures of docs/sparse-coding.md: sparse coding on the left or above, SRCNN 9-1-5 beside it or below."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.patches import Rectangle

from lab.both_pipelines import Network, Scene, SparseCoding
from paddle_srcnn.sparse.l1 import Dictionaries

__all__ = ["atoms_figure", "code_figure", "overlap_figure", "reconstruction_figure"]

SPARSE, CNN = "#b5482a", "#24638a"  # colours of the two methods
SHOWN = 64  # atoms or filters of a panel
TERMS = 4  # largest terms of a sum that are drawn
DETAIL_RANGE = 0.15  # grey levels of detail go from minus to plus this, on 0..1


def atoms_figure(dictionaries: Dictionaries, codes: np.ndarray, patterns: np.ndarray, last: np.ndarray) -> Figure:
    """Draw the atoms that sparse coding uses most, beside SRCNN's first layer (as patterns) and last layer."""
    used = np.argsort(-np.abs(codes).sum(axis=0), kind="stable")[:SHOWN]
    size = math.isqrt(dictionaries.high.shape[1])
    seen = (dictionaries.low[used] @ dictionaries.projection.T)[:, : size * size].reshape(-1, size, size)
    built = dictionaries.high[used].reshape(-1, size, size)
    strongest = patterns[np.argsort(-np.square(patterns).sum(axis=(1, 2)), kind="stable")][:SHOWN]
    synthesis = last[np.argsort(-np.square(last).sum(axis=(1, 2)), kind="stable")]
    figure = Figure(figsize=(9.6, 8.4), layout=ConstrainedLayoutEngine(wspace=0.06, hspace=0.06))
    grid = figure.subplots(2, 2)
    panels = (
        (
            grid[0, 0],
            seen,
            "low-resolution dictionary: 64 of 512 atoms\n(their part for the derivative along rows)",
            SPARSE,
        ),
        (grid[0, 1], strongest, "first layer: the patches that its 64 filters\nof 9x9 respond to", CNN),
        (grid[1, 0], built, "high-resolution dictionary: the same 64 atoms\n(detail of 9x9 pixels)", SPARSE),
        (grid[1, 1], synthesis, "last layer: its 32 filters of 5x5", CNN),
    )
    for axes, tiles, title, colour in panels:
        axes.imshow(_mosaic(tiles), cmap="gray", vmin=-1, vmax=1, interpolation="nearest")
        axes.set_title(title, fontsize=10, color=colour)
        _frame(axes, colour)
    for axes, label in zip(grid[:, 0], ("looks for", "builds with"), strict=True):
        axes.set_ylabel(label, fontsize=12)
    for axes, label, colour in zip(grid[0], ("sparse coding (l1)", "SRCNN 9-1-5"), (SPARSE, CNN), strict=True):
        axes.text(0.5, 1.16, label, transform=axes.transAxes, ha="center", fontsize=14, weight="bold", color=colour)
    return figure


def code_figure(scene: Scene, sparse: SparseCoding, network: Network) -> Figure:
    """Draw the patch, its sparse code, and the responses of SRCNN's first two layers at its centre."""
    figure = Figure(figsize=(10, 6.2), layout="constrained")
    grid = figure.add_gridspec(3, 2, width_ratios=(1, 3.2))
    whole, close = figure.add_subplot(grid[:2, 0]), figure.add_subplot(grid[2, 0])
    whole.imshow(scene.enlarged, cmap="gray", vmin=0, vmax=1)
    whole.add_patch(
        Rectangle(
            (scene.column - 0.5, scene.row - 0.5), scene.size, scene.size, fill=False, edgecolor="#ffd400", lw=1.8
        )
    )
    whole.set_title("the enlarged photograph", fontsize=10)
    close.imshow(scene.enlarged[scene.window], cmap="gray", interpolation="nearest")
    close.set_title("the patch, 9x9 pixels", fontsize=10)
    for axes in (whole, close):
        _frame(axes, "#555555")
    code, position = sparse.codes[sparse.chosen], (slice(None), *scene.centre)
    count = int(np.count_nonzero(code))
    rows = (
        (code, f"sparse code: {count} of {len(code)} numbers are not 0, of both signs", SPARSE),
        (network.first[position], _responses("layer 1", network.first[position]), CNN),
        (network.second[position], _responses("layer 2", network.second[position]), CNN),
    )
    for row, (values, title, colour) in enumerate(rows):
        axes = figure.add_subplot(grid[row, 1])
        places = np.flatnonzero(values)
        axes.vlines(places, 0, values[places], color=colour, lw=2.2 if len(values) > 100 else 4)
        axes.plot(places, values[places], "o", color=colour, ms=4)
        axes.axhline(0, color="#555555", lw=0.8)
        axes.set_xlim(-0.02 * len(values), 1.01 * len(values))
        axes.set_title(title, fontsize=10, color=colour, loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=8)
    axes.set_xlabel("index of the atom or filter", fontsize=9)
    return figure


def reconstruction_figure(scene: Scene, sparse: SparseCoding, network: Network) -> Figure:
    """Draw the largest terms of both sums, the sums, and the detail that the patch lacks."""
    responses = network.second[:, scene.centre[0], scene.centre[1]]
    stamps = responses[:, np.newaxis, np.newaxis] * network.last
    figure = Figure(figsize=(10, 4.3), layout="constrained")
    grid = figure.subplots(2, TERMS + 2)
    rows = (
        (sparse.terms, "atom", SPARSE, "their sum", sparse.terms.sum(axis=0)),
        (stamps, "filter", CNN, "their sum", stamps.sum(axis=0)),
    )
    for axes_row, (terms, word, colour, title, total) in zip(grid, rows, strict=True):
        present = np.flatnonzero(terms.any(axis=(1, 2)))
        largest = present[np.argsort(-np.square(terms[present]).sum(axis=(1, 2)), kind="stable")[:TERMS]]
        for axes in axes_row[len(largest) : TERMS]:
            axes.axis("off")
        for number, (axes, index) in enumerate(zip(axes_row, largest, strict=False)):
            peak = np.abs(terms[index]).max()
            _signed(axes, terms[index], peak, colour)
            axes.set_title(f"{word} {index}\n±{255 * peak:.1f}", fontsize=9, color=colour)
            sign = "+" if number < len(largest) - 1 else "... =" if len(present) > TERMS else "="
            axes.text(1.1, 0.5, sign, transform=axes.transAxes, ha="center", va="center", fontsize=11)
        peak = np.abs(total).max()
        _signed(axes_row[TERMS], total, peak, colour)
        axes_row[TERMS].set_title(f"{title}\n±{255 * peak:.1f}", fontsize=9, color=colour)
    truth, restored = (scene.hr - scene.enlarged)[scene.window], network.detail[scene.window]
    for axes, image, title, colour in (
        (grid[0, -1], truth, "true detail", "#555555"),
        (grid[1, -1], restored, "all pixels' sums", CNN),
    ):
        peak = np.abs(image).max()
        _signed(axes, image, peak, colour)
        axes.set_title(f"{title}\n±{255 * peak:.1f}", fontsize=9, color=colour)
    grid[0, 0].set_ylabel("sparse coding", fontsize=11, color=SPARSE)
    grid[1, 0].set_ylabel("SRCNN, layer 3", fontsize=11, color=CNN)
    return figure


def overlap_figure(scene: Scene, sparse: SparseCoding, network: Network) -> Figure:
    """Draw one pixel's value from each patch or neighbour that reaches it, and the whole detail."""
    figure = Figure(figsize=(10.4, 6.0), layout="constrained")
    halves = figure.add_gridspec(2, 1, height_ratios=(1, 1.05))
    upper, lower = figure.add_subfigure(halves[0]), figure.add_subfigure(halves[1])
    left, right = upper.subplots(1, 2)
    pixel = scene.centre
    truth = 255 * (scene.hr - scene.enlarged)[pixel]
    _votes(left, 255 * _opinions(scene, sparse), truth)
    _shares(right, 255 * _contributions(scene, network), 255 * network.bias, truth)
    images = (
        (_without_overlap(scene, sparse), "sparse coding, patches side by side", SPARSE),
        (sparse.detail, "sparse coding, nine patches averaged", SPARSE),
        (network.detail, "SRCNN 9-1-5", CNN),
        (scene.hr - scene.enlarged, "true detail", "#555555"),
    )
    for axes, (image, title, colour) in zip(lower.subplots(1, 4), images, strict=True):
        _signed(axes, image, DETAIL_RANGE, colour)
        axes.set_title(title, fontsize=9, color=colour)
    return figure


def _opinions(scene: Scene, sparse: SparseCoding) -> np.ndarray:
    """Return the detail that each of the nine patches over the centre gives it, from the top left."""
    scale, (row, column) = scene.scale, scene.centre
    columns = scene.enlarged.shape[1] // scale + 2
    found = []
    for down in (-1, 0, 1):
        for right in (-1, 0, 1):
            index = sparse.chosen + down * columns + right
            inside = (row - scene.row - down * scale, column - scene.column - right * scale)
            found.append(sparse.details[(index, *inside)])
    return np.array(found)


def _contributions(scene: Scene, network: Network) -> np.ndarray:
    """Return the detail that each of the 25 pixels around the centre adds to it (the centre: less the input)."""
    (row, column), reach = scene.centre, network.last.shape[-1] // 2
    around = network.second[:, row - reach : row + reach + 1, column - reach : column + reach + 1]
    shares = (around * network.last[:, ::-1, ::-1]).sum(axis=0)
    shares[reach, reach] -= scene.enlarged[row, column]
    return shares


def _without_overlap(scene: Scene, sparse: SparseCoding) -> np.ndarray:
    """Put only patches that touch but do not overlap side by side."""
    scale, (height, width) = scene.scale, scene.enlarged.shape
    border = 2
    columns = width // scale + border
    whole = np.zeros_like(scene.enlarged)
    for row in range(0, height - scene.size + 1, scene.size):
        for column in range(0, width - scene.size + 1, scene.size):
            index = (row // scale + border) * columns + column // scale + border
            whole[row : row + scene.size, column : column + scene.size] = sparse.details[index]
    return whole


def _votes(axes: Axes, opinions: np.ndarray, truth: float) -> None:
    axes.bar(np.arange(len(opinions)), opinions, color=SPARSE, alpha=0.75)
    axes.axhline(opinions.mean(), color=SPARSE, lw=2, ls="--", label=f"their mean, {opinions.mean():.1f}")
    axes.axhline(truth, color="#222222", lw=1.5, label=f"truth, {truth:.1f}")
    axes.set_title("nine patches give one pixel nine values", fontsize=10, color=SPARSE)
    _finish(axes, "patch over the pixel")


def _shares(axes: Axes, shares: np.ndarray, bias: float, truth: float) -> None:
    total = shares.sum() + bias
    axes.bar(np.arange(shares.size), shares.ravel(), color=CNN, alpha=0.75)
    axes.axhline(total, color=CNN, lw=2, ls="--", label=f"their sum, with the bias, {total:.1f}")
    axes.axhline(truth, color="#222222", lw=1.5, label=f"truth, {truth:.1f}")
    axes.set_title("25 pixels each add a share to the same pixel", fontsize=10, color=CNN)
    _finish(axes, "pixel under the 5x5 filter")


def _finish(axes: Axes, label: str) -> None:
    axes.axhline(0, color="#555555", lw=0.8)
    axes.set_xlabel(label, fontsize=9)
    axes.set_ylabel("grey levels", fontsize=9)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False)


def _responses(name: str, values: np.ndarray) -> str:
    return f"{name}: {np.count_nonzero(values)} of {len(values)} responses are not 0, none is negative"


def _mosaic(tiles: np.ndarray) -> np.ndarray:
    """Lay patches out in rows, each stretched to its own extremes, with white lines between."""
    size, columns = tiles.shape[-1], 8
    rows = math.ceil(len(tiles) / columns)
    mosaic = np.ones((rows * (size + 1) + 1, columns * (size + 1) + 1))
    for index, tile in enumerate(tiles):
        row, column = (1 + (size + 1) * position for position in divmod(index, columns))
        mosaic[row : row + size, column : column + size] = tile / np.abs(tile).max()
    return mosaic


def _signed(axes: Axes, values: np.ndarray, limit: float, colour: str) -> None:
    axes.imshow(values, cmap="gray", vmin=-limit, vmax=limit, interpolation="nearest")
    _frame(axes, colour)


def _frame(axes: Axes, colour: str) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_color(colour)
