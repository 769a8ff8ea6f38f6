"""The article's demonstration on one picture: `python infer.py --image bird.bmp` degrades it and restores it."""

from __future__ import annotations

import argparse
from pathlib import Path

import reader
from paddle_srcnn.demonstration import demonstrate
from paddle_srcnn.errors import CommandParser, UserError, run_command
from paddle_srcnn.files import expanded
from paddle_srcnn.images import read_image, write_image
from paddle_srcnn.picture_plots import comparison_figure
from paddle_srcnn.plots import save_figure
from paddle_srcnn.protocols import ARTICLE
from paddle_srcnn.weights import load_weights, packaged_weights

PROTOCOL = f"protocol `{ARTICLE}`"
COLOURS = {1: "Y", 3: "RGB"}


def parse_arguments() -> argparse.Namespace:
    """Options of the command line."""
    parser = CommandParser(
        description="Blur a picture as the article's protocol does, restore it, and show both beside the original."
    )
    parser.add_argument(
        "--image",
        required=True,
        metavar="PATH",
        help="picture, or the name of one of the data sets' pictures, such as bird.bmp or astronaut",
    )
    parser.add_argument(
        "--weights",
        default="baseline",
        metavar="NAME|FILE",
        help=f"a .safetensors file, or one of {', '.join(packaged_weights())} (default %(default)s)",
    )
    parser.add_argument(
        "--out",
        type=expanded,
        default=Path("runs/infer"),
        metavar="DIR",
        help="folder of the pictures (default %(default)s)",
    )
    parser.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto", help="where to compute")
    return parser.parse_args()


def main() -> None:
    """Run the command."""
    arguments = parse_arguments()
    weights = load_weights(arguments.weights)
    architecture = weights.architecture
    if architecture.channels not in (1, 3):
        raise UserError(f"{arguments.weights} has {architecture.channels} channels: give --weights for luma or RGB")
    if weights.metadata.get("protocol", ARTICLE) != ARTICLE:
        raise UserError(f"{arguments.weights} was trained to enlarge, not to undo a blur: give other --weights")
    path = reader.find_picture(arguments.image)
    picture = read_image(path)
    height, width = picture.shape[:2]
    if min(height, width) < architecture.receptive_field:
        least = f"{architecture.receptive_field}x{architecture.receptive_field}"
        raise UserError(f"{path} is {width}x{height}: these weights need at least {least} pixels")
    from paddle_srcnn.backend import choose_place  # Paddle takes seconds to import, which mistakes need not wait for
    from paddle_srcnn.inference import restorer

    restore = restorer(weights, choose_place(arguments.device))
    shown = demonstrate(picture, restore, channels=architecture.channels)
    print(f"{path.name}: {shown.degraded_db:.2f} dB degraded, {shown.sr_db:.2f} dB restored (PSNR of Y, {PROTOCOL})")
    pictures = {
        "original": shown.hr,
        f"degraded: {shown.degraded_db:.2f} dB": shown.degraded,
        f"restored: {shown.sr_db:.2f} dB": shown.sr,
    }
    title = f"A 5x5 Gaussian blur undone by SRCNN {architecture.name} on {COLOURS[architecture.channels]} ({PROTOCOL})"
    figure = comparison_figure(pictures, title)
    write_image(arguments.out / f"{path.stem}_degraded.png", shown.degraded)
    write_image(arguments.out / f"{path.stem}_restored.png", shown.sr)
    save_figure(figure, arguments.out / f"{path.stem}_comparison.png")
    print(f"pictures are in {arguments.out}")


if __name__ == "__main__":
    run_command(main)
