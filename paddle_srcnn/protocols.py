"""How inputs are made from ground truth and how outputs are scored: the protocols `article` and `paper`.

The article's pipeline blurs each picture and asks the network to undo it. It also computes a reduced patch that
nothing reads, so what it restores is a blur, not a reduced picture; see "Differences from the article" in the README.

The paper's is super-resolution: a picture is reduced, enlarged again by the same factor, and restored.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from paddle_srcnn.images import rgb_to_ycbcr, rgb_to_ycrcb, ycbcr_to_rgb
from paddle_srcnn.metrics import mean_psnr, mse, pooled_psnr, psnr, psnr_of_mse, ssim
from paddle_srcnn.resize import imresize

ARTICLE, PAPER = "article", "paper"
BLUR_SIZE = (5, 5)
LUMA_WEIGHTS = (0.299, 0.587, 0.114)  # of R, G and B in Y: BT.601, full range, as OpenCV's YCrCb has it

Planes = Callable[[np.ndarray], np.ndarray]  # what a network sees of a picture


def planes_for(channels: int) -> Planes:
    """What a network of this many channels sees of a picture: `luma` (1) or `rgb` (3)."""
    return {1: luma, 3: rgb}[channels]


def luma(picture: np.ndarray) -> np.ndarray:
    """What the network sees of a picture: its full-range luma.

    Parameters
    ----------
    picture : (H, W, 3) or (H, W) array of uint8
        RGB or grey.

    Returns
    -------
    (1, H, W) array of uint8
    """
    return rgb_to_ycrcb(picture)[np.newaxis, ..., 0]


def rgb(picture: np.ndarray) -> np.ndarray:
    """What a network of three channels sees of a picture: red, green and blue, all the same where it is grey.

    Parameters
    ----------
    picture : (H, W, 3) or (H, W) array of uint8
        RGB or grey.

    Returns
    -------
    (3, H, W) array of uint8
    """
    return np.moveaxis(picture, -1, 0) if picture.ndim == 3 else np.stack([picture] * 3)


def luma_of(planes: np.ndarray) -> np.ndarray:
    """Luma of what a network restored, neither clipped nor rounded: the protocol scores outputs as they are.

    Parameters
    ----------
    planes : (1, H, W) or (3, H, W) array
        Luma, which is returned as it is, or RGB.

    Returns
    -------
    (1, H, W) array
    """
    return planes if len(planes) == 1 else np.tensordot(LUMA_WEIGHTS, planes, axes=1)[np.newaxis]


def degrade(hr: np.ndarray) -> np.ndarray:
    """Blur as the article prints it, ``GaussianBlur(picture, (5, 5), 0)``; borders are reflected.

    For this size and sigma 0, OpenCV takes the binomial weights 1 4 6 4 1, over 16, in each direction: a sigma of 1.0,
    not the 1.1 that its formula for other sizes gives.

    Parameters
    ----------
    hr : (C, H, W) array of uint8
        A whole picture, or a patch: the article blurs each patch by itself, up to its own borders.

    Returns
    -------
    (C, H, W) array of uint8
    """
    return np.stack([cv2.GaussianBlur(channel, BLUR_SIZE, 0) for channel in hr])


def centre(planes: np.ndarray, margin: int) -> np.ndarray:
    """The part of (..., H, W) `planes` that a network losing `margin` pixels on each side keeps."""
    height, width = planes.shape[-2:]
    return planes[..., margin : height - margin, margin : width - margin]


@dataclass(frozen=True)
class Score:
    """PSNRs of a set of pictures, in dB: each picture's, their mean, and that of the mean of their squared errors.

    They are those of Y. A network that restores colour has those of its three channels in `rgb` as well.
    """

    psnr_db: tuple[float, ...]
    psnr_mean_db: float
    psnr_pooled_db: float
    rgb: Score | None = None


def score(srs: Sequence[np.ndarray], hrs: Sequence[np.ndarray]) -> Score:
    """Score outputs of the network against the centres that it keeps.

    As in the article, outputs are neither clipped to 0..255 nor rounded.

    Parameters
    ----------
    srs : sequence of (C, H - 2 margin, W - 2 margin) arrays
        Restored pictures on 0..255.
    hrs : sequence of (C, H, W) arrays of uint8
        Ground truth.
    """
    errors = []
    for sr, hr in zip(srs, hrs, strict=True):
        margin = (hr.shape[-1] - sr.shape[-1]) // 2
        errors.append(mse(sr, centre(hr, margin)))
    return score_of(errors)


def score_of(errors: Sequence[float]) -> Score:
    """Score of pictures from each one's mean squared error on 0..255."""
    return Score(tuple(map(psnr_of_mse, errors)), mean_psnr(errors), pooled_psnr(errors))


def cropped(planes: np.ndarray, scale: int) -> np.ndarray:
    """(..., H, W) planes without what a multiple of the scale leaves at the right and below."""
    height, width = (length - length % scale for length in planes.shape[-2:])
    return planes[..., :height, :width]


