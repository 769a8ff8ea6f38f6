"""Optimisers: the article's Adam against SGD with momentum 0.9, as the paper trains, on 9-1-5 and T91.

The paper's rates, 1e-4 and 1e-5 for the last layer, belong to values in 0..1 and to Caffe's loss, which is half the sum
over a label's 441 pixels. On the mean over pixels the same steps need rates 220.5 times as large; without that factor
SGD hardly moves. On the article's 0..255 the gradients of the weights are 65,025 times as large, and it diverges.
Trains what is not finished yet in runs/, side by side, 150 epochs each; run again after a stop, it goes on.
"""

from __future__ import annotations

from groups import compare_recipes

from paddle_srcnn.errors import run_command

LABELS = {
    "baseline": "Adam, 1e-4 and 1e-5",
    "sgd_tuned": "SGD, the largest rates that hold",
    "sgd_paper": "SGD, the paper's steps",
    "sgd_mean": "SGD, the paper's rates on the mean",
}


def main() -> None:
    """Run the command."""
    compare_recipes("optimizers", {"optimizers": LABELS}, "SRCNN 9-1-5 by optimiser", __doc__)


if __name__ == "__main__":
    run_command(main)
