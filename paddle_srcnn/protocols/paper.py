"""The protocol `paper`: super-resolution as Dong et al. measure it."""

from __future__ import annotations

import numpy as np

from paddle_srcnn.images.colour import rgb_to_ycbcr, ycbcr_to_rgb
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.protocols.article import centre, rgb
from paddle_srcnn.protocols.metrics import mse, psnr, psnr_of_mse, ssim

__all__ = [
    "colour_psnrs",
    "cropped",
    "network_input",
    "paper_channels",
    "paper_luma",
    "paper_mse",
    "paper_score",
    "quantised",
    "rgb_of",
    "upsample",
    "ycbcr_of",
]


def cropped(image: np.ndarray, scale: int) -> np.ndarray:
    """Crop (..., H, W) on the right and below to multiples of the scale."""
    height, width = (length - length % scale for length in image.shape[-2:])
    return image[..., :height, :width]


def paper_channels(image: np.ndarray, scale: int, space: str = "y") -> np.ndarray:
    """Make the ground truth of the protocol `paper`: a crop to multiples of the scale, in a colour space.

    Parameters
    ----------
    image : (H, W, 3) or (H, W) array of uint8
        RGB or grey. A grey image uses its own values as luma, with neutral chroma (128).
    scale : int
    space : {"y", "ycbcr", "rgb"}
        Colour space: MATLAB's luma, its YCbCr, or RGB.

    Returns
    -------
    (1 or 3, H - H mod scale, W - W mod scale) array of uint8
    """
    if space == "rgb":
        channels = rgb(image)
    elif image.ndim == 2:
        channels = np.stack([image, *[np.full_like(image, 128)] * 2])
    else:
        channels = np.moveaxis(rgb_to_ycbcr(image), -1, 0)
    return cropped(channels[:1] if space == "y" else channels, scale)


def paper_luma(channels: np.ndarray, space: str) -> np.ndarray:
    """Return the luma, (H, W) of uint8, of the pixels that a file of this output would hold."""
    return ycbcr_of(channels, space)[0] if space == "rgb" else quantised(channels[0])


def ycbcr_of(channels: np.ndarray, space: str) -> np.ndarray:
    """Return MATLAB's YCbCr, (3, H, W) of uint8, of an output, (3, H, W) on 0..255, in ``"ycbcr"`` or ``"rgb"``."""
    pixels = quantised(channels)
    return pixels if space == "ycbcr" else np.moveaxis(rgb_to_ycbcr(np.moveaxis(pixels, 0, -1)), -1, 0)


def rgb_of(channels: np.ndarray, space: str) -> np.ndarray:
    """Return RGB, (3, H, W) of uint8, of an output in the space ``"ycbcr"`` or ``"rgb"``, (3, H, W) on 0..255."""
    pixels = quantised(channels)
    return pixels if space == "rgb" else np.moveaxis(ycbcr_to_rgb(np.moveaxis(pixels, 0, -1)), -1, 0)


def upsample(hr: np.ndarray, scale: int) -> np.ndarray:
    """Downscale ground truth and upscale it again, by MATLAB's bicubic, neither clipped nor rounded.

    The result enters the network.

    Parameters
    ----------
    hr : (C, H, W) array of uint8
        H and W are multiples of `scale`.

    Returns
    -------
    (C, H, W) array of float64 on 0..255
    """
    return imresize(imresize(hr, 1 / scale), scale)


def network_input(hr: np.ndarray, scale: int, factor: int = 1) -> np.ndarray:
    """Make a network's input from ground truth, by MATLAB's bicubic, neither clipped nor rounded.

    Parameters
    ----------
    hr : (C, H, W) array of uint8
        H and W are multiples of `scale`.
    scale : int
    factor : int
        The factor by which the network itself upscales: 1 for the upsampled image, `scale` for the small one.

    Returns
    -------
    (C, H / factor, W / factor) array of float64 on 0..255
    """
    return upsample(hr, scale) if factor == 1 else imresize(hr, 1 / scale)


def quantised(channels: np.ndarray) -> np.ndarray:
    """Clip and round as MATLAB's ``uint8`` does: halves go away from zero."""
    return np.floor(np.clip(channels, 0, 255) + 0.5).astype(np.uint8)


def paper_score(sr: np.ndarray, hr: np.ndarray, scale: int) -> tuple[float, float]:
    """Return PSNR in dB and SSIM of one channel, rounded, without `scale` pixels at each border.

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
    """Return the mean squared error of one channel, or of several stacked; see `paper_score`."""
    return mse(*_shaved(sr, hr, scale))


def colour_psnrs(sr: np.ndarray, image: np.ndarray, scale: int, space: str) -> dict[str, float]:
    """Return PSNRs in dB of a colour image by channel.

    Parameters
    ----------
    sr : (3, H, W) array
        On 0..255.
    image : (H, W, 3) array of uint8
        Ground truth, RGB, not cropped yet.
    scale : int
    space : {"ycbcr", "rgb"}
        Colour space of `sr`.

    Returns
    -------
    dict
        ``Y``, ``Cb``, ``Cr``; ``YCbCr`` of the three stacked, which agrees with the paper's column "RGB"; ``RGB`` of
        the three channels on the screen.

    References
    ----------
    Dong et al. 2016, table 5.
    """
    ycbcr, ycbcr_hr = ycbcr_of(sr, space), paper_channels(image, scale, "ycbcr")
    errors = {name: paper_mse(ycbcr[index], ycbcr_hr[index], scale) for index, name in enumerate(("Y", "Cb", "Cr"))}
    errors["YCbCr"] = paper_mse(ycbcr, ycbcr_hr, scale)
    errors["RGB"] = paper_mse(rgb_of(sr, space), paper_channels(image, scale, "rgb"), scale)
    return {name: psnr_of_mse(error) for name, error in errors.items()}


def _shaved(sr: np.ndarray, hr: np.ndarray, scale: int) -> tuple[np.ndarray, np.ndarray]:
    return centre(quantised(sr), scale), centre(hr, scale)
