"""Writing of TIFF: uncompressed, of 8 or 16 bits in 1 to 4 channels, with EXIF and colour profile."""

from __future__ import annotations

import struct
from typing import BinaryIO

import numpy as np

from paddle_srcnn.images.exif_directories import TYPE_SIZES, byte_order, first_directory, new_block

__all__ = ["write_tiff"]

SHORT, LONG, UNDEFINED = 3, 4, 7
FORMATS = {SHORT: "H", LONG: "I"}
NO_COMPRESSION, CHUNKY, STRAIGHT_ALPHA = 1, 1, 2
BLACK_IS_ZERO, RGB = 1, 2
PROFILE = 34675
# Tags of EXIF's first directory that would say other things of the pixels than this file does.
STORAGE = frozenset({*range(254, 269), 273, *range(274, 282), *range(284, 285), *range(288, 294), *range(317, 333)})
STORAGE |= {*range(337, 348), *range(512, 533), PROFILE, 50674}


class _Directory:
    """The first directory, while values that do not fit into it are appended to the block.

    Parameters
    ----------
    block : bytearray
    """

    def __init__(self, block: bytearray) -> None:
        self.block, self.order = block, byte_order(block)
        self.rows: dict[int, bytes] = {}

    def add(self, tag: int, kind: int, values: bytes | list[int]) -> None:
        """Add an entry."""
        form = self.order + FORMATS.get(kind, "") * len(values)
        data = values if isinstance(values, bytes) else struct.pack(form, *values)
        value = data.ljust(4, b"\0")
        if len(data) > 4:
            self.block += bytes(len(self.block) % 2)
            value = struct.pack(self.order + "I", len(self.block))
            self.block += data
        self.rows[tag] = struct.pack(self.order + "HHI", tag, kind, len(data) // TYPE_SIZES[kind]) + value

    def finish(self) -> None:
        """Append the directory; the pixels come right behind it."""
        self.block += bytes(len(self.block) % 2)
        start = len(self.block)
        self.add(273, LONG, [start + 2 + 12 * (len(self.rows) + 1) + 4])
        struct.pack_into(self.order + "I", self.block, 4, start)
        self.block += struct.pack(self.order + "H", len(self.rows))
        self.block += b"".join(self.rows[tag] for tag in sorted(self.rows)) + bytes(4)


def write_tiff(
    file: BinaryIO,
    pixels: np.ndarray,
    *,
    icc_profile: bytes | None,
    exif: bytes | None,
) -> None:
    """Write a TIFF. EXIF's block is the head of the file, so that all that it points to stays where it is.

    Parameters
    ----------
    file : binary file
    pixels : (H, W), (H, W, 2), (H, W, 3) or (H, W, 4) array of uint8 or uint16
    icc_profile, exif : bytes or None
        EXIF is adapted to the pixels, and holds the resolution.
    """
    directory = _Directory(bytearray(exif) if exif else new_block("<"))
    if exif:
        for tag, (offset, _, _) in first_directory(exif).entries.items():
            if tag not in STORAGE:
                directory.rows[tag] = exif[offset : offset + 12]
    height, width = pixels.shape[:2]
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    directory.add(256, LONG, [width])
    directory.add(257, LONG, [height])
    directory.add(258, SHORT, [8 * pixels.dtype.itemsize] * channels)
    directory.add(259, SHORT, [NO_COMPRESSION])
    directory.add(262, SHORT, [BLACK_IS_ZERO if channels < 3 else RGB])
    directory.add(277, SHORT, [channels])
    directory.add(278, LONG, [height])
    directory.add(279, LONG, [pixels.nbytes])
    directory.add(284, SHORT, [CHUNKY])
    if channels in (2, 4):
        directory.add(338, SHORT, [STRAIGHT_ALPHA])
    if icc_profile:
        directory.add(PROFILE, UNDEFINED, icc_profile)
    directory.finish()
    file.write(directory.block)
    stored = pixels.astype(f"{directory.order}u{pixels.dtype.itemsize}", copy=False)
    file.write(np.ascontiguousarray(stored).data)
