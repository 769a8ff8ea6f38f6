"""Formats that Pillow opens: JPEG, BMP, GIF, WebP and AVIF; and HEIC, if pillow-heif is installed."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import BinaryIO

import imagecodecs
import numpy as np
from PIL import Image, ImageFile, UnidentifiedImageError

from paddle_srcnn.images.colour_profiles import from_cmyk
from paddle_srcnn.images.exif import orientation_of, upright
from paddle_srcnn.images.jpeg_kinds import check_jpeg_kind
from paddle_srcnn.images.jpeg_quality import estimated_quality
from paddle_srcnn.images.limits import RefusedFile, check_size
from paddle_srcnn.images.photo import Photo, resolved_palette, usable_dpi

__all__ = ["open_with_pillow", "read_heic", "read_with_pillow"]

# Pillow's modes and the modes that they are converted to.
MODES = {"1": "L", "L": "L", "LA": "LA", "La": "LA", "RGB": "RGB", "RGBX": "RGB", "RGBA": "RGBA", "RGBa": "RGBA"}
MODES |= {"YCbCr": "RGB", "P": "RGB", "PA": "RGBA", "CMYK": "CMYK"}
LUMINANCE = 0  # number of its quantisation table, in what all known programs write
COLOUR_NUMBERS = b"colrnclx"  # ITU-T H.273: primaries, transfer function
BT709, UNSPECIFIED, LIKE_SRGB = 1, 2, (1, 6, 13)
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
        exif = (file.info.get("exif") or b"").removeprefix(b"Exif\0\0") or None
        icc_profile = file.info.get("icc_profile") or None
        if file.mode in ("P", "PA"):
            pixels = resolved_palette(pixels, icc_profile)
        measured = kind == "BMP" or file.info.get("jfif_unit")  # else Pillow takes EXIF's, or a shape of pixels
        dpi = usable_dpi(file.info.get("dpi")) if measured else None
        colours = _colour_codes(stream) if kind == "AVIF" and not icc_profile else {}
        photo = Photo(pixels, icc_profile, exif, dpi, colours, jpeg_quality=_quality(file))
        if file.mode == "CMYK":
            photo = from_cmyk(photo)
        orientation = orientation_of(exif, file.info.get("xmp") or b"")
        return replace(photo, pixels=upright(photo.pixels, orientation))


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
    try:
        file = Image.open(stream, formats=[kind])
    except UnidentifiedImageError:
        if kind == "JPEG":
            check_jpeg_kind(stream)
        raise
    except OSError as error:
        if str(error).startswith("Unsupported "):
            raise RefusedFile(f"is a {kind} that is not read ({error}): save it as PNG") from None
        raise
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


def _avif_pixels(stream: BinaryIO) -> np.ndarray:
    """Decode AVIF with all its bits, of which Pillow keeps 8; 10 and 12 are widened to 16."""
    stream.seek(0)
    content = stream.read()
    pixels = imagecodecs.avif_decode(content)
    if pixels.dtype != np.uint16:
        return pixels
    bits = 12 if content[content.index(AV1_CONFIGURATION) + FLAGS] & TWELVE_BITS else 10
    return np.rint(pixels * (65535 / (2**bits - 1))).astype(np.uint16)


def _colour_codes(stream: BinaryIO) -> dict[bytes, bytes]:
    """Read an AVIF's numbers for its colours, as PNG's cICP holds them."""
    stream.seek(0)
    place = (content := stream.read()).find(COLOUR_NUMBERS)
    if place < 0:
        return {}
    return _cicp(*struct.unpack_from(">HH", content, place + len(COLOUR_NUMBERS)))


def _cicp(primaries: int, transfer: int) -> dict[bytes, bytes]:
    """Make cICP, unless the numbers are unknown or as good as sRGB."""
    usual = primaries == BT709 and transfer in LIKE_SRGB
    if usual or UNSPECIFIED in (primaries, transfer) or max(primaries, transfer) > 255:
        return {}
    return {b"cICP": bytes([primaries, transfer, 0, 1])}


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
    icc_profile, numbers = file.info.get("icc_profile") or None, file.info.get("nclx_profile")
    colours = _cicp(int(numbers["color_primaries"]), int(numbers["transfer_characteristics"])) if numbers else {}
    return Photo(
        pixels, icc_profile, exif.removeprefix(b"Exif\0\0") or None, colour_chunks={} if icc_profile else colours
    )
