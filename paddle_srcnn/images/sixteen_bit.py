"""Pictures of 16 bits per channel, of which Pillow keeps 8: decoded by OpenCV, written here.

OpenCV writes no grey with alpha, and TIFF without the mark of alpha, the colour profile and EXIF.
"""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np
from PIL import ExifTags, Image
from PIL.PngImagePlugin import putchunk
from PIL.TiffImagePlugin import ImageFileDirectory_v2

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST_CHUNK = 2**30
LEVEL = 3  # of zlib: 6 takes twice the time for 1% less of a smooth picture
PNG_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # by number of channels
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2  # TIFF's photometric interpretations
PREMULTIPLIED, STRAIGHT = 1, 2  # TIFF's kinds of alpha
EXTRA_SAMPLES = 338

TAG = ExifTags.Base


def read_deep(file: Image.Image, stream: BinaryIO, *, grey_alpha: bool) -> np.ndarray:
    """Pixels of a 16-bit PNG or TIFF.

    Parameters
    ----------
    file : Image
        The picture as Pillow has loaded it, with the orientation of TIFF, but not that of PNG, applied.
    stream : binary file
        Where Pillow has loaded it from.
    grey_alpha : bool
        Whether the file holds grey and alpha, which both libraries give as RGBA.

    Returns
    -------
    array of uint16
        Turned as `file` is, with the channels that `Photo` describes.

    Raises
    ------
    ValueError
        If OpenCV cannot decode the file, or reads other pixels from it than Pillow.
    """
    stream.seek(0)
    content = stream.read()
    if file.format == "PNG":
        content = _pixels_alone(content, file.size)
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16:
        raise ValueError("its kind of 16-bit pixels is not decoded")
    if pixels.ndim == 3:
        pixels = pixels[..., [2, 1, 0, 3][: len(file.getbands())]]
    tags = getattr(file, "tag_v2", {})
    premultiplied = file.mode == "RGBA" and tags.get(EXTRA_SAMPLES, (STRAIGHT,))[0] == PREMULTIPLIED
    compared = np.s_[..., 3:] if premultiplied else np.s_[...]
    if not _is_same(pixels[compared], np.asarray(file)[compared]):
        raise ValueError("its 16-bit pixels are in an order that is not decoded")
    if premultiplied:
        alpha = np.maximum(pixels[..., 3:], 1).astype(np.float64)
        straight = np.minimum(np.rint(pixels[..., :3] / alpha * 65535), 65535).astype(np.uint16)
        return np.dstack([straight, pixels[..., 3]])
    if pixels.ndim == 2 and tags.get(TAG.PhotometricInterpretation) == WHITE_IS_ZERO:
        return 65535 - pixels
    return pixels[..., [0, 3]] if grey_alpha else pixels


def _is_same(pixels: np.ndarray, others: np.ndarray) -> bool:
    """Whether Pillow read the same, of colours their high bytes."""
    return np.array_equal(pixels >> 8 if others.dtype == np.uint8 else pixels, others)


def _pixels_alone(content: bytes, size: tuple[int, int]) -> bytes:
    """A PNG without what does not matter to its pixels: OpenCV's decoder complains about much of that on stderr."""
    alone, start, compressed = io.BytesIO(PNG_SIGNATURE), len(PNG_SIGNATURE), []
    alone.seek(start)
    while start < len(content):
        length, kind = struct.unpack_from(">I4s", content, start)
        data = content[start + 8 : start + 8 + length]
        if kind == b"IHDR":
            putchunk(alone, kind, data)
        elif kind == b"IDAT":
            compressed.append(data)
        elif kind == b"IEND":
            break
        start += 12 + length
    inflating = zlib.decompressobj()
    rows = inflating.decompress(b"".join(compressed), 16 * (size[0] + 1) * (size[1] + 1))  # more than they can be
    if not inflating.eof:
        raise ValueError("its pixels do not end where they should")
    _put_pixels(alone, rows, level=0)
    return alone.getvalue()


def _put_pixels(file: BinaryIO, rows: bytes | np.ndarray, *, level: int) -> None:
    compressed = zlib.compress(rows, level)
    for start in range(0, len(compressed), LARGEST_CHUNK):
        putchunk(file, b"IDAT", compressed[start : start + LARGEST_CHUNK])
    putchunk(file, b"IEND", b"")


def write_deep_png(path: Path, pixels: np.ndarray, icc_profile: bytes | None, exif: bytes | None) -> None:
    """Write a PNG of 16 bits per channel."""
    height, width = pixels.shape[:2]
    rows = pixels.astype(">u2").reshape(height, -1).view(np.uint8)
    filtered = np.full((height, 1 + rows.shape[1]), 2, np.uint8)  # filter 2: each row less the row above
    filtered[0, 1:] = rows[0]
    np.subtract(rows[1:], rows[:-1], out=filtered[1:, 1:])
    colour_type = PNG_COLOUR_TYPES[1 if pixels.ndim == 2 else pixels.shape[2]]
    with path.open("wb") as file:
        file.write(PNG_SIGNATURE)
        putchunk(file, b"IHDR", struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0))
        if icc_profile:
            putchunk(file, b"iCCP", b"ICC Profile\0\0" + zlib.compress(icc_profile))
        if exif:
            putchunk(file, b"eXIf", exif.removeprefix(b"Exif\0\0"))
        _put_pixels(file, filtered, level=LEVEL)


def write_deep_tiff(path: Path, pixels: np.ndarray, icc_profile: bytes | None, exif: bytes | None) -> None:
    """Write a TIFF of 16 bits per channel, uncompressed, as Pillow writes those of 8 bits."""
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    described = Image.Exif()
    described.load(exif or b"")
    directory = ImageFileDirectory_v2(prefix=b"II")
    for tag in described:
        nested = tag in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
        directory[tag] = described.get_ifd(tag) if nested else described[tag]
    directory[TAG.ImageLength], directory[TAG.ImageWidth] = pixels.shape[:2]
    directory[TAG.BitsPerSample] = (16,) * channels
    directory[TAG.Compression] = 1
    directory[TAG.PhotometricInterpretation] = BLACK_IS_ZERO if channels < 3 else RGB
    directory[TAG.SamplesPerPixel] = channels
    directory[TAG.RowsPerStrip] = pixels.shape[0]
    directory[TAG.StripByteCounts] = pixels.nbytes
    directory[TAG.StripOffsets] = 0  # counted from the directory's end, which is added as it is written
    directory[TAG.PlanarConfiguration] = 1
    if channels == 4:
        directory[EXTRA_SAMPLES] = STRAIGHT
    if icc_profile:
        directory[TAG.InterColorProfile] = icc_profile
    with path.open("wb") as file:
        directory.save(file)
        file.write(pixels.astype("<u2").tobytes())
