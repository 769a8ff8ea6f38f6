"""Users' pictures opened with care: the formats that are read, a limit on pixels, and what damaged files cause."""

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

FORMATS = {  # by suffix, as Pillow names them
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".webp": "WEBP",
}
LIMIT = "SRCNN_MAX_PIXELS"
LARGEST = 178_956_970  # pixels: where Pillow raises

logging.getLogger("PIL").addHandler(logging.NullHandler())  # what it logs about damaged files is raised as well
_stderr = threading.RLock()


@contextmanager
def opened_image(path: Path | str) -> Iterator[tuple[ImageFile.ImageFile, BinaryIO]]:
    """Open a PNG, JPEG, TIFF, BMP or WebP picture for decoding in the block; whatever that raises is a `UserError`.

    No other format is tried, whatever the file's name: Pillow starts other programs for some. Nothing is said on
    stderr. More than `LARGEST` pixels, or those that the environment's `LIMIT` allows, are refused before they are
    decoded.

    Raises
    ------
    UserError
        If the file cannot be read, or the block raises.
    """
    limit = largest_picture()
    if limit > LARGEST:
        Image.MAX_IMAGE_PIXELS = limit  # Pillow's own limit is lifted only where the user asks for it
    try:
        if not stat.S_ISREG(kind := Path(path).stat().st_mode) and not stat.S_ISDIR(kind):
            raise OSError("it is no regular file")  # opening a named pipe would wait for ever
        # A stream, not a path: what Pillow 13 maps into memory from a path, it turns wrongly.
        with (
            _quiet(),
            _Stream(Path(path).open("rb", buffering=0)) as stream,
            Image.open(stream, formats=tuple(FORMATS.values())) as file,
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
        message = f"is too large to be read safely ({error}): reduce or split it, or set {LIMIT} higher"
    except MemoryError as error:
        message = f"is too large for this machine's memory ({error}): reduce or split it"
    except OSError as error:
        message = f"cannot be read ({error.strerror or error}): check the file"
    except Exception as error:  # damaged files make decoders raise nearly anything
        message = f"is damaged ({error}): replace it"
    raise UserError(f"{path} {message}")


class _Stream(io.BufferedReader):
    """A file that is asked for no more than it has: Python takes the memory for what a header claims first."""

    def read(self, size: int | None = -1) -> bytes:
        left = max(0, os.fstat(self.fileno()).st_size - self.tell())
        return super().read(left if size is None or size < 0 else min(size, left))


def largest_picture() -> int:
    """Pixels that a picture may have."""
    named = os.environ.get(LIMIT)
    try:
        limit = int(named or LARGEST)
    except ValueError:
        limit = 0
    if limit < 1:
        raise UserError(f"{LIMIT}={named} is no number of pixels: set it to a whole number above 0")
    return limit


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep from the terminal: Pillow's warnings, OpenCV's log, and what libtiff and libpng write there themselves."""
    log = getattr(cv2.utils, "logging", cv2)  # OpenCV 4.13 moved the functions
    level = log.getLogLevel()
    log.setLogLevel(0)
    try:
        with warnings.catch_warnings(), _silent_stderr():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLogLevel(level)


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """Send the process's standard error nowhere, for one thread at a time."""
    with _stderr:
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
