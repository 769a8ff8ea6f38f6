"""Blurred and downscaled images: a network trained in the article's protocol removes its blur, and does not upscale.

The script scores the baseline's weights on blurred inputs, as in the protocol. It also scores them on downscaled
inputs, as in super-resolution. Pillow's anti-aliased bicubic downscales the images by 2, 3 and 4, and upscales them
again. All scores are of Y on the part that the network keeps, neither clipped nor rounded. The script trains nothing.
"""

from __future__ import annotations

from lab.deblurring import WEIGHTS, figure, measure
from lab.runs import experiment_arguments, results_folder
from paddle_srcnn import reader
from paddle_srcnn.reporting.curve_plots import save_figure
from paddle_srcnn.system.cli import run_command
from paddle_srcnn.system.environment import code_commit, package_versions
from paddle_srcnn.system.files import write_json


def main() -> None:
    """Run the command."""
    arguments = experiment_arguments(__doc__)
    rows = measure([reader.SAMPLES] if arguments.quick else ["Set5", "Set14"])
    for row in rows:
        gain = row["restored_db"] - row["given_db"]
        print(
            f"{row['set']}, {row['input']}: {row['given_db']:.2f} dB given, {row['restored_db']:.2f} dB restored "
            f"({gain:+.2f})"
        )
    out = results_folder("deblurring", arguments)
    provenance = {"weights": WEIGHTS, "commit": code_commit(), "versions": package_versions()}
    write_json(out / "table.json", {**provenance, "rows": rows})
    save_figure(figure(rows), out / "gains.png")
    print(f"table and figure are in {out}")


if __name__ == "__main__":
    run_command(main)
