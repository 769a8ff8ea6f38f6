"""Enlarge pictures of any depth, with colour and transparency, by networks for super-resolution."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from paddle_srcnn.apps.pixels import Layout, layout_of, pixels_of, planes_of
from paddle_srcnn.errors import UserError
from paddle_srcnn.images.resize import upscale
from paddle_srcnn.model.weights import Weights, load_weights, packaged_weights
from paddle_srcnn.protocols import PAPER
from paddle_srcnn.system.environment import core_count

if TYPE_CHECKING:
    from paddle_srcnn.deploy.tiles import TiledNetwork

# Factors that networks reach, alone or one after the other; others take the next of them and are reduced.
STAGES = {2: (2,), 3: (3,), 4: (4,), 6: (3, 2), 8: (4, 2)}
LARGEST = max(STAGES)
BAND_PIXELS = 2**21  # of the result that are computed at a time
BAND_ROWS = 256  # of it, at most
FIXED_BYTES = 500 << 20  # Python with all libraries
NETWORK_BYTES = 120 << 20  # a network with a tile in it, compiled for what sizes its parts have in many pictures


class Upscaler:
    """Enlarges pictures.

    Y is enlarged by the network, or all channels by one for RGB; Cb, Cr and transparency by bicubic interpolation.
    What cannot be seen of a picture has no part in this: transparent pixels take the colours of what is near, so that
    no fringes appear. Several threads may use one upscaler.

    Parameters
    ----------
    network : str or Path
        Filter sizes of packaged weights, such as ``"9-5-5"``, or the name or file of other weights, which are for one
        scale.
    scale : float
        From 1 to 8. Networks are for 2, 3 and 4; for other factors the next larger one, of one network or of two in
        turn, is reduced. At 1 the picture comes back as it is.
    device : {"auto", "cpu", "gpu"}
    threads : int, optional
        Cores to use on a CPU; all of them, if not given.

    Raises
    ------
    UserError
        If there are no such weights, or they are not for this scale.

    Notes
    -----
    A grey picture is enlarged on its own values, 0..255, a coloured one on its luma, 16..235, as networks are scored:
    a picture and the same one as RGB come out a little different.

    Examples
    --------
    >>> import numpy as np
    >>> from paddle_srcnn import Upscaler
    >>> picture = np.zeros((20, 30, 3), np.uint8)
    >>> Upscaler("9-5-5", scale=3)(picture).shape
    (60, 90, 3)
    """

    def __init__(
        self, network: str | Path = "9-5-5", scale: float = 2, *, device: str = "auto", threads: int | None = None
    ) -> None:
        from paddle_srcnn.deploy.tiles import TiledNetwork
        from paddle_srcnn.static.backend import choose_device  # Paddle takes seconds to import

        if threads is not None and threads < 1:
            raise ValueError(f"threads is above 0, got {threads}")
        self.scale = scale
        place = choose_device(device)
        used = {stage: network_weights(str(network), stage) for stage in stages_of(scale)}
        networks = {
            stage: TiledNetwork(weights, place, threads=threads or core_count()) for stage, weights in used.items()
        }
        self._stages = [(stage, networks[stage]) for stage in stages_of(scale)]

    def __call__(self, picture: np.ndarray, *, progress: Callable[[int], object] = lambda pixels: None) -> np.ndarray:
        """Enlarge a picture.

        Parameters
        ----------
        picture : (H, W), (H, W, 2), (H, W, 3) or (H, W, 4) array
            Grey, grey and alpha, RGB, or RGB and alpha; uint8, uint16, or floating-point numbers, clipped to 0..1
            before and after.
        progress : callable, optional
            Called now and then with how many pixels of networks' results were computed since.

        Returns
        -------
        array
            Of the same type and channels, H and W times `scale`, rounded, halves up.

        Raises
        ------
        ValueError
            If the array is no such picture.
        """
        layout = layout_of(picture)
        if self.scale == 1:
            return picture.copy()
        size = tuple(int(length * self.scale + 0.5) for length in picture.shape[:2])
        planes = planes_of(picture, layout, self._stages[0][1].channels)
        for number, (stage, network) in enumerate(self._stages, 1):
            bands = enlarged_bands(planes, stage, network)
            shape = tuple(stage * length for length in planes.shape[1:])
            last = number == len(self._stages)
            if last and shape == size:
                return _collected(bands, size, picture, layout, network.channels, progress)
            planes = np.empty((len(planes), *shape), np.float32)
            for rows, band in bands:
                planes[:, rows] = band
                progress(band[0].size)
        planes = reduced(planes, size)
        return pixels_of(planes, picture.dtype, layout, self._stages[-1][1].channels)

    def memory_needed(self, picture: np.ndarray) -> int:
        """Bytes, about, that a process needs to enlarge a picture: what is held whole, and what does not grow so."""
        height, width = picture.shape[:2]
        layout = layout_of(picture)
        channels = max(3 if layout.colour else 1, *(network.channels for _, network in self._stages), 1) + layout.alpha
        held = 2 * picture.nbytes * (1 + self.scale**2)  # twice: once more as a file
        held += 8 * channels * height * width
        band, factor = 0, 1
        for stage, network in self._stages:
            factor *= stage
            rows = min(band_rows(factor * width, stage) + 2 * network.margin + 2 * stage, factor * height)
            band = max(band, rows * factor * width)
            if factor != self.scale:  # planes that are enlarged further, or reduced
                held += 4 * channels * height * width * (factor**2 + (self.scale**2 if factor > self.scale else 0))
        return FIXED_BYTES + len(self._stages) * NETWORK_BYTES + int(held) + 36 * channels * band


def _collected(
    bands: Iterator[tuple[slice, np.ndarray]],
    size: Sequence[int],
    picture: np.ndarray,
    layout: Layout,
    channels: int,
    progress: Callable[[int], object],
) -> np.ndarray:
    """Pixels of all bands: nothing but them is held at full size."""
    result = np.empty((*size, *picture.shape[2:]), picture.dtype)
    for rows, band in bands:
        result[rows] = pixels_of(band, picture.dtype, layout, channels)
        progress(band[0].size)
    return result


def stages_of(scale: float) -> tuple[int, ...]:
    """Scales of the networks that reach a factor, one after the other; none for 1.

    Raises
    ------
    UserError
        If the factor is not from 1 to 8.
    """
    if not 1 <= scale <= LARGEST:
        raise UserError(f"a picture is enlarged by 1 to {LARGEST}, not by {scale:g}")
    return () if scale == 1 else STAGES[min(factor for factor in STAGES if factor >= scale)]


def network_pixels(shape: Sequence[int], scale: float) -> int:
    """Pixels that networks compute to enlarge a picture of shape (H, W, ...)."""
    height, width, total = *shape[:2], 0
    for stage in stages_of(scale):
        height, width = height * stage, width * stage
        total += height * width
    return total


def network_weights(network: str, scale: int) -> Weights:
    """Weights of a network for a scale.

    Raises
    ------
    UserError
        If there are none, or they are for another scale or for no enlargement at all.
    """
    filters = re.fullmatch(r"(rgb_)?\d+(-\d+)+", network)
    name = f"sr_{network}_x{scale}" if filters else network
    if filters and name not in packaged_weights():
        known = ", ".join(name for name in packaged_weights() if name.startswith("sr_"))
        raise UserError(f"no weights of {network} for x{scale} come with the package, which has {known}: choose others")
    weights = load_weights(name)
    if weights.metadata.get("protocol") != PAPER.name or weights.architecture.channels not in (1, 3):
        raise UserError(f"{network} does not enlarge pictures: choose weights of the protocol `{PAPER}`")
    if weights.metadata.get("scale", str(scale)) != str(scale):
        raise UserError(f"{network} is for x{weights.metadata['scale']}, and x{scale} is needed: choose other weights")
    return weights


def enlarged_bands(planes: np.ndarray, scale: int, network: TiledNetwork) -> Iterator[tuple[slice, np.ndarray]]:
    """Enlarge planes band by band, the first ones by a network.

    Parameters
    ----------
    planes : (C, H, W) array of float32
        On 0..255.
    scale : int
    network : TiledNetwork

    Yields
    ------
    rows : slice
        Of the result.
    band : (C, rows, scale W) array of float32
    """
    height = scale * planes.shape[1]
    margin = -(-network.margin // scale) * scale  # the surroundings begin where an input pixel does
    step = band_rows(scale * planes.shape[2], scale)
    for top in range(0, height, step):
        rows = slice(top, min(top + step, height))
        around = slice(max(top - margin, 0), min(rows.stop + margin, height))
        upsampled = np.stack([upscale(plane, scale, around) for plane in planes[: network.channels]])
        restored = network(upsampled, slice(rows.start - around.start, rows.stop - around.start))
        others = [upscale(plane, scale, rows) for plane in planes[network.channels :]]
        yield rows, np.concatenate([restored, np.stack(others)]) if others else restored


def band_rows(width: int, scale: int) -> int:
    """Rows of a band of a result of some width, a multiple of the scale."""
    return max(min(BAND_PIXELS // width, BAND_ROWS) // scale, 1) * scale


def reduced(planes: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """(C, H, W) planes reduced to a size of (height, width), by Pillow's Lanczos filter."""
    height, width = size
    return np.stack(
        [np.asarray(Image.fromarray(plane).resize((width, height), Image.Resampling.LANCZOS)) for plane in planes]
    )
