"""The table of experiments: each row shows what it varies, and the published number that it answers to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.protocols import ARTICLE, PAPER

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
    scale : int
        Of the protocol ``paper``, how much pictures are enlarged; 1 in the protocol ``article``.
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
    decay : bool
        Lower the rates from epoch to epoch along a half cosine, which ends at 0.
    training_set, validation_set : str
        What is trained and scored on where nothing else is asked for: T91 and Set5, or a part of T91.
    ycbcr : bool
        Three channels are MATLAB's YCbCr, not RGB; for the protocol ``paper``.
    first_channels : tuple of int
        Channels that alone the loss is of in the first half of the epochs, all of them thereafter; none for all of
        them throughout. The paper's "pre-training" of colour networks, its section 4.5.
    initial_std : float or None
        Standard deviation of the normal distribution that the first weights are drawn from; biases start at 0. None
        for each layer's own, see `paddle_srcnn.model.parameters.initial_parameters`.
    identity : bool
        Let the first filters pass the input on, so that the network begins with it.
    whitening : bool
        Train the first layer in the coordinates of whitened patches, see `paddle_srcnn.model.whitening`.
    pretrained : str, optional
        Weights to start from instead, by their name in the package. Those of one channel are spread over three, and
        smaller filters get zeros around them.
    patches : int, optional
        Patches of an epoch in the protocol ``paper``, drawn at random; the article's lie on a grid.
    turns : bool
        Rotate and mirror them at random.
    sizes : tuple of float
        Sizes at which the pictures that they are drawn from are taken as ground truths.
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
    training_set: str = "T91"
    validation_set: str = "Set5"
    ycbcr: bool = False
    first_channels: tuple[int, ...] = ()
    scale: int = 1
    epochs: int = 150
    batch_size: int = 16
    learning_rates: tuple[float, ...] = (1e-4, 1e-4, 1e-5)
    optimizer: str = "adam"
    value_range: float = 255.0
    decay: bool = False
    initial_std: float | None = 0.001
    identity: bool = False
    whitening: bool = False
    pretrained: str | None = None
    patches: int | None = None
    turns: bool = False
    sizes: tuple[float, ...] = (1.0,)
    shuffle: bool = False
    seed: int = 0
    published: Published | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if len(self.learning_rates) != len(self.architecture.filters):
            raise ValueError(f"{self.name}: {self.architecture.name} needs a learning rate for each layer")
        if self.value_range not in (1.0, 255.0):
            raise ValueError(f"{self.name}: value_range is 1 or 255, got {self.value_range}")
        if (self.protocol == PAPER) != (self.patches is not None) or (self.protocol == PAPER) != (self.scale > 1):
            raise ValueError(f"{self.name}: scale and patches belong to the protocol `{PAPER}`, which needs both")
        if (self.ycbcr or self.first_channels) and self.architecture.channels == 1:
            raise ValueError(f"{self.name}: ycbcr and first_channels are for networks of three channels")
        if self.ycbcr and self.protocol != PAPER:
            raise ValueError(f"{self.name}: YCbCr belongs to the protocol `{PAPER}`")

    @property
    def space(self) -> str:
        """Colour space that the network works in: ``"y"``, ``"ycbcr"`` or ``"rgb"``."""
        if self.architecture.channels == 1:
            return "y"
        return "ycbcr" if self.ycbcr else "rgb"


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

# Networks, scales, and the paper's PSNR of them on Set5, where it has one.
SUPER_RESOLUTION = (
    ((9, 1, 5), 2, None),
    ((9, 1, 5), 3, Published(32.39, "paper: 9-1-5, x3, T91")),
    ((9, 1, 5), 4, None),
    ((9, 3, 5), 2, None),
    ((9, 3, 5), 3, Published(32.66, "paper: 9-3-5, x3, ImageNet")),
    ((9, 3, 5), 4, None),
    ((9, 5, 5), 2, Published(36.66, "paper: 9-5-5, x2, ImageNet")),
    ((9, 5, 5), 3, Published(32.75, "paper: 9-5-5, x3, ImageNet")),
    ((9, 5, 5), 4, Published(30.49, "paper: 9-5-5, x4, ImageNet")),
)

# Where the choice of how to train networks for super-resolution began.
START = Recipe(
    "sr_9-1-5_x3",
    protocol=PAPER,
    scale=3,
    epochs=80,
    batch_size=32,
    learning_rates=(1e-3, 1e-3, 1e-4),
    value_range=1.0,
    decay=True,
    initial_std=None,
    patches=40_000,
    turns=True,
    sizes=(1.0, 0.9, 0.8, 0.7, 0.6),
)

# How they are trained, all of them alike: of what `CHOICES` tried, what ended highest.
OURS = replace(START, epochs=30, batch_size=16, learning_rates=(2e-3, 2e-3, 2e-4), identity=True, whitening=True)


def ours(name: str, architecture: Architecture = BASIC, published: Published | None = None, **changes: Any) -> Recipe:
    """Row of a network for super-resolution: as all others but for its architecture and `changes`."""
    rates = (*[OURS.learning_rates[0]] * len(architecture.widths), OURS.learning_rates[-1])
    changes = {"learning_rates": rates, **changes}
    return replace(OURS, name=name, architecture=architecture, published=published, **changes)


def super_resolution(filters: tuple[int, ...], scale: int, published: Published | None) -> Recipe:
    """Row of a network for a scale: 9-1-5 from the start, larger filters from its weights."""
    network, name = Architecture(filters, (64, 32)), f"sr_{'-'.join(map(str, filters))}_x{scale}"
    make = ours if network == BASIC else further
    return make(name, network, published, scale=scale)


def further(name: str, architecture: Architecture, published: Published | None = None, *, scale: int = 3) -> Recipe:
    """Row of a network that starts from the weights of `sr_9-1-5`: half as many backprops more, at half the rates."""
    return replace(
        ours(name, architecture, published, scale=scale),
        pretrained=f"sr_{BASIC.name}_x{scale}",
        identity=False,
        epochs=OURS.epochs // 2,
        learning_rates=tuple(rate / 2 for rate in OURS.learning_rates),
    )


def tabled(name: str, *arguments: Any, **changes: Any) -> Recipe:
    """Row of a table of the paper's that is trained from the start at x3, all alike: 160,000 backprops."""
    return ours(f"table_{name}", *arguments, epochs=8, patches=20_000, **changes)


