"""Recipes of networks that came after SRCNN, in the protocol `paper`, and the ablations behind them."""

from __future__ import annotations

from typing import Any

from paddle_srcnn.model.drcn import Drcn
from paddle_srcnn.model.espcn import Espcn
from paddle_srcnn.protocols import PAPER
from paddle_srcnn.recipes.recipe import He, Published, RandomPatches, Recipe, Schedule, vary

__all__ = ["ESPCN_ABLATIONS", "ROWS"]

# The ablations change this recipe, one part at a time: as SRCNN's, with ESPCN's patches of 17x17 small pixels.
FIRST_GUESS = Recipe(
    "espcn_x3",
    Espcn(3),
    protocol=PAPER,
    scale=3,
    patches=RandomPatches(40_000, augment=True, sizes=(1.0, 0.9, 0.8, 0.7, 0.6), patch=17),
    start=He(),
    schedule=Schedule(epochs=20, batch_size=16, learning_rates=(1e-3, 1e-3, 1e-4), decay=True),
    value_range=1.0,
)

ESPCN_ABLATIONS: dict[str, dict[str, Any]] = {
    "start": {},
    "identity": {"start": He(identity=True)},
    "identity_whitening": {"start": He(identity=True), "whitening": True},
    "relu": {"start": He(identity=True), "whitening": True, "architecture": Espcn(3, "relu")},
}

# The best of the ablations on held-out images of T91. The paper has tanh.
ESPCN_DEFAULTS = vary(FIRST_GUESS, **ESPCN_ABLATIONS["relu"])

# 64 filters and 9 recursions are what two cores train in about six hours; the paper has 256 and 16.
DRCN = Recipe(
    "drcn_x3",
    Drcn(64, 9),
    protocol=PAPER,
    scale=3,
    patches=RandomPatches(40_000, augment=True, sizes=(1.0, 0.9, 0.8, 0.7, 0.6), patch=41),
    start=He(identity=True),
    schedule=Schedule(epochs=30, batch_size=16, learning_rates=(1e-3,) * 6, decay=True, supervised=0.5),
    whitening=True,
    value_range=1.0,
    published=Published(33.82, "paper: DRCN 256x16, x3, T91"),
)

ROWS = (
    DRCN,
    *(
        vary(
            ESPCN_DEFAULTS,
            name=f"espcn_x{scale}",
            architecture=Espcn(scale, "relu"),
            scale=scale,
            published=Published(32.55, "paper: ESPCN, tanh, x3, T91") if scale == 3 else None,
        )
        for scale in (2, 3, 4)
    ),
    vary(ESPCN_DEFAULTS, name="espcn_tanh_x3", architecture=Espcn(3)),
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
