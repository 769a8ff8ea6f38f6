"""Images of 8-bit RGB or grey, as training and scoring read and write them.

`paddle_srcnn.images.photos` is for photos whose depth, transparency and metadata matter.
"""

from __future__ import annotations

import logging
from pathlib import Path

import numpy as np
from PIL import Image

from paddle_srcnn.images.decoding import decode
from paddle_srcnn.system.files import atomic_path

__all__ = ["read_image", "write_image"]

logger = logging.getLogger(__name__)


def read_image(path: Path | str) -> np.ndarray:
    """Read an image as 8-bit RGB or grey: the pixels of `paddle_srcnn.images.photos.read_photo`, reduced.

    Sixteen bits are reduced to eight, and an alpha channel is dropped. Notes on the pixels, such as a conversion from
    CMYK, are logged.

    Parameters
    ----------
    path : Path or str
        A file that `paddle_srcnn.images.photos.read_photo` reads.

    Returns
    -------
    (H, W, 3) or (H, W) array of uint8
        RGB, or grey where the file is grey.

    Raises
    ------
    UserError
        As `paddle_srcnn.images.photos.read_photo` does.
    """
    photo = decode(path)
    for note in photo.notes:
        logger.warning("%s %s", path, note)
    pixels = photo.pixels
    if pixels.ndim == 3 and pixels.shape[2] in (2, 4):
        pixels = pixels[..., 0] if pixels.shape[2] == 2 else pixels[..., :3]
    if pixels.dtype == np.uint16:
        pixels = np.rint(pixels / 257).astype(np.uint8)
    return np.ascontiguousarray(pixels)


def write_image(path: Path, image: np.ndarray) -> None:
    """Write an image so that `path` holds the whole of it or what it held before.

    Parameters
    ----------
    path : Path
        Its suffix chooses the format.
    image : (H, W, 3) or (H, W) array of uint8
        RGB or grey.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    with atomic_path(path) as temporary:
        Image.fromarray(image).save(temporary)
