"""Three channels: RGB from the baseline's weights for Y, against RGB from scratch with the article's settings.

The script trains 200 epochs of each on T91 in runs/, side by side. It skips finished runs. After a stop, the same
command continues. It prints PSNR of Y on Set5, and draws the curves with the article's 35.92 dB. Each run's summary
also has the PSNR of RGB. The script draws an image restored by both, and by the network for Y alone. That network does
not change Cr and Cb.
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
