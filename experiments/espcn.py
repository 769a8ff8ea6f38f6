"""ESPCN at x2, x3 and x4, trained on T91 alone: the network that upscales by itself.

The script trains in runs/, side by side. It skips finished runs. After a stop, the same command continues. It prints
mean PSNR on Set5 and draws the curves with the paper's figure.
"""

from __future__ import annotations

from lab.catalogue import EXPERIMENTS
from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command


def main() -> None:
    """Run the command."""
    compare_recipes(EXPERIMENTS["espcn"], __doc__)


if __name__ == "__main__":
    run_command(main)
