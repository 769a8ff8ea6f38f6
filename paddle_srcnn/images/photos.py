"""Users' photos, read and written with their depth, transparency, colour profile and EXIF.

`paddle_srcnn.images.io` is for training and scoring, which take 8 bits of grey or RGB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageFile

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.decoding import IMAGE_FORMATS, opened_image
from paddle_srcnn.images.exif import read_exif, upright
from paddle_srcnn.images.sixteen_bit import read_sixteen_bit, write_sixteen_bit_png, write_sixteen_bit_tiff
from paddle_srcnn.system.files import atomic_path

__all__ = ["LOSSLESS_SUFFIXES", "Photo", "check_writable", "read_photo", "write_photo"]

LOSSLESS_SUFFIXES = frozenset({".png", ".tif", ".tiff", ".bmp"})
LONGEST_SIDES = {"JPEG": 65500, "WEBP": 16383}  # in pixels
LARGEST_BYTES = 2**32 - 2**20  # of pixels in TIFF and BMP, whose offsets have 32 bits
LARGEST_JPEG_EXIF = 65533  # bytes

# Pillow's modes and the modes that they are converted to. Palettes and 16 bits are handled apart.
MODES = {"1": "L", "L": "L", "LA": "LA", "La": "LA", "RGB": "RGB", "RGBX": "RGB", "RGBA": "RGBA", "RGBa": "RGBA"}
MODES |= {"YCbCr": "RGB", "P": "RGB", "PA": "RGBA", "I;16": "", "I;16B": ""}

# Factors by which Pillow widens grey of few bits. It does not widen the transparent level.
GREY_STEPS = {"1": 255, "L;2": 85, "L;4": 17}

TAG = ExifTags.Base


@dataclass(frozen=True)
class Photo:
    """A photo as its file holds it, upright.

    Attributes
    ----------
    pixels : array of uint8 or uint16
        (H, W) grey, (H, W, 2) grey and alpha, (H, W, 3) RGB or (H, W, 4) RGBA; alpha is straight, not premultiplied.
    icc_profile : bytes or None
        The colour profile.
    exif : bytes or None
        EXIF as Pillow writes it, with the entries that remain true of the upright, enlarged photo: no orientation, no
        sizes and positions in pixels, no thumbnail, no maker's note.
    """

    pixels: np.ndarray
    icc_profile: bytes | None = None
    exif: bytes | None = None


def read_photo(path: Path | str) -> Photo:
    """Read a PNG, JPEG, TIFF, BMP or WebP photo with its depth, transparency, colour profile and EXIF.

    Palettes become RGB or RGBA, or grey if all colours are grey. Single bits become 8-bit grey. The function applies
    the EXIF orientation. It reads the main photo of a file with auxiliary images (MPO). It does not keep XMP, IPTC and
    PNG's other chunks.

    Parameters
    ----------
    path : Path or str

    Returns
    -------
    Photo

    Raises
    ------
    UserError
        If the file cannot be read, is no such photo, is truncated or too large, or holds CMYK, floating point or
        several images.
    """
    with opened_image(path) as (file, stream):
        _check_readable(path, file)
        return _decode(file, stream)


def _check_readable(path: Path | str, file: Image.Image) -> None:
    frames = getattr(file, "n_frames", 1)
    if frames > 1 and file.format != "MPO":
        raise UserError(f"{path} holds {frames} pictures (an animation, or pages): save the one you want as PNG")
    if file.mode == "CMYK":
        raise UserError(f"{path} is in CMYK: convert it to RGB")
    if file.mode == "F":
        raise UserError(f"{path} holds floating-point values: convert it to 8 or 16 bits per channel")
    tags, depth = _tiff_tags(file), _tiff_depth(file)
    sixteen_bit_png_of_old_pillow = file.format == "PNG" and file.mode == "I"
    if (file.mode not in MODES and not sixteen_bit_png_of_old_pillow) or depth not in (1, 2, 4, 8, 16):
        raise UserError(f"{path} is in a kind of colour that is not read ({file.mode}): convert it to 8 or 16-bit RGB")
    if tags.get(TAG.NewSubfileType, 0) & 1:  # as camera raw files begin
        raise UserError(f"{path} begins with a preview: develop or export it as a TIFF of its own")


def _tiff_tags(file: Image.Image) -> Mapping[int, Any]:
    return getattr(file, "tag_v2", {})


def _tiff_depth(file: Image.Image) -> int:
    """Return the bits of a TIFF's deepest channel; 1 for other formats."""
    return max(_tiff_tags(file).get(TAG.BitsPerSample, (1,)))


