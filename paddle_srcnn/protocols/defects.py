"""Defects of photos that networks learn to remove while they upscale: JPEG's blocks, and noise."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image

from paddle_srcnn.images.colour import rgb_to_ycbcr
from paddle_srcnn.images.io import read_image
from paddle_srcnn.images.resize import imresize
from paddle_srcnn.protocols.paper import cropped, quantised
from paddle_srcnn.protocols.validation import SuperResolutionSet, load_super_resolution

__all__ = ["DEFECTS", "Defect", "Jpeg", "Noise", "downscaled", "load_defective", "upsample_defective"]


@dataclass(frozen=True)
class Jpeg:
    """Compression of the downscaled image by JPEG.

    Parameters
    ----------
    name : str
        Part of the names of networks that remove the defect.
    strengths : tuple of int
        Qualities of libjpeg, 1 to 100. Each gives an image of its own.
    """

    name: str
    strengths: tuple[int, ...]

    def applied(self, image: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Yield an image, (H, W, 3) or (H, W) of uint8, after compression at each quality."""
        for quality in self.strengths:
            file = io.BytesIO()
            Image.fromarray(image).save(file, "JPEG", quality=quality)
            with Image.open(file) as compressed:
                yield np.asarray(compressed)


@dataclass(frozen=True)
class Noise:
    """Gaussian noise on each channel of the downscaled image, clipped and rounded to 8 bits.

    Parameters
    ----------
    name : str
        Part of the names of networks that remove the defect.
    strengths : tuple of float
        Standard deviations on 0..255. Each gives an image of its own.
    """

    name: str
    strengths: tuple[float, ...]

    def applied(self, image: np.ndarray, rng: np.random.Generator) -> Iterator[np.ndarray]:
        """Yield an image, (H, W, 3) or (H, W) of uint8, with noise of each standard deviation."""
        for sigma in self.strengths:
            yield quantised(image + rng.normal(0.0, sigma, image.shape))


Defect = Jpeg | Noise

# Above quality 90 the networks for clean images measure better. Scans and night photos have noise of some ten levels.
DEFECTS: dict[str, Defect] = {
    defect.name: defect
    for defect in (
        Jpeg("jpeg", (30, 40, 50, 60, 70, 80, 90)),
        Noise("noise_low", (1.0, 2.5, 4.0, 6.0)),
        Noise("noise_high", (6.0, 9.0, 12.0, 16.0)),
    )
}


def upsample_defective(image: np.ndarray, scale: int, defect: Defect, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Downscale an image to 8 bits, damage it, and upscale its luma.

    Parameters
    ----------
    image : (H, W, 3) or (H, W) array of uint8
        RGB or grey.
    scale : int
    defect : Jpeg or Noise
    rng : numpy.random.Generator
        Source of the noise.

    Yields
    ------
    (1, H, W) array of float64 on 0..255
        H and W are cropped to multiples of the scale. One array for each strength of the defect.
    """
    for damaged in defect.applied(downscaled(image, scale), rng):
        luma = rgb_to_ycbcr(damaged)[..., 0] if damaged.ndim == 3 else damaged
        yield imresize(luma[np.newaxis], scale)


def downscaled(image: np.ndarray, scale: int) -> np.ndarray:
    """Crop an image, (H, W, 3) or (H, W) of uint8, to multiples of the scale, and downscale it to 8 bits."""
    channels = np.moveaxis(image, -1, 0) if image.ndim == 3 else image[np.newaxis]
    small = np.moveaxis(quantised(imresize(cropped(channels, scale), 1 / scale)), 0, -1)
    return small if image.ndim == 3 else small[..., 0]


def load_defective(files: Sequence[Path], *, scale: int, defect: Defect) -> SuperResolutionSet:
    """Make a validation set whose inputs have a defect of its middle strength; the noise is always the same.

    Parameters
    ----------
    files : sequence of Path
    scale : int
    defect : Jpeg or Noise

    Raises
    ------
    UserError
        As `paddle_srcnn.protocols.validation.load_super_resolution` does.
    """
    clean, rng = load_super_resolution(files, scale=scale), np.random.default_rng(0)
    middle = len(defect.strengths) // 2
    inputs = (list(upsample_defective(read_image(path), scale, defect, rng))[middle] for path in files)
    return replace(clean, inputs=tuple(inputs))
