"""Larger filters: 9-1-5 against 9-3-1 (the article's text), 9-3-5 and 9-5-5 (its figure, and the paper).

The script trains 150 epochs of each on T91 in runs/, side by side. It skips finished runs. After a stop, the same
command continues. 9-5-5 has one seed, because it takes twice as long. The article gives no figure for it. The script
prints PSNR on Set5 and draws the curves against backprops, with the article's 35.82 dB.
"""

from __future__ import annotations

from lab.catalogue import EXPERIMENTS
from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command


def main() -> None:
    """Run the command."""
    compare_recipes(EXPERIMENTS["filter_size"], __doc__)


if __name__ == "__main__":
    run_command(main)
