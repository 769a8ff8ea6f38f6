"""The protocol `paper`: super-resolution as Dong et al. measure it."""

from __future__ import annotations

import numpy as np

from paddle_srcnn.images.colour import rgb_to_ycbcr, ycbcr_to_rgb
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.protocols.article import centre, rgb
from paddle_srcnn.protocols.metrics import mse, psnr, psnr_of_mse, ssim


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
