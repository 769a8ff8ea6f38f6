"""Upscaling of images of any depth, with colour and transparency, by networks for super-resolution."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from paddle_srcnn.apps.bands import upscaled_bands
from paddle_srcnn.apps.memory import upscaling_bytes
from paddle_srcnn.apps.pixels import Layout, from_channels, layout_of, native, to_channels
from paddle_srcnn.errors import UserError
from paddle_srcnn.model.networks import NETWORKS
from paddle_srcnn.model.weights import Weights, load_weights, packaged_weights
from paddle_srcnn.protocols import PAPER
from paddle_srcnn.system.environment import core_count

__all__ = ["Upscaler", "network_pixels", "network_weights", "stages_of"]

# Factors that networks reach, alone or one after the other. For other factors the result of the next one is downscaled.
STAGES = {2: (2,), 3: (3,), 4: (4,), 6: (3, 2), 8: (4, 2)}
LARGEST_SCALE = max(STAGES)


class Upscaler:
    """A network, or two in turn, that upscale images by a factor.

    The network upscales Y, or all of RGB if it is a network for RGB. Bicubic interpolation upscales Cb, Cr and alpha.
    Transparent pixels take the colours near them first, so that no fringes appear. Several threads may use one
    upscaler.

    Parameters
    ----------
    network : str or Path
        Filter sizes of packaged weights, such as ``"9-5-5"``, or ``"espcn"``; or another packaged name or a weights
        file, which serves one scale.
    scale : float
        From 1 to 8. Networks are for 2, 3 and 4. For another factor the next larger one is reached by one network or
        by two in turn, and the result is downscaled. At 1 the image is returned as it is.
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
        weights = {stage: network_weights(str(network), stage) for stage in stages_of(scale)}
        # Paddle takes seconds to import, which no mistake in the above has to wait for.
        from paddle_srcnn.deploy.tiles import TiledNetwork
        from paddle_srcnn.static.backend import choose_device

        chosen = choose_device(device)
        networks = {stage: TiledNetwork(weights[stage], chosen, threads=threads or core_count()) for stage in weights}
        self._stages = [(stage, networks[stage]) for stage in stages_of(scale)]

    def __call__(self, image: np.ndarray, *, progress: Callable[[int], object] = lambda pixels: None) -> np.ndarray:
        """Upscale an image.

        Parameters
        ----------
        image : (H, W), (H, W, 2), (H, W, 3) or (H, W, 4) array
            Grey, grey and alpha, RGB, or RGB and alpha; uint8, uint16, or floating-point numbers, clipped to 0..1
            before and after.
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
            If the array is no such image.
        """
        image = native(image)
        layout = layout_of(image)
        if self.scale == 1:
            return image.copy()
        size = tuple(int(length * self.scale + 0.5) for length in image.shape[:2])
        channels = to_channels(image, layout, self._stages[0][1].channels)
        for number, (stage, network) in enumerate(self._stages, 1):
            bands = upscaled_bands(channels, stage, network)
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

    def memory_needed(self, image: np.ndarray) -> int:
        """Estimate how many bytes a process takes to upscale an image and to write it to a file.

        Parameters
        ----------
        image : array
            See `__call__`.

        Returns
        -------
        int
        """
        return upscaling_bytes(native(image), self.scale, self._stages)


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


def stages_of(scale: float) -> tuple[int, ...]:
    """Return the scales of the networks that reach a factor, one after the other.

    Parameters
    ----------
    scale : float

    Returns
    -------
    tuple of int
        Empty for 1. Their product is the factor, or the next larger one that networks reach.

    Raises
    ------
    UserError
        If the factor is not from 1 to 8.

    Examples
    --------
    >>> stages_of(3), stages_of(4.5)
    ((3,), (3, 2))
    """
    if not 1 <= scale <= LARGEST_SCALE:
        raise UserError(f"a picture is enlarged by 1 to {LARGEST_SCALE}, not by {scale:g}")
    return () if scale == 1 else STAGES[min(factor for factor in STAGES if factor >= scale)]


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


def network_weights(network: str, scale: int) -> Weights:
    """Load the weights of a network for a scale.

    Parameters
    ----------
    network : str
        Filter sizes of packaged weights, another packaged name, or a weights file.
    scale : int

    Returns
    -------
    Weights

    Raises
    ------
    UserError
        If there are none, or they are for another scale or do not upscale at all.
    """
    filters = re.fullmatch(r"(rgb_)?\d+(-\d+)+", network)
    name = f"sr_{network}_x{scale}" if filters else f"{network}_x{scale}" if network in NETWORKS else network
    if (filters or network in NETWORKS) and name not in packaged_weights():
        known = ", ".join(name for name in packaged_weights() if name.startswith(("sr_", *NETWORKS)))
        raise UserError(f"no weights of {network} for x{scale} come with the package, which has {known}: choose others")
    weights = load_weights(name)
    if weights.metadata.get("protocol") != PAPER.name or weights.architecture.channels not in (1, 3):
        raise UserError(f"{network} does not enlarge pictures: choose weights of the protocol `{PAPER}`")
    if weights.metadata.get("scale", str(scale)) != str(scale):
        raise UserError(f"{network} is for x{weights.metadata['scale']}, and x{scale} is needed: choose other weights")
    return weights
