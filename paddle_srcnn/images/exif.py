"""EXIF of photos: the orientation to apply, and the entries that remain true of an upright, enlarged photo."""

from __future__ import annotations

import numpy as np
from PIL import ExifTags, Image

__all__ = ["read_exif", "upright"]

TAG = ExifTags.Base
# Entries of the main directory that describe the photo. The others describe how its file stores it.
KEPT_TAGS = [TAG.ImageDescription, TAG.Make, TAG.Model, TAG.Software, TAG.DateTime, TAG.Artist, TAG.HostComputer]
KEPT_TAGS += [TAG.Copyright, TAG.XResolution, TAG.YResolution, TAG.ResolutionUnit, TAG.Rating, TAG.RatingPercent]
KEPT_TAGS += [TAG.XPTitle, TAG.XPComment, TAG.XPAuthor, TAG.XPKeywords, TAG.XPSubject]
SUBJECT_AREA = 0x9214
# Sizes and positions in pixels, which upscaling makes wrong; pointers into the old file; previews.
DROPPED_TAGS = {TAG.ExifImageWidth, TAG.ExifImageHeight, TAG.SubjectLocation, SUBJECT_AREA}
DROPPED_TAGS |= {TAG.MakerNote, TAG.ExifInteroperabilityOffset}


def read_exif(file: Image.Image) -> tuple[int, bytes | None]:
    """Read an image's EXIF.

    Damage costs no more than the EXIF: it yields orientation 1 or no entries.

    Parameters
    ----------
    file : PIL.Image.Image
        The image, decoded.

    Returns
    -------
    orientation : int
        1 to 8, still to be applied; see `upright`.
    kept : bytes or None
        The entries worth keeping, as Pillow writes EXIF.
    """
    try:
        found = file.getexif()
        orientation = found.get(TAG.Orientation, 1)
    except Exception:  # Pillow raises nearly anything on damaged EXIF, which takes nothing from the pixels
        return 1, None
    try:
        kept = Image.Exif()
        for tag in KEPT_TAGS:
            if tag in found:
                kept[tag] = found[tag]
        for directory in (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo):
            entries = {tag: value for tag, value in found.get_ifd(directory).items() if tag not in DROPPED_TAGS}
            if entries:
                kept[directory] = entries
        return orientation, kept.tobytes() if len(kept) else None
    except Exception:
        return orientation, None


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Apply an EXIF orientation.

    Parameters
    ----------
    pixels : (H, W, ...) array
    orientation : int
        1 to 8; 5 to 8 are 1 to 4 of the transposed image. Other numbers change nothing.

    Returns
    -------
    (H, W, ...) or (W, H, ...) array
        Contiguous.
    """
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