# What `sr_*` was chosen among, on a part of T91 that is not trained on: changes of `START`.
CHOICES: dict[str, dict[str, Any]] = {
    "start": {},
    "one_size": {"sizes": (1.0,)},
    "no_turns": {"turns": False},
    "constant_rates": {"decay": False},
    "rates_half": {"learning_rates": (5e-4, 5e-4, 5e-5)},
    "rates_double": {"learning_rates": (2e-3, 2e-3, 2e-4)},
    "one_rate": {"learning_rates": (1e-3, 1e-3, 1e-3)},
    "batch_16": {"batch_size": 16},
    "batch_64": {"batch_size": 64},
    "batch_8": {"batch_size": 8},
    "batch_16_rates_double": {"batch_size": 16, "learning_rates": (2e-3, 2e-3, 2e-4)},
    "batch_16_one_rate": {"batch_size": 16, "learning_rates": (1e-3, 1e-3, 1e-3)},
    "identity": {"identity": True},
    "whitening": {"whitening": True},
    "identity_whitening": {"identity": True, "whitening": True},
    "ours": {"batch_size": 16, "learning_rates": (2e-3, 2e-3, 2e-4), "identity": True, "whitening": True},
}

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
        Recipe(
            "paper_9-1-5_x3",
            protocol=PAPER,
            scale=3,
            epochs=OURS.epochs,
            batch_size=128,
            learning_rates=PAPER_STEPS,
            optimizer="sgd",
            value_range=1.0,
            patches=40_000,
            published=Published(32.39, "paper: 9-1-5 on T91, x3, 8e8 backprops"),
        ),
        *(super_resolution(*row) for row in SUPER_RESOLUTION),
        *(ours(f"sr_rgb_9-1-5_x{scale}", RGB, scale=scale, epochs=OURS.epochs // 2) for scale in (2, 3, 4)),
        *(
            replace(
                START,
                name=f"choice_{name}",
                epochs=10,
                training_set="T91-rest",
                validation_set="T91-held-out",
                **changes,
            )
            for name, changes in CHOICES.items()
        ),
        tabled("9-1-5", BASIC, Published(32.52, "paper: 9-1-5, 64-32, ImageNet")),
        tabled("32-16", Architecture((9, 1, 5), (32, 16)), Published(32.26, "paper: 32-16, ImageNet")),
        tabled("128-64", Architecture((9, 1, 5), (128, 64)), Published(32.60, "paper: 128-64, ImageNet")),
        tabled("9-3-5", Architecture((9, 3, 5), (64, 32)), Published(32.66, "paper: 9-3-5, ImageNet")),
        further("table_11-1-7", Architecture((11, 1, 7), (64, 32)), Published(32.57, "paper: 11-1-7, ImageNet")),
        further("table_9-1-5_further", BASIC, Published(32.52, "paper: 9-1-5, ImageNet")),
        tabled("9-1-1-5", Architecture((9, 1, 1, 5), (64, 32, 16))),
        tabled("9-3-1-5", Architecture((9, 3, 1, 5), (64, 32, 16))),
        tabled("9-3-3-5", Architecture((9, 3, 3, 5), (64, 32, 16))),
        tabled("half", training_set="T91-half"),
        tabled("quarter", training_set="T91-quarter"),
        tabled("ycbcr", RGB, Published(29.25, "paper: YCbCr, T91"), ycbcr=True),
        tabled("y_first", RGB, Published(32.19, "paper: Y pre-train, T91"), ycbcr=True, first_channels=(0,)),
        tabled("cbcr_first", RGB, Published(32.14, "paper: CbCr pre-train, T91"), ycbcr=True, first_channels=(1, 2)),
        tabled("rgb", RGB, Published(32.33, "paper: RGB, T91")),
    )
}
