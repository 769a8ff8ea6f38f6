"""What a finished run says of itself: the content of ``summary.json``, and the metadata of its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from paddle_srcnn.protocols import ARTICLE, PAPER
from paddle_srcnn.protocols.data import Data
from paddle_srcnn.protocols.metrics import Score
from paddle_srcnn.recipes import Recipe
from paddle_srcnn.training.checkpoints import Checkpoint

COLOURS = {
    (ARTICLE, "y"): "luma, full range (OpenCV's YCrCb)",
    (ARTICLE, "rgb"): "RGB",
    (PAPER, "y"): "luma, 16..235 (MATLAB's rgb2ycbcr)",
    (PAPER, "ycbcr"): "YCbCr, 16..240 (MATLAB's rgb2ycbcr)",
    (PAPER, "rgb"): "RGB",
}


def summarise(recipe: Recipe, data: Data, checkpoint: Checkpoint, *, dead_layer: bool) -> dict[str, Any]:
    """Describe a run at its end.

    Parameters
    ----------
    recipe : Recipe
    data : Data
    checkpoint : Checkpoint
        The last one.
    dead_layer : bool
        See `paddle_srcnn.training.collapse.has_dead_layer`.
    """
    last, parts = checkpoint.curve[-1], checkpoint.parts
    given = data.validation.input_score()
    return {
        "recipe": recipe.name,
        "protocol": recipe.protocol,
        "commit": " then ".join(dict.fromkeys(part["commit"] for part in parts)),
        "seed": recipe.seed,
        "data": data.description,
        "settings": asdict(recipe),
        "colour": COLOURS[recipe.protocol, recipe.space],
        **({"pretrained": checkpoint.identity["pretrained"]} if recipe.pretrained else {}),  # with its checksum
        "epochs": last.epoch,
        "backprops": last.backprops,
        "loss": last.loss,
        "input": figures(data.validation.names, given),
        "final": figures(data.validation.names, last.score),
        "collapse": {"below_input": own_mean_db(last.score) < own_mean_db(given), "dead_layer": dead_layer},
        "seconds": round(checkpoint.seconds, 1),
        "backprops_per_second": round(last.backprops / checkpoint.seconds, 1),
        **{name: parts[-1][name] for name in ("threads", "workers", "place", "versions")},
        **({"parts": parts} if len(parts) > 1 else {}),  # of a run that was stopped: one for each start
    }


def own_mean_db(score: Score) -> float:
    """Mean PSNR, in dB, of the channels that a network restores."""
    return (score.rgb or score).psnr_mean_db


def metadata(summary: dict[str, Any]) -> dict[str, str]:
    """What a run's weights say of themselves."""
    settings, final = summary["settings"], summary["final"]
    return {
        "recipe": summary["recipe"],
        "protocol": summary["protocol"],
        "scale": str(settings["scale"]),
        "colour": summary["colour"],
        "value_range": f"0..{settings['value_range']:g}",
        "backprops": str(summary["backprops"]),
        "trained_on": summary["data"]["train"]["name"],
        "scored_on": summary["data"]["validation"]["name"],
        "psnr_mean_db": f"{final['psnr_mean_db']:.4f}",
        "psnr_pooled_db": f"{final['psnr_pooled_db']:.4f}",
    }


def describe(summary: dict[str, Any]) -> str:
    """Text of what the network was given and what it made of it."""
    lines = []
    for label in ("input", "final"):
        for channels, psnr in (("Y", summary[label]), ("RGB", summary[label].get("rgb"))):
            if psnr:
                lines.append(
                    f"{label}: {psnr['psnr_mean_db']:.2f} dB mean, {psnr['psnr_pooled_db']:.2f} dB pooled "
                    f"(PSNR of {channels} on {summary['data']['validation']['name']}, "
                    f"protocol `{summary['protocol']}`)"
                )
    if summary["collapse"]["dead_layer"]:
        lines.append("collapsed: a layer is dead, so the output is the same whatever the input")
    elif summary["collapse"]["below_input"]:
        lines.append("the output is worse than the input: the run has collapsed, or is too short")
    return "\n".join(lines)


def figures(names: Sequence[str], score: Score) -> dict[str, Any]:
    """Score as JSON holds it, rounded to a ten-thousandth of a dB."""
    content: dict[str, Any] = {
        "psnr_mean_db": round(score.psnr_mean_db, 4),
        "psnr_pooled_db": round(score.psnr_pooled_db, 4),
        "psnr_db": {name: round(value, 4) for name, value in zip(names, score.psnr_db, strict=True)},
    }
    return content | ({"rgb": figures(names, score.rgb)} if score.rgb else {})
