"""One decoder for all paths: known formats only, a limit on pixels, and words that are true of the file.

Decoding needs two settings of the whole process: Pillow's `Image.MAX_IMAGE_PIXELS` and the filters of `warnings`.
`decode` changes them for the length of its work and restores them after it. A lock lets one thread at a time decode, so
that no thread restores what another one has set.
"""

from __future__ import annotations

import io
import logging
import os
import stat
import struct
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.bmp import read_bmp
from paddle_srcnn.images.colour_profiles import fitting_profile
from paddle_srcnn.images.exif import adapted_exif
from paddle_srcnn.images.kinds import kind_of
from paddle_srcnn.images.limits import DEFAULT_LIMIT, LIMIT_VARIABLE, RefusedFile, TooLargeFile, check_size, pixel_limit
from paddle_srcnn.images.photo import Photo
from paddle_srcnn.images.pillow_formats import open_with_pillow, read_heic, read_with_pillow
from paddle_srcnn.images.png import read_png
from paddle_srcnn.images.tiff import read_tiff

__all__ = ["decode", "image_size"]

READ = "PNG, JPEG, TIFF, BMP, WebP, GIF, AVIF or HEIC"
HEAD = 32  # bytes that tell a kind
LIBHEIF_WORDS = "Memory allocation error: "  # before the name of a limit; no memory was asked for

_process_settings = threading.RLock()
_loggers = [logging.getLogger(name) for name in ("PIL", "tifffile", "imagecodecs")]


def decode(path: Path | str) -> Photo:
    """Read a file's photo.

    The file's content tells its format, and no other is tried, whatever its name: Pillow starts other programs for
    some. Nothing is written to stderr. An image of more pixels than the limit is refused before it is decoded.

    Parameters
    ----------
    path : Path or str

    Returns
    -------
    Photo

    Raises
    ------
    UserError
        If the file cannot be read, is of a kind that is not read, is damaged or too large.
    """
    limit = pixel_limit()
    try:
        with _decoding(limit), _opened(path) as stream:
            return _adapted(fitting_profile(_photo(stream)))
    except RefusedFile as error:
        message = str(error)
    except (TooLargeFile, Image.DecompressionBombError) as error:
        message = f"is too large to be read safely ({error}): reduce or split it, or set {LIMIT_VARIABLE} higher"
    except MemoryError as error:
        message = f"is too large for this machine's memory ({error}): reduce or split it"
    except UnidentifiedImageError:
        message = "is damaged (its header cannot be read): replace it"
    except OSError as error:
        message = _system_message(error)
    except Exception as error:  # damaged files make decoders raise nearly anything
        message = f"is damaged ({' '.join(str(error).split()).replace(LIBHEIF_WORDS, '')}): replace it"
    raise UserError(f"{path} {message}")


def image_size(path: Path | str) -> tuple[int, int] | None:
    """Read the size of a file's image without decoding it.

    Parameters
    ----------
    path : Path or str

    Returns
    -------
    height, width : int
        Before EXIF's orientation is applied. None for a file that `decode` refuses, and for some that it reads.
    """
    try:
        with _decoding(pixel_limit()), _opened(path) as stream:
            head = stream.read(HEAD)
            stream.seek(0)
            kind = kind_of(head)
            if kind is None or not kind.is_read or kind == "HEIC":
                return None
            if kind == "PNG":  # Pillow refuses some for their metadata
                width, height = struct.unpack(">II", head[16:24])
                check_size(width, height)
                return height, width
            with open_with_pillow(stream, kind) as file:
                return file.height, file.width
    except Exception:  # decode says which
        return None


def _opened(path: Path | str) -> _Stream:
    if not stat.S_ISREG(kind := Path(path).stat().st_mode) and not stat.S_ISDIR(kind):
        raise OSError("it is no regular file")  # opening a named pipe would wait for ever
    # A stream, not a path: what Pillow 13 maps into memory from a path, it turns wrongly.
    return _Stream(Path(path).open("rb", buffering=0))


def _system_message(error: OSError) -> str:
    """Tell an error of the system, which has a number, from one of a decoder."""
    if error.strerror or str(error) == "it is no regular file":
        return f"cannot be read ({error.strerror or error}): check the file"
    return f"is damaged ({error}): replace it"


def _photo(stream: BinaryIO) -> Photo:
    head = stream.read(HEAD)
    stream.seek(0)
    kind = kind_of(head)
    if kind is None:
        raise RefusedFile(f"is no picture of a kind that is read ({READ}): save it as PNG")
    if not kind.is_read:
        raise RefusedFile(f"is {kind}, which is not read: save it as PNG")
    if kind == "PNG":
        return read_png(stream)
    if kind == "TIFF":
        return read_tiff(stream)
    if kind == "BMP":
        return read_bmp(stream)
    return read_heic(stream) if kind == "HEIC" else read_with_pillow(stream, kind)


def _adapted(photo: Photo) -> Photo:
    """Make EXIF true of the upright pixels, or drop it with a note if it is damaged."""
    if photo.exif is None:
        return photo
    height, width = photo.pixels.shape[:2]
    exif = adapted_exif(photo.exif, width, height)
    notes = photo.notes if exif else (*photo.notes, "has damaged EXIF; it is dropped")
    return replace(photo, exif=exif, notes=notes)


class _Stream(io.BufferedReader):
    """A file that is never asked for more bytes than it has: Python allocates what a damaged header claims."""

    def read(self, size: int | None = -1) -> bytes:
        left = max(0, os.fstat(self.fileno()).st_size - self.tell())
        return super().read(left if size is None or size < 0 else min(size, left))


@contextmanager
def _decoding(limit: int) -> Iterator[None]:
    """Change the process's settings for the length of the block, in one thread at a time."""
    with _process_settings, _pillow_limit(limit), _quiet_loggers(), warnings.catch_warnings():
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
    """Keep the decoders' logs off the terminal: damage that they log is raised as well.

    A program that has configured `logging` still receives their records.
    """
    handler = logging.NullHandler()
    for logger in _loggers:
        logger.addHandler(handler)
    try:
        yield
    finally:
        for logger in _loggers:
            logger.removeHandler(handler)
