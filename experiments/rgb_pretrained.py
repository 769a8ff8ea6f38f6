"""Three channels: RGB from the baseline's weights for Y, against RGB from scratch with the article's settings.

Trains 200 epochs of each on T91 in runs/, side by side, and skips finished runs; after a stop, the same command
continues. Prints PSNR of Y on Set5 (each run's summary also has the PSNR of RGB), and draws the curves with the
article's 35.92 dB. Draws an image restored by both, and by the network for Y alone, which does not change Cr and Cb.
"""

from __future__ import annotations

from pathlib import Path

from lab.catalogue import EXPERIMENTS, Run
from lab.colour import write_colour_figure
from lab.compare_recipes import compare_recipes
from lab.publish import weights_of
from paddle_srcnn.system.cli import run_command


def main() -> None:
    """Run the command."""
    experiment = EXPERIMENTS["rgb_pretrained"]
    groups, out = compare_recipes(experiment, __doc__)
    weights: dict[str, str | Path] = {
        "Y alone": "baseline",
        **{label: weights_of(Run(recipe), groups[label][0]) for recipe, label in experiment.labels.items()},
    }
    write_colour_figure(weights, out / "colour.jpg")


if __name__ == "__main__":
    run_command(main)
