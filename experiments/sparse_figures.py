"""Draw the figures of docs/sparse-coding.md: one patch of a photograph through sparse coding and through SRCNN.

The photograph comes with scikit-image. Needs scikit-learn: pip install 'paddle-srcnn[sparse]'.
"""

from __future__ import annotations

import argparse

from lab.both_pipelines import network_of, patterns_of, scene, sparse_coding_of
from lab.paths import ROOT
from lab.sparse_figures import atoms_figure, code_figure, overlap_figure, reconstruction_figure
from paddle_srcnn.errors import UserError
from paddle_srcnn.model.weights import load_weights
from paddle_srcnn.reporting.curve_plots import save_figure
from paddle_srcnn.sparse.files import load_model
from paddle_srcnn.sparse.l1 import Dictionaries
from paddle_srcnn.system.cli import CommandParser, run_command
from paddle_srcnn.system.files import expanded

SCALE = 3


def main() -> None:
    """Run the command."""
    parser = CommandParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--model", default=f"sparse_l1_x{SCALE}", metavar="NAME|FILE", help="of the method l1 (default %(default)s)"
    )
    parser.add_argument(
        "--out",
        type=expanded,
        default=ROOT / "docs" / "sparse-coding",
        metavar="DIR",
        help="default docs/sparse-coding",
    )
    arguments = parser.parse_args()
    dictionaries, weights = load_model(arguments.model).model, load_weights(f"sr_9-1-5_x{SCALE}")
    if not isinstance(dictionaries, Dictionaries) or dictionaries.scale != SCALE:
        raise UserError(f"{arguments.model} is not of the method l1 at x{SCALE}: give another", about="model")
    view = scene(SCALE)
    sparse, network = sparse_coding_of(view, dictionaries), network_of(view, weights)
    patterns = patterns_of(view, weights.parameters["conv1.weight"][:, 0])
    figures = {
        "atoms": atoms_figure(dictionaries, sparse.codes, patterns, network.last),
        "code": code_figure(view, sparse, network),
        "reconstruction": reconstruction_figure(view, sparse, network),
        "overlaps": overlap_figure(view, sparse, network),
    }
    for name, figure in figures.items():
        save_figure(figure, arguments.out / f"{name}.png")
    print(f"{len(figures)} figures in {arguments.out}")


if __name__ == "__main__":
    run_command(main)
