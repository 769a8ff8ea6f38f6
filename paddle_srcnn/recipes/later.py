"""Recipes of networks that came after SRCNN, in the protocol `paper`, and the ablations behind them."""

from __future__ import annotations

from typing import Any

from paddle_srcnn.model.espcn import Espcn
from paddle_srcnn.protocols import PAPER
from paddle_srcnn.recipes.recipe import He, RandomPatches, Recipe, Schedule, vary

__all__ = ["ESPCN_ABLATIONS", "ROWS"]

# The ablations change this recipe, one part at a time: as SRCNN's, with ESPCN's patches of 17x17 small pixels.
FIRST_GUESS = Recipe(
    "espcn_x3",
    Espcn(3),
    protocol=PAPER,
    scale=3,
    patches=RandomPatches(40_000, augment=True, sizes=(1.0, 0.9, 0.8, 0.7, 0.6), patch=17),
    start=He(),
    schedule=Schedule(epochs=30, batch_size=16, learning_rates=(1e-3, 1e-3, 1e-4), decay=True),
    value_range=1.0,
)

ESPCN_ABLATIONS: dict[str, dict[str, Any]] = {
    "start": {},
    "relu": {"architecture": Espcn(3, "relu")},
    "bicubic": {"start": He(identity=True)},
    "whitening": {"whitening": True},
    "bicubic_whitening": {"start": He(identity=True), "whitening": True},
    "relu_bicubic_whitening": {
        "architecture": Espcn(3, "relu"),
        "start": He(identity=True),
        "whitening": True,
    },
    "rates_published": {"learning_rates": (1e-2, 1e-2, 1e-3)},
    "rates_double": {"learning_rates": (2e-3, 2e-3, 2e-4)},
    "one_rate": {"learning_rates": (1e-3, 1e-3, 1e-3)},
}

ROWS = (
    *(
        vary(
            FIRST_GUESS,
            name=f"choice_espcn_{name}",
            epochs=5,
            training_set="T91-rest",
            validation_set="T91-held-out",
            **changes,
        )
        for name, changes in ESPCN_ABLATIONS.items()
    ),
)
