"""Colour: networks of three channels on YCbCr and on RGB, and the paper's "pre-training"; its table 5.

"Y first" has the loss of Y alone in the first half of its epochs, "CbCr first" that of Cb and Cr. A network for Y alone
leaves Cb and Cr to bicubic interpolation. The paper's column "RGB" agrees with the PSNR over the stacked YCbCr
channels (bicubic: 34.57 dB); that over true RGB is shown as well.
Trains what is not finished yet in runs/, side by side, 160,000 backprops each on T91 at x3, as `sr_*` is trained; run
again after a stop, it goes on. Prints mean PSNR on Set5, by channel, and draws the curves of Y.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import median

import reader
from lab.compare_recipes import compare_recipes
from lab.paths import read_json
from lab.runs import Run, read_summary
from lab.scoring import colour_means
from lab.tables.scores import formatted
from paddle_srcnn.model.weights import load_weights
from paddle_srcnn.system.cli import run_command
from paddle_srcnn.system.files import write_json

LABELS = {
    "table_9-1-5": "Y only",
    "table_rgb": "RGB",
    "table_y_first": "Y first",
    "table_cbcr_first": "CbCr first",
    "table_ycbcr": "YCbCr at once",
}
SCALE = 3
CHANNELS = ("Y", "Cb", "Cr", "YCbCr", "RGB")
# Dong et al. 2016, table 5: 9-1-5, x3, T91, mean PSNR on Set5 in dB. Its last column is called RGB there.
PUBLISHED = {
    "bicubic": (30.39, 45.44, 45.42, 34.57),
    "Y only": (32.39, 45.44, 45.42, 36.37),
    "YCbCr at once": (29.25, 43.30, 43.49, 33.47),
    "Y first": (32.19, 46.49, 46.45, 36.32),
    "CbCr first": (32.14, 46.38, 45.84, 36.25),
    "RGB": (32.33, 46.18, 46.20, 36.44),
}


def main() -> None:
    """Run the command."""
    groups, out = compare_recipes("paper_colour", {"colour": LABELS}, "SRCNN 9-1-5 by colours", __doc__, seeds=3)
    quick = read_summary(groups["RGB"][0])["data"]["validation"]["name"] != "Set5"
    rows = channel_rows(groups, str(reader.find_picture("coffee")) if quick else "Set5")
    print(formatted(rows, "text"))
    write_json(out / "channels.json", {"rows": rows})


def channel_rows(groups: Mapping[str, list[Path]], test_set: str) -> list[dict[str, str | float | None]]:
    """Rows of a network's, and bicubic's, PSNR by channel: the median of its seeds, and the published figure."""
    scores = {"bicubic": [colour_means(None, test_set, SCALE)]}
    for recipe, label in LABELS.items():
        scores[label] = [run_channels(Run(recipe, seed), out, test_set) for seed, out in enumerate(groups[label])]
    rows = []
    for label, seeds in scores.items():
        row: dict[str, str | float | None] = {"network": label, "seeds": str(len(seeds))}
        for place, channel in enumerate(CHANNELS):
            row[channel] = median(seed[channel] for seed in seeds)
            if channel != "RGB":
                row[f"{channel}_published"] = PUBLISHED[label][place]
        rows.append(row)
    return rows


def run_channels(run: Run, out: Path, test_set: str) -> dict[str, float]:
    """PSNRs of a run by channel, which its committed results hold, and its weights give."""
    if out == run.results:
        return read_json(out / "Set5.json")["channels"]["srcnn"]
    return colour_means(load_weights(out / "weights.safetensors"), test_set, SCALE)


if __name__ == "__main__":
    run_command(main)
