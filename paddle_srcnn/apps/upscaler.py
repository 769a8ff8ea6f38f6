"""Upscaling of images of any depth, with colour and transparency, by networks for super-resolution."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from paddle_srcnn.apps.bands import upscaled_bands
from paddle_srcnn.apps.memory import upscaling_bytes
from paddle_srcnn.apps.networks import restores_chroma, stage_weights, stages_of
from paddle_srcnn.apps.pixels import Layout, from_channels, layout_of, pixels_of, to_channels
from paddle_srcnn.system.environment import core_count

__all__ = ["Upscaler", "network_pixels"]


class Upscaler:
    """A network, or two in turn, that upscale images by a factor.

    The network upscales Y, or all of RGB if it is a network for RGB. Bicubic interpolation upscales Cb, Cr and alpha.
    A network that removes noise upscales Cb and Cr as well, one after the other. Transparent pixels take the colours
    near them first, so that no fringes appear. Several threads may use one upscaler.

    Parameters
    ----------
    network : str or Path
        Filter sizes of packaged weights, such as ``"9-5-5"``, ``"jpeg_9-5-5"`` for images that were JPEGs of low
        quality, ``"noise_low_9-5-5"`` and ``"noise_high_9-5-5"``; ``"espcn"``, which is faster; or another packaged
        name or a weights file, which serves one scale.
    scale : float
        From 1 to 8. Networks are for 2, 3 and 4. For another factor the next larger one is reached by one network or
        by two in turn, and the result is downscaled. The first one alone removes JPEG's blocks or noise. At 1 the image
        is returned as it is.
    device : {"auto", "cpu", "gpu"}
    threads : int, optional
        Cores to use on a CPU. Default: all of them.

    Raises
    ------
    UserError
        If there are no such weights, they are not for this scale, or the device cannot be used.
    ValueError
        If `device` or `threads` is none of the above.

    Notes
    -----
    A grey image is upscaled on its own values, 0..255, a coloured one on its luma, 16..235, as networks are scored.
    Therefore a grey image and the same image as RGB give slightly different results.

    Examples
    --------
    >>> import numpy as np
    >>> from paddle_srcnn import Upscaler
    >>> image = np.zeros((20, 30, 3), np.uint8)
    >>> Upscaler("9-5-5", scale=3)(image).shape
    (60, 90, 3)
    """

    def __init__(
        self, network: str | Path = "9-5-5", scale: float = 2, *, device: str = "auto", threads: int | None = None
    ) -> None:
        if isinstance(scale, bool) or not isinstance(scale, int | float | np.number):
            raise ValueError(f"scale is a number, got {scale!r}")
        if threads is not None and (not isinstance(threads, int | np.integer) or threads < 1):
            raise ValueError(f"threads is above 0, got {threads}")
        self.scale = scale
        stages = stages_of(scale)
        weights = stage_weights(str(network), stages)
        # Paddle takes seconds to import, which no mistake in the above has to wait for.
        from paddle_srcnn.deploy.tiles import TiledNetwork
        from paddle_srcnn.static.backend import choose_device

        chosen = choose_device(device)
        networks = [TiledNetwork(one, chosen, threads=threads or core_count()) for one in weights]
        self._stages = list(zip(stages, networks, strict=True))
        self._restores_chroma = bool(weights) and restores_chroma(weights[0])

    def __call__(
        self, image: np.ndarray | Image.Image, *, progress: Callable[[int], object] = lambda pixels: None
    ) -> np.ndarray:
        """Upscale an image.

        Parameters
        ----------
        image : (H, W), (H, W, 2), (H, W, 3) or (H, W, 4) array, or Pillow image
            Grey, grey and alpha, RGB, or RGB and alpha; uint8, uint16, or floating-point numbers, clipped to 0..1
            before and after. An array does not tell grey from the indices of a palette, nor alpha from the black of
            CMYK. A Pillow image does, by its mode: L, LA, RGB, RGBA and I;16 are taken.
        progress : callable, optional
            Called now and then with the number of pixels that networks have computed since the last call; see
            `network_pixels` for their sum.

        Returns
        -------
        array
            Of the same type, in the machine's byte order, and channels; H and W times `scale`, halves rounded up.

        Raises
        ------
        ValueError
            If the array is no such image, or the Pillow image has another mode.
        """
        image = pixels_of(image)
        layout = layout_of(image)
        if self.scale == 1:
            return image.copy()
        size = tuple(int(length * self.scale + 0.5) for length in image.shape[:2])
        channels = to_channels(image, layout, self._stages[0][1].channels)
        for number, (stage, network) in enumerate(self._stages, 1):
            chroma_too = number == 1 and self._restores_chroma and layout.colour
            bands = upscaled_bands(channels, stage, network, restored=3 if chroma_too else network.channels)
            shape = tuple(stage * length for length in channels.shape[1:])
            last = number == len(self._stages)
            if last and shape == size:
                return _collected(bands, size, image, layout, network.channels, progress)
            channels = np.empty((len(channels), *shape), np.float32)
            for rows, band in bands:
                channels[:, rows] = band
                progress(band[0].size)
        channels = _downscaled(channels, size)
        return from_channels(channels, image.dtype, layout, self._stages[-1][1].channels)

    def memory_needed(self, image: np.ndarray | Image.Image) -> int:
        """Estimate how many bytes a process takes to upscale an image and to write it to a file.

        Parameters
        ----------
        image : array or Pillow image
            See `__call__`.

        Returns
        -------
        int
        """
        return upscaling_bytes(pixels_of(image), self.scale, self._stages)


def _collected(
    bands: Iterator[tuple[slice, np.ndarray]],
    size: Sequence[int],
    image: np.ndarray,
    layout: Layout,
    network_channels: int,
    progress: Callable[[int], object],
) -> np.ndarray:
    """Convert band after band to pixels; only these exist at full size."""
    result = np.empty((*size, *image.shape[2:]), image.dtype)
    for rows, band in bands:
        result[rows] = from_channels(band, image.dtype, layout, network_channels)
        progress(band[0].size)
    return result


def _downscaled(channels: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """Downscale (C, H, W) channels to a size of (height, width) by Pillow's Lanczos filter."""
    height, width = size
    return np.stack(
        [np.asarray(Image.fromarray(channel).resize((width, height), Image.Resampling.LANCZOS)) for channel in channels]
    )


def network_pixels(shape: Sequence[int], scale: float) -> int:
    """Count the pixels that networks compute to upscale an image.

    Parameters
    ----------
    shape : (H, W, ...)
        The image's.
    scale : float

    Returns
    -------
    int
    """
    height, width, total = *shape[:2], 0
    for stage in stages_of(scale):
        height, width = height * stage, width * stage
        total += height * width
    return total