def paper_planes(picture: np.ndarray, scale: int, space: str = "y") -> np.ndarray:
    """Ground truth of the protocol `paper`, cropped at the right and below to a multiple of the scale.

    Parameters
    ----------
    picture : (H, W, 3) or (H, W) array of uint8
        RGB, or a file that is grey, whose values are taken as they are, with neutral chroma (128).
    scale : int
    space : {"y", "ycbcr", "rgb"}
        Colour space: MATLAB's luma, its YCbCr, or RGB.

    Returns
    -------
    (1 or 3, H - H mod scale, W - W mod scale) array of uint8
    """
    if space == "rgb":
        planes = rgb(picture)
    elif picture.ndim == 2:
        planes = np.stack([picture, *[np.full_like(picture, 128)] * 2])
    else:
        planes = np.moveaxis(rgb_to_ycbcr(picture), -1, 0)
    return cropped(planes[:1] if space == "y" else planes, scale)


def paper_luma(planes: np.ndarray, space: str) -> np.ndarray:
    """Luma of an output in the protocol `paper`, (H, W) of uint8, from the pixels that a file would hold."""
    return ycbcr_of(planes, space)[0] if space == "rgb" else quantised(planes[0])


def ycbcr_of(planes: np.ndarray, space: str) -> np.ndarray:
    """MATLAB's YCbCr, (3, H, W) of uint8, of an output in the space ``"ycbcr"`` or ``"rgb"``, (3, H, W) on 0..255."""
    pixels = quantised(planes)
    return pixels if space == "ycbcr" else np.moveaxis(rgb_to_ycbcr(np.moveaxis(pixels, 0, -1)), -1, 0)


def rgb_of(planes: np.ndarray, space: str) -> np.ndarray:
    """RGB, (3, H, W) of uint8, of an output in the space ``"ycbcr"`` or ``"rgb"``, (3, H, W) on 0..255."""
    pixels = quantised(planes)
    return pixels if space == "rgb" else np.moveaxis(ycbcr_to_rgb(np.moveaxis(pixels, 0, -1)), -1, 0)


def upsample(hr: np.ndarray, scale: int) -> np.ndarray:
    """What enters the network in the protocol `paper`: `hr` reduced and enlarged, bicubic, neither clipped nor rounded.

    Parameters
    ----------
    hr : (C, H, W) array of uint8
        H and W are multiples of `scale`.

    Returns
    -------
    (C, H, W) array of float64 on 0..255
    """
    return imresize(imresize(hr, 1 / scale), scale)


def quantised(planes: np.ndarray) -> np.ndarray:
    """Pixels as MATLAB's ``uint8`` makes them: clipped, and rounded away from zero where it is halves."""
    return np.floor(np.clip(planes, 0, 255) + 0.5).astype(np.uint8)


def paper_score(sr: np.ndarray, hr: np.ndarray, scale: int) -> tuple[float, float]:
    """PSNR in dB, and SSIM, of one plane in the protocol `paper`: rounded, without `scale` pixels on every side.

    Parameters
    ----------
    sr : (H, W) array
        On 0..255.
    hr : (H, W) array of uint8
    scale : int
    """
    shaved = _shaved(sr, hr, scale)
    return psnr(*shaved), ssim(*shaved)


def paper_mse(sr: np.ndarray, hr: np.ndarray, scale: int) -> float:
    """Mean squared error of a plane, or of several stacked, in the protocol `paper`; see `paper_score`."""
    return mse(*_shaved(sr, hr, scale))


def colour_psnrs(sr: np.ndarray, picture: np.ndarray, scale: int, space: str) -> dict[str, float]:
    """PSNRs in dB of a colour picture in the protocol `paper`.

    Parameters
    ----------
    sr : (3, H, W) array
        On 0..255.
    picture : (H, W, 3) array of uint8
        Ground truth, RGB, not cropped yet.
    scale : int
    space : {"ycbcr", "rgb"}
        What `sr` is.

    Returns
    -------
    dict
        ``Y``, ``Cb`` and ``Cr``; ``YCbCr``, of the three stacked, which is what the paper's column "RGB" agrees with;
        ``RGB``, of the three channels that are seen.

    References
    ----------
    Dong et al. 2016, table 5.
    """
    ycbcr, ycbcr_hr = ycbcr_of(sr, space), paper_planes(picture, scale, "ycbcr")
    errors = {name: paper_mse(ycbcr[place], ycbcr_hr[place], scale) for place, name in enumerate(("Y", "Cb", "Cr"))}
    errors["YCbCr"] = paper_mse(ycbcr, ycbcr_hr, scale)
    errors["RGB"] = paper_mse(rgb_of(sr, space), paper_planes(picture, scale, "rgb"), scale)
    return {name: psnr_of_mse(error) for name, error in errors.items()}


def _shaved(sr: np.ndarray, hr: np.ndarray, scale: int) -> tuple[np.ndarray, np.ndarray]:
    return centre(quantised(sr), scale), centre(hr, scale)
