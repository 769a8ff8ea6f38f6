"""Gain of the baseline's weights on blurred and on downscaled images: the task that the article's protocol measures."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from paddle_srcnn.commands.scoring import dataset_of, valid_restorer
from paddle_srcnn.model.weights import load_weights
from paddle_srcnn.protocols import article
from paddle_srcnn.protocols.validation import load_deblurring

__all__ = ["WEIGHTS", "figure", "measure"]

WEIGHTS = "baseline"
SCALES = (2, 3, 4)


def rescaled(hr: np.ndarray, scale: int) -> np.ndarray:
    """Downscale channels by a factor and upscale them again by Pillow's bicubic, which is anti-aliased (a = -0.5).

    Parameters
    ----------
    hr : (C, H, W) array of uint8

    Returns
    -------
    (C, H, W) array of float32
    """
    height, width = hr.shape[1:]
    small = (max(width // scale, 1), max(height // scale, 1))

    def there_and_back(channel: np.ndarray) -> np.ndarray:
        reduced = Image.fromarray(channel.astype(np.float32)).resize(small, Image.Resampling.BICUBIC)
        return np.asarray(reduced.resize((width, height), Image.Resampling.BICUBIC))

    return np.stack([there_and_back(channel) for channel in hr])


def measure(sets: list[str]) -> list[dict[str, Any]]:
    """Score the weights on each kind of input of each set.

    Returns
    -------
    list of dict
        Rows with mean PSNR of Y in dB, given and restored.
    """
    weights = load_weights(WEIGHTS)
    restore = valid_restorer(weights)
    kinds = {"blurred, as in training": article.degrade}
    kinds |= {f"reduced by {scale}": partial(rescaled, scale=scale) for scale in SCALES}
    rows = []
    for name in sets:
        files = dataset_of(name).files
        for kind, degrade in kinds.items():
            images = load_deblurring(files, margin=weights.architecture.margin, degrade=degrade)
            given, restored = images.input_score().psnr_mean_db, images.score(restore).psnr_mean_db
            rows.append({"set": name, "input": kind, "given_db": round(given, 4), "restored_db": round(restored, 4)})
    return rows


def figure(rows: list[dict[str, Any]]) -> Figure:
    """Draw the gain of the restoration over its input, for each kind of input."""
    sets = list(dict.fromkeys(row["set"] for row in rows))
    drawn = Figure(figsize=(8, 4), layout="constrained")
    axes = drawn.add_subplot()
    width = 0.8 / len(sets)
    for number, (name, colour, hatch) in enumerate(zip(sets, ("#0072b2", "#e69f00"), ("", "//"), strict=False)):
        gains = [row["restored_db"] - row["given_db"] for row in rows if row["set"] == name]
        positions = np.arange(len(gains)) + (number - (len(sets) - 1) / 2) * width
        bars = axes.bar(positions, gains, width, label=name, color=colour, hatch=hatch, edgecolor="white")
        axes.bar_label(bars, fmt="%+.2f", fontsize=9, padding=2)
    kinds = list(dict.fromkeys(row["input"] for row in rows))
    axes.set_xticks(range(len(kinds)), kinds)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.margins(y=0.12)
    axes.set_ylabel("gain over the input, dB")
    axes.set_title(
        "What the baseline's weights make of blurred and of reduced pictures\n"
        "gain in mean PSNR of Y, scored as in protocol `article`",
        fontsize=11,
        loc="left",
    )
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.legend(frameon=False)
    return drawn
