"""TIFF: pages and tags through tifffile, with the checks that hostile files need before pixels are decoded."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import BinaryIO

import tifffile

from paddle_srcnn.images.colour_profiles import from_cmyk
from paddle_srcnn.images.exif import upright
from paddle_srcnn.images.limits import RefusedFile, check_size
from paddle_srcnn.images.photo import Photo, resolved_palette, usable_dpi
from paddle_srcnn.images.tiff_exif import exif_of_tiff
from paddle_srcnn.images.tiff_parts import JPEG, check_parts
from paddle_srcnn.images.tiff_pixels import CMYK, FAX, PALETTE, RGB, YCBCR, dropped_channels, fax_pixels, page_pixels

__all__ = ["read_tiff"]

MOST_PAGES = 1000
MOST_CHANNELS = 8
REDUCED, MASK = 1, 4  # bits of NewSubfileType
OLD_REDUCED = 2  # SubfileType
NEW_SUBFILE_TYPE, OLD_SUBFILE_TYPE, DESCRIPTION, ORIENTATION, YCBCR_SUBSAMPLING = 254, 255, 270, 274, 530
X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 282, 283, 296
INCHES = {2: 1.0, 3: 2.54}  # units in an inch, by ResolutionUnit
FLOATING = 3  # SampleFormat
INK_SET, CMYK_INKS = 332, 1
# Tags whose loss changes pixels.
STRUCTURE = (256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325, 338, 339, 347)

READ_COLOURS = (0, 1, RGB, PALETTE, CMYK, YCBCR)
OTHER_COLOURS = {4: "a mask", 8: "CIE Lab", 9: "CIE Lab", 10: "CIE Lab", 32844: "LogL", 32845: "LogLuv"}
OTHER_COLOURS |= {32803: "a camera's raw colours", 34892: "a camera's raw colours"}


def read_tiff(stream: BinaryIO) -> Photo:
    """Read a TIFF or BigTIFF of one picture; thumbnails and masks beside it are no pictures.

    Parameters
    ----------
    stream : binary file

    Returns
    -------
    Photo

    Raises
    ------
    RefusedFile
        If it is of a kind that is not read, or holds several pictures.
    TooLargeFile, ValueError
        If it has too many pixels, or is damaged. The decoders raise errors of their own.
    """
    with tifffile.TiffFile(stream) as file:
        page = _only_page(file)
        check_size(page.imagewidth, page.imagelength)
        _check_tags(stream, page)
        _check_kind(page)
        check_parts(page)
        fax = int(page.compression) in FAX
        pixels = fax_pixels(stream, page) if fax else page_pixels(page)
        exif = exif_of_tiff(stream, page.offset, file.byteorder, big=file.is_bigtiff)
        lost = dropped_channels(page)
        notes = (f"has channels beyond colour and alpha ({lost}); they are dropped",) if lost else ()
        photo = Photo(pixels, page.iccprofile or None, exif, _dpi(page), notes=notes)
        if page.photometric == PALETTE:
            photo = replace(photo, pixels=resolved_palette(pixels, photo.icc_profile))
        if page.photometric == CMYK:
            photo = from_cmyk(photo)
        orientation = 1 if fax else page.tags.valueof(ORIENTATION)  # Pillow has turned those for fax
        return replace(photo, pixels=upright(photo.pixels, orientation))


def _only_page(file: tifffile.TiffFile) -> tifffile.TiffPage:
    """Return the page of the picture. Its length is asked first: that ends at rings of pages, iterating does not."""
    count = len(file.pages)
    if count > MOST_PAGES:
        raise RefusedFile(f"holds {count} pictures (pages): save the one you want as PNG")
    kinds = [_subfile_type(file.pages[index]) for index in range(count)]
    if kinds[0] & REDUCED:
        raise RefusedFile("begins with a preview: develop or export it as a TIFF of its own")
    pictures = sum(not kind & (REDUCED | MASK) for kind in kinds)
    if pictures > 1:
        raise RefusedFile(f"holds {pictures} pictures (pages): save the one you want as PNG")
    page = file.pages.first
    if not isinstance(page, tifffile.TiffPage):
        raise ValueError("its first page cannot be read")
    return page


def _subfile_type(page: tifffile.TiffPage | tifffile.TiffFrame) -> int:
    tags = page.aspage().tags
    value = tags.valueof(NEW_SUBFILE_TYPE)
    if isinstance(value, int):
        return int(value)
    return REDUCED if tags.valueof(OLD_SUBFILE_TYPE) == OLD_REDUCED else 0


def _check_tags(stream: BinaryIO, page: tifffile.TiffPage) -> None:
    """Check that all tags of structure were read; tifffile goes on with a default instead of a tag it cannot read."""
    order, big = page.parent.byteorder, page.parent.is_bigtiff
    stream.seek(page.offset)
    count = struct.unpack(order + "Q", stream.read(8)) if big else struct.unpack(order + "H", stream.read(2))
    length = 20 if big else 12
    rows = stream.read(length * count[0])
    listed = {struct.unpack_from(order + "H", rows, start)[0] for start in range(0, len(rows) - 1, length)}
    if lost := [tag for tag in STRUCTURE if tag in listed and tag not in page.tags]:
        raise ValueError(f"tags {lost} cannot be read")


def _check_kind(page: tifffile.TiffPage) -> None:
    colour, compression = int(page.photometric), int(page.compression)
    if page.sampleformat == FLOATING:
        raise RefusedFile("holds floating-point values: convert it to 8 or 16 bits per channel")
    if colour not in READ_COLOURS:
        name = OTHER_COLOURS.get(colour, f"an unknown kind of colour ({colour})")
        raise RefusedFile(f"is in {name}: convert it to RGB")
    if colour == CMYK and page.tags.valueof(INK_SET, CMYK_INKS) != CMYK_INKS:
        raise RefusedFile("is in inks other than CMYK: convert it to RGB")
    if page.imagedepth > 1 or page.samplesperpixel > MOST_CHANNELS:
        raise RefusedFile(f"has {page.samplesperpixel} channels in {page.imagedepth} layers: convert it to RGB")
    unusual = page.sampleformat not in (1, 2, None) or isinstance(page.bitspersample, tuple)
    if unusual or page.bitspersample > 32:
        raise RefusedFile("holds channels of an unusual depth: convert it to 8 or 16 bits per channel")
    subsampled = page.tags.valueof(YCBCR_SUBSAMPLING, (2, 2)) != (1, 1)
    if colour == YCBCR and subsampled and compression not in (6, JPEG, 34892):
        raise RefusedFile("is in subsampled YCbCr without JPEG: convert it to RGB")


def _dpi(page: tifffile.TiffPage) -> tuple[float, float] | None:
    try:
        factor = INCHES[int(page.tags.valueof(RESOLUTION_UNIT, 2))]
        pairs = [page.tags.valueof(tag) for tag in (X_RESOLUTION, Y_RESOLUTION)]
        return usable_dpi([factor * top / bottom for top, bottom in pairs])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
