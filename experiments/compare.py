"""Overlay curves: a table and a figure of PSNR against backprops.

Each argument names a curve: a recipe, the folder of a run, or a CSV file. A recipe's curve is the published one in
experiments/results/NAME, else the one in runs/NAME. The summary.json beside the curve names protocol and validation
set. The command refuses curves of different protocols.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

from lab.overlay import default_reach, described, levels, load_curves, shown_series, table
from paddle_srcnn.errors import UserError
from paddle_srcnn.reporting.curve_plots import save_figure
from paddle_srcnn.reporting.curves import POOLINGS
from paddle_srcnn.reporting.overlay_plots import overlay_figure
from paddle_srcnn.system.cli import CommandParser, run_command
from paddle_srcnn.system.files import expanded


def psnr_db(text: str) -> float:
    """Parse a PSNR in dB."""
    if not math.isfinite(number := float(text)):
        raise argparse.ArgumentTypeError(f"{text} is not finite")
    return number


psnr_db.__name__ = "number of dB"  # argparse names the type so in its messages


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = CommandParser(description=__doc__)
    parser.add_argument("curves", nargs="+", metavar="CURVE", help="recipe, folder of a run, or CSV file")
    parser.add_argument("--pooling", choices=POOLINGS, default="mean", help="which PSNR (default %(default)s)")
    parser.add_argument(
        "--reach",
        nargs="+",
        type=psnr_db,
        metavar="DB",
        help="levels that the table counts backprops to (default: the three highest whole dB that any curve reaches)",
    )
    parser.add_argument("--log", action="store_true", help="logarithmic axis of backprops")
    parser.add_argument(
        "--out",
        type=expanded,
        default=Path("runs/compare.png"),
        metavar="FILE",
        help="figure, .png, .svg or .pdf (default %(default)s)",
    )
    arguments = parser.parse_args()
    if arguments.out.suffix.lower() not in (".png", ".svg", ".pdf"):
        raise UserError(f"--out {arguments.out}: give the file a suffix .png, .svg or .pdf")
    return arguments


def main() -> None:
    """Run the command."""
    arguments = parse_arguments()
    curves = load_curves(arguments.curves, arguments.pooling)
    for curve in curves:
        if arguments.log and curve.series[-1][0] == 0:
            raise UserError(f"--log: {curve.label} has no evaluation after 0 backprops; leave the option out")
    shown = shown_series(curves)
    heading = f"{POOLINGS[arguments.pooling]}, {described(curves)}"
    print(heading)
    print(table(shown, arguments.reach or default_reach(curves)))
    save_figure(overlay_figure(shown, heading, levels(curves), log=arguments.log), arguments.out)
    print(f"figure in {arguments.out}")


if __name__ == "__main__":
    run_command(main)
