"""Filter sizes: 9-1-5, 9-3-5, 9-5-5 and 11-1-7; section 4.3.2 of the paper.

All start from the packaged 9-1-5, `sr_9-1-5_x3`. Zeros surround its filters in larger ones. All train for 600,000
backprops more on T91 at x3, in runs/, side by side. The script skips finished runs. After a stop, the same command
continues. It prints mean PSNR on Set5 and draws the curves. The paper trained some 400 times as long, on ImageNet.
"""

from __future__ import annotations

from lab.catalogue import EXPERIMENTS
from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command


def main() -> None:
    """Run the command."""
    compare_recipes(EXPERIMENTS["paper_filter_sizes"], __doc__)


if __name__ == "__main__":
    run_command(main)
