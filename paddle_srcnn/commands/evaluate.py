"""The command `srcnn evaluate`, and `python experiments/evaluate.py`: score weights on sets of images."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from paddle_srcnn.commands.scoring import SCALES, article_rows, article_scores, super_resolution_rows
from paddle_srcnn.errors import UserError
from paddle_srcnn.model.weights import Weights, load_weights, packaged_weights
from paddle_srcnn.protocols import ARTICLE, PAPER
from paddle_srcnn.reporting.score_tables import FORMATS, formatted
from paddle_srcnn.sparse.files import is_sparse_model, load_model, packaged_models
from paddle_srcnn.system.cli import CommandParser, option
from paddle_srcnn.system.environment import code_commit
from paddle_srcnn.system.files import expanded, write_text

__all__ = ["main"]

DESCRIPTION = """\
Score weights on sets of images, in the protocol that they were trained for: `paper` or `article`.

`paper` is super-resolution by --scale. Its scores are PSNR in dB and SSIM, for bicubic interpolation and for the
network or the sparse coding. They cover MATLAB's luma, rounded and without `scale` pixels at each border. If our
bicubic does not have the published figure, the command refuses the set. `article` is the article's removal of a blur:
PSNR in dB of Y, on the part that the network keeps.
"""


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = CommandParser(description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--weights",
        required=True,
        metavar="NAME|FILE",
        help="a .safetensors file, a .mat file in the authors' layout, or one of "
        + ", ".join([*packaged_weights(), *packaged_models()]),
    )
    parser.add_argument(
        "--set",
        default="Set5,Set14",
        metavar="SETS",
        help="Set5, Set14, T91, samples or folders, separated by commas (default %(default)s)",
    )
    parser.add_argument("--scale", type=int, choices=SCALES, help="of protocol `paper` (default: the weights' own)")
    parser.add_argument("--format", choices=FORMATS, default="text", help="of the table (default %(default)s)")
    parser.add_argument(
        "--out", type=expanded, metavar="FILE", help="write the table to this file, not to the terminal"
    )
    return parser.parse_args()


def chosen_scale(asked: int | None, weights: Weights, name: str) -> int:
    """Choose the scale to score at: the option, with a warning if the weights are for another, or the weights' own.

    Raises
    ------
    UserError
        If neither names one, or the network itself upscales by another.
    """
    own, factor = weights.metadata.get("scale"), weights.architecture.factor
    if asked is not None and factor not in (1, asked):
        raise UserError(f"--scale {asked}: {name} itself upscales by {factor}: leave it out")
    if asked is None:
        if own is None:
            raise UserError(f"{name} does not say which scale it is for: give --scale")
        if own not in map(str, SCALES):
            raise UserError(f"{name} says that it is for scale {own!r}, which is not supported: give --scale")
        return int(own)
    if own is not None and str(asked) != own:
        print(f"warning: {name} was trained for x{own}, not x{asked}", file=sys.stderr)
    return asked


def set_names(text: str) -> list[str]:
    """Split names at commas, except those within the name of a file or folder that exists."""
    pieces, names = text.split(","), []
    while pieces:
        lengths = range(len(pieces), 1, -1)
        length = next((n for n in lengths if os.path.exists(expanded(",".join(pieces[:n])))), 1)  # noqa: PTH110
        names.append(",".join(pieces[:length]))
        pieces = pieces[length:]
    return names


def main() -> None:
    """Run the command."""
    arguments = parse_arguments()
    if is_sparse_model(arguments.weights):
        score_sparse_model(arguments)
        return
    with option("--weights"):
        weights = load_weights(arguments.weights)
    protocol = weights.metadata.get("protocol", PAPER.name)
    check_out(arguments)
    if weights.architecture.channels not in (1, 3):
        raise UserError(f"{arguments.weights} has {weights.architecture.channels} channels, which no image has")
    names = set_names(arguments.set)
    if protocol == ARTICLE.name and arguments.scale:
        raise UserError(
            f"--scale: {arguments.weights} was trained to remove a blur (protocol `{ARTICLE}`): leave it out"
        )
    if protocol == ARTICLE.name:
        commit = code_commit()
        with option("--set"):
            rows = [row for name in names for row in article_rows(article_scores(weights, name, commit=commit))]
    else:
        scale = chosen_scale(arguments.scale, weights, arguments.weights)
        with option("--set"):
            rows = [row for name in names for row in super_resolution_rows(weights, name, scale)]
    print(f"{arguments.weights}, {weights.architecture.title}, protocol `{protocol}`", file=sys.stderr)
    show(rows, arguments)


def score_sparse_model(arguments: argparse.Namespace) -> None:
    """Score a model of sparse coding at the scale that it was trained for."""
    with option("--weights"):
        model = load_model(arguments.weights)
    if arguments.scale not in (None, model.scale):
        raise UserError(f"--scale {arguments.scale}: {arguments.weights} is for x{model.scale} alone: leave it out")
    check_out(arguments)
    with option("--set"):
        rows = [row for name in set_names(arguments.set) for row in super_resolution_rows(model, name, model.scale)]
    print(f"{arguments.weights}, {model.title}, protocol `{PAPER}`", file=sys.stderr)
    show(rows, arguments)


def check_out(arguments: argparse.Namespace) -> None:
    """Refuse to write the table over the weights."""
    if arguments.out and os.path.realpath(arguments.out) == os.path.realpath(arguments.weights):
        raise UserError(f"--out {arguments.out} is the file of the weights: name another")


def show(rows: Sequence[Mapping[str, Any]], arguments: argparse.Namespace) -> None:
    """Write the table to the file of --out, or to the terminal."""
    table = formatted(rows, arguments.format)
    if arguments.out:
        write_text(arguments.out, f"{table}\n")
    else:
        print(table)
