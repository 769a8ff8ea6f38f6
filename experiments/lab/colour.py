"""Networks for colour: their PSNR by channel, and an image that each of them restores."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import median

import numpy as np

from lab.catalogue import EXPERIMENTS, Run
from lab.paths import read_json
from paddle_srcnn import reader
from paddle_srcnn.apps.demo import demonstrate
from paddle_srcnn.commands.scoring import colour_means, valid_restorer
from paddle_srcnn.images.io import read_image
from paddle_srcnn.model.weights import load_weights
from paddle_srcnn.reporting.curve_plots import save_figure
from paddle_srcnn.reporting.image_plots import comparison_figure

__all__ = ["CHANNELS", "channel_rows", "write_colour_figure"]

IMAGE = "coffee"  # of scikit-image
SCALE = 3
CHANNELS = ("Y", "Cb", "Cr", "YCbCr", "RGB")
# Dong et al. 2016, table 5: 9-1-5, x3, T91, mean PSNR on Set5 in dB. Its last column is called RGB there.
PUBLISHED = {
    "bicubic": (30.39, 45.44, 45.42, 34.57),
    "Y only": (32.39, 45.44, 45.42, 36.37),
    "YCbCr at once": (29.25, 43.30, 43.49, 33.47),
    "Y first": (32.19, 46.49, 46.45, 36.32),
    "CbCr first": (32.14, 46.38, 45.84, 36.25),
    "RGB": (32.33, 46.18, 46.20, 36.44),
}


def channel_rows(groups: Mapping[str, list[Path]], test_set: str) -> list[dict[str, str | float | None]]:
    """Score the networks of the experiment `paper_colour`, and bicubic interpolation, by channel.

    Parameters
    ----------
    groups : mapping of str to list of Path
        Folders of the runs, by label.
    test_set : str

    Returns
    -------
    list of dict
        A row for each network: median of the PSNRs of its seeds in dB, by channel, and the published figures.
    """
    scores = {"bicubic": [colour_means(None, test_set, SCALE)]}
    for recipe, label in EXPERIMENTS["paper_colour"].labels.items():
        scores[label] = [run_channels(Run(recipe, seed), out, test_set) for seed, out in enumerate(groups[label])]
    rows = []
    for label, seeds in scores.items():
        row: dict[str, str | float | None] = {"network": label, "seeds": str(len(seeds))}
        for index, channel in enumerate(CHANNELS):
            row[channel] = median(seed[channel] for seed in seeds)
            if channel != "RGB":
                row[f"{channel}_published"] = PUBLISHED[label][index]
        rows.append(row)
    return rows


def run_channels(run: Run, out: Path, test_set: str) -> dict[str, float]:
    """Return a run's PSNRs by channel: from its committed results, or measured with its weights."""
    if out == run.results:
        return read_json(out / "Set5.json")["channels"]["srcnn"]
    return colour_means(load_weights(out / "weights.safetensors"), test_set, SCALE)


def write_colour_figure(weights: Mapping[str, str | Path], path: Path) -> None:
    """Draw an image of scikit-image beside its restorations by some weights, given by label."""
    image = read_image(reader.find_picture(IMAGE))
    images: dict[str, np.ndarray] = {}
    for label, source in weights.items():
        loaded = load_weights(source)
        shown = demonstrate(image, valid_restorer(loaded), channels=loaded.architecture.channels)
        images.setdefault("original", shown.hr)
        images.setdefault(f"degraded: {shown.degraded_db:.2f} dB", shown.degraded)
        images[f"{label}: {shown.sr_db:.2f} dB"] = shown.sr
    save_figure(comparison_figure(images, "A 5x5 Gaussian blur undone (PSNR of Y, protocol `article`)"), path)
