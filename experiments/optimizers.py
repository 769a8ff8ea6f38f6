"""Optimisers: the article's Adam against SGD with momentum 0.9, as the paper trains, on 9-1-5 and T91.

The paper's rates are 1e-4, and 1e-5 for the last layer. They belong to values in 0..1 and to Caffe's loss, half the sum
over a label's 441 pixels. On the mean over pixels the same steps need rates 220.5 times as large (`sgd_paper`). On
0..255 the gradients of the weights are 65,025 times as large, so the article's rates are too high for SGD
(`sgd_article`).
First weights of N(0, 0.05) instead of N(0, 0.001) separate the effect of the optimiser from the effect of the start.
The script trains 150 epochs of each (`sgd_article`: 15) in runs/, side by side. It skips finished runs. After a stop,
the same command continues. It prints PSNR on Set5 and draws the curves against backprops.
"""

from __future__ import annotations

from lab.catalogue import EXPERIMENTS
from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command


def main() -> None:
    """Run the command."""
    compare_recipes(EXPERIMENTS["optimizers"], __doc__)


if __name__ == "__main__":
    run_command(main)
