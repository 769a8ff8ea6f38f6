"""Optimisers: the article's Adam against SGD with momentum 0.9, as the paper trains, on 9-1-5 and T91.

The paper's rates, 1e-4 and 1e-5 for the last layer, belong to values in 0..1 and to Caffe's loss, half the sum over a
label's 441 pixels; on the mean over pixels the same steps need rates 220.5 times as large (`sgd_paper`). On 0..255 the
gradients of the weights are 65,025 times as large: there the article's rates are too high for SGD (`sgd_article`).
First weights of N(0, 0.05) in place of N(0, 0.001) tell what the optimiser does from what the start does.
Trains what is not finished yet in runs/, side by side, 150 epochs each (`sgd_article`: 15); run again after a stop, it
goes on. Prints PSNR on Set5 and draws the curves against backprops.
"""

from __future__ import annotations

from lab.compare_recipes import compare_recipes
from paddle_srcnn.system.cli import run_command

ARTICLE_START, OTHER_START = "N(0, 0.001)", "N(0, 0.05)"
LABELS = {
    "baseline": f"Adam, {ARTICLE_START}",
    "adam_std0.05": f"Adam, {OTHER_START}",
    "sgd_article": f"SGD, {ARTICLE_START}, Adam's rates on 0..255",
    "sgd_paper": f"SGD, {ARTICLE_START}, the paper's steps",
    "sgd_std0.05": f"SGD, {OTHER_START}, the paper's steps",
    "sgd_std0.05_x3": f"SGD, {OTHER_START}, steps three times as large",
}


def main() -> None:
    """Run the command."""
    compare_recipes("optimizers", {"optimizers": LABELS}, "SRCNN 9-1-5 by optimiser and first weights", __doc__)


if __name__ == "__main__":
    run_command(main)
