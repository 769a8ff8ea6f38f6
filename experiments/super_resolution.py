"""Super-resolution at x2, x3 and x4: 9-1-5, 9-3-5, 9-5-5, and 9-1-5 on RGB, trained on T91 alone.

9-1-5 trains for 1,200,000 backprops. Larger filters start from its packaged weights and train for 600,000 more. RGB
trains for 600,000. The script trains in runs/, side by side. It skips finished runs. After a stop, the same command
continues. It prints mean PSNR on Set5 and draws the curves with the paper's figures.
"""

from __future__ import annotations

from lab.catalogue import EXPERIMENTS
from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command


def main() -> None:
    """Run the command."""
    compare_recipes(EXPERIMENTS["super_resolution"], __doc__)


if __name__ == "__main__":
    run_command(main)
