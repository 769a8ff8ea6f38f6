"""Limits of decoding, and the two reasons beside damage for which a file is not read."""

from __future__ import annotations

import os

from PIL import Image

from paddle_srcnn.errors import UserError

__all__ = ["DEFAULT_LIMIT", "LIMIT_VARIABLE", "RefusedFile", "TooLargeFile", "check_size", "pixel_limit"]

LIMIT_VARIABLE = "SRCNN_MAX_PIXELS"
DEFAULT_LIMIT = 178_956_970  # pixels: twice Pillow's own limit, where Pillow raises instead of warning


class RefusedFile(Exception):
    """A file that is whole, but of a kind that is not read; the message says which, and what to do."""


class TooLargeFile(Exception):
    """A file of more pixels than the limit."""


def pixel_limit() -> int:
    """Return how many pixels an image may have: `DEFAULT_LIMIT`, or the environment's `LIMIT_VARIABLE`.

    Returns
    -------
    int

    Raises
    ------
    UserError
        If the variable holds no whole number above 0.
    """
    text = os.environ.get(LIMIT_VARIABLE)
    try:
        limit = int(text or DEFAULT_LIMIT)
    except ValueError:
        limit = 0
    if limit < 1:
        raise UserError(f"{LIMIT_VARIABLE}={text} is no number of pixels: set it to a whole number above 0")
    return limit


def check_size(width: int, height: int) -> None:
    """Check the size that a header claims, before anything is decoded.

    A program that has lowered Pillow's own limit is obeyed, unless `LIMIT_VARIABLE` allows more than the default.

    Parameters
    ----------
    width, height : int

    Raises
    ------
    ValueError
        If there are no pixels.
    TooLargeFile
        If there are more pixels than the limit.
    """
    if width < 1 or height < 1:
        raise ValueError("it has no pixels")
    limit = pixel_limit()
    if limit <= DEFAULT_LIMIT and Image.MAX_IMAGE_PIXELS is not None:
        limit = min(limit, int(2 * Image.MAX_IMAGE_PIXELS))
    if width * height > limit:
        raise TooLargeFile(f"it has {width}x{height} pixels, the limit is {limit}")
