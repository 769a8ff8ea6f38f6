"""Score weights on sets of pictures, in the protocol `article`: PSNR of each picture, their mean, and pooled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import reader
from paddle_srcnn.errors import CommandParser, run_command
from paddle_srcnn.evaluation import load_validation
from paddle_srcnn.files import write_json
from paddle_srcnn.machine import core_count
from paddle_srcnn.protocols import ARTICLE
from paddle_srcnn.provenance import code_commit, package_versions
from paddle_srcnn.summary import figures
from paddle_srcnn.weights import Weights, load_weights, packaged_weights


def evaluate(weights: Weights, name: str) -> dict[str, Any]:
    """Score weights on a set of pictures.

    Parameters
    ----------
    weights : Weights
    name : str
        ``Set5``, ``Set14``, ``T91``, ``samples`` or a folder.

    Returns
    -------
    dict
        Set, protocol, commit and versions; ``input`` and ``final`` as in a run's summary.
    """
    from paddle_srcnn.backend import choose_place  # Paddle takes seconds to import, which --help need not wait for
    from paddle_srcnn.programs import InferenceProgram

    architecture = weights.architecture
    _, dataset = reader.choose_datasets(reader.SAMPLES, name)
    pictures = load_validation(dataset.files, margin=architecture.margin, channels=architecture.channels)
    restore = InferenceProgram(
        architecture, choose_place("cpu"), weights.parameters, value_range=weights.value_range, threads=core_count()
    )
    return {
        "set": dataset.name,
        "protocol": ARTICLE,
        "commit": code_commit(),
        "versions": package_versions(),
        "input": figures(pictures.names, pictures.input_score()),
        "final": figures(pictures.names, pictures.score(restore)),
    }


def table(evaluation: dict[str, Any]) -> str:
    """Text table of an evaluation: a line for each picture, then mean and pooled."""
    rows = [(f"{evaluation['set']}, PSNR in dB", "input", "restored")]
    for channels in ("Y", "RGB"):
        given, restored = (
            evaluation[label] if channels == "Y" else evaluation[label].get("rgb") for label in ("input", "final")
        )
        if given is None:
            continue
        for name, psnr in given["psnr_db"].items():
            rows.append((f"{channels} of {name}", f"{psnr:.2f}", f"{restored['psnr_db'][name]:.2f}"))
        for label in ("mean", "pooled"):
            key = f"psnr_{label}_db"
            rows.append((f"{channels}, {label}", f"{given[key]:.2f}", f"{restored[key]:.2f}"))
    width = max(len(row[0]) for row in rows)
    return "\n".join(f"{name.ljust(width)}  {given:>6}  {restored:>8}" for name, given, restored in rows)


def main() -> None:
    """Run the command."""
    parser = CommandParser(description=__doc__)
    parser.add_argument(
        "--weights",
        required=True,
        metavar="NAME|FILE",
        help=f"a .safetensors file, or one of {', '.join(packaged_weights())}",
    )
    parser.add_argument(
        "--set",
        default="Set5,Set14",
        metavar="SETS",
        help="Set5, Set14, T91, samples or folders, separated by commas (default %(default)s)",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the figures to SET.json in this folder as well")
    arguments = parser.parse_args()
    weights = load_weights(arguments.weights)
    evaluations = [evaluate(weights, name) for name in arguments.set.split(",")]
    print(f"{arguments.weights}, SRCNN {weights.architecture.name}, protocol `{ARTICLE}`")
    print("\n\n".join(map(table, evaluations)))
    for evaluation in evaluations if arguments.out else []:
        write_json(arguments.out / f"{evaluation['set']}.json", evaluation)


if __name__ == "__main__":
    run_command(main)
