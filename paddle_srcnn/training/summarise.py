"""The summary of a run, from its recipe, its data and its last checkpoint."""

from __future__ import annotations

import json

from paddle_srcnn.protocols.data import Data
from paddle_srcnn.protocols.metrics import Score
from paddle_srcnn.recipes import Recipe
from paddle_srcnn.reporting.summary import Collapse, Figures, Summary
from paddle_srcnn.training.checkpoints import Checkpoint

__all__ = ["own_mean_db", "summarise"]


def summarise(recipe: Recipe, data: Data, run: Checkpoint, *, dead_layer: bool) -> Summary:
    """Describe a run at its end.

    Parameters
    ----------
    recipe : Recipe
    data : Data
    run : Checkpoint
        The last one.
    dead_layer : bool
        Result of `paddle_srcnn.training.collapse.has_dead_layer`.
    """
    last, parts, names = run.curve[-1], run.parts, data.validation.names
    given = data.validation.input_score()
    return Summary(
        recipe=recipe.name,
        protocol=recipe.protocol.name,
        commit=" then ".join(dict.fromkeys(part["commit"] for part in parts)),
        seed=recipe.seed,
        data=data.description,
        settings=json.loads(json.dumps(recipe.settings())),
        colour=recipe.protocol.colours[recipe.space],
        pretrained=run.identity["pretrained"],  # with the checksum of the weights
        epochs=last.epoch,
        backprops=last.backprops,
        loss=last.loss,
        input=Figures.of(names, given),
        final=Figures.of(names, last.score),
        collapse=Collapse(below_input=own_mean_db(last.score) < own_mean_db(given), dead_layer=dead_layer),
        seconds=round(run.seconds, 1),
        backprops_per_second=round(last.backprops / run.seconds, 1),
        threads=parts[-1]["threads"],
        workers=parts[-1]["workers"],
        place=parts[-1]["place"],
        versions=parts[-1]["versions"],
        parts=list(parts) if len(parts) > 1 else None,  # of a run that was stopped: one for each start
    )


def own_mean_db(score: Score) -> float:
    """Return the mean PSNR, in dB, of the channels that a network restores."""
    return (score.rgb or score).psnr_mean_db
