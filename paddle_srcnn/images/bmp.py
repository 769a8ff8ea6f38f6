"""BMP: what Pillow does not read is read here, fields of bits of any length and colour profiles."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import BinaryIO

import numpy as np

from paddle_srcnn.images.limits import RefusedFile, check_size
from paddle_srcnn.images.photo import Photo, usable_dpi
from paddle_srcnn.images.pillow_formats import read_with_pillow

__all__ = ["read_bmp"]

HEADER = 14  # where the picture's header begins
BIT_FIELDS, ALPHA_BIT_FIELDS = 3, 6  # compressions
WITH_ALPHA_MASK, WITH_PROFILE = 56, 124  # lengths of headers, in bytes
MASKS, COLOUR_SPACE, PROFILE = HEADER + 40, HEADER + 56, HEADER + 112  # offsets
EMBEDDED = b"DEBM"
INCH = 0.0254  # metres


def read_bmp(stream: BinaryIO) -> Photo:
    """Read a BMP.

    Parameters
    ----------
    stream : binary file

    Returns
    -------
    Photo

    Raises
    ------
    RefusedFile
        If it is of a kind that is not read.
    TooLargeFile, ValueError
        If it has too many pixels, or is damaged. Pillow raises errors of its own.
    """
    head = stream.read(PROFILE + 8)
    stream.seek(0)
    length = int.from_bytes(head[HEADER : HEADER + 4], "little")
    fields = length >= 40 and len(head) > MASKS and head[30] in (BIT_FIELDS, ALPHA_BIT_FIELDS) and head[28] in (16, 32)
    photo = _photo_of_fields(stream, head, length) if fields else read_with_pillow(stream, "BMP")
    if length < WITH_PROFILE or head[COLOUR_SPACE : COLOUR_SPACE + 4] != EMBEDDED:
        return photo
    start, size = struct.unpack_from("<II", head, PROFILE)
    stream.seek(HEADER + start)
    return replace(photo, icc_profile=stream.read(size) or None)


def _photo_of_fields(stream: BinaryIO, head: bytes, length: int) -> Photo:
    """Read pixels whose channels lie at any bits of 16 or 32."""
    width, height = struct.unpack_from("<ii", head, 18)
    check_size(width, abs(height))
    start, size = int.from_bytes(head[10:14], "little"), head[28] // 8
    row = -(-width * size // 4) * 4
    stream.seek(start)
    rows = np.frombuffer(stream.read(row * abs(height)), np.uint8).reshape(abs(height), row)
    numbers = np.ascontiguousarray(rows[:, : width * size]).view(f"<u{size}").astype(np.uint32)
    has_alpha_mask = length >= WITH_ALPHA_MASK or head[30] == ALPHA_BIT_FIELDS
    masks = struct.unpack_from("<4I" if has_alpha_mask else "<3I", head, MASKS)
    channels = [_channel(numbers, mask) for mask in (masks if masks[-1] else masks[:3])]
    if len(channels) == 4 and not channels[3].any():  # Windows shows such files as opaque
        del channels[3]
    wide = any(channel.dtype == np.uint16 for channel in channels)
    pixels = np.stack(
        [channel * np.uint16(257) if wide and channel.dtype == np.uint8 else channel for channel in channels], axis=-1
    )
    dpi = usable_dpi([value * INCH for value in struct.unpack_from("<ii", head, 38)])
    return Photo(np.ascontiguousarray(pixels[::-1] if height > 0 else pixels), dpi=dpi)


def _channel(numbers: np.ndarray, mask: int) -> np.ndarray:
    """Cut out one channel, and stretch it to 8 bits, or to 16 if it has more than 8."""
    lowest = mask & -mask
    most = mask // max(lowest, 1)
    if not mask or most & (most + 1):
        raise RefusedFile("is a BMP of channels without bits, or with gaps between them: save it as PNG")
    values = (numbers & np.uint32(mask)) // np.uint32(lowest)
    top, dtype = (255, np.uint8) if most < 256 else (65535, np.uint16)
    return np.rint(values * (top / most)).astype(dtype)
