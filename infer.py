"""The article's demonstration on one picture: `python infer.py --image bird.bmp` degrades it and restores it."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import reader
from paddle_srcnn import plots
from paddle_srcnn.errors import CommandParser, UserError, run_command
from paddle_srcnn.images import read_image, rgb_to_ycrcb, write_image, ycrcb_to_rgb
from paddle_srcnn.machine import core_count
from paddle_srcnn.metrics import psnr
from paddle_srcnn.protocols import centre, degrade
from paddle_srcnn.weights import load_weights, packaged_weights


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
        type=Path,
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
    if weights.architecture.channels != 1:
        raise UserError(
            f"{arguments.weights} has {weights.architecture.channels} channels: give --weights for luma alone"
        )
    path = reader.find_picture(arguments.image)
    hr = np.moveaxis(rgb_to_ycrcb(read_image(path)), -1, 0)
    margin = weights.architecture.margin
    if min(hr.shape[1:]) <= 2 * margin:
        least = 2 * margin + 1
        raise UserError(f"{path} is {hr.shape[2]}x{hr.shape[1]}: these weights need at least {least}x{least} pixels")
    from paddle_srcnn.backend import choose_place  # Paddle takes seconds to import, which mistakes need not wait for
    from paddle_srcnn.programs import InferenceProgram

    place = choose_place(arguments.device)
    restore = InferenceProgram(weights.architecture, place, weights.parameters, threads=core_count())
    degraded = degrade(hr)
    sr_luma = restore(degraded[:1])[0]
    # All pictures are the part that the network keeps. Cr and Cb pass through no network, as in the article.
    hr, degraded = centre(hr, margin), centre(degraded, margin)
    restored = np.stack([np.rint(np.clip(sr_luma, 0, 255)).astype(np.uint8), *degraded[1:]])
    before, after = psnr(degraded[0], hr[0]), psnr(sr_luma, hr[0])
    print(f"{path.name}: {before:.2f} dB degraded, {after:.2f} dB restored (PSNR of Y, protocol `article`)")

    pictures = {
        "original": hr,
        f"degraded: {before:.2f} dB": degraded,
        f"restored: {after:.2f} dB": restored,
    }
    rgb = {label: ycrcb_to_rgb(np.moveaxis(planes, 0, -1)) for label, planes in pictures.items()}
    title = f"A 5x5 Gaussian blur undone by SRCNN {weights.architecture.name} (protocol `article`)"
    figure = plots.comparison_figure(rgb, [planes[0] for planes in pictures.values()], title)
    _, degraded_rgb, restored_rgb = rgb.values()
    write_image(arguments.out / f"{path.stem}_degraded.png", degraded_rgb)
    write_image(arguments.out / f"{path.stem}_restored.png", restored_rgb)
    plots.save_figure(figure, arguments.out / f"{path.stem}_comparison.png")
    print(f"pictures are in {arguments.out}")


if __name__ == "__main__":
    run_command(main)
