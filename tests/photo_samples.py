"""Small photo files of every kind, each with the pixels and metadata that are right for it.

`samples()` makes them all. Files are put together byte by byte and the right pixels are worked out in NumPy, so that no
decoder under test judges itself. Lossy codecs, and those that need
a library to encode (zstd, LERC, JPEG XL, JPEG 2000, AVIF, HEIC), are made by that library; where it is not installed
the sample is left out.

Pixels follow `Photo`: (H, W) grey, (H, W, 2) grey and alpha, (H, W, 3) RGB, (H, W, 4) RGBA; uint8 or uint16; straight
alpha; upright.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from photo_sample import Sample
from photo_samples_formats import animations, bmps, cmyks, endings, opaque_alphas
from photo_samples_hostile import hostile
from photo_samples_metadata import (
    descriptions,
    exif_texts,
    exif_types,
    grey_profiles,
    png_chunks,
    png_colours,
    resolutions,
)
from photo_samples_odd import odd_bmps, odd_chunks, odd_descriptions, odd_endings, odd_exif, odd_tiffs
from photo_samples_tiff import tiff_compressions, tiff_layouts, tiff_pages

GROUPS: tuple[Callable[[], Iterator[Sample]], ...] = (
    tiff_layouts,
    tiff_compressions,
    tiff_pages,
    png_chunks,
    exif_texts,
    exif_types,
    png_colours,
    grey_profiles,
    resolutions,
    descriptions,
    opaque_alphas,
    bmps,
    endings,
    animations,
    cmyks,
    odd_tiffs,
    odd_bmps,
    odd_endings,
    odd_chunks,
    odd_exif,
    odd_descriptions,
    hostile,
)


@cache
def samples() -> tuple[Sample, ...]:
    """Make every sample."""
    return tuple(sample for group in GROUPS for sample in group())


@cache
def harmless_samples() -> tuple[Sample, ...]:
    """Make all samples but hostile ones, which take seconds."""
    return tuple(sample for group in GROUPS if group is not hostile for sample in group())
