"""PNG and TIFF of 16 bits per channel: decoded by OpenCV, written here.

Pillow reduces such images to 8 bits, grey alone excepted. OpenCV writes neither grey with alpha nor a colour profile
nor EXIF, and does not mark the alpha channel of a TIFF.
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

__all__ = ["read_sixteen_bit", "write_sixteen_bit_png", "write_sixteen_bit_tiff"]

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST_CHUNK = 2**30  # bytes
ZLIB_LEVEL = 3  # 6 takes twice the time and saves 1% on a smooth image
PNG_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # by number of channels
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2  # TIFF's photometric interpretations
PREMULTIPLIED, STRAIGHT = 1, 2  # TIFF's kinds of alpha
EXTRA_SAMPLES = 338  # the tag of the kind of alpha

TAG = ExifTags.Base


def read_sixteen_bit(file: Image.Image, stream: BinaryIO, *, grey_alpha: bool) -> np.ndarray:
    """Read the pixels of a 16-bit PNG or TIFF.

    Parameters
    ----------
    file : PIL.Image.Image
        The image, decoded by Pillow. Pillow applies the orientation of a TIFF, but not of a PNG.
    stream : binary file
        The file that Pillow decoded.
    grey_alpha : bool
        True if the file holds grey and alpha, which both libraries return as RGBA.

    Returns
    -------
    (H, W), (H, W, 2), (H, W, 3) or (H, W, 4) array of uint16
        The channels that `Photo` describes, in the orientation of `file`.

    Raises
    ------
    ValueError
        If OpenCV cannot decode the file, or reads other pixels from it than Pillow.
    """
    stream.seek(0)
    content = stream.read()
    if file.format == "PNG":
        content = _without_metadata(content, file.size)
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16:
        raise ValueError("its kind of 16-bit pixels is not decoded")
    if pixels.ndim == 3:
        pixels = pixels[..., [2, 1, 0, 3][: len(file.getbands())]]
    tags = getattr(file, "tag_v2", {})
    premultiplied = file.mode == "RGBA" and tags.get(EXTRA_SAMPLES, (STRAIGHT,))[0] == PREMULTIPLIED
    compared = np.s_[..., 3:] if premultiplied else np.s_[...]
    if not _agree(pixels[compared], np.asarray(file)[compared]):
        raise ValueError("its 16-bit pixels are in an order that is not decoded")
    if premultiplied:
        alpha = np.maximum(pixels[..., 3:], 1).astype(np.float64)
        straight = np.minimum(np.rint(pixels[..., :3] / alpha * 65535), 65535).astype(np.uint16)
        return np.dstack([straight, pixels[..., 3]])
    if pixels.ndim == 2 and tags.get(TAG.PhotometricInterpretation) == WHITE_IS_ZERO:
        return 65535 - pixels
    return pixels[..., [0, 3]] if grey_alpha else pixels


def _agree(pixels: np.ndarray, others: np.ndarray) -> bool:
    """Tell whether pixels are the same as Pillow's, which keeps the high bytes of colours."""
    return np.array_equal(pixels >> 8 if others.dtype == np.uint8 else pixels, others)


def _without_metadata(content: bytes, size: tuple[int, int]) -> bytes:
    """Reduce a PNG to its header and pixels: OpenCV's decoder complains on stderr about much of the rest."""
    plain, start, compressed = io.BytesIO(PNG_SIGNATURE), len(PNG_SIGNATURE), []
    plain.seek(start)
    while start < len(content):
        length, kind = struct.unpack_from(">I4s", content, start)
        data = content[start + 8 : start + 8 + length]
        if kind == b"IHDR":
            putchunk(plain, kind, data)
        elif kind == b"IDAT":
            compressed.append(data)
        elif kind == b"IEND":
            break
        start += 12 + length
    inflating = zlib.decompressobj()
    rows = inflating.decompress(b"".join(compressed), 16 * (size[0] + 1) * (size[1] + 1))  # more than they can be
    if not inflating.eof:
        raise ValueError("its pixels do not end where they should")
    _put_pixels(plain, rows, level=0)
    return plain.getvalue()


def _put_pixels(file: BinaryIO, rows: bytes | np.ndarray, *, level: int) -> None:
    compressed = zlib.compress(rows, level)
    for start in range(0, len(compressed), LARGEST_CHUNK):
        putchunk(file, b"IDAT", compressed[start : start + LARGEST_CHUNK])
    putchunk(file, b"IEND", b"")


def write_sixteen_bit_png(path: Path, pixels: np.ndarray, icc_profile: bytes | None, exif: bytes | None) -> None:
    """Write a PNG of 16 bits per channel.

    Parameters
    ----------
    path : Path
    pixels : (H, W), (H, W, 2), (H, W, 3) or (H, W, 4) array of uint16
    icc_profile, exif : bytes or None
        See `Photo`.
    """
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
        _put_pixels(file, filtered, level=ZLIB_LEVEL)


def write_sixteen_bit_tiff(path: Path, pixels: np.ndarray, icc_profile: bytes | None, exif: bytes | None) -> None:
    """Write a TIFF of 16 bits per channel, uncompressed, with the tags that Pillow writes for 8 bits.

    Parameters
    ----------
    path : Path
    pixels : (H, W), (H, W, 3) or (H, W, 4) array of uint16
    icc_profile, exif : bytes or None
        See `Photo`.
    """
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
    directory[TAG.StripOffsets] = 0  # from the directory's end, whose offset `save` adds
    directory[TAG.PlanarConfiguration] = 1
    if channels == 4:
        directory[EXTRA_SAMPLES] = STRAIGHT
    if icc_profile:
        directory[TAG.InterColorProfile] = icc_profile
    with path.open("wb") as file:
        directory.save(file)
        file.write(pixels.astype("<u2").tobytes())
