"""The article's demonstration: it blurs an image, restores it, and shows both beside the original."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from paddle_srcnn.apps.plan import is_photo_name
from paddle_srcnn.errors import UserError, about
from paddle_srcnn.images.colour import rgb_to_ycrcb, ycrcb_to_rgb
from paddle_srcnn.images.io import read_image, write_image
from paddle_srcnn.model.weights import Weights, load_weights
from paddle_srcnn.protocols import ARTICLE
from paddle_srcnn.protocols.article import centre, degrade, luma, luma_of, rgb
from paddle_srcnn.protocols.metrics import psnr
from paddle_srcnn.reporting.curve_plots import save_figure
from paddle_srcnn.reporting.image_plots import comparison_figure

__all__ = ["Demonstration", "demonstrate", "demonstrate_file", "demonstration_weights"]

DEFAULT_WEIGHTS = {"y": "baseline", "rgb": "rgb_pretrained"}
COLOURS = {1: "Y", 3: "RGB"}


@dataclass(frozen=True)
class Demonstration:
    """An image before and after, cropped to what the network keeps, and the PSNR of its luma.

    Parameters
    ----------
    hr, degraded, sr : (H, W, 3) arrays of uint8
        Ground truth, the network's input and its output, as RGB.
    degraded_db, sr_db : float
        PSNR of Y, in the protocol ``article``.
    """

    hr: np.ndarray
    degraded: np.ndarray
    sr: np.ndarray
    degraded_db: float
    sr_db: float


def demonstrate(image: np.ndarray, restore: Callable[[np.ndarray], np.ndarray], *, channels: int) -> Demonstration:
    """Degrade an image as the protocol ``article`` does, and restore it.

    A network for luma restores Y; Cr and Cb stay degraded, as in the article. A network for RGB restores all channels.

    Parameters
    ----------
    image : (H, W, 3) or (H, W) array of uint8
        RGB or grey, larger than the network's receptive field.
    restore : callable
        (C, H, W) to (C, H - 2 margin, W - 2 margin), on 0..255, such as a
        `paddle_srcnn.static.inference_program.InferenceProgram`.
    channels : int
        The network's, 1 or 3.

    Returns
    -------
    Demonstration
    """
    hr = rgb(image) if channels == 3 else np.moveaxis(rgb_to_ycrcb(image), -1, 0)
    degraded = degrade(hr)
    sr = restore(degraded[:channels])
    margin = (hr.shape[-1] - sr.shape[-1]) // 2
    hr, degraded = centre(hr, margin), centre(degraded, margin)
    restored = np.stack([*np.rint(np.clip(sr, 0, 255)).astype(np.uint8), *degraded[channels:]])
    hr_luma = centre(luma(image), margin)

    def shown(values: np.ndarray) -> np.ndarray:
        pixels = np.ascontiguousarray(np.moveaxis(values, 0, -1))
        return pixels if channels == 3 else ycrcb_to_rgb(pixels)

    return Demonstration(
        shown(hr),
        shown(degraded),
        shown(restored),
        psnr(luma_of(degraded[:channels]), hr_luma),
        psnr(luma_of(sr), hr_luma),
    )


def demonstration_weights(name: str | None = None, model: str | None = None) -> Weights:
    """Load the weights of a demonstration.

    Parameters
    ----------
    name : str, optional
        A packaged name or a weights file. Default: the packaged weights of `model`.
    model : {"y", "rgb"}, optional
        Network for luma, the default, or for RGB. Ignored if a name is given.

    Returns
    -------
    Weights

    Raises
    ------
    UserError
        If there are no such weights, or they do not remove a blur.
    """
    name = DEFAULT_WEIGHTS[model or "y"] if name is None else name
    with about("weights"):
        weights = load_weights(name)
    channels = weights.architecture.channels
    if channels not in COLOURS:
        raise UserError(f"{name} has {channels} channels: choose a network for luma or RGB", about="weights")
    if weights.metadata.get("protocol", ARTICLE.name) != ARTICLE.name:
        raise UserError(f"{name} was trained to enlarge, not to remove a blur: choose others", about="weights")
    if weights.space == "ycbcr":
        raise UserError(f"{name} works on YCbCr: choose a network for luma or RGB", about="weights")
    return weights


def demonstrate_file(path: Path, out: Path, weights: Weights, *, device: str = "auto") -> Demonstration:
    """Demonstrate a network on an image file, and write the degraded and the restored image and a figure of all.

    Parameters
    ----------
    path : Path
        A file that `paddle_srcnn.images.io.read_image` reads.
    out : Path
        Folder of the three files, ``NAME_degraded.png``, ``NAME_restored.png`` and ``NAME_comparison.png``.
    weights : Weights
        As `demonstration_weights` loads them.
    device : {"auto", "cpu", "gpu"}

    Returns
    -------
    Demonstration

    Raises
    ------
    UserError
        If `out` is no folder, the image cannot be read or is too small for the network, or the files cannot be written.
    """
    if is_photo_name(out):
        raise UserError(f"{out} names a picture, and three files are written: name a folder", about="out")
    image = read_image(path)
    architecture = weights.architecture
    height, width = image.shape[:2]
    if min(height, width) < architecture.receptive_field:
        least = f"{architecture.receptive_field}x{architecture.receptive_field}"
        raise UserError(f"{path} is {width}x{height}: these weights need at least {least} pixels")
    # Paddle takes seconds to import, which no mistake in the above has to wait for.
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.static.inference_program import restorer

    shown = demonstrate(image, restorer(weights, choose_device(device)), channels=architecture.channels)
    write_image(out / f"{path.stem}_degraded.png", shown.degraded)
    write_image(out / f"{path.stem}_restored.png", shown.sr)
    colours = COLOURS[architecture.channels]
    title = f"A 5x5 Gaussian blur undone by SRCNN {architecture.name} on {colours} (protocol `{ARTICLE}`)"
    images = {
        "original": shown.hr,
        f"degraded: {shown.degraded_db:.2f} dB": shown.degraded,
        f"restored: {shown.sr_db:.2f} dB": shown.sr,
    }
    save_figure(comparison_figure(images, title), out / f"{path.stem}_comparison.png")
    return shown
