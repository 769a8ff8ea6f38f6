"""Ablations behind `espcn_x3`: changes of a first recipe, scored on held-out images of T91.

Set5 and Set14 did not influence the choice. The script trains ESPCN at x3 on T91-rest, 82 images. Each change trains
for 200,000 backprops in runs/, side by side. The script skips finished runs. After a stop, the same command continues.
It prints mean PSNR on T91-held-out, the other 9 images, and draws the curves.
"""

from __future__ import annotations

from lab.catalogue import EXPERIMENTS
from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command


def main() -> None:
    """Run the command."""
    compare_recipes(EXPERIMENTS["espcn_choices"], __doc__)


if __name__ == "__main__":
    run_command(main)
