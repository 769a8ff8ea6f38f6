"""Recipes in the protocol `article`, with their learning rates: the article's runs, and runs that judge its claims."""

from __future__ import annotations

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.recipes.recipe import RGB, Gaussian, Grid, Pretrained, Published, Recipe, Schedule

__all__ = ["LARGER_FILTERS", "LEARNING_RATES", "PAPER_STEPS", "ROWS"]

# The article's text says 9-3-1; its figure, and the paper that it follows, have 9-3-5.
LARGER_FILTERS = Published(35.82, "article: larger filters, 150 epochs")

# The article gives the last layer a smaller rate; "otherwise the model collapses".
LEARNING_RATES = {
    "separate": (1e-4, 1e-4, 1e-5),
    "1e-5": (1e-5, 1e-5, 1e-5),
    "1e-4": (1e-4, 1e-4, 1e-4),
    "1e-3": (1e-3, 1e-3, 1e-3),
}

# The paper's 1e-4 and 1e-5 on Caffe's loss, half the sum over a label's 21x21 pixels, are these on their mean.
PAPER_STEPS = (0.02205, 0.02205, 0.002205)
SGD = Schedule(optimizer="sgd", learning_rates=PAPER_STEPS)
FASTER_SGD = Schedule(optimizer="sgd", learning_rates=tuple(3 * rate for rate in PAPER_STEPS))

ROWS = (
    Recipe("baseline", published=Published(35.25, "article: 9-1-5 on Y, 150 epochs")),
    Recipe("baseline_shuffled", patches=Grid(shuffle=True)),
    Recipe("filter_9-3-1", Architecture((9, 3, 1), (64, 32)), published=LARGER_FILTERS),
    Recipe("filter_9-3-5", Architecture((9, 3, 5), (64, 32)), published=LARGER_FILTERS),
    Recipe("filter_9-5-5", Architecture((9, 5, 5), (64, 32))),
    Recipe(
        "rgb_pretrained",
        RGB,
        space="rgb",
        start=Pretrained("baseline"),
        schedule=Schedule(epochs=200),
        published=Published(35.92, "article: RGB from the weights for Y, 200 epochs"),
    ),
    Recipe("rgb_scratch", RGB, space="rgb", schedule=Schedule(epochs=200)),
    Recipe("sgd_article", schedule=Schedule(optimizer="sgd", epochs=15)),
    Recipe("sgd_paper", schedule=SGD, value_range=1.0),
    Recipe("sgd_std0.05", schedule=SGD, value_range=1.0, start=Gaussian(0.05)),
    Recipe("sgd_std0.05_x3", schedule=FASTER_SGD, value_range=1.0, start=Gaussian(0.05)),
    Recipe("adam_std0.05", start=Gaussian(0.05)),
    *(
        Recipe(f"rates_{name}", schedule=Schedule(epochs=15, learning_rates=rates))
        for name, rates in LEARNING_RATES.items()
    ),
    *(
        Recipe(f"rgb_rates_{name}", RGB, space="rgb", schedule=Schedule(epochs=15, learning_rates=rates))
        for name, rates in LEARNING_RATES.items()
    ),
)
