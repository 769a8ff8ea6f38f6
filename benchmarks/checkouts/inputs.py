"""Inputs of the comparison of two checkouts: photographs of scikit-image's wheel, cropped and varied."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from PIL import Image, ImageCms
from scipy.io import savemat
from skimage import data

COLOUR = ("astronaut", "chelsea", "coffee", "rocket", "hubble_deep_field", "immunohistochemistry", "retina")
GREY = ("camera", "coins", "moon")
TRAINING_CROP = (240, 240)
SPEED_CROP = (500, 500)
VALIDATION_CROP = (96, 90)
PHOTO_CROP = (150, 131)  # more than a tile and a band of rows when it is upscaled
PNG_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # by number of channels
ORIENTATION = 0x0112  # EXIF's tag

# Names, photographs and variants; the suffix names the format.
PHOTOS = (
    ("astronaut.png", "astronaut", ""),
    ("chelsea.jpg", "chelsea", ""),
    ("coffee.tif", "coffee", ""),
    ("rocket.webp", "rocket", ""),
    ("hubble.png", "hubble_deep_field", "deep"),
    ("ihc.tif", "immunohistochemistry", "deep"),
    ("retina.png", "retina", "alpha"),
    ("camera.png", "camera", ""),
    ("coins.tif", "coins", ""),
    ("moon.png", "moon", "deep"),
    ("camera_photo.jpg", "camera", ""),
    ("camera_alpha.png", "camera", "alpha"),
    ("camera_deep.tif", "camera", "deep"),
    ("coins_deep_alpha.png", "coins", "deep alpha"),
    ("coffee_alpha.tif", "coffee", "alpha"),
    ("astronaut_deep_alpha.png", "astronaut", "deep alpha"),
    ("rocket_deep_alpha.tif", "rocket", "deep alpha"),
    ("chelsea.bmp", "chelsea", ""),
    ("tiny.png", "astronaut", "tiny"),
    ("large.jpg", "coffee", "large"),
)


def photograph(name: str, size: tuple[int, int], corner: tuple[int, int] = (40, 60)) -> np.ndarray:
    """Crop a photograph of scikit-image's wheel.

    Returns
    -------
    (H, W) or (H, W, 3) array of uint8
    """
    (top, left), (height, width) = corner, size
    return np.ascontiguousarray(getattr(data, name)()[top : top + height, left : left + width])


def with_alpha(pixels: np.ndarray) -> np.ndarray:
    """Add an alpha channel with transparent, opaque and half transparent regions, of the same dtype."""
    height, width = pixels.shape[:2]
    white = np.iinfo(pixels.dtype).max
    ramp = np.add.outer(np.linspace(-0.5, 0.8, height), np.linspace(-0.5, 0.8, width))
    return np.dstack([pixels, np.rint(np.clip(ramp, 0, 1) * white).astype(pixels.dtype)])


def deepened(pixels: np.ndarray) -> np.ndarray:
    """Widen 8 bits to 16, with noise in the lower byte."""
    noise = np.random.default_rng(0).integers(-128, 128, pixels.shape)
    return np.clip(257 * pixels.astype(np.int64) + noise, 0, 65535).astype(np.uint16)


def write_png(path: Path, pixels: np.ndarray) -> None:
    """Write a PNG file; Pillow and OpenCV cannot write 16-bit grey with alpha.

    Parameters
    ----------
    path : Path
    pixels : (H, W) or (H, W, C) array of uint8 or uint16
        C is 1 to 4.
    """
    height, width = pixels.shape[:2]
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    rows = pixels.astype(pixels.dtype.newbyteorder(">")).reshape(height, -1).view(np.uint8)
    content = np.pad(rows, ((0, 0), (1, 0))).tobytes()  # each row begins with its filter, 0
    head = struct.pack(">IIBBBBB", width, height, 8 * pixels.itemsize, PNG_COLOUR_TYPES[channels], 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(content)), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def write_tiff(path: Path, pixels: np.ndarray) -> None:
    """Write a TIFF file with straight alpha."""
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    options: dict[str, Any] = {"photometric": "rgb" if channels > 2 else "minisblack"}
    if channels in (2, 4):
        options["extrasamples"] = ["unassalpha"]
    tifffile.imwrite(path, pixels, metadata=None, **options)


def write_jpeg(path: Path, pixels: np.ndarray) -> None:
    """Write a JPEG file with an EXIF orientation and, in colour, a profile."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() if pixels.ndim == 3 else b""
    Image.fromarray(pixels).save(path, quality=90, exif=exif, icc_profile=profile)


def write_other(path: Path, pixels: np.ndarray) -> None:
    """Write a file with Pillow's own settings."""
    Image.fromarray(pixels).save(path)


WRITERS: dict[str, Callable[[Path, np.ndarray], None]] = {".png": write_png, ".tif": write_tiff, ".jpg": write_jpeg}


def write_photos(folder: Path) -> None:
    """Write the photographs that are upscaled, in all depths, layouts and formats."""
    folder.mkdir()
    for number, (name, source, variant) in enumerate(PHOTOS):
        size = {"tiny": (12, 9), "large": (350, 530)}.get(variant, PHOTO_CROP)
        pixels = photograph(source, size, corner=(10 * (number % 4), 20 * (number % 3)))
        pixels = deepened(pixels) if "deep" in variant else pixels
        pixels = with_alpha(pixels) if "alpha" in variant else pixels
        path = folder / name
        WRITERS.get(path.suffix, write_other)(path, pixels)


def write_training_sets(folder: Path) -> None:
    """Write the photographs that networks are trained and scored on; `speed` holds more of them."""
    for name, sources, size in (
        ("training", (*COLOUR, *GREY), TRAINING_CROP),
        ("validation", ("astronaut", "camera", "chelsea"), VALIDATION_CROP),
        ("speed", (*COLOUR, *GREY), SPEED_CROP),
    ):
        (folder / name).mkdir()
        for source in sources:
            corner = (0, 0) if size == SPEED_CROP else (40, 60)
            write_png(folder / name / f"{source}.png", photograph(source, size, corner))


def write_authors_weights(path: Path) -> None:
    """Write random weights of 9-1-5 in the MATLAB layout of the paper's authors."""
    rng = np.random.default_rng(0)
    shapes = {"weights_conv1": (81, 64), "weights_conv2": (64, 1, 32), "weights_conv3": (32, 25)}
    shapes |= {f"biases_conv{layer}": (width, 1) for layer, width in enumerate((64, 32, 1), 1)}
    savemat(path, {name: rng.normal(0, 0.05, shape) for name, shape in shapes.items()})


def write_inputs(folder: Path) -> None:
    """Write all inputs into a folder; the same ones at every call."""
    write_photos(folder / "photos")
    write_training_sets(folder)
    write_authors_weights(folder / "authors.mat")
