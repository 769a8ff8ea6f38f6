"""The two protocols as values: all that depends on the kind of a run's inputs and scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from paddle_srcnn.protocols.validation import ValidationSet, load_deblurring, load_super_resolution

__all__ = ["ARTICLE", "PAPER", "PROTOCOLS", "Protocol"]


@dataclass(frozen=True)
class Protocol:
    """Rules for making inputs from ground truth and for scoring outputs.

    Parameters
    ----------
    name : str
        Name in recipes, summaries and metadata of weights.
    degraded : str
        Word for the inputs in figures.
    upscales : bool
        True if a recipe has a scale, by which its inputs were downscaled and upscaled again.
    padding : {"valid", "replicate"}
        Treatment of image borders at test time: the network loses its margin there, or every layer repeats its border.
    poolings : tuple of str
        Poolings that results are shown by. The article does not say which one it means.
    colours : mapping of str to str
        Description of the channels in summaries and metadata, by colour space.
    load_validation : callable
        ``load_validation(files, margin=..., scale=..., space=..., factor=...)`` reads images and makes a
        `ValidationSet`.
    """

    name: str
    degraded: str
    upscales: bool
    padding: str
    poolings: tuple[str, ...]
    colours: Mapping[str, str]
    load_validation: Callable[..., ValidationSet]

    def __str__(self) -> str:
        return self.name


ARTICLE = Protocol(
    name="article",
    degraded="blurred",
    upscales=False,
    padding="valid",
    poolings=("mean", "pooled"),
    colours={"y": "luma, full range (OpenCV's YCrCb)", "rgb": "RGB"},
    load_validation=lambda files, *, margin, scale, space, factor: load_deblurring(files, margin=margin, space=space),
)
PAPER = Protocol(
    name="paper",
    degraded="bicubic",
    upscales=True,
    padding="replicate",
    poolings=("mean",),
    colours={
        "y": "luma, 16..235 (MATLAB's rgb2ycbcr)",
        "ycbcr": "YCbCr, 16..240 (MATLAB's rgb2ycbcr)",
        "rgb": "RGB",
    },
    load_validation=lambda files, *, margin, scale, space, factor: load_super_resolution(
        files, scale=scale, space=space, factor=factor
    ),
)
PROTOCOLS = {protocol.name: protocol for protocol in (ARTICLE, PAPER)}
