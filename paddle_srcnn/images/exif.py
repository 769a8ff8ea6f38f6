"""Turn a picture upright as its EXIF says, and keep what is still true once it is turned and enlarged."""

from __future__ import annotations

import numpy as np
from PIL import ExifTags, Image

TAG = ExifTags.Base
# What of a file's main directory says something about the picture; the rest says how that file holds it.
KEPT_TAGS = [TAG.ImageDescription, TAG.Make, TAG.Model, TAG.Software, TAG.DateTime, TAG.Artist, TAG.HostComputer]
KEPT_TAGS += [TAG.Copyright, TAG.XResolution, TAG.YResolution, TAG.ResolutionUnit, TAG.Rating, TAG.RatingPercent]
KEPT_TAGS += [TAG.XPTitle, TAG.XPComment, TAG.XPAuthor, TAG.XPKeywords, TAG.XPSubject]
SUBJECT_AREA = 0x9214
# Sizes and places in pixels, which enlarging makes wrong; and what points into the old file or holds previews.
DROPPED_TAGS = {TAG.ExifImageWidth, TAG.ExifImageHeight, TAG.SubjectLocation, SUBJECT_AREA}
DROPPED_TAGS |= {TAG.MakerNote, TAG.ExifInteroperabilityOffset}


def read_exif(file: Image.Image) -> tuple[int, bytes | None]:
    """The orientation that is still to be applied, and the EXIF worth keeping; none where it is damaged."""
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
    """Apply an EXIF orientation: 5 to 8 are 1 to 4 of the transposed picture."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)
