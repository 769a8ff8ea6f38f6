"""Users' photos, read and written with their depth, transparency, colours, resolution and EXIF.

`paddle_srcnn.images.io` is for training and scoring, which take 8 bits of grey or RGB.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.colour_profiles import is_grey_profile, profile_of_chunks
from paddle_srcnn.images.decoding import decode
from paddle_srcnn.images.exif import adapted_exif, exif_dpi, with_resolution
from paddle_srcnn.images.kinds import IMAGE_FORMATS
from paddle_srcnn.images.photo import Photo
from paddle_srcnn.images.png import write_png
from paddle_srcnn.images.tiff_writing import write_tiff
from paddle_srcnn.system.files import atomic_path

__all__ = ["LOSSLESS_SUFFIXES", "Photo", "check_writable", "losses", "read_photo", "write_photo"]

LOSSLESS_SUFFIXES = frozenset({".png", ".tif", ".tiff", ".bmp", ".dib"})
LONGEST_SIDES = {"JPEG": 65500, "WEBP": 16383}  # in pixels
LARGEST_BYTES = 2**32 - 2**20  # of pixels in TIFF and BMP, whose offsets have 32 bits
LARGEST_JPEG_EXIF = 65527  # bytes
SRGB_CODES = b"\x01\x0d"  # of cICP: primaries and transfer function
INCH = 0.0254  # metres


def read_photo(path: Path | str) -> Photo:
    """Read a photo with its depth, transparency, colour profile, resolution and EXIF.

    PNG, JPEG, TIFF, BMP, WebP, GIF and AVIF are read, and HEIC if pillow-heif is installed. Palettes become RGB or RGBA
    (grey, where all colours are grey), single bits become 8-bit grey, CMYK becomes RGB, and the EXIF orientation is
    applied. XMP, IPTC and PNG's texts are not kept.

    Parameters
    ----------
    path : Path or str

    Returns
    -------
    Photo

    Raises
    ------
    UserError
        If the file cannot be read, is no such photo, is damaged or too large, or holds floating point or several
        pictures.
    """
    return decode(path)


def check_writable(path: Path, photo: Photo, *, scale: float = 1) -> None:
    """Check, before any computation, that the format of `path` can hold a photo.

    Parameters
    ----------
    path : Path
        Its suffix names the format.
    photo : Photo
        The photo before it is upscaled.
    scale : float, optional
        The factor by which it will be upscaled.

    Raises
    ------
    UserError
        If the suffix names no known format, or the format cannot hold the depth, alpha, size or EXIF.
    """
    file_format = IMAGE_FORMATS.get(path.suffix.lower())
    if file_format is None:
        raise UserError(f"{path} names no format to write: end it in {', '.join(IMAGE_FORMATS)}")
    pixels = photo.pixels
    if pixels.dtype == np.uint16 and file_format not in ("PNG", "TIFF"):
        raise UserError(f"{path}: {file_format} cannot hold the picture's 16 bits per channel: write PNG or TIFF")
    if file_format == "JPEG" and _has_alpha(pixels) and not _is_opaque(pixels):
        raise UserError(f"{path}: {file_format} cannot hold the picture's transparency: write PNG, TIFF or WebP")
    if max(pixels.shape[:2]) * scale > LONGEST_SIDES.get(file_format, np.inf):
        raise UserError(f"{path}: {file_format} holds {LONGEST_SIDES[file_format]} pixels a side: write PNG or TIFF")
    if file_format in ("TIFF", "BMP") and pixels.nbytes * scale**2 > LARGEST_BYTES:
        raise UserError(f"{path}: {file_format} holds 4 GiB, the picture would be larger: write PNG")
    if file_format == "JPEG" and len(photo.exif or b"") > LARGEST_JPEG_EXIF:
        raise UserError(f"{path}: JPEG cannot hold the picture's long EXIF: write PNG, TIFF or WebP")


def _has_alpha(pixels: np.ndarray) -> bool:
    return pixels.ndim == 3 and pixels.shape[2] in (2, 4)


def _is_opaque(pixels: np.ndarray) -> bool:
    return bool((pixels[..., -1] == np.iinfo(pixels.dtype).max).all())


def losses(path: Path, photo: Photo) -> list[str]:
    """List what the format of `path` cannot hold of a photo's metadata.

    Parameters
    ----------
    path : Path
        Its suffix names a format that holds the pixels; see `check_writable`.
    photo : Photo

    Returns
    -------
    list of str
        Sentences, each of which continues the file's name.
    """
    file_format, found = IMAGE_FORMATS[path.suffix.lower()], []
    profile = profile_of_chunks(photo)
    codes = photo.colour_chunks.get(b"cICP", SRGB_CODES)[:2]
    if file_format == "BMP" and (profile or photo.exif):
        found.append("loses its colour profile and EXIF, which BMP cannot hold: write PNG or TIFF to keep them")
    if file_format == "WEBP" and is_grey_profile(profile):
        found.append("loses its colour profile for grey, since WebP holds grey as RGB: write PNG or TIFF to keep it")
    if file_format != "PNG" and codes != SRGB_CODES and not photo.icc_profile:
        found.append(f"loses its colour space (cICP), so its colours change in {file_format}: write PNG to keep it")
    return found


def write_photo(path: Path | str, photo: Photo, *, quality: int = 95) -> None:
    """Write a photo so that `path` holds the whole of it or what it held before.

    PNG, TIFF and BMP keep every pixel. `losses` lists the metadata that a format cannot hold. WebP holds grey as RGB,
    and BMP holds grey with transparency as RGBA. JPEG and BMP leave out an alpha channel that is opaque everywhere.

    Parameters
    ----------
    path : Path or str
        Its suffix names the format.
    photo : Photo
    quality : int, optional
        Quality of JPEG and WebP, from 1 to 100. The colour of JPEG is not subsampled.

    Raises
    ------
    UserError
        If the format cannot hold the photo (see `check_writable`) or the file cannot be written.
    """
    path = Path(path)
    check_writable(path, photo)
    file_format = IMAGE_FORMATS[path.suffix.lower()]
    height, width = photo.pixels.shape[:2]
    exif = adapted_exif(photo.exif, width, height) if photo.exif else None
    dpi = photo.dpi or exif_dpi(exif)
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        if file_format == "PNG":
            write_png(file, photo, exif, dpi)
        elif file_format == "TIFF":
            profile = profile_of_chunks(photo)
            write_tiff(file, photo.pixels, icc_profile=profile, exif=with_resolution(exif, dpi))
        elif file_format == "BMP":
            _write_bmp(file, photo.pixels, dpi)
        else:
            _write_lossy(file, file_format, photo, exif, dpi, quality)


def _write_lossy(
    file: BinaryIO,
    file_format: str,
    photo: Photo,
    exif: bytes | None,
    dpi: tuple[float, float] | None,
    quality: int,
) -> None:
    """Write a JPEG, or a WebP, which holds a resolution in EXIF alone."""
    pixels, profile = photo.pixels, profile_of_chunks(photo)
    options: dict[str, Any] = {"quality": quality}
    if file_format == "JPEG":
        pixels = _without_opaque_alpha(pixels)
        options |= {"subsampling": 0, "dpi": dpi}
    else:
        profile = None if is_grey_profile(profile) else profile
        exif = with_resolution(exif, dpi)
    options |= {"icc_profile": profile, "exif": b"Exif\0\0" + exif if exif else None}
    given = {key: value for key, value in options.items() if value is not None}
    Image.fromarray(pixels).save(file, file_format, **given)


def _without_opaque_alpha(pixels: np.ndarray) -> np.ndarray:
    if not _has_alpha(pixels) or not _is_opaque(pixels):
        return pixels
    return pixels[..., 0] if pixels.shape[2] == 2 else pixels[..., :3]


def _write_bmp(file: BinaryIO, pixels: np.ndarray, dpi: tuple[float, float] | None) -> None:
    pixels = _without_opaque_alpha(pixels)
    if not _has_alpha(pixels):
        Image.fromarray(pixels).save(file, "BMP", dpi=dpi or (0, 0))  # zero is unknown; Pillow would write 96
        return
    # A header of version 5, which says that there is alpha. Pillow's says nothing of it.
    height, width = pixels.shape[:2]
    order = [2, 1, 0, 3] if pixels.shape[2] == 4 else [0, 0, 0, 1]
    rows = np.ascontiguousarray(pixels[::-1, :, order])
    density = [round(value / INCH) for value in dpi or (0, 0)]
    header = struct.pack("<IiiHHIIiiII", 124, width, height, 1, 32, 3, rows.nbytes, *density, 0, 0)
    header += struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000) + b"BGRs"
    file.write(b"BM" + struct.pack("<IHHI", 14 + 124 + rows.nbytes, 0, 0, 14 + 124) + header.ljust(124, b"\0"))
    file.write(rows.data)
