"""Packaged networks for upscaling: their names, the factors that they reach, and the best one for a task."""

from __future__ import annotations

import re
from collections.abc import Sequence

from paddle_srcnn.errors import UserError
from paddle_srcnn.model.networks import NETWORKS as OTHERS
from paddle_srcnn.model.weights import Weights, load_weights, packaged_weights
from paddle_srcnn.protocols import PAPER
from paddle_srcnn.protocols.defects import DEFECTS

__all__ = [
    "FAST",
    "NETWORKS",
    "best_network",
    "network_weights",
    "restores_chroma",
    "stage_weights",
    "stages_of",
]

# Factors that networks reach, alone or one after the other. For other factors the result of the next one is downscaled.
STAGES = {2: (2,), 3: (3,), 4: (4,), 6: (3, 2), 8: (4, 2)}
LARGEST_SCALE = max(STAGES)

NETWORKS = {"y": ("9-5-5", "9-3-5", "9-1-5"), "rgb": ("rgb_9-1-5",)}  # by model, the best ones first
FAST = "9-1-5"
# Defects for which a network for luma restores Cb and Cr as well. On corners of Set5 with noise of sigma 10 this gains
# 1.7 dB of PSNR in RGB at x2. With JPEG it gains less than 0.1 dB, and it takes three times as long.
DEFECTS_OF_CHROMA = ("noise_low", "noise_high")


def stages_of(scale: float) -> tuple[int, ...]:
    """Return the scales of the networks that reach a factor, one after the other.

    Parameters
    ----------
    scale : float

    Returns
    -------
    tuple of int
        Empty for 1. Their product is the factor, or the next larger one that networks reach.

    Raises
    ------
    UserError
        If the factor is not from 1 to 8.

    Examples
    --------
    >>> stages_of(3), stages_of(4.5)
    ((3,), (3, 2))
    """
    if not 1 <= scale <= LARGEST_SCALE:
        raise UserError(f"a picture is enlarged by 1 to {LARGEST_SCALE}, not by {scale:g}")
    return () if scale == 1 else STAGES[min(factor for factor in STAGES if factor >= scale)]


def best_network(model: str, stages: Sequence[int], *, defect: str | None = None, fast: bool = False) -> str:
    """Choose the best packaged network that has weights for all stages.

    Parameters
    ----------
    model : {"y", "rgb"}
    stages : sequence of int
        See `stages_of`.
    defect : str, optional
        A name in `paddle_srcnn.protocols.defects.DEFECTS`, which the network has to remove.
    fast : bool
        Choose among the fastest networks only.

    Returns
    -------
    str
        Its filter sizes, as `paddle_srcnn.apps.upscaler.Upscaler` takes them, after the defect: ``"jpeg_9-5-5"``.

    Raises
    ------
    UserError
        If the package has none.
    """
    packaged = packaged_weights()
    networks = [f"{defect}_{filters}" if defect else filters for filters in ((FAST,) if fast else NETWORKS[model])]
    for network in networks:
        if all(f"sr_{name}_x{stage}" in packaged for name, stage in _networks_of(network, stages)):
            return network
    factors = " and x".join(map(str, stages))
    raise UserError(
        f"no weights of {' or '.join(networks)} for x{factors} come with the package: name weights that you have "
        "trained, or enlarge by another factor",
        about=defect.partition("_")[0] if defect else "fast" if fast else "model",
    )


def _networks_of(network: str, stages: Sequence[int]) -> list[tuple[str, int]]:
    """Name the network of each stage: the first one removes the defect, which the others do not see any more."""
    plain = re.sub(rf"^({'|'.join(DEFECTS)})_(?=[\d-]+$)", "", network)
    return [(plain if number else network, stage) for number, stage in enumerate(stages)]


def stage_weights(network: str, stages: Sequence[int]) -> list[Weights]:
    """Load the weights of each stage.

    Parameters
    ----------
    network : str
        See `network_weights`. If the network removes a defect, the first stage alone takes it.
    stages : sequence of int
        See `stages_of`.

    Returns
    -------
    list of Weights

    Raises
    ------
    UserError
        As `network_weights` does.
    """
    return [network_weights(name, stage) for name, stage in _networks_of(network, stages)]


def network_weights(network: str, scale: int) -> Weights:
    """Load the weights of a network for a scale.

    Parameters
    ----------
    network : str
        Filter sizes of packaged weights, alone or after ``rgb_`` or a defect, such as ``jpeg_9-5-5``; another
        architecture, such as ``espcn``; another packaged name; or a weights file.
    scale : int

    Returns
    -------
    Weights

    Raises
    ------
    UserError
        If there are none, or they are for another scale or do not upscale at all.
    """
    filters = re.fullmatch(rf"(({'|'.join(('rgb', *DEFECTS))})_)?\d+(-\d+)+", network)
    named = filters or network in OTHERS
    name = f"{'sr_' if filters else ''}{network}_x{scale}" if named else network
    if named and name not in packaged_weights():
        known = ", ".join(name for name in packaged_weights() if name.startswith(("sr_", *OTHERS)))
        raise UserError(f"no weights of {network} for x{scale} come with the package, which has {known}: choose others")
    weights = load_weights(name)
    if weights.metadata.get("protocol") != PAPER.name or weights.architecture.channels not in (1, 3):
        raise UserError(f"{network} does not enlarge pictures: choose weights of the protocol `{PAPER}`")
    if weights.space == "ycbcr":
        raise UserError(f"{network} works on YCbCr, which only evaluation takes: choose weights for luma or RGB")
    if weights.metadata.get("scale", str(scale)) != str(scale):
        raise UserError(f"{network} is for x{weights.metadata['scale']}, and x{scale} is needed: choose other weights")
    return weights


def restores_chroma(weights: Weights) -> bool:
    """Tell whether a network for luma is to restore Cb and Cr as well, because its defect lies there too.

    Parameters
    ----------
    weights : Weights
        Their metadata name the ``defect``.

    Returns
    -------
    bool
    """
    return weights.architecture.channels == 1 and weights.metadata.get("defect") in DEFECTS_OF_CHROMA
