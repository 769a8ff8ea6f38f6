"""`python -m paddle_srcnn convert FILE.mat FILE.safetensors`: the authors' weights in this project's format."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from paddle_srcnn.errors import CommandParser, UserError, positive, run_command
from paddle_srcnn.matlab import load_matlab_weights
from paddle_srcnn.weights import save_weights


def main() -> None:
    """Run the command."""
    parser = CommandParser(prog="python -m paddle_srcnn", description="Work with weights.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    convert = commands.add_parser("convert", help="take over the authors' weights from a MATLAB file")
    convert.add_argument("source", type=Path, metavar="FILE.mat")
    convert.add_argument("target", type=Path, metavar="FILE.safetensors")
    convert.add_argument("--scale", type=positive, metavar="N", help="scale that they are for, to be kept with them")
    arguments = parser.parse_args()
    if arguments.target.suffix != ".safetensors":
        raise UserError(f"{arguments.target}: give the file the suffix .safetensors")
    weights = load_matlab_weights(arguments.source)
    if arguments.scale:
        weights = replace(weights, metadata={**weights.metadata, "scale": str(arguments.scale)})
    save_weights(arguments.target, weights)
    print(f"SRCNN {weights.architecture.name} in {arguments.target}")


if __name__ == "__main__":
    run_command(main)
