"""JPEGs that are whole, but of a kind that is not read."""

from __future__ import annotations

from typing import BinaryIO

from paddle_srcnn.images.limits import RefusedFile

__all__ = ["check_jpeg_kind"]

FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})  # markers of a picture's header
JPEG_LS, SCAN = 0xF7, 0xDA
USUAL_BITS = 8


def check_jpeg_kind(stream: BinaryIO) -> None:
    """Name the kind of a JPEG that Pillow does not read.

    Parameters
    ----------
    stream : binary file

    Raises
    ------
    RefusedFile
        If its header says that it is JPEG-LS, or of other than 8 bits.
    """
    stream.seek(0)
    content, start = stream.read(), 2
    while start + 5 <= len(content) and content[start] == 0xFF and content[start + 1] != SCAN:
        marker, bits = content[start + 1], content[start + 4]
        if marker == JPEG_LS:
            raise RefusedFile("is JPEG-LS, which is not read: save it as PNG")
        if marker in FRAMES and bits != USUAL_BITS:
            raise RefusedFile(f"is a JPEG of {bits} bits per channel, which is not read: save it as PNG")
        start += 1 if marker == 0xFF else 2 + int.from_bytes(content[start + 2 : start + 4], "big")
