"""Safe decoding of users' files: known formats only, a limit on pixels, one kind of error for damage.

Decoding needs four settings of the whole process: Pillow's `Image.MAX_IMAGE_PIXELS`, the filters of `warnings`,
OpenCV's log level, and file descriptor 2. libtiff and libpng write to the last one. `opened_image` changes them for the
length of its block and restores them after it. A lock lets one thread at a time into such a block, so that no thread
restores what another one has set. Other threads' output to stderr is lost for that long.
"""

from __future__ import annotations

import io
import logging
import os
import stat
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import cv2
from PIL import Image, ImageFile, UnidentifiedImageError

from paddle_srcnn.errors import UserError

__all__ = ["IMAGE_FORMATS", "IMAGE_SUFFIXES", "opened_image", "pixel_limit"]

IMAGE_FORMATS = {  # by suffix, as Pillow names them
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".webp": "WEBP",
}
IMAGE_SUFFIXES = frozenset(IMAGE_FORMATS)
LIMIT_VARIABLE = "SRCNN_MAX_PIXELS"
DEFAULT_LIMIT = 178_956_970  # pixels: twice Pillow's own limit, where Pillow raises instead of warning

_process_settings = threading.RLock()


@contextmanager
def opened_image(path: Path | str) -> Iterator[tuple[ImageFile.ImageFile, BinaryIO]]:
    """Open a PNG, JPEG, TIFF, BMP or WebP file for decoding in the block.

    Pillow tries no other format, whatever the file's name: for some it would start other programs. Decoders write
    nothing to stderr in the block. The function refuses an image of more pixels than `pixel_limit` before decoding.

    Parameters
    ----------
    path : Path or str

    Yields
    ------
    file : PIL.ImageFile.ImageFile
        The image, not decoded yet.
    stream : binary file
        The file that `file` reads from.

    Raises
    ------
    UserError
        If the file cannot be read, or the block raises.
    """
    limit = pixel_limit()
    try:
        if not stat.S_ISREG(kind := Path(path).stat().st_mode) and not stat.S_ISDIR(kind):
            raise OSError("it is no regular file")  # opening a named pipe would wait for ever
        # A stream, not a path: what Pillow 13 maps into memory from a path, it turns wrongly.
        with (
            _decoding(limit),
            _Stream(Path(path).open("rb", buffering=0)) as stream,
            Image.open(stream, formats=tuple(IMAGE_FORMATS.values())) as file,
        ):
            width, height = file.size
            if width * height > limit:
                raise Image.DecompressionBombError(f"it has {width}x{height} pixels, the limit is {limit}")
            yield file, stream
            return
    except UserError:
        raise
    except UnidentifiedImageError:
        message = "is not a PNG, JPEG, TIFF, BMP or WebP picture of 8 or 16 bits that can be decoded: save it as PNG"
    except Image.DecompressionBombError as error:
        message = f"is too large to be read safely ({error}): reduce or split it, or set {LIMIT_VARIABLE} higher"
    except MemoryError as error:
        message = f"is too large for this machine's memory ({error}): reduce or split it"
    except OSError as error:
        message = f"cannot be read ({error.strerror or error}): check the file"
    except Exception as error:  # damaged files make decoders raise nearly anything
        message = f"is damaged ({error}): replace it"
    raise UserError(f"{path} {message}")


class _Stream(io.BufferedReader):
    """A file that is never asked for more bytes than it has: Python allocates what a damaged header claims."""

    def read(self, size: int | None = -1) -> bytes:
        left = max(0, os.fstat(self.fileno()).st_size - self.tell())
        return super().read(left if size is None or size < 0 else min(size, left))


def pixel_limit() -> int:
    """Return how many pixels an image may have: `DEFAULT_LIMIT`, or the environment's `LIMIT_VARIABLE`.

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


@contextmanager
def _decoding(limit: int) -> Iterator[None]:
    """Change the process's settings for the length of the block, in one thread at a time."""
    with _process_settings, _pillow_limit(limit), _quiet_loggers(), warnings.catch_warnings(), _silent_stderr():
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _pillow_limit(limit: int) -> Iterator[None]:
    """Raise Pillow's own limit where the user allows more pixels than Pillow does."""
    before = Image.MAX_IMAGE_PIXELS
    if limit > DEFAULT_LIMIT:
        Image.MAX_IMAGE_PIXELS = limit
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = before


@contextmanager
def _quiet_loggers() -> Iterator[None]:
    """Keep the logs of Pillow and OpenCV off the terminal: damage that they log is raised as well.

    A program that has configured `logging` still receives Pillow's records.
    """
    pillow, handler = logging.getLogger("PIL"), logging.NullHandler()
    opencv = getattr(cv2.utils, "logging", cv2)  # OpenCV 4.13 moved the functions
    level = opencv.getLogLevel()
    pillow.addHandler(handler)
    opencv.setLogLevel(0)
    try:
        yield
    finally:
        opencv.setLogLevel(level)
        pillow.removeHandler(handler)


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """Point file descriptor 2 nowhere."""
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
