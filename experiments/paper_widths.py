"""Widths: 9-1-5 with 32-16, 64-32 and 128-64 filters; section 4.3.1 of the paper.

The script trains 160,000 backprops of each on T91 at x3 in runs/, side by side. It skips finished runs. After a stop,
the same command continues. It prints mean PSNR on Set5 and draws the curves. The paper trained 5,000 times as long, on
ImageNet. Compare the order of its figures with ours, not their height.
"""

from __future__ import annotations

from lab.catalogue import EXPERIMENTS
from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command


def main() -> None:
    """Run the command."""
    compare_recipes(EXPERIMENTS["paper_widths"], __doc__)


if __name__ == "__main__":
    run_command(main)
