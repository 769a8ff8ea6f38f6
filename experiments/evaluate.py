"""Score weights on sets of pictures, in the protocol that they were trained for: `paper` or `article`.

`paper` is super-resolution by --scale: PSNR in dB and SSIM of MATLAB's luma, rounded and without `scale` pixels on each
side, for bicubic interpolation and for the network. It is scored only where our bicubic has the published figures.
`article` is the blur that the article's pipeline undoes: PSNR in dB of Y, on the part that the network keeps.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from lab.scoring import SCALES, dataset_of, super_resolution_rows
from lab.tables.scores import FORMATS, formatted
from paddle_srcnn.errors import UserError
from paddle_srcnn.model.weights import Weights, load_weights, packaged_weights
from paddle_srcnn.protocols import ARTICLE, PAPER
from paddle_srcnn.protocols.validation import load_validation
from paddle_srcnn.system.cli import CommandParser, run_command
from paddle_srcnn.system.environment import code_commit, package_versions
from paddle_srcnn.system.files import expanded, write_text
from paddle_srcnn.training.summary import figures


def evaluate(weights: Weights, name: str, *, commit: str) -> dict[str, Any]:
    """Score weights on a set in the protocol `article`.

    Parameters
    ----------
    weights : Weights
    name : str
        ``Set5``, ``Set14``, ``T91``, ``samples`` or a folder.
    commit : str
        Of this code, to be told with the scores.

    Returns
    -------
    dict
        Set, protocol, commit and versions; ``input`` and ``final`` as in a run's summary.
    """
    from paddle_srcnn.static.backend import (
        choose_device,  # Paddle takes seconds to import, which --help need not wait for
    )
    from paddle_srcnn.static.inference_program import restorer

    architecture = weights.architecture
    dataset = dataset_of(name)
    pictures = load_validation(dataset.files, margin=architecture.margin, channels=architecture.channels)
    restore = restorer(weights, choose_device("cpu"))
    return {
        "set": dataset.name,
        "protocol": ARTICLE,
        "commit": commit,
        "versions": package_versions(),
        "input": figures(pictures.names, pictures.input_score()),
        "final": figures(pictures.names, pictures.score(restore)),
    }


def article_rows(evaluation: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of a table: each picture, then mean and pooled; of Y, and of RGB where a network restores it."""
    rows = []
    for channels in ("Y", "RGB"):
        parts = [evaluation[part] if channels == "Y" else evaluation[part].get("rgb") for part in ("input", "final")]
        if None in parts:
            continue
        names = {name: [part["psnr_db"][name] for part in parts] for name in parts[0]["psnr_db"]}
        names |= {f"({pooling})": [part[f"psnr_{pooling}_db"] for part in parts] for pooling in ("mean", "pooled")}
        for name, (given, restored) in names.items():
            rows.append(
                {
                    "set": evaluation["set"],
                    "picture": name,
                    "channels": channels,
                    "input_psnr_db": given,
                    "srcnn_psnr_db": restored,
                }
            )
    return rows


def parse_arguments() -> argparse.Namespace:
    """Options of the command line."""
    parser = CommandParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--weights",
        required=True,
        metavar="NAME|FILE",
        help=f"a .safetensors file, a .mat file in the authors' layout, or one of {', '.join(packaged_weights())}",
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
    """Scale to score at: what was asked for, with a warning if the weights are for another, or the weights' own."""
    own = weights.metadata.get("scale")
    if asked is None:
        if own is None:
            raise UserError(f"{name} does not say which scale it is for: give --scale")
        if own not in map(str, SCALES):
            raise UserError(f"{name} says that it is for scale {own!r}, which is none: give --scale")
        return int(own)
    if own is not None and str(asked) != own:
        print(f"warning: {name} was trained for x{own}, not x{asked}", file=sys.stderr)
    return asked


def main() -> None:
    """Run the command."""
    arguments = parse_arguments()
    weights = load_weights(arguments.weights)
    protocol = weights.metadata.get("protocol", PAPER)
    if arguments.out and os.path.realpath(arguments.out) == os.path.realpath(arguments.weights):
        raise UserError(f"--out {arguments.out} is the file of the weights: name another")
    if weights.architecture.channels not in (1, 3):
        raise UserError(f"{arguments.weights} has {weights.architecture.channels} channels, which no picture has")
    names = arguments.set.split(",")
    if protocol == ARTICLE and arguments.scale:
        raise UserError(f"--scale: {arguments.weights} was trained to undo a blur (protocol `{ARTICLE}`): leave it out")
    if protocol == ARTICLE:
        commit = code_commit()
        rows = [row for name in names for row in article_rows(evaluate(weights, name, commit=commit))]
    else:
        scale = chosen_scale(arguments.scale, weights, arguments.weights)
        rows = [row for name in names for row in super_resolution_rows(weights, name, scale)]
    print(f"{arguments.weights}, SRCNN {weights.architecture.name}, protocol `{protocol}`", file=sys.stderr)
    table = formatted(rows, arguments.format)
    if arguments.out:
        write_text(arguments.out, f"{table}\n")
    else:
        print(table)


if __name__ == "__main__":
    run_command(main)
