"""Colour: networks of three channels on YCbCr and on RGB, and the paper's "pre-training"; its table 5.

"Y first" has the loss of Y alone in the first half of its epochs, "CbCr first" the loss of Cb and Cr. A network for Y
alone leaves Cb and Cr to bicubic interpolation. The paper's column "RGB" agrees with the PSNR over the stacked YCbCr
channels (bicubic: 34.57 dB). The table also has the PSNR over true RGB.
The script trains 160,000 backprops of each on T91 at x3 in runs/, side by side. It skips finished runs. After a stop,
the same command continues. It prints mean PSNR on Set5, by channel, and draws the curves of Y.
"""

from __future__ import annotations

from lab.catalogue import EXPERIMENTS
from lab.colour import channel_rows
from lab.compare_recipes import compare_recipes
from lab.paths import read_summary
from paddle_srcnn import reader
from paddle_srcnn.reporting.score_tables import formatted
from paddle_srcnn.system.cli import run_command
from paddle_srcnn.system.files import write_json


def main() -> None:
    """Run the command."""
    groups, out = compare_recipes(EXPERIMENTS["paper_colour"], __doc__)
    quick = read_summary(groups["RGB"][0]).validation_set != "Set5"
    rows = channel_rows(groups, str(reader.find_picture("coffee")) if quick else "Set5")
    print(formatted(rows, "text"))
    write_json(out / "channels.json", {"rows": rows})


if __name__ == "__main__":
    run_command(main)
