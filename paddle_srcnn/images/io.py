"""Images of 8-bit RGB or grey, as training and scoring read and write them.

`paddle_srcnn.images.photos` is for photos whose depth, transparency and metadata matter.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.decoding import opened_image
from paddle_srcnn.images.exif import read_exif, upright
from paddle_srcnn.system.files import atomic_path

__all__ = ["read_image", "write_image"]

GREY_MODES = frozenset({"1", "L", "LA", "La"})
SIXTEEN_BIT_MODES = frozenset({"I", "I;16", "I;16L", "I;16B"})


def read_image(path: Path | str) -> np.ndarray:
    """Read an image as 8-bit RGB or grey.

    The function reduces sixteen-bit grey to eight bits, drops an alpha channel, and applies the EXIF orientation.

    Parameters
    ----------
    path : Path or str
        A PNG, JPEG, TIFF, BMP or WebP file.

    Returns
    -------
    (H, W, 3) or (H, W) array of uint8
        RGB, or grey where the file is grey.

    Raises
    ------
    UserError
        If the file cannot be read, is no such image, is truncated or too large, or holds floating-point values or
        more than 16 bits per channel.
    """
    with opened_image(path) as (file, _):
        if file.mode == "F":
            raise UserError(f"{path} holds floating-point values: convert it to 8 or 16 bits per channel")
        file.load()
        orientation, _ = read_exif(file)
        if file.mode in SIXTEEN_BIT_MODES:
            values = np.asarray(file, np.int64)
            if values.min() < 0 or values.max() > 65535:
                raise UserError(f"{path} holds values of more than 16 bits: convert it to 8 or 16 bits per channel")
            pixels = np.rint(values / 257).astype(np.uint8)
        else:
            pixels = np.asarray(file.convert("L" if file.mode in GREY_MODES else "RGB"))
        return upright(pixels, orientation)


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
