"""The table of experiments: each row shows what it varies, and the published number that it answers to."""

from __future__ import annotations

from dataclasses import dataclass, field

from paddle_srcnn.architecture import Architecture
from paddle_srcnn.protocols import ARTICLE

BASIC = Architecture(filters=(9, 1, 5), widths=(64, 32))
RGB = Architecture(filters=(9, 1, 5), widths=(64, 32), channels=3)


@dataclass(frozen=True)
class Published:
    """A published result: PSNR on Set5, under the protocol of its own source."""

    psnr_db: float
    source: str


@dataclass(frozen=True)
class Recipe:
    """Everything that determines a run, apart from the pictures themselves.

    The defaults are the article's baseline.

    Parameters
    ----------
    name : str
        Also the name of the folder and of the weights that the run leaves.
    epochs : int
        Passes over the training patches.
    batch_size : int
        Patches per step; the last batch of an epoch may be smaller.
    learning_rates : tuple of float
        The optimiser's rate for each layer's weights and biases.
    optimizer : {"adam", "sgd"}
        ``"sgd"`` has the paper's momentum of 0.9.
    value_range : float
        What the network sees as white: 255 as in the article, or 1 as in the paper. Adam hardly notices; for SGD the
        gradients of the weights are 65,025 times as large on 0..255.
    initial_std : float
        Standard deviation of the normal distribution that the first weights are drawn from; biases start at 0.
    pretrained : str, optional
        Weights to start from instead, by their name in the package. Those of one channel are spread over three.
    shuffle : bool
        Draw a new order of patches for each epoch, instead of the order in which the reader cuts them.
    seed : int
        Seeds the one generator that weights and orders of patches are drawn from.
    published : Published, optional
        The number that the run reproduces; no part of what determines it.
    """

    name: str
    architecture: Architecture = BASIC
    protocol: str = ARTICLE
    epochs: int = 150
    batch_size: int = 16
    learning_rates: tuple[float, ...] = (1e-4, 1e-4, 1e-5)
    optimizer: str = "adam"
    value_range: float = 255.0
    initial_std: float = 0.001
    pretrained: str | None = None
    shuffle: bool = False
    seed: int = 0
    published: Published | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if len(self.learning_rates) != len(self.architecture.filters):
            raise ValueError(f"{self.name}: {self.architecture.name} needs a learning rate for each layer")


# The article's text says 9-3-1; its figure, and the paper that it follows, have 9-3-5.
LARGER_FILTERS = Published(35.82, "article: larger filters, 150 epochs")

# The article's trick is a smaller rate for the last layer; "otherwise the model collapses".
LEARNING_RATES = {
    "separate": (1e-4, 1e-4, 1e-5),
    "1e-5": (1e-5, 1e-5, 1e-5),
    "1e-4": (1e-4, 1e-4, 1e-4),
    "1e-3": (1e-3, 1e-3, 1e-3),
}

# The paper's 1e-4 and 1e-5 on Caffe's loss, half the sum over a label's 21x21 pixels, are these on their mean.
PAPER_STEPS = (0.02205, 0.02205, 0.002205)

RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe("baseline", published=Published(35.25, "article: 9-1-5 on Y, 150 epochs")),
        Recipe("baseline_shuffled", shuffle=True),
        Recipe("filter_9-3-1", Architecture((9, 3, 1), (64, 32)), published=LARGER_FILTERS),
        Recipe("filter_9-3-5", Architecture((9, 3, 5), (64, 32)), published=LARGER_FILTERS),
        Recipe("filter_9-5-5", Architecture((9, 5, 5), (64, 32))),
        Recipe(
            "rgb_pretrained",
            RGB,
            epochs=200,
            pretrained="baseline",
            published=Published(35.92, "article: RGB from the weights for Y, 200 epochs"),
        ),
        Recipe("rgb_scratch", RGB, epochs=200),
        Recipe("sgd_article", optimizer="sgd", epochs=15),
        Recipe("sgd_paper", optimizer="sgd", value_range=1.0, learning_rates=PAPER_STEPS),
        Recipe("sgd_std0.05", optimizer="sgd", value_range=1.0, learning_rates=PAPER_STEPS, initial_std=0.05),
        Recipe(
            "sgd_std0.05_x3",
            optimizer="sgd",
            value_range=1.0,
            learning_rates=tuple(3 * rate for rate in PAPER_STEPS),
            initial_std=0.05,
        ),
        Recipe("adam_std0.05", initial_std=0.05),
        *(Recipe(f"rates_{name}", epochs=15, learning_rates=rates) for name, rates in LEARNING_RATES.items()),
        *(Recipe(f"rgb_rates_{name}", RGB, epochs=15, learning_rates=rates) for name, rates in LEARNING_RATES.items()),
    )
}
