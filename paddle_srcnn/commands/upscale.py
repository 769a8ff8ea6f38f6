"""The command `srcnn upscale`: enlarge pictures and folders of pictures."""

from __future__ import annotations

import argparse
from pathlib import Path

from paddle_srcnn.commands.enlarging import add_enlarging_options, add_network_options, enlarge, factor
from paddle_srcnn.errors import UserError
from paddle_srcnn.system.cli import CommandParser
from paddle_srcnn.system.files import expanded

__all__ = ["main"]

DESCRIPTION = """\
Enlarge pictures: `srcnn upscale photo.jpg`, `srcnn upscale holiday --scale 3`.

The results go to the folder `enlarged` of the working folder, under the pictures' names and the factor: photo_x2.jpg.
Nothing that exists is replaced unless --overwrite says so.
"""
PATHS = "pictures, folders, patterns such as 'holiday/*.jpg', or names of data sets' pictures such as astronaut"


def main() -> None:
    """Run the command."""
    parser = CommandParser(description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", metavar="PATH", help=PATHS)
    parser.add_argument(
        "--scale", type=factor, default=2.0, metavar="FACTOR", help="2, 3, 4 or any factor from 1 to 8 (default 2)"
    )
    parser.add_argument(
        "--out",
        type=expanded,
        default=Path("enlarged"),
        metavar="PATH",
        help="folder of the results (default %(default)s), or the file of a single one",
    )
    add_network_options(parser)
    add_enlarging_options(parser)
    arguments = parser.parse_intermixed_args()
    try:
        enlarge(arguments, arguments.paths, arguments.scale)
    except UserError as error:
        if error.about == "upscale":  # the factor's option in `infer.py`
            error.about = "scale"
        raise
