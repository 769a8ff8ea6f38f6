"""Learning rates: the article's 1e-4 with 1e-5 for the last layer, against one rate for all, on Y and on RGB.

The article says that with one rate the model often collapses. A run counts as collapsed if a layer is dead at its end,
so that the output is the same for every input. It also counts as collapsed if its mean PSNR is below the unrestored
input's and rose by less than 0.1 dB over the last third of the run. A run below its input that still rises is slow.
The script trains 15 epochs for each of 5 seeds with Adam on T91, side by side. It skips finished runs. After a stop,
the same command continues. It prints PSNR on Set5 and draws the curves.
"""

from __future__ import annotations

from lab.catalogue import EXPERIMENTS
from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command


def main() -> None:
    """Run the command."""
    compare_recipes(EXPERIMENTS["learning_rates"], __doc__)


if __name__ == "__main__":
    run_command(main)
