"""Views of pictures for the page: a thumbnail, and tiles of a picture before and after at any reduction.

A browser shows neither TIFF nor 16 bits, and no picture of some hundred megapixels. It gets tiles as PNG instead.
"""

from __future__ import annotations

import io
import math
import threading
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image

from paddle_srcnn.apps.pixels import eight_bit_rgb
from paddle_srcnn.apps.web.album import Picture
from paddle_srcnn.images.colour_profiles import is_grey_profile, profile_of_chunks
from paddle_srcnn.images.photos import Photo, read_photo

__all__ = ["TILE", "Side", "View", "Views", "thumbnail"]

Side = Literal["before", "after"]
TILE = 512  # pixels, across and down
THUMBNAIL = 160  # pixels, the longer side
OVERSAMPLING = 4  # pixels that a pixel of a thumbnail is the mean of, across and down
STRIP_PIXELS = 2**21  # that are converted at once
SUPPORT = 2  # pixels around a point that bicubic interpolation uses
FASTEST = 1  # compression of tiles, which are for this machine


@dataclass(frozen=True)
class View:
    """A picture and its enlargement.

    Parameters
    ----------
    before, after : Photo
        The picture, and the enlargement as its file holds it.
    """

    before: Photo
    after: Photo

    @property
    def levels(self) -> int:
        """Number of reductions, by 1, 2, 4, ..., of which the last one fits in a tile."""
        return 1 + max(0, math.ceil(math.log2(max(self.after.pixels.shape[:2]) / TILE)))

    def tile(self, side: Side, level: int, column: int, row: int) -> bytes | None:
        """Draw a tile.

        Parameters
        ----------
        side : {"before", "after"}
            The picture, enlarged to the same size by bicubic interpolation; or the enlargement.
        level : int
            Each pixel of the tile is the mean of 2**level by 2**level.
        column, row : int

        Returns
        -------
        bytes or None
            A PNG file; None if there is no such tile.
        """
        height, width = self.after.pixels.shape[:2]
        if not 0 <= level < self.levels or column < 0 or row < 0:
            return None
        reach = TILE << level
        left, top = column * reach, row * reach
        if left >= width or top >= height:
            return None
        right, bottom = min(left + reach, width), min(top + reach, height)
        step = max(STRIP_PIXELS // ((right - left) << level), 1) << level
        strips = [
            self._reduced(side, (left, start, right, min(start + step, bottom)), 1 << level)
            for start in range(top, bottom, step)
        ]
        photo = self.before if side == "before" else self.after
        return _png(np.concatenate(strips), photo)

    def _reduced(self, side: Side, box: tuple[int, int, int, int], factor: int) -> np.ndarray:
        left, top, right, bottom = box
        if side == "before":
            image = _enlarged(self.before.pixels, self.after.pixels.shape[:2], box)
        else:
            image = Image.fromarray(_shown(self.after.pixels[top:bottom, left:right]))
        return np.asarray(image.reduce(factor) if factor > 1 else image)


def _enlarged(pixels: np.ndarray, size: tuple[int, int], box: tuple[int, int, int, int]) -> Image.Image:
    """Enlarge pixels to (height, width) by bicubic interpolation, and return what lies in a box of the result."""
    height, width = pixels.shape[:2]
    across, down = width / size[1], height / size[0]
    left, top, right, bottom = box[0] * across, box[1] * down, box[2] * across, box[3] * down
    rows = slice(max(math.floor(top) - SUPPORT, 0), min(math.ceil(bottom) + SUPPORT, height))
    columns = slice(max(math.floor(left) - SUPPORT, 0), min(math.ceil(right) + SUPPORT, width))
    around = Image.fromarray(_shown(pixels[rows, columns]))
    inner = (left - columns.start, top - rows.start, right - columns.start, bottom - rows.start)
    return around.resize((box[2] - box[0], box[3] - box[1]), Image.Resampling.BICUBIC, box=inner)


def _shown(pixels: np.ndarray) -> np.ndarray:
    """Convert pixels to 8-bit RGB, on white where they are transparent; most pixels are that already."""
    if pixels.dtype == np.uint8 and pixels.ndim == 3 and pixels.shape[2] == 3:
        return np.ascontiguousarray(pixels)
    return eight_bit_rgb(pixels)


def _png(pixels: np.ndarray, photo: Photo) -> bytes:
    profile = profile_of_chunks(photo)
    content = io.BytesIO()
    shown = None if is_grey_profile(profile) else profile  # the pixels are RGB here
    Image.fromarray(pixels).save(content, "PNG", compress_level=FASTEST, icc_profile=shown)
    return content.getvalue()


def thumbnail(photo: Photo) -> bytes:
    """Draw a small view of a photo, as a PNG file."""
    step = max(1, max(photo.pixels.shape[:2]) // (OVERSAMPLING * THUMBNAIL))
    image = Image.fromarray(_shown(photo.pixels[step // 2 :: step, step // 2 :: step]))
    image.thumbnail((THUMBNAIL, THUMBNAIL))
    return _png(np.asarray(image), photo)


class Views:
    """The view that was opened last. One at a time, because a large one takes as much memory as its pixels."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._key: tuple[int, int] | None = None
        self._view: View | None = None

    def of(self, picture: Picture) -> View:
        """Read a picture and its enlargement, unless they are open already.

        Raises
        ------
        UserError
            If a file is gone.
        """
        key = (picture.number, picture.revision)
        with self._lock:
            if self._view is None or self._key != key:
                self._view = None  # frees its memory first
                self._view = View(read_photo(picture.source), read_photo(picture.target))
                self._key = key
            return self._view

    def close(self) -> None:
        """Free the memory."""
        with self._lock:
            self._view = None
