"""Users' pictures, read and written without loss: depth, transparency, colour profile and EXIF.

`paddle_srcnn.images.io.read_image` is for training and scoring, which take 8 bits of grey or RGB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import ExifTags, Image, ImageFile

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.decoding import FORMATS, opened_image
from paddle_srcnn.images.exif import read_exif, upright
from paddle_srcnn.images.sixteen_bit import read_deep, write_deep_png, write_deep_tiff
from paddle_srcnn.system.files import atomic_path

LONGEST_SIDES = {"JPEG": 65500, "WEBP": 16383}
LARGEST_BYTES = 2**32 - 2**20  # of pixels in TIFF and BMP, whose offsets have 32 bits
LARGEST_JPEG_EXIF = 65533

# Pillow's modes, and those that they are read as; palettes and 16 bits apart.
MODES = {"1": "L", "L": "L", "LA": "LA", "La": "LA", "RGB": "RGB", "RGBX": "RGB", "RGBA": "RGBA", "RGBa": "RGBA"}
MODES |= {"YCbCr": "RGB", "P": "RGB", "PA": "RGBA", "I;16": "", "I;16B": ""}

STEPS_OF_GREY = {"1": 255, "L;2": 85, "L;4": 17}  # by which Pillow widens few bits, but not the transparent level

TAG = ExifTags.Base


@dataclass(frozen=True)
class Photo:
    """A picture as its file holds it, upright.

    Attributes
    ----------
    pixels : array of uint8 or uint16
        (H, W) grey, (H, W, 2) grey and alpha, (H, W, 3) RGB or (H, W, 4) RGBA; alpha is straight, not premultiplied.
    icc_profile : bytes or None
        The colour profile.
    exif : bytes or None
        EXIF as Pillow writes it, with what is still true of the picture turned upright and enlarged: no orientation,
        no sizes and places in pixels, no thumbnail, no maker's note.
    """

    pixels: np.ndarray
    icc_profile: bytes | None = None
    exif: bytes | None = None


def read_photo(path: Path | str) -> Photo:
    """Read a PNG, JPEG, TIFF, BMP or WebP picture with its depth, transparency, colour profile and EXIF.

    Palettes become RGB or RGBA (grey, where all colours are grey), single bits become 8-bit grey, and the EXIF
    orientation is applied. Of a photograph with auxiliary pictures (MPO) the photograph is read. XMP, IPTC and PNG's
    other chunks are not kept.

    Raises
    ------
    UserError
        If the file cannot be read, is no such picture, is truncated or too large, or holds CMYK, floating point or
        several pictures.
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
    deep_png_of_old_pillow = file.format == "PNG" and file.mode == "I"
    if (file.mode not in MODES and not deep_png_of_old_pillow) or depth not in (1, 2, 4, 8, 16):
        raise UserError(f"{path} is in a kind of colour that is not read ({file.mode}): convert it to 8 or 16-bit RGB")
    if tags.get(TAG.NewSubfileType, 0) & 1:  # as camera raw files begin
        raise UserError(f"{path} begins with a preview: develop or export it as a TIFF of its own")


def _tiff_tags(file: Image.Image) -> Mapping[int, Any]:
    return getattr(file, "tag_v2", {})


def _tiff_depth(file: Image.Image) -> int:
    """Bits of a TIFF's deepest channel; 1 for other formats."""
    return max(_tiff_tags(file).get(TAG.BitsPerSample, (1,)))


def _decode(file: ImageFile.ImageFile, stream: BinaryIO) -> Photo:
    icc_profile = file.info.get("icc_profile") or None
    raw_mode = str(file.tile[0][3]) if file.format == "PNG" else ""
    deep = ";16" in raw_mode or (file.format == "TIFF" and _tiff_depth(file) == 16)
    file.load()
    orientation, exif = read_exif(file)
    if deep:
        pixels = read_deep(file, stream, grey_alpha=raw_mode.startswith("LA"))
    else:
        with_alpha = file.mode == "P" and "transparency" in file.info
        pixels = np.asarray(file.convert("RGBA" if with_alpha else MODES[file.mode]))
        if file.mode in ("P", "PA") and icc_profile is None and (pixels[..., :1] == pixels[..., 1:3]).all():
            pixels = pixels[..., [0, 3]] if pixels.shape[2] == 4 else pixels[..., 0]
    if "transparency" in file.info and file.mode != "P":
        key = file.info["transparency"]
        pixels = _with_alpha(pixels, min(key * STEPS_OF_GREY[raw_mode], 255) if raw_mode in STEPS_OF_GREY else key)
    return Photo(upright(pixels, orientation), icc_profile, exif)


