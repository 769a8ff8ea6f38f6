"""Pixels of one page of a TIFF, as a photo holds them."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
import tifffile
from PIL import Image

from paddle_srcnn.images.limits import RefusedFile, check_size

__all__ = ["CMYK", "FAX", "PALETTE", "RGB", "YCBCR", "dropped_channels", "fax_pixels", "page_pixels"]

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR = 0, 1, 2, 3, 5, 6  # photometric interpretations
COLOURS = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, CMYK: 4, YCBCR: 3}  # channels without alpha
UNSPECIFIED, PREMULTIPLIED, STRAIGHT = 0, 1, 2  # kinds of extra channels
PLANAR = 2
FAX = (2, 3, 4)  # compressions


def page_pixels(page: tifffile.TiffPage) -> np.ndarray:
    """Decode a page's pixels.

    Parameters
    ----------
    page : tifffile.TiffPage
        Of a kind that `paddle_srcnn.images.tiff` has checked.

    Returns
    -------
    array of uint8 or uint16
        As `paddle_srcnn.images.photo.Photo` describes, but not upright; CMYK has its four channels.

    Raises
    ------
    RefusedFile
        If the values are negative or need more than 16 bits.
    ValueError
        If the page is damaged.
    """
    made = _unsigned(_channels_last(page))
    bits = int(page.bitspersample)
    if page.photometric == PALETTE:
        table = page.colormap
        if table is None:
            raise ValueError("it has no palette")
        # Some programs write colours of 0..255 instead of 0..65535.
        return (table >> 8 if table.max() > 255 else table).astype(np.uint8).T[made[..., 0]]
    if page.photometric == WHITE_IS_ZERO:  # alpha is not turned round
        made = np.concatenate([2 ** min(bits, 16) - 1 - made[..., :1], made[..., 1:]], axis=-1)
    if bits not in (8, 16, 32):
        made = np.rint(made * ((255 if bits < 8 else 65535) / (2**bits - 1))).astype(made.dtype)
    return _with_alpha_at_most(made, page)


def _channels_last(page: tifffile.TiffPage) -> np.ndarray:
    made, channels, shape = page.asarray(maxworkers=1), page.samplesperpixel, (page.imagelength, page.imagewidth)
    if page.planarconfig == PLANAR and channels > 1:
        return np.moveaxis(made.reshape(channels, *shape), 0, -1)
    return made.reshape(*shape, channels)


def _unsigned(made: np.ndarray) -> np.ndarray:
    if made.dtype.kind == "i" and made.min() < 0:
        raise RefusedFile("holds signed values below 0: convert it to unsigned 8 or 16 bits")
    if made.dtype.itemsize > 2 and made.max() > 65535:
        raise RefusedFile("holds values of more than 16 bits: convert it to 8 or 16 bits per channel")
    return made.astype(np.uint8 if made.dtype.itemsize == 1 else np.uint16, copy=False)


def _with_alpha_at_most(made: np.ndarray, page: tifffile.TiffPage) -> np.ndarray:
    """Keep the channels of colour, and the next one if it is alpha."""
    colours = COLOURS[int(page.photometric)]
    if made.shape[2] < colours:
        raise ValueError("it has fewer channels than its kind of colour")
    alpha, kind = _alpha(page, colours)
    if kind == UNSPECIFIED:
        return made[..., 0] if colours == 1 else made[..., :colours]
    made = made[..., [*range(colours), alpha]]
    return _straight(made) if kind == PREMULTIPLIED else made


def _alpha(page: tifffile.TiffPage, colours: int) -> tuple[int, int]:
    """Return the index of the first extra channel that is alpha, and its kind."""
    if page.photometric not in (PALETTE, CMYK):
        for index, kind in enumerate(page.extrasamples, colours):
            if kind in (PREMULTIPLIED, STRAIGHT) and index < page.samplesperpixel:
                return index, int(kind)
    return 0, UNSPECIFIED


def dropped_channels(page: tifffile.TiffPage) -> int:
    """Count the channels of a page that `page_pixels` leaves out, because they are neither colour nor alpha.

    Parameters
    ----------
    page : tifffile.TiffPage

    Returns
    -------
    int
    """
    colours = COLOURS[int(page.photometric)]
    return page.samplesperpixel - colours - (_alpha(page, colours)[1] != UNSPECIFIED)


def _straight(made: np.ndarray) -> np.ndarray:
    """Divide colours by the alpha that they were multiplied by; 8 bits are rounded down, as Pillow does."""
    alpha, top = made[..., -1:], np.iinfo(made.dtype).max
    if top == 255:
        colours = np.minimum(made[..., :-1].astype(np.uint32) * 255 // np.maximum(alpha, 1), 255)
    else:
        colours = np.minimum(np.rint(made[..., :-1] / np.maximum(alpha, 1).astype(np.float64) * top), top)
    return np.concatenate([colours.astype(made.dtype), alpha], axis=-1)


def fax_pixels(stream: BinaryIO, page: tifffile.TiffPage) -> np.ndarray:
    """Decode black and white that is compressed for fax, which tifffile learnt in 2026 only.

    libtiff, which Pillow calls, writes to file descriptor 2. It is pointed nowhere for that long, and other threads'
    output to stderr is lost.

    Parameters
    ----------
    stream : binary file
        The whole TIFF.
    page : tifffile.TiffPage

    Returns
    -------
    (H, W) array of uint8
        Upright.

    Raises
    ------
    ValueError
        If Pillow reads another picture. It raises errors of its own for damage.
    """
    stream.seek(0)
    with _silent_stderr(), Image.open(io.BytesIO(stream.read()), formats=["TIFF"]) as file:
        check_size(*file.size)
        if file.size != (page.imagewidth, page.imagelength):
            raise ValueError("its sizes disagree")
        file.load()
        return np.array(file.convert("L"))


@contextmanager
def _silent_stderr() -> Iterator[None]:
    try:
        kept = os.dup(2)
    except OSError:  # it is closed
        yield
        return
    try:
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
