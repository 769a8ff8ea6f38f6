"""Depth: 9-1-1-5 beside 9-1-5, 9-3-1-5 and 9-3-3-5 beside 9-3-5; section 4.3.3 of the paper.

The paper shows curves without figures. It finds that four layers converge more slowly and end no higher than three. The
added layer has 16 filters.
The script trains 160,000 backprops of each on T91 at x3 in runs/, side by side. It skips finished runs. After a stop,
the same command continues. It prints mean PSNR on Set5 and draws the curves.
"""

from __future__ import annotations

from lab.catalogue import EXPERIMENTS
from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command


def main() -> None:
    """Run the command."""
    compare_recipes(EXPERIMENTS["paper_depth"], __doc__)


if __name__ == "__main__":
    run_command(main)