def _with_alpha(pixels: np.ndarray, transparent: int | tuple[int, ...]) -> np.ndarray:
    """Add the alpha of a picture in which one level of grey, or one colour, is transparent."""
    opaque = pixels != np.asarray(transparent)
    opaque = opaque if opaque.ndim == 2 else opaque.any(axis=-1)
    return np.dstack([pixels, opaque * pixels.dtype.type(np.iinfo(pixels.dtype).max)])


def check_writable(path: Path, picture: Photo, *, scale: float = 1) -> None:
    """Check, before anything is computed, that the format of `path` can hold a picture.

    Parameters
    ----------
    path : Path
        Its suffix names the format.
    picture : Picture
        The picture before it is enlarged.
    scale : float, optional
        By how much it will be enlarged.

    Raises
    ------
    UserError
        If the suffix names no known format, or the format cannot hold the depth, alpha, size or EXIF.
    """
    file_format = FORMATS.get(path.suffix.lower())
    if file_format is None:
        raise UserError(f"{path} names no format to write: end it in {', '.join(FORMATS)}")
    pixels = picture.pixels
    deep, alpha = pixels.dtype == np.uint16, pixels.ndim == 3 and pixels.shape[2] in (2, 4)
    if deep and file_format not in ("PNG", "TIFF"):
        raise UserError(f"{path}: {file_format} cannot hold the picture's 16 bits per channel: write PNG or TIFF")
    if alpha and file_format in ("JPEG", "BMP"):
        raise UserError(f"{path}: {file_format} cannot hold the picture's transparency: write PNG, TIFF or WebP")
    if deep and pixels.shape[2:] == (2,) and file_format == "TIFF":  # no library here would read it again
        raise UserError(f"{path}: 16-bit grey with transparency is not written as TIFF: write PNG")
    if max(pixels.shape[:2]) * scale > LONGEST_SIDES.get(file_format, np.inf):
        raise UserError(f"{path}: {file_format} holds {LONGEST_SIDES[file_format]} pixels a side: write PNG or TIFF")
    if file_format in ("TIFF", "BMP") and pixels.nbytes * scale**2 > LARGEST_BYTES:
        raise UserError(f"{path}: {file_format} holds 4 GiB, the picture would be larger: write PNG")
    if file_format == "JPEG" and len(picture.exif or b"") > LARGEST_JPEG_EXIF:
        raise UserError(f"{path}: JPEG cannot hold the picture's long EXIF: write PNG, TIFF or WebP")


def write_photo(path: Path, picture: Photo, *, quality: int = 95) -> None:
    """Write a picture so that `path` holds the whole of it or what it held before.

    PNG, TIFF and BMP keep every pixel; BMP has no place for the profile and EXIF. WebP holds grey as RGB.

    Parameters
    ----------
    path : Path
        Its suffix names the format.
    picture : Picture
    quality : int, optional
        Of JPEG (whose colour is not subsampled) and WebP, from 1 to 100.

    Raises
    ------
    UserError
        If the format cannot hold the picture (see `check_writable`) or the file cannot be written.
    """
    check_writable(path, picture)
    file_format = FORMATS[path.suffix.lower()]
    with atomic_path(path) as temporary:
        if picture.pixels.dtype == np.uint16:
            write = write_deep_png if file_format == "PNG" else write_deep_tiff
            write(temporary, picture.pixels, picture.icc_profile, picture.exif)
            return
        options: dict[str, Any] = {"icc_profile": picture.icc_profile, "exif": picture.exif}
        options |= {"JPEG": {"quality": quality, "subsampling": 0}, "WEBP": {"quality": quality}}.get(file_format, {})
        Image.fromarray(picture.pixels).save(temporary, **{key: v for key, v in options.items() if v is not None})
