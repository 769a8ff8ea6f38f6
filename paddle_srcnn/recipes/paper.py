"""Recipes in the protocol `paper`: networks for super-resolution, the ablations behind them, the paper's tables."""

from __future__ import annotations

from typing import Any

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.protocols import PAPER
from paddle_srcnn.protocols.defects import DEFECTS, Defect, Jpeg
from paddle_srcnn.recipes.article import PAPER_STEPS
from paddle_srcnn.recipes.recipe import (
    BASIC,
    RGB,
    Gaussian,
    He,
    Pretrained,
    Published,
    RandomPatches,
    Recipe,
    Schedule,
    vary,
)

__all__ = ["ABLATIONS", "ROWS", "SR_DEFAULTS", "SUPER_RESOLUTION"]

# Networks, scales, and the paper's PSNR on Set5 where it has one.
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

# The ablations change this recipe, one part at a time.
FIRST_GUESS = Recipe(
    "sr_9-1-5_x3",
    protocol=PAPER,
    scale=3,
    patches=RandomPatches(40_000, augment=True, sizes=(1.0, 0.9, 0.8, 0.7, 0.6)),
    start=He(),
    schedule=Schedule(epochs=80, batch_size=32, learning_rates=(1e-3, 1e-3, 1e-4), decay=True),
    value_range=1.0,
)

# All networks for super-resolution train like this: the best of `ABLATIONS` on held-out images of T91.
SR_DEFAULTS = vary(
    FIRST_GUESS, epochs=30, batch_size=16, learning_rates=(2e-3, 2e-3, 2e-4), start=He(identity=True), whitening=True
)

ABLATIONS: dict[str, dict[str, Any]] = {
    "start": {},
    "one_size": {"sizes": (1.0,)},
    "no_turns": {"augment": False},
    "constant_rates": {"decay": False},
    "rates_half": {"learning_rates": (5e-4, 5e-4, 5e-5)},
    "rates_double": {"learning_rates": (2e-3, 2e-3, 2e-4)},
    "one_rate": {"learning_rates": (1e-3, 1e-3, 1e-3)},
    "batch_16": {"batch_size": 16},
    "batch_64": {"batch_size": 64},
    "batch_8": {"batch_size": 8},
    "batch_16_rates_double": {"batch_size": 16, "learning_rates": (2e-3, 2e-3, 2e-4)},
    "batch_16_one_rate": {"batch_size": 16, "learning_rates": (1e-3, 1e-3, 1e-3)},
    "identity": {"start": He(identity=True)},
    "whitening": {"whitening": True},
    "identity_whitening": {"start": He(identity=True), "whitening": True},
    "ours": {
        "batch_size": 16,
        "learning_rates": (2e-3, 2e-3, 2e-4),
        "start": He(identity=True),
        "whitening": True,
    },
}


def sr(name: str, architecture: Architecture = BASIC, published: Published | None = None, **changes: Any) -> Recipe:
    """Make the row of a network for super-resolution: `SR_DEFAULTS` but for its architecture and `changes`."""
    first, *_, last = SR_DEFAULTS.schedule.learning_rates
    changes = {"learning_rates": (*[first] * len(architecture.widths), last), **changes}
    return vary(SR_DEFAULTS, name=name, architecture=architecture, published=published, **changes)


def grown(name: str, architecture: Architecture, published: Published | None = None, *, scale: int = 3) -> Recipe:
    """Make the row of a network that starts from `sr_9-1-5`: half as many backprops more, at half the rates."""
    return sr(
        name,
        architecture,
        published,
        scale=scale,
        start=Pretrained(f"sr_{BASIC.name}_x{scale}"),
        epochs=SR_DEFAULTS.schedule.epochs // 2,
        learning_rates=tuple(rate / 2 for rate in SR_DEFAULTS.schedule.learning_rates),
    )


