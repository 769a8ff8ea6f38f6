"""Scores of the networks for photos: PSNR on clean, compressed and noisy small images, beside the plain networks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from skimage import data
from tqdm import tqdm

from paddle_srcnn.apps.upscaler import Upscaler
from paddle_srcnn.commands.scoring import SCALES, dataset_of
from paddle_srcnn.images.io import read_image
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.protocols.defects import Defect, Jpeg, Noise, downscaled
from paddle_srcnn.protocols.metrics import psnr_of_mse
from paddle_srcnn.protocols.paper import paper_channels, paper_mse, quantised

__all__ = ["INPUTS", "NETWORKS", "example_figure", "measure", "weights_names"]

NETWORKS = ("9-5-5", "9-1-5")
SEED = 0  # of the noise

# Inputs of the tables, by the defect that is measured: the small image rounded to 8 bits, then each strength.
CLEAN = Noise("clean", (0.0,))
INPUTS: dict[str, tuple[Defect, ...]] = {
    "jpeg": (CLEAN, Jpeg("jpeg", (95, 85, 70, 50, 30))),
    "noise": (CLEAN, Noise("noise", (2.0, 5.0, 10.0))),
}

Enlarge = Callable[[np.ndarray], np.ndarray]


def weights_names(defect: str, network: str, scale: int) -> dict[str, str]:
    """Return the names of the weights that are measured on a defect, by their column."""
    own = ("jpeg",) if defect == "jpeg" else ("noise_low", "noise_high")
    return {"plain": f"sr_{network}_x{scale}", **{name: f"sr_{name}_{network}_x{scale}" for name in own}}


def measure(sets: Sequence[str], sources: Mapping[str, str | Path]) -> list[dict[str, Any]]:
    """Score the pictures that bicubic interpolation and all networks make of all inputs.

    Parameters
    ----------
    sets : sequence of str
    sources : mapping of str to str or Path
        Files of weights by the names of their recipes; others are packaged.

    Returns
    -------
    list of dict
        Rows with ``defect``, ``scale``, ``network``, ``set``, ``strength`` (None for the clean image) and, by method,
        ``psnr_db``: the mean PSNR in dB of the Y of the enlarged pictures of 8 bits, scored as in the protocol
        ``paper``.
    """
    tasks = [(defect, network, scale) for defect in INPUTS for network in NETWORKS for scale in SCALES]
    rows = []
    for defect, network, scale in tqdm(tasks, desc="networks for photos", disable=None):
        methods: dict[str, Enlarge] = {"bicubic": partial(bicubic, scale=scale)}
        for method, name in weights_names(defect, network, scale).items():
            methods[method] = Upscaler(sources.get(name, name), scale)
        for name in sets:
            for strength, psnr_db in _scores(name, scale, INPUTS[defect], methods):
                about = {"defect": defect, "scale": scale, "network": network, "set": name, "strength": strength}
                rows.append({**about, "psnr_db": psnr_db})
    return rows


def _scores(
    name: str, scale: int, defects: Sequence[Defect], methods: Mapping[str, Enlarge]
) -> list[tuple[float | None, dict[str, float]]]:
    """Return, for each strength of the defects, the mean PSNR of each method on a set."""
    strengths = [None if defect is CLEAN else strength for defect in defects for strength in defect.strengths]
    scores: list[dict[str, list[float]]] = [{method: [] for method in methods} for _ in strengths]
    rng = np.random.default_rng(SEED)
    for file in dataset_of(name).files:
        image = read_image(file)
        hr, small = paper_channels(image, scale)[0], downscaled(image, scale)
        inputs = (damaged for defect in defects for damaged in defect.applied(small, rng))
        for damaged, of_input in zip(inputs, scores, strict=True):
            for method, enlarge in methods.items():
                of_input[method].append(luma_psnr(enlarge(damaged), hr, scale))
    means = [{method: round(mean(values), 4) for method, values in of_input.items()} for of_input in scores]
    return list(zip(strengths, means, strict=True))


def bicubic(image: np.ndarray, *, scale: int) -> np.ndarray:
    """Enlarge an image, (H, W, 3) or (H, W) of uint8, by MATLAB's bicubic."""
    enlarged = quantised(imresize(np.moveaxis(np.atleast_3d(image), -1, 0), scale))
    return np.moveaxis(enlarged, 0, -1) if image.ndim == 3 else enlarged[0]


def luma_psnr(image: np.ndarray, hr: np.ndarray, scale: int) -> float:
    """Return the PSNR in dB of an image's Y against ground truth, (H, W) of uint8."""
    return psnr_of_mse(paper_mse(paper_channels(image, 1)[0], hr, scale))


# Photographs of scikit-image, which are free to show, and squares of them: name, top, left, size, in pixels.
EXAMPLES: tuple[tuple[str, Defect, tuple[int, int, int]], ...] = (
    ("astronaut", Jpeg("JPEG, quality {:g}", (50,)), (20, 170, 120)),
    ("coffee", Noise("noise, sigma {:g}", (10.0,)), (60, 330, 120)),
)


def example_figure(sources: Mapping[str, str | Path], network: str = "9-5-5", scale: int = 2) -> Figure:
    """Draw squares of photographs that were downscaled, damaged and upscaled; `sources` as `measure` takes them."""
    columns = ("ground truth", "bicubic", "plain network", "network for the defect")
    figure = Figure(figsize=(10, 5.4), layout="constrained")
    grid = figure.subplots(len(EXAMPLES), len(columns), squeeze=False)
    for axes, (name, defect, (top, left, size)) in zip(grid, EXAMPLES, strict=True):
        image = getattr(data, name)()
        height, width = (length - length % scale for length in image.shape[:2])
        hr = image[:height, :width]
        damaged = next(iter(defect.applied(downscaled(image, scale), np.random.default_rng(SEED))))
        own = "jpeg" if isinstance(defect, Jpeg) else "noise_high"
        names = [f"sr_{network}_x{scale}", f"sr_{own}_{network}_x{scale}"]
        enlarged = [Upscaler(sources.get(weights, weights), scale)(damaged) for weights in names]
        shown = [hr, bicubic(damaged, scale=scale), *enlarged]
        for number, (ax, label, pixels) in enumerate(zip(axes, columns, shown, strict=True)):
            ax.imshow(pixels[top : top + size, left : left + size], interpolation="nearest")
            decibels = f", {luma_psnr(pixels, paper_channels(hr, 1)[0], scale):.2f} dB" if number else ""
            ax.set_title(f"{label}{decibels}", fontsize=10)
            ax.set(xticks=[], yticks=[])
        axes[0].set_ylabel(defect.name.format(defect.strengths[0]), fontsize=10)
    figure.suptitle(
        f"Photographs reduced by {scale}, damaged, and enlarged by {network}; PSNR of Y of the whole photograph",
        fontsize=11,
    )
    return figure
