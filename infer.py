"""Enlarge pictures: `python infer.py --image holiday/ --upscale 3`; or, without --upscale, the article's demonstration.

The demonstration blurs a picture as the article's protocol does, restores it, and shows both beside the original.
"""

from __future__ import annotations

import argparse
import mimetypes
import os
import sys
from pathlib import Path

import reader
from paddle_srcnn.apps import batch as enlarging
from paddle_srcnn.apps.demo import demonstrate
from paddle_srcnn.apps.upscaler import FIXED_BYTES, NETWORK_BYTES, Upscaler, stages_of
from paddle_srcnn.errors import UserError
from paddle_srcnn.images.decoding import IMAGE_SUFFIXES
from paddle_srcnn.images.io import read_image, write_image
from paddle_srcnn.model.weights import load_weights, packaged_weights
from paddle_srcnn.protocols import ARTICLE
from paddle_srcnn.reporting.curve_plots import save_figure
from paddle_srcnn.reporting.image_plots import comparison_figure
from paddle_srcnn.system.cli import CommandParser, positive, run_command
from paddle_srcnn.system.files import expanded

PROTOCOL = f"protocol `{ARTICLE}`"
COLOURS = {1: "Y", 3: "RGB"}
NETWORKS = {"y": ("9-5-5", "9-3-5", "9-1-5"), "rgb": ("rgb_9-1-5",)}  # for enlarging, the best ones first
DEMONSTRATED = {"y": "baseline", "rgb": "rgb_pretrained"}
FORMATS = ("png", "jpg", "tif", "webp", "bmp")
LOSSLESS = {".png", ".tif", ".tiff", ".bmp"}
LEAST_MEMORY = (FIXED_BYTES + NETWORK_BYTES >> 20) + 30  # MB, for a small picture


def parse_arguments() -> argparse.Namespace:
    """Options of the command line."""
    parser = CommandParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--image",
        required=True,
        nargs="+",
        metavar="PATH",
        help="pictures; with --upscale also folders and patterns such as 'holiday/*.jpg'. The name of one of the data "
        "sets' pictures will do, such as bird.bmp or astronaut",
    )
    parser.add_argument(
        "--out",
        type=expanded,
        default=Path("runs/infer"),
        metavar="PATH",
        help="folder of the results (default %(default)s)",
    )
    parser.add_argument(
        "--weights",
        metavar="NAME|FILE",
        help=f"a .safetensors file, or one of {', '.join(packaged_weights())} (default: the best for what is asked)",
    )
    parser.add_argument("--model", choices=tuple(NETWORKS), help="network for luma (the default) or for all of RGB")
    parser.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto", help="where to compute")
    many = parser.add_argument_group("enlarging")
    many.add_argument("--upscale", type=float, metavar="FACTOR", help="enlarge by this: 2, 3, 4 or any from 1 to 8")
    many.add_argument("--recursive", action="store_true", help="take pictures in folders of folders, too")
    many.add_argument("--format", choices=FORMATS, help="of the results (default: as read)")
    many.add_argument("--quality", type=positive, metavar="N", help="of jpg and webp, 1 to 100 (default 95)")
    existing = many.add_mutually_exclusive_group()
    existing.add_argument("--overwrite", action="store_true", help="replace files that are there, sources included")
    existing.add_argument("--skip-existing", action="store_true", help="pass over what is there already")
    many.add_argument("--suffix", metavar="TEXT", help="added to the names (default _x2 for --upscale 2)")
    many.add_argument("--compare", action="store_true", help="leave a figure beside each result: bicubic, and this")
    many.add_argument("--max-memory", type=positive, metavar="MB", help="that a picture may need (default 4096)")
    arguments = parser.parse_args()
    check_options(arguments, [action.dest for action in (*many._group_actions, *existing._group_actions)])
    return arguments


def check_options(arguments: argparse.Namespace, for_upscale: list[str]) -> None:
    """Refuse options that would have no effect.

    Raises
    ------
    UserError
        If there is one; says which.
    """
    for name in for_upscale:
        if arguments.upscale is None and getattr(arguments, name) not in (None, False):
            raise UserError(f"--{name.replace('_', '-')} is for enlarging: give --upscale as well")
    if arguments.weights is not None and arguments.model is not None:
        raise UserError("--model chooses among the package's weights: leave it out, or --weights")
    if arguments.quality is not None and arguments.quality > 100:
        raise UserError(f"--quality {arguments.quality}: it is 1 to 100")
    if arguments.max_memory is not None and arguments.max_memory < LEAST_MEMORY:
        raise UserError(f"--max-memory {arguments.max_memory}: nothing can be done with less than {LEAST_MEMORY} MB")


def main() -> None:
    """Run the command."""
    arguments = parse_arguments()
    if arguments.upscale is not None:
        enlarge(arguments)
    elif len(arguments.image) > 1:
        raise UserError(f"--image {' '.join(arguments.image)}: one picture at a time is shown; --upscale takes many")
    else:
        show(arguments)


