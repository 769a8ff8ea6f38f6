"""The commands `srcnn convert` and `srcnn export`, and `python -m paddle_srcnn`, which has both."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace
from pathlib import Path

from paddle_srcnn.deploy.export import FORMATS, export
from paddle_srcnn.errors import UserError
from paddle_srcnn.model.weights import load_matlab_weights, load_weights, packaged_weights, save_weights
from paddle_srcnn.system.cli import CommandParser, positive
from paddle_srcnn.system.files import expanded

__all__ = ["convert_command", "export_command", "main"]


def main() -> None:
    """Run ``python -m paddle_srcnn``."""
    parser = CommandParser(prog="python -m paddle_srcnn", description="Convert and export weights.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    convert = commands.add_parser("convert", help="convert the authors' weights from a MATLAB file")
    add_convert_options(convert)
    convert.set_defaults(run=run_convert)
    exporter = commands.add_parser("export", help="write a network for use without this package")
    add_export_options(exporter)
    exporter.set_defaults(run=run_export)
    arguments = parser.parse_args()
    arguments.run(arguments)


def convert_command() -> None:
    """Run ``srcnn convert``."""
    parser = CommandParser(description="Convert the authors' weights from a MATLAB file.")
    add_convert_options(parser)
    run_convert(parser.parse_args())


def export_command() -> None:
    """Run ``srcnn export``."""
    parser = CommandParser(description="Write a network for use without this package.")
    add_export_options(parser)
    run_export(parser.parse_args())


def add_convert_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of a conversion."""
    parser.add_argument("source", type=Path, metavar="FILE.mat")
    parser.add_argument("target", type=Path, metavar="FILE.safetensors")
    parser.add_argument("--scale", type=positive, metavar="N", help="scale of the weights, to be stored with them")


def add_export_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of an export."""
    names = f"a .safetensors or .mat file, or one of {', '.join(packaged_weights())}"
    parser.add_argument("weights", metavar="NAME|FILE", help=names)
    parser.add_argument("--to", required=True, choices=FORMATS, help="format")
    parser.add_argument("--out", required=True, type=expanded, metavar="DIR", help="folder of the files")


def run_convert(arguments: argparse.Namespace) -> None:
    """Write the weights of a MATLAB file as safetensors."""
    if arguments.target.suffix != ".safetensors":
        raise UserError(f"{arguments.target}: give the file the suffix .safetensors")
    if os.path.lexists(arguments.target):
        raise UserError(f"{arguments.target} exists already: move it away, or give another name")
    weights = load_matlab_weights(arguments.source)
    if arguments.scale:
        weights = replace(weights, metadata={**weights.metadata, "scale": str(arguments.scale)})
    save_weights(arguments.target, weights)
    print(f"{weights.architecture.title} in {arguments.target}")


def run_export(arguments: argparse.Namespace) -> None:
    """Write a network in another format, under the name of its weights."""
    weights = load_weights(arguments.weights)
    source = Path(arguments.weights)
    name = source.stem if source.suffix.lower() in (".safetensors", ".mat") else source.name
    file, difference = export(weights, arguments.to, arguments.out / name)
    if difference is None:
        print(f"{file}: not checked, because ONNX Runtime is not installed")
    else:
        print(f"{file}: outputs differ from this package's by at most {difference:.1e} on 0..1")
