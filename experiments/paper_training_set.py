"""Training sets: 9-1-5 on a quarter of T91, on half of it, on all of it.

The paper compares T91 (32.39 dB) with 395,909 pictures of ImageNet (32.52 dB, section 4.1): more data gives more, but
for a network of this size not much more.
Trains what is not finished yet in runs/, side by side, 160,000 backprops each at x3, as `sr_*` is trained; run again
after a stop, it goes on. Prints mean PSNR on Set5 and draws the curves.
"""

from __future__ import annotations

from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command

LABELS = {
    "table_9-1-5": "all of T91, 91 pictures",
    "table_half": "half, 46 pictures",
    "table_quarter": "a quarter, 23 pictures",
}


def main() -> None:
    """Run the command."""
    compare_recipes("paper_training_set", {"training_set": LABELS}, "SRCNN 9-1-5 by training set", __doc__)


if __name__ == "__main__":
    run_command(main)
