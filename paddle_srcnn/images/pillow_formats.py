"""Formats that Pillow opens: JPEG, BMP, GIF, WebP and AVIF; and HEIC, if pillow-heif is installed."""

from __future__ import annotations

from dataclasses import replace
from typing import BinaryIO

import imagecodecs
import numpy as np
from PIL import Image, ImageFile

from paddle_srcnn.images.colour_profiles import from_cmyk
from paddle_srcnn.images.exif import upright
from paddle_srcnn.images.jpeg_quality import estimated_quality
from paddle_srcnn.images.limits import RefusedFile, check_size
from paddle_srcnn.images.photo import Photo, resolved_palette, usable_dpi

__all__ = ["open_with_pillow", "read_heic", "read_with_pillow"]

FORMATS = {"JPEG": ("JPEG", "MPO")}  # of Pillow, where not the kind's name
# Pillow's modes and the modes that they are converted to.
MODES = {"1": "L", "L": "L", "LA": "LA", "La": "LA", "RGB": "RGB", "RGBX": "RGB", "RGBA": "RGBA", "RGBa": "RGBA"}
MODES |= {"YCbCr": "RGB", "P": "RGB", "PA": "RGBA", "CMYK": "CMYK"}
ORIENTATION = 274
LUMINANCE = 0  # number of its quantisation table, in what all known programs write
AV1_CONFIGURATION, FLAGS, TWELVE_BITS = b"av1C", 6, 0x20


def read_with_pillow(stream: BinaryIO, kind: str) -> Photo:
    """Read a JPEG, BMP, GIF, WebP or AVIF. Of a file with auxiliary images (MPO) the main photo is read.

    Parameters
    ----------
    stream : binary file
    kind : str
        Pillow tries this format and no other.

    Returns
    -------
    Photo

    Raises
    ------
    RefusedFile
        If it is an animation, in a kind of colour that is not read, or of a kind that this Pillow does not read.
    TooLargeFile, ValueError
        If it has too many pixels, or is damaged. Pillow raises errors of its own.
    """
    with open_with_pillow(stream, kind) as file:
        frames = getattr(file, "n_frames", 1)
        if frames > 1 and file.format != "MPO":
            raise RefusedFile(f"is an animation of {frames} pictures: save the one you want as PNG")
        pixels = _avif_pixels(stream) if kind == "AVIF" else _pixels(file, kind)
        exif = file.info.get("exif") or b""
        icc_profile = file.info.get("icc_profile") or None
        if file.mode in ("P", "PA"):
            pixels = resolved_palette(pixels, icc_profile)
        measured = kind == "BMP" or file.info.get("jfif_unit")  # else Pillow takes EXIF's, or a shape of pixels
        dpi = usable_dpi(file.info.get("dpi")) if measured else None
        photo = Photo(pixels, icc_profile, exif.removeprefix(b"Exif\0\0") or None, dpi, jpeg_quality=_quality(file))
        if file.mode == "CMYK":
            photo = from_cmyk(photo)
        return replace(photo, pixels=upright(photo.pixels, _orientation(file)))


def open_with_pillow(stream: BinaryIO, kind: str) -> ImageFile.ImageFile:
    """Read the header of an image, and check its size.

    Parameters
    ----------
    stream : binary file
    kind : str
        Pillow tries this format and no other.

    Returns
    -------
    PIL.ImageFile.ImageFile

    Raises
    ------
    RefusedFile
        If this Pillow does not read the kind.
    TooLargeFile, ValueError
        If it has too many pixels, or is damaged. Pillow raises errors of its own.
    """
    Image.init()
    if kind not in Image.OPEN:
        raise RefusedFile(f"is {kind}, which this Pillow does not read: install a newer one, or save it as PNG")
    file = Image.open(stream, formats=FORMATS.get(kind, (kind,)))
    check_size(*file.size)
    return file


def _pixels(file: ImageFile.ImageFile, kind: str) -> np.ndarray:
    file.load()
    mode = "RGBA" if file.mode == "P" and "transparency" in file.info else MODES.get(file.mode)
    if mode is None:
        raise RefusedFile(f"is in a kind of colour that is not read ({file.mode}): convert it to RGB")
    pixels = np.asarray(file.convert(mode))
    # Windows shows such files as opaque: older programs leave the fourth byte at zero.
    unused_alpha = kind == "BMP" and mode == "RGBA" and not pixels[..., 3].any()
    return pixels[..., :3] if unused_alpha else pixels


def _quality(file: ImageFile.ImageFile) -> int | None:
    tables = getattr(file, "quantization", {})  # JPEG and MPO have tables
    return estimated_quality(tables.get(LUMINANCE))


def _orientation(file: Image.Image) -> int:
    try:
        return file.getexif().get(ORIENTATION, 1)
    except Exception:  # Pillow raises nearly anything on damaged EXIF, which takes nothing from the pixels
        return 1


def _avif_pixels(stream: BinaryIO) -> np.ndarray:
    """Decode AVIF with all its bits, of which Pillow keeps 8; 10 and 12 are widened to 16."""
    stream.seek(0)
    content = stream.read()
    pixels = imagecodecs.avif_decode(content)
    if pixels.dtype != np.uint16:
        return pixels
    bits = 12 if content[content.index(AV1_CONFIGURATION) + FLAGS] & TWELVE_BITS else 10
    return np.rint(pixels * (65535 / (2**bits - 1))).astype(np.uint16)


def read_heic(stream: BinaryIO) -> Photo:
    """Read a HEIC photo of 8 or more bits.

    Parameters
    ----------
    stream : binary file

    Returns
    -------
    Photo

    Raises
    ------
    RefusedFile
        If pillow-heif is not installed.
    TooLargeFile, ValueError
        If it has too many pixels, or is damaged. pillow-heif raises errors of its own.
    """
    try:
        import pillow_heif
    except ImportError:
        advice = "pip install 'paddle-srcnn[heic]', or convert it to JPEG or PNG"
        raise RefusedFile(f"is HEIC: {advice}") from None
    file = pillow_heif.open_heif(stream, convert_hdr_to_8bit=False)
    check_size(*file.size)
    exif = file.info.get("exif") or b""
    pixels = np.ascontiguousarray(np.asarray(file))
    return Photo(pixels, file.info.get("icc_profile") or None, exif.removeprefix(b"Exif\0\0") or None)