def enlarge(arguments: argparse.Namespace) -> None:
    """Enlarge pictures; exit status 1 if some could not be."""
    scale = arguments.upscale
    suffix = f"_x{scale:g}" if arguments.suffix is None else arguments.suffix
    stages = stages_of(scale)
    for option in ("weights", "model"):
        if not stages and getattr(arguments, option):
            raise UserError(f"--{option}: nothing is computed for --upscale {scale:g}: leave it out")
    if set(suffix) & set("/\\"):
        raise UserError(f"--suffix {suffix}: it is a part of a name, without folders")
    network = best_network(arguments.model or "y", stages) if arguments.weights is None else arguments.weights
    found = reader.named_pictures(arguments.image, recursive=arguments.recursive)
    out = arguments.out
    if names_picture(out):
        if len(found) > 1:
            raise UserError(f"--out {out} names a file, and there are {len(found)} pictures: name a folder")
        if arguments.format is not None or arguments.suffix is not None:
            raise UserError(f"--out {out} names a file: leave out --format and --suffix")
        if out.suffix.lower() not in IMAGE_SUFFIXES:
            raise UserError(f"--out {out} is of a format that is not written: choose {', '.join(FORMATS)}")
        tasks = [enlarging.Task(found[0][0], out, arguments.compare)]
    else:
        extension = f".{arguments.format}" if arguments.format else None
        tasks = enlarging.named_tasks(found, out, suffix=suffix, extension=extension, compare=arguments.compare)
    suffixes = {task.target.suffix.lower() for task in tasks}
    if arguments.quality is not None and suffixes <= LOSSLESS:
        raise UserError(
            f"--quality: {' and '.join(sorted(suffixes))} lose none: leave it out, or choose another --format"
        )
    enlarging.check_files(tasks, overwrite=arguments.overwrite, skip_existing=arguments.skip_existing)
    upscaler = Upscaler(network, scale, device=arguments.device)
    try:
        outcome = enlarging.enlarge_all(
            tasks,
            upscaler,
            skip_existing=arguments.skip_existing,
            overwrite=arguments.overwrite,
            quality=arguments.quality or 95,
            max_memory=(arguments.max_memory or 4096) << 20,
        )
    except KeyboardInterrupt:
        raise KeyboardInterrupt("--skip-existing goes on with the rest") from None
    told = [f"{outcome.enlarged} of {len(tasks)} enlarged by {scale:g}{f' with {network}' if stages else ''}, in {out}"]
    told += [f"{outcome.skipped} were there already"] if outcome.skipped else []
    told += [f"{outcome.failed} could not be"] if outcome.failed else []
    told += [f"{len(found) - len(tasks)} left out, results themselves"] if len(found) > len(tasks) else []
    print("; ".join(told))
    if outcome.failed:
        sys.exit(1)


def names_picture(path: Path) -> bool:
    """Whether a path, of no folder, names a picture; not every system's list of types has all of our formats."""
    if os.path.isdir(path):  # noqa: PTH112 -- as in files.py
        return False
    return path.suffix.lower() in IMAGE_SUFFIXES or (mimetypes.guess_type(path)[0] or "").startswith("image/")


def best_network(model: str, stages: tuple[int, ...]) -> str:
    """The best network for luma or RGB whose weights come with the package for all stages."""
    there = packaged_weights()
    for network in NETWORKS[model]:
        if all(f"sr_{network}_x{stage}" in there for stage in stages):
            return network
    lacking = f"no weights of --model {model} for x{' and x'.join(map(str, stages))} come with the package"
    raise UserError(f"{lacking}: give --weights of one that you have trained, or another --upscale")


def show(arguments: argparse.Namespace) -> None:
    """Blur and restore a picture as the article does."""
    out = arguments.out
    if names_picture(out):
        raise UserError(f"--out {out} names a picture, and three are left: name a folder, or give --upscale to enlarge")
    name = DEMONSTRATED[arguments.model or "y"] if arguments.weights is None else arguments.weights
    weights = load_weights(name)
    architecture = weights.architecture
    if architecture.channels not in (1, 3):
        raise UserError(f"{name} has {architecture.channels} channels: give --weights for luma or RGB")
    if weights.metadata.get("protocol", ARTICLE.name) != ARTICLE.name:
        raise UserError(f"{name} was trained to enlarge, not to undo a blur: give --upscale, or other --weights")
    path = reader.find_picture(arguments.image[0])
    picture = read_image(path)
    height, width = picture.shape[:2]
    if min(height, width) < architecture.receptive_field:
        least = f"{architecture.receptive_field}x{architecture.receptive_field}"
        raise UserError(f"{path} is {width}x{height}: these weights need at least {least} pixels")
    from paddle_srcnn.static.backend import (
        choose_device,  # Paddle takes seconds to import, which mistakes need not wait for
    )
    from paddle_srcnn.static.inference_program import restorer

    restore = restorer(weights, choose_device(arguments.device))
    shown = demonstrate(picture, restore, channels=architecture.channels)
    print(f"{path.name}: {shown.degraded_db:.2f} dB degraded, {shown.sr_db:.2f} dB restored (PSNR of Y, {PROTOCOL})")
    pictures = {
        "original": shown.hr,
        f"degraded: {shown.degraded_db:.2f} dB": shown.degraded,
        f"restored: {shown.sr_db:.2f} dB": shown.sr,
    }
    title = f"A 5x5 Gaussian blur undone by SRCNN {architecture.name} on {COLOURS[architecture.channels]} ({PROTOCOL})"
    write_image(out / f"{path.stem}_degraded.png", shown.degraded)
    write_image(out / f"{path.stem}_restored.png", shown.sr)
    save_figure(comparison_figure(pictures, title), out / f"{path.stem}_comparison.png")
    print(f"pictures are in {out}")


if __name__ == "__main__":
    run_command(main)
