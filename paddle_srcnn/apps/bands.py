"""Upscaling in bands of rows, so that memory grows with the result alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from paddle_srcnn.images.resize import upscale

if TYPE_CHECKING:
    from paddle_srcnn.deploy.tiles import TiledNetwork

__all__ = ["band_rows", "upscaled_bands"]

BAND_PIXELS = 2**21  # of the result, in one band
BAND_ROWS = 256  # of the result, in one band, at most


def upscaled_bands(
    channels: np.ndarray, scale: int, network: TiledNetwork, *, restored: int
) -> Iterator[tuple[slice, np.ndarray]]:
    """Upscale channels band by band: the first ones by a network, the others by bicubic interpolation.

    Parameters
    ----------
    channels : (C, H, W) array of float32
        On 0..255; at least as many as the network has.
    scale : int
        The factor that the network is for.
    network : TiledNetwork
    restored : int
        Number of channels that the network restores: as many as it has, or a multiple, in groups one after the other.

    Yields
    ------
    rows : slice
        Rows of the result.
    band : (C, rows, scale W) array of float32
        Neither clipped nor rounded.
    """
    height = scale * channels.shape[1]
    margin = -(-network.factor * network.margin // scale) * scale  # the surroundings begin where an input pixel does
    step = band_rows(scale * channels.shape[2], scale)
    firsts = range(0, restored, network.channels)
    for top in range(0, height, step):
        rows = slice(top, min(top + step, height))
        around = slice(max(top - margin, 0), min(rows.stop + margin, height))
        given = _input(channels[:restored], scale, network.factor, around)
        inside = slice((rows.start - around.start) // network.factor, (rows.stop - around.start) // network.factor)
        groups = [network(given[first : first + network.channels], inside) for first in firsts]
        groups += [upscale(channel, scale, rows)[np.newaxis] for channel in channels[restored:]]
        yield rows, np.concatenate(groups) if len(groups) > 1 else groups[0]


def _input(channels: np.ndarray, scale: int, factor: int, rows: slice) -> np.ndarray:
    """Return a network's input for rows of the result: upsampled, unless the network itself upscales by a factor."""
    if factor > 1:
        return channels[:, rows.start // factor : rows.stop // factor]
    return np.stack([upscale(channel, scale, rows) for channel in channels])


def band_rows(width: int, scale: int) -> int:
    """Return the number of rows in a band of a result of some width, a multiple of the scale."""
    return max(min(BAND_PIXELS // width, BAND_ROWS) // scale, 1) * scale
