"""Larger filters: 9-1-5 against 9-3-1 (the article's text), 9-3-5 and 9-5-5 (its figure, and the paper).

Trains what is not finished yet in runs/, side by side, 150 epochs each on T91; run again after a stop, it goes on.
9-5-5, which takes twice as long and has no figure in the article, is run with one seed.
Prints PSNR on Set5 and draws the curves against backprops, with the article's 35.82 dB.
"""

from __future__ import annotations

from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command

LABELS = {"filter_9-5-5": "9-5-5", "filter_9-3-5": "9-3-5", "filter_9-3-1": "9-3-1", "baseline": "9-1-5"}


def main() -> None:
    """Run the command."""
    compare_recipes(
        "filter_size",
        {"filters": LABELS},
        "SRCNN by filter sizes",
        __doc__,
        seeds=3,
        once=["filter_9-5-5"],
        weights=True,
    )


if __name__ == "__main__":
    run_command(main)
