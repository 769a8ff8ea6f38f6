"""Filter sizes: 9-1-5, 9-3-5, 9-5-5 and 11-1-7; section 4.3.2 of the paper.

Trains what is not finished yet in runs/, side by side, 240,000 backprops each on T91 at x3, as `sr_*` is trained; run
again after a stop, it goes on. Prints mean PSNR on Set5 and draws the curves. The paper trained 1,000 times as long,
on ImageNet, so that its figures stand beside ours for their order, not for their height.
"""

from __future__ import annotations

from groups import compare_recipes

from paddle_srcnn.errors import run_command

LABELS = {
    "table_9-5-5": "9-5-5",
    "table_9-3-5": "9-3-5",
    "table_11-1-7": "11-1-7",
    "table_9-1-5": "9-1-5",
}


def main() -> None:
    """Run the command."""
    compare_recipes("paper_filter_sizes", {"filter_sizes": LABELS}, "SRCNN by filter sizes", __doc__, seeds=3)


if __name__ == "__main__":
    run_command(main)
