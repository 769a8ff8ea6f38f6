"""Learning rates: the article's 1e-4 with 1e-5 for the last layer, against one rate for all, on Y and on RGB.

The article says that with one rate the model often collapses. A run counts as collapsed if at its end a layer is dead,
so that the output is the same whatever the input, or if the mean PSNR is below that of the unrestored input and rose by
less than 0.1 dB over the last third of the run; one that still rises is slow, not collapsed.
Trains 15 epochs for each of 5 seeds, side by side; run again after a stop, it goes on. Adam, T91, scored on Set5.
"""

from __future__ import annotations

from lab.compare_recipes import compare_recipes
from paddle_srcnn.recipes import LEARNING_RATES
from paddle_srcnn.system.cli import run_command

PANELS = {
    channels.lower(): {
        f"{prefix}rates_{name}": f"{channels}, {'1e-4, last layer 1e-5' if name == 'separate' else f'{name} for all'}"
        for name in LEARNING_RATES
    }
    for channels, prefix in (("Y", ""), ("RGB", "rgb_"))
}


def main() -> None:
    """Run the command."""
    compare_recipes("learning_rates", PANELS, "SRCNN 9-1-5 by learning rates of Adam", __doc__, seeds=5)


if __name__ == "__main__":
    run_command(main)
