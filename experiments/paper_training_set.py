"""Training sets: 9-1-5 on a quarter of T91, on half of it, on all of it.

The paper compares T91 (32.39 dB) with 395,909 images of ImageNet (32.52 dB, section 4.1). More data gives a little more
for a network of this size.
The script trains 160,000 backprops of each at x3 in runs/, side by side. It skips finished runs. After a stop, the same
command continues. It prints mean PSNR on Set5 and draws the curves.
"""

from __future__ import annotations

from lab.catalogue import EXPERIMENTS
from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command


def main() -> None:
    """Run the command."""
    compare_recipes(EXPERIMENTS["paper_training_set"], __doc__)


if __name__ == "__main__":
    run_command(main)
