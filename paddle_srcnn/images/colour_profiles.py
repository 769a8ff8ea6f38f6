"""Colour profiles: whether one fits the pixels, CMYK through one, and one that says what PNG's chunks say."""

from __future__ import annotations

import struct
from dataclasses import replace
from functools import cache
from pathlib import Path

import imagecodecs
import numpy as np

from paddle_srcnn.images.photo import Photo

__all__ = ["fitting_profile", "from_cmyk", "is_grey_profile", "profile_of_chunks"]

# By Compact ICC Profiles (https://github.com/saucecontrol/Compact-ICC-Profiles), CC0: the press of CGATS TR 001.
STANDARD_CMYK = Path(__file__).with_name("profiles") / "CGATS001Compat-v2-micro.icc"
SPACE = slice(16, 20)  # of a profile
GREY, RGB, CMYK = b"GRAY", b"RGB ", b"CMYK"
SRGB_CHROMATICITIES = [0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06]  # white, red, green, blue
USUAL_GAMMA = 45455
STEPS = 100_000  # of PNG's gammas and chromaticities


def is_grey_profile(icc_profile: bytes | None) -> bool:
    """Tell whether a profile is one for grey."""
    return icc_profile is not None and icc_profile[SPACE] == GREY


def fitting_profile(photo: Photo) -> Photo:
    """Drop a profile that is for other channels than the pixels have, and note it.

    Parameters
    ----------
    photo : Photo

    Returns
    -------
    Photo
    """
    grey = photo.pixels.ndim == 2 or photo.pixels.shape[2] == 2
    if photo.icc_profile is None or photo.icc_profile[SPACE] == (GREY if grey else RGB):
        return photo
    channels = "grey" if grey else "RGB"
    note = f"has a colour profile that is not for {channels}, as its pixels are; it is dropped"
    return replace(photo, icc_profile=None, notes=(*photo.notes, note))


@cache
def _standard_cmyk() -> bytes:
    return STANDARD_CMYK.read_bytes()


def from_cmyk(photo: Photo) -> Photo:
    """Convert a photo in CMYK to sRGB, through its own profile or through the standard one, and note which.

    Parameters
    ----------
    photo : Photo
        Pixels are (H, W, 4), full ink at the largest value.

    Returns
    -------
    Photo
        RGB without a profile, which means sRGB.
    """
    own = photo.icc_profile if photo.icc_profile and photo.icc_profile[SPACE] == CMYK else b""
    try:
        pixels, name = _converted(photo.pixels, own), "its profile"
    except (imagecodecs.CmsError, ValueError):  # there is none, or it is damaged
        pixels, name = _converted(photo.pixels, _standard_cmyk()), "a standard profile"
    note = f"is in CMYK, converted to RGB through {name}"
    return replace(photo, pixels=pixels, icc_profile=None, notes=(*photo.notes, note))


def _converted(pixels: np.ndarray, profile: bytes) -> np.ndarray:
    return imagecodecs.cms_transform(
        np.ascontiguousarray(pixels),
        profile,
        imagecodecs.cms_profile("srgb"),
        colorspace="cmyk",
        outcolorspace="rgb",
        outdtype=pixels.dtype,
    )


def profile_of_chunks(photo: Photo) -> bytes | None:
    """Return a photo's profile, or one that says what PNG's gAMA and cHRM say, for formats without these.

    Parameters
    ----------
    photo : Photo

    Returns
    -------
    bytes or None
        None also for sRGB, which formats mean without a profile.
    """
    chunks = photo.colour_chunks
    grey = photo.pixels.ndim == 2 or photo.pixels.shape[2] == 2
    # Chromaticities alone are rare; PNG's usual gamma goes with them.
    gamma = int.from_bytes(chunks.get(b"gAMA", b""), "big") or (USUAL_GAMMA if b"cHRM" in chunks and not grey else 0)
    if photo.icc_profile or b"sRGB" in chunks or b"cICP" in chunks or not gamma:
        return photo.icc_profile
    if grey:
        return imagecodecs.cms_profile("gray", gamma=STEPS / gamma)
    if len(chunks.get(b"cHRM", b"")) == 32:
        try:
            return _rgb_profile([value / STEPS for value in struct.unpack(">8I", chunks[b"cHRM"])], gamma)
        except (imagecodecs.CmsError, ValueError):  # no colours that exist
            pass
    return _rgb_profile(SRGB_CHROMATICITIES, gamma)


def _rgb_profile(numbers: list[float], gamma: int) -> bytes:
    white = (*numbers[:2], 1.0)
    return imagecodecs.cms_profile("rgb", whitepoint=white, primaries=numbers[2:], gamma=STEPS / gamma)
