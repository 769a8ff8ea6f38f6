"""The command `srcnn infer`, and `python infer.py`: the article's demonstration, or enlarging with --upscale."""

from __future__ import annotations

import argparse
from pathlib import Path

from paddle_srcnn.apps.demo import demonstrate_file, demonstration_weights
from paddle_srcnn.commands.enlarging import add_enlarging_options, add_network_options, enlarge, factor
from paddle_srcnn.errors import UserError
from paddle_srcnn.protocols import ARTICLE
from paddle_srcnn.reader import find_picture
from paddle_srcnn.system.cli import CommandParser
from paddle_srcnn.system.files import expanded

__all__ = ["main"]

DESCRIPTION = """\
Enlarge pictures: `python infer.py holiday/ --upscale 3`; or, without --upscale, the article's demonstration.

The demonstration blurs a picture as the article's protocol does, restores it, and shows both beside the original.
"""
IMAGE = "pictures, or names of data sets' pictures such as astronaut; with --upscale also folders, 'holiday/*.jpg' etc."
OUT = "folder of the results (default %(default)s); with --upscale also the file of a single one"


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = CommandParser(description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="*", metavar="PATH", help=IMAGE)
    parser.add_argument("--image", default=[], nargs="+", metavar="PATH", help="the same, by an option")
    parser.add_argument("--out", type=expanded, default=Path("runs/infer"), metavar="PATH", help=OUT)
    add_network_options(parser)
    many = parser.add_argument_group("enlarging")
    many.add_argument("--upscale", type=factor, metavar="FACTOR", help="enlarge by 2, 3, 4 or any factor from 1 to 8")
    for_upscale = add_enlarging_options(many)
    arguments = parser.parse_intermixed_args()
    arguments.pictures += arguments.image
    if not arguments.pictures:
        raise UserError("no picture is named: give its path, by itself or after --image (see --help)")
    for action in for_upscale:
        if arguments.upscale is None and getattr(arguments, action.dest) not in (None, False):
            raise UserError(f"{action.option_strings[0]} is for enlarging: give --upscale as well")
    if arguments.upscale is None and len(arguments.pictures) > 1:
        raise UserError(f"{' '.join(arguments.pictures)}: one picture at a time is shown; --upscale takes many")
    return arguments


def show(arguments: argparse.Namespace) -> None:
    """Blur and restore a picture as the article does."""
    print("demonstration of the article: blurs the picture and restores it; to enlarge it, give --upscale 2")
    weights = demonstration_weights(arguments.weights, arguments.model)
    path = find_picture(arguments.pictures[0])
    shown = demonstrate_file(path, arguments.out, weights, device=arguments.device)
    decibels = f"{shown.degraded_db:.2f} dB degraded, {shown.sr_db:.2f} dB restored"
    print(f"{path.name}: {decibels} (PSNR of Y, protocol `{ARTICLE}`)\npictures are in {arguments.out}")


def main() -> None:
    """Run the command."""
    arguments = parse_arguments()
    if arguments.upscale is None:
        show(arguments)
    else:
        enlarge(arguments, arguments.pictures, arguments.upscale)