def _decode(file: ImageFile.ImageFile, stream: BinaryIO) -> Photo:
    icc_profile = file.info.get("icc_profile") or None
    raw_mode = str(file.tile[0][3]) if file.format == "PNG" else ""
    sixteen_bit = ";16" in raw_mode or (file.format == "TIFF" and _tiff_depth(file) == 16)
    file.load()
    orientation, exif = read_exif(file)
    if sixteen_bit:
        pixels = read_sixteen_bit(file, stream, grey_alpha=raw_mode.startswith("LA"))
    else:
        with_alpha = file.mode == "P" and "transparency" in file.info
        pixels = np.asarray(file.convert("RGBA" if with_alpha else MODES[file.mode]))
        if file.mode in ("P", "PA") and icc_profile is None and (pixels[..., :1] == pixels[..., 1:3]).all():
            pixels = pixels[..., [0, 3]] if pixels.shape[2] == 4 else pixels[..., 0]
    if "transparency" in file.info and file.mode != "P":
        key = file.info["transparency"]
        pixels = _with_alpha(pixels, min(key * GREY_STEPS[raw_mode], 255) if raw_mode in GREY_STEPS else key)
    return Photo(upright(pixels, orientation), icc_profile, exif)


def _with_alpha(pixels: np.ndarray, transparent: int | tuple[int, ...]) -> np.ndarray:
    """Add an alpha channel to pixels in which one level of grey, or one colour, is transparent."""
    opaque = pixels != np.asarray(transparent)
    opaque = opaque if opaque.ndim == 2 else opaque.any(axis=-1)
    return np.dstack([pixels, opaque * pixels.dtype.type(np.iinfo(pixels.dtype).max)])


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
    sixteen_bit, alpha = pixels.dtype == np.uint16, pixels.ndim == 3 and pixels.shape[2] in (2, 4)
    if sixteen_bit and file_format not in ("PNG", "TIFF"):
        raise UserError(f"{path}: {file_format} cannot hold the picture's 16 bits per channel: write PNG or TIFF")
    if alpha and file_format in ("JPEG", "BMP"):
        raise UserError(f"{path}: {file_format} cannot hold the picture's transparency: write PNG, TIFF or WebP")
    if sixteen_bit and pixels.shape[2:] == (2,) and file_format == "TIFF":  # no library here would read it again
        raise UserError(f"{path}: 16-bit grey with transparency is not written as TIFF: write PNG")
    if max(pixels.shape[:2]) * scale > LONGEST_SIDES.get(file_format, np.inf):
        raise UserError(f"{path}: {file_format} holds {LONGEST_SIDES[file_format]} pixels a side: write PNG or TIFF")
    if file_format in ("TIFF", "BMP") and pixels.nbytes * scale**2 > LARGEST_BYTES:
        raise UserError(f"{path}: {file_format} holds 4 GiB, the picture would be larger: write PNG")
    if file_format == "JPEG" and len(photo.exif or b"") > LARGEST_JPEG_EXIF:
        raise UserError(f"{path}: JPEG cannot hold the picture's long EXIF: write PNG, TIFF or WebP")


def write_photo(path: Path, photo: Photo, *, quality: int = 95) -> None:
    """Write a photo so that `path` holds the whole of it or what it held before.

    PNG, TIFF and BMP keep every pixel. BMP cannot hold the profile and EXIF. WebP holds grey as RGB.

    Parameters
    ----------
    path : Path
        Its suffix names the format.
    photo : Photo
    quality : int, optional
        Quality of JPEG and WebP, from 1 to 100. The colour of JPEG is not subsampled.

    Raises
    ------
    UserError
        If the format cannot hold the photo (see `check_writable`) or the file cannot be written.
    """
    check_writable(path, photo)
    file_format = IMAGE_FORMATS[path.suffix.lower()]
    with atomic_path(path) as temporary:
        if photo.pixels.dtype == np.uint16:
            write = write_sixteen_bit_png if file_format == "PNG" else write_sixteen_bit_tiff
            write(temporary, photo.pixels, photo.icc_profile, photo.exif)
            return
        options: dict[str, Any] = {"icc_profile": photo.icc_profile, "exif": photo.exif}
        options |= {"JPEG": {"quality": quality, "subsampling": 0}, "WEBP": {"quality": quality}}.get(file_format, {})
        Image.fromarray(photo.pixels).save(temporary, **{key: v for key, v in options.items() if v is not None})
