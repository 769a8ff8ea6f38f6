"""Filter sizes: 9-1-5, 9-3-5, 9-5-5 and 11-1-7; section 4.3.2 of the paper.

All start from the trained 9-1-5 of the package, `sr_9-1-5_x3`, larger filters with zeros around its own, and train as
long: 600,000 backprops more on T91 at x3. Trains what is not finished yet in runs/, side by side; run again after a
stop, it goes on. Prints mean PSNR on Set5 and draws the curves. The paper trained some 400 times as long, on ImageNet.
"""

from __future__ import annotations

from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command

LABELS = {
    "sr_9-5-5_x3": "9-5-5",
    "sr_9-3-5_x3": "9-3-5",
    "table_11-1-7": "11-1-7",
    "table_9-1-5_further": "9-1-5",
}


def main() -> None:
    """Run the command."""
    compare_recipes("paper_filter_sizes", {"filter_sizes": LABELS}, "SRCNN by filter sizes", __doc__, seeds=1)


if __name__ == "__main__":
    run_command(main)
