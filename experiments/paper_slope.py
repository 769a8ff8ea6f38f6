"""The paper's own training: 9-1-5 on T91 at x3 by SGD from N(0, 0.001), 1,200,000 backprops of its 800,000,000.

Beside it `sr_9-1-5_x3`, as long. Trains what is not finished yet in runs/, side by side; run again after a stop, it
goes on. Prints mean PSNR on Set5 and draws the curves with the paper's 32.39 dB.
"""

from __future__ import annotations

from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command

LABELS = {"sr_9-1-5_x3": "Adam, our first weights", "paper_9-1-5_x3": "SGD as the paper trains"}


def main() -> None:
    """Run the command."""
    compare_recipes("paper_slope", {"slope": LABELS}, "SRCNN 9-1-5, training", __doc__)


if __name__ == "__main__":
    run_command(main)
