"""Enlarge pictures: `python infer.py --image holiday/ --upscale 3`; or, without --upscale, the article's demonstration.

The demonstration blurs a picture as the article's protocol does, restores it, and shows both beside the original.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

import reader
from paddle_srcnn.apps.batch import upscale_photos
from paddle_srcnn.apps.demo import demonstrate_file, demonstration_weights
from paddle_srcnn.apps.plan import NETWORKS, OUTPUT_FORMATS, BatchOptions, ExistingFile
from paddle_srcnn.errors import UserError
from paddle_srcnn.model.weights import packaged_weights
from paddle_srcnn.protocols import ARTICLE
from paddle_srcnn.system.cli import CommandParser, option, positive, problem_line, run_command
from paddle_srcnn.system.files import expanded

IMAGE = "pictures, or names of data sets' pictures such as astronaut; with --upscale also folders, 'holiday/*.jpg' etc."
OUT = "folder of the results (default %(default)s); with --upscale also the file of a single one"
WEIGHTS = f"a .safetensors file, or one of {', '.join(packaged_weights())} (default: the best for the task)"


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = CommandParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--image", required=True, nargs="+", metavar="PATH", help=IMAGE)
    parser.add_argument("--out", type=expanded, default=Path("runs/infer"), metavar="PATH", help=OUT)
    network = parser.add_mutually_exclusive_group()
    network.add_argument("--weights", metavar="NAME|FILE", help=WEIGHTS)
    network.add_argument("--model", choices=tuple(NETWORKS), help="network for luma (the default) or for all of RGB")
    parser.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto", help="device to compute on")
    many = parser.add_argument_group("enlarging")
    many.add_argument("--upscale", type=float, metavar="FACTOR", help="enlarge by 2, 3, 4 or any factor from 1 to 8")
    existing = many.add_mutually_exclusive_group()
    for_upscale = [
        many.add_argument("--recursive", action="store_true", help="take pictures in folders of folders, too"),
        many.add_argument("--format", choices=OUTPUT_FORMATS, help="format of the results (default: as read)"),
        many.add_argument("--quality", type=positive, metavar="N", help="of jpg and webp, 1 to 100 (default 95)"),
        existing.add_argument("--overwrite", action="store_true", help="replace existing files, sources included"),
        existing.add_argument("--skip-existing", action="store_true", help="skip pictures whose results exist"),
        many.add_argument("--suffix", metavar="TEXT", help="text added to names (default _x2 for --upscale 2)"),
        many.add_argument("--compare", action="store_true", help="write a figure beside each: bicubic and this"),
        many.add_argument("--max-memory", type=positive, metavar="MB", help="limit for a picture (default 4096)"),
    ]
    arguments = parser.parse_args()
    for action in for_upscale:
        if arguments.upscale is None and getattr(arguments, action.dest) not in (None, False):
            raise UserError(f"{action.option_strings[0]} is for enlarging: give --upscale as well")
    if arguments.upscale is None and len(arguments.image) > 1:
        raise UserError(f"--image {' '.join(arguments.image)}: one picture at a time is shown; --upscale takes many")
    return arguments


def show(arguments: argparse.Namespace) -> None:
    """Blur and restore a picture as the article does."""
    print("demonstration of the article: blurs the picture and restores it; to enlarge it, give --upscale 2")
    weights = demonstration_weights(arguments.weights, arguments.model)
    with option("--image"):
        path = reader.find_picture(arguments.image[0])
    shown = demonstrate_file(path, arguments.out, weights, device=arguments.device)
    decibels = f"{shown.degraded_db:.2f} dB degraded, {shown.sr_db:.2f} dB restored"
    print(f"{path.name}: {decibels} (PSNR of Y, protocol `{ARTICLE}`)\npictures are in {arguments.out}")


def enlarge(arguments: argparse.Namespace) -> None:
    """Enlarge pictures; exit status 1 if some failed."""
    given = {name: value for name, value in vars(arguments).items() if value is not None}
    shared = {name: given[name] for name in given.keys() & BatchOptions.__annotations__.keys()}
    shared["existing"] = "replace" if arguments.overwrite else "skip" if arguments.skip_existing else "refuse"
    options = BatchOptions(scale=arguments.upscale, **shared)
    with option("--image"):
        sources = reader.named_pictures(arguments.image, recursive=arguments.recursive)
    try:
        outcome = upscale_photos(
            sources, options, progress=True, on_failure=lambda error: tqdm.write(problem_line(error), sys.stderr)
        )
    except ExistingFile as error:
        raise UserError(f"{error}: give --{'suffix' if error.is_source else 'skip-existing'} or --overwrite") from None
    except KeyboardInterrupt:
        raise KeyboardInterrupt("--skip-existing goes on with the rest") from None
    print(outcome.summary(options))
    if outcome.failed:
        sys.exit(1)


def main() -> None:
    """Run the command."""
    arguments = parse_arguments()
    (show if arguments.upscale is None else enlarge)(arguments)


if __name__ == "__main__":
    run_command(main)
