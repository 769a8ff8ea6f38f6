"""The paper's own training: 9-1-5 on T91 at x3 by SGD from N(0, 0.001), 1,200,000 backprops of its 800,000,000.

Beside it stands `sr_9-1-5_x3`, trained as long. The script trains in runs/, side by side. It skips finished runs. After
a stop, the same command continues. It prints mean PSNR on Set5 and draws the curves with the paper's 32.39 dB.
"""

from __future__ import annotations

from lab.catalogue import EXPERIMENTS
from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command


def main() -> None:
    """Run the command."""
    compare_recipes(EXPERIMENTS["paper_slope"], __doc__)


if __name__ == "__main__":
    run_command(main)
