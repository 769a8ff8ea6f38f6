"""Widths: 9-1-5 with 32-16, 64-32 and 128-64 filters; the paper's table of them, section 4.3.1.

Trains what is not finished yet in runs/, side by side, 160,000 backprops each on T91 at x3, as `sr_*` is trained; run
again after a stop, it goes on. Prints mean PSNR on Set5 and draws the curves. The paper trained 5,000 times as long,
on ImageNet, so that its figures stand beside ours for their order, not for their height.
"""

from __future__ import annotations

from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command

LABELS = {"table_128-64": "128-64", "table_9-1-5": "64-32", "table_32-16": "32-16"}


def main() -> None:
    """Run the command."""
    compare_recipes("paper_widths", {"widths": LABELS}, "SRCNN 9-1-5 by widths", __doc__)


if __name__ == "__main__":
    run_command(main)