def super_resolution(filters: tuple[int, ...], scale: int, published: Published | None) -> Recipe:
    """Make the row of a network for a scale: 9-1-5 from its own first weights, larger filters from those of 9-1-5."""
    network = Architecture(filters, (64, 32))
    make = sr if network == BASIC else grown
    return make(f"sr_{network.name}_x{scale}", network, published, scale=scale)


def photo(defect: Defect, filters: tuple[int, ...], scale: int) -> Recipe:
    """Make the row of a network for photos with a defect: it starts from the network for clean images."""
    clean = super_resolution(filters, scale, None)
    return vary(
        clean,
        name=f"sr_{defect.name}_{clean.architecture.name}_x{scale}",
        start=Pretrained(clean.name),
        defect=defect,
        epochs=SR_DEFAULTS.schedule.epochs // (2 if isinstance(defect, Jpeg) else 4),
        learning_rates=tuple(rate / 2 for rate in SR_DEFAULTS.schedule.learning_rates),
    )


def table(name: str, *arguments: Any, **changes: Any) -> Recipe:
    """Make a row of one of the paper's tables, trained at x3 for 160,000 backprops."""
    return sr(f"table_{name}", *arguments, epochs=8, count=20_000, **changes)


ROWS = (
    Recipe(
        "paper_9-1-5_x3",
        protocol=PAPER,
        scale=3,
        patches=RandomPatches(40_000),
        start=Gaussian(0.001),
        schedule=Schedule(
            epochs=SR_DEFAULTS.schedule.epochs, batch_size=128, optimizer="sgd", learning_rates=PAPER_STEPS
        ),
        value_range=1.0,
        published=Published(32.39, "paper: 9-1-5 on T91, x3, 8e8 backprops"),
    ),
    *(super_resolution(*row) for row in SUPER_RESOLUTION),
    *(
        sr(f"sr_rgb_9-1-5_x{scale}", RGB, space="rgb", scale=scale, epochs=SR_DEFAULTS.schedule.epochs // 2)
        for scale in (2, 3, 4)
    ),
    *(
        photo(defect, filters, scale)
        for defect in DEFECTS.values()
        for filters in ((9, 1, 5), (9, 5, 5))
        for scale in (2, 3, 4)
    ),
    *(
        vary(
            FIRST_GUESS,
            name=f"choice_{name}",
            epochs=10,
            training_set="T91-rest",
            validation_set="T91-held-out",
            **changes,
        )
        for name, changes in ABLATIONS.items()
    ),
    table("9-1-5", BASIC, Published(32.52, "paper: 9-1-5, 64-32, ImageNet")),
    table("32-16", Architecture((9, 1, 5), (32, 16)), Published(32.26, "paper: 32-16, ImageNet")),
    table("128-64", Architecture((9, 1, 5), (128, 64)), Published(32.60, "paper: 128-64, ImageNet")),
    table("9-3-5", Architecture((9, 3, 5), (64, 32)), Published(32.66, "paper: 9-3-5, ImageNet")),
    grown("table_11-1-7", Architecture((11, 1, 7), (64, 32)), Published(32.57, "paper: 11-1-7, ImageNet")),
    grown("table_9-1-5_further", BASIC, Published(32.52, "paper: 9-1-5, ImageNet")),
    table("9-1-1-5", Architecture((9, 1, 1, 5), (64, 32, 16))),
    table("9-3-1-5", Architecture((9, 3, 1, 5), (64, 32, 16))),
    table("9-3-3-5", Architecture((9, 3, 3, 5), (64, 32, 16))),
    table("half", training_set="T91-half"),
    table("quarter", training_set="T91-quarter"),
    table("ycbcr", RGB, Published(29.25, "paper: YCbCr, T91"), space="ycbcr"),
    table("y_first", RGB, Published(32.19, "paper: Y pre-train, T91"), space="ycbcr", first_channels=(0,)),
    table("cbcr_first", RGB, Published(32.14, "paper: CbCr pre-train, T91"), space="ycbcr", first_channels=(1, 2)),
    table("rgb", RGB, Published(32.33, "paper: RGB, T91"), space="rgb"),
)
