"""Depth: does a fourth layer help? 9-1-1-5 beside 9-1-5, 9-3-1-5 and 9-3-3-5 beside 9-3-5; section 4.3.3 of the paper.

The paper shows curves without figures, and finds that deeper is not better: four layers converge more slowly, and end
no higher. The added layer has 16 filters.
Trains what is not finished yet in runs/, side by side, 160,000 backprops each on T91 at x3, as `sr_*` is trained; run
again after a stop, it goes on. Prints mean PSNR on Set5 and draws the curves.
"""

from __future__ import annotations

from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command

LABELS = {
    "table_9-3-5": "9-3-5",
    "table_9-3-3-5": "9-3-3-5",
    "table_9-3-1-5": "9-3-1-5",
    "table_9-1-5": "9-1-5",
    "table_9-1-1-5": "9-1-1-5",
}


def main() -> None:
    """Run the command."""
    compare_recipes("paper_depth", {"depth": LABELS}, "SRCNN by depth", __doc__)


if __name__ == "__main__":
    run_command(main)
