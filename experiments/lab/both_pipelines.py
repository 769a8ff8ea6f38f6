"""One patch of one photograph through sparse coding and through SRCNN 9-1-5: the numbers that the figures show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from skimage import data

from paddle_srcnn.images.resize import imresize
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.protocols.paper import paper_channels
from paddle_srcnn.sparse.l1 import Dictionaries, high_patches, low_patches, sparse_codes
from paddle_srcnn.sparse.patches import WINDOW, assembled, padded

__all__ = ["Network", "Scene", "SparseCoding", "network_of", "patterns_of", "scene", "sparse_coding_of"]

CORNER, SIZE = (78, 174), 144  # part of scikit-image's `astronaut`: the face
PATCH = (24, 117)  # corner of the patch in it: the edge of the hair


@dataclass(frozen=True)
class Scene:
    """A part of a photograph, and one patch in it.

    Attributes
    ----------
    hr, enlarged : (H, W) arrays
        Ground truth, and the small image enlarged by bicubic interpolation, on 0..1.
    scale : int
    row, column : int
        Top-left corner of the patch, inside the image.
    """

    hr: np.ndarray
    enlarged: np.ndarray
    scale: int
    row: int
    column: int

    @property
    def size(self) -> int:
        """Height and width of a patch."""
        return WINDOW * self.scale

    @property
    def window(self) -> tuple[slice, slice]:
        """The pixels of the patch."""
        return slice(self.row, self.row + self.size), slice(self.column, self.column + self.size)

    @property
    def centre(self) -> tuple[int, int]:
        """The pixel in the middle of the patch."""
        return self.row + self.size // 2, self.column + self.size // 2


@dataclass(frozen=True)
class SparseCoding:
    """Sparse coding of a scene.

    Attributes
    ----------
    codes : (patches, atoms) array
        Of all patches of the padded image.
    details : (patches, size, size) array
        Patches of detail, on 0..1.
    chosen : int
        Index of the scene's patch.
    terms : (atoms, size, size) array
        The atoms for high resolution, each times its number in the code and the length of the features.
    detail : (H, W) array
        Detail after the average of the overlapping patches.
    """

    codes: np.ndarray
    details: np.ndarray
    chosen: int
    terms: np.ndarray
    detail: np.ndarray


@dataclass(frozen=True)
class Network:
    """SRCNN 9-1-5 on a scene.

    Attributes
    ----------
    first, second : (64, H, W) and (32, H, W) arrays
        Responses of the first two layers, after the ReLU.
    last : (32, 5, 5) array
        Filters of the last layer, flipped: the patches that its inputs spread around them.
    bias : float
        Of the last layer.
    detail : (H, W) array
        Output minus input, on 0..1.
    """

    first: np.ndarray
    second: np.ndarray
    last: np.ndarray
    bias: float
    detail: np.ndarray


def scene(scale: int) -> Scene:
    """Take the part of the photograph, and the patch in it."""
    (top, left), image = CORNER, data.astronaut()
    hr = paper_channels(image[top : top + SIZE, left : left + SIZE], scale)[0] / 255
    return Scene(hr, imresize(imresize(hr, 1 / scale), scale), scale, *PATCH)


def patterns_of(scene: Scene, filters: np.ndarray) -> np.ndarray:
    """Return the patches that filters respond to: the filters times the covariance of the scene's patches.

    A filter alone misleads: where its input has little energy, such as in fine detail of an enlarged image, its values
    may be anything.

    Parameters
    ----------
    scene : Scene
    filters : (N, size, size) array

    Returns
    -------
    (N, size, size) array

    References
    ----------
    Haufe et al. 2014, "On the interpretation of weight vectors of linear models".
    """
    size = filters.shape[-1]
    windows = np.lib.stride_tricks.sliding_window_view(scene.enlarged, (size, size)).reshape(-1, size * size)
    covariance = np.cov(windows, rowvar=False)
    return (filters.reshape(len(filters), -1) @ covariance).reshape(filters.shape)


def sparse_coding_of(scene: Scene, dictionaries: Dictionaries) -> SparseCoding:
    """Take a scene through the steps of `paddle_srcnn.sparse.l1`, and keep what lies between them."""
    scale, size = scene.scale, scene.size
    enlarged = padded(scene.enlarged, scale)
    patches, lengths = low_patches(enlarged, dictionaries)
    codes = sparse_codes(patches, dictionaries.low)
    details = high_patches(codes, lengths, dictionaries.high)
    border = WINDOW - 1
    columns = enlarged.shape[1] // scale - border
    chosen = (scene.row // scale + border) * columns + scene.column // scale + border
    terms = (codes[chosen] * lengths[chosen])[:, np.newaxis] * dictionaries.high
    return SparseCoding(
        codes,
        details.reshape(-1, size, size),
        chosen,
        terms.reshape(-1, size, size),
        assembled(details, enlarged, scale) - scene.enlarged,
    )


def network_of(scene: Scene, weights: Weights) -> Network:
    """Apply the three layers of a network to a scene; each repeats the border, as everywhere in this project."""
    parameters = weights.parameters
    first = np.maximum(_filtered(scene.enlarged[np.newaxis], parameters, 1), 0)
    second = np.maximum(_filtered(first, parameters, 2), 0)
    detail = _filtered(second, parameters, 3)[0] - scene.enlarged
    last = parameters["conv3.weight"][0, :, ::-1, ::-1]
    return Network(first, second, last, float(parameters["conv3.bias"][0]), detail)


def _filtered(channels: np.ndarray, parameters: Mapping[str, np.ndarray], layer: int) -> np.ndarray:
    """Correlate channels with the filters of a layer, and add its bias."""
    filters, bias = parameters[f"conv{layer}.weight"], parameters[f"conv{layer}.bias"]
    if filters.shape[-1] == 1:
        sums = np.tensordot(filters[..., 0, 0], channels, axes=1)
    else:
        sums = np.stack(
            [
                sum(
                    cv2.filter2D(channel, -1, kernel.astype(channel.dtype), borderType=cv2.BORDER_REPLICATE)
                    for channel, kernel in zip(channels, kernels, strict=True)
                )
                for kernels in filters
            ]
        )
    return sums + bias[:, np.newaxis, np.newaxis]
