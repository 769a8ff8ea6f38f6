"""Three channels: RGB started from the baseline's weights for Y, against RGB from scratch with the article's settings.

Trains what is not finished yet in runs/, side by side, 200 epochs each on T91; run again after a stop, it goes on.
Prints PSNR of Y on Set5 (each run's summary has that of RGB as well) and draws the curves with the article's 35.92 dB.
Shows a photograph restored by the network for Y alone, which passes Cr and Cb on as they are, beside both for RGB.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

import reader
from lab.compare_recipes import compare_recipes
from lab.publish import weights_of
from lab.runs import Run
from paddle_srcnn.apps.demo import demonstrate
from paddle_srcnn.images.io import read_image
from paddle_srcnn.model.weights import load_weights
from paddle_srcnn.reporting.curve_plots import save_figure
from paddle_srcnn.reporting.image_plots import comparison_figure
from paddle_srcnn.system.cli import run_command

PICTURE = "coffee"
LABELS = {"rgb_pretrained": "RGB, from the weights for Y", "rgb_scratch": "RGB, from scratch"}


def main() -> None:
    """Run the command."""
    groups, out = compare_recipes("rgb", {"rgb": LABELS}, "SRCNN 9-1-5 on RGB", __doc__, weights=True)
    weights: dict[str, str | Path] = {
        "Y alone": "baseline",
        **{label: weights_of(Run(recipe), groups[label][0]) for recipe, label in LABELS.items()},
    }
    write_colour_figure(weights, out / "colour.jpg")


def write_colour_figure(weights: Mapping[str, str | Path], path: Path) -> None:
    """Draw a photograph of scikit-image's as each network restores it."""
    from paddle_srcnn.static.backend import (
        choose_device,  # Paddle takes seconds to import, which --help need not wait for
    )
    from paddle_srcnn.static.inference_program import restorer

    picture = read_image(reader.find_picture(PICTURE))
    pictures: dict[str, np.ndarray] = {}
    for label, source in weights.items():
        loaded = load_weights(source)
        shown = demonstrate(picture, restorer(loaded, choose_device("cpu")), channels=loaded.architecture.channels)
        pictures.setdefault("original", shown.hr)
        pictures.setdefault(f"degraded: {shown.degraded_db:.2f} dB", shown.degraded)
        pictures[f"{label}: {shown.sr_db:.2f} dB"] = shown.sr
    save_figure(comparison_figure(pictures, "A 5x5 Gaussian blur undone (PSNR of Y, protocol `article`)"), path)


if __name__ == "__main__":
    run_command(main)
