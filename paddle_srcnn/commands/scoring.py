"""Scores of weights in both protocols: of images, of sets, and of the channels of colour images."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from statistics import mean
from time import perf_counter
from typing import Any

import numpy as np

from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import read_image
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.protocols import ARTICLE, PAPER
from paddle_srcnn.protocols.paper import colour_psnrs, network_input, paper_channels, paper_luma, paper_score, upsample
from paddle_srcnn.protocols.validation import image_names, load_deblurring
from paddle_srcnn.reader import SAMPLES, Dataset, choose_datasets
from paddle_srcnn.reporting.summary import Figures
from paddle_srcnn.sparse.files import SparseModel
from paddle_srcnn.system.environment import package_versions

__all__ = [
    "SCALES",
    "article_rows",
    "article_scores",
    "colour_means",
    "dataset_of",
    "paper_scores",
    "super_resolution_rows",
    "valid_restorer",
    "whole_restorer",
]

SCALES = (2, 3, 4)
# Mean PSNR of bicubic interpolation, in dB: Dong et al. 2016, and all that compare with them.
PUBLISHED_BICUBIC = {
    "Set5": {2: 33.66, 3: 30.39, 4: 28.42},
    "Set14": {2: 30.23, 3: 27.54, 4: 26.00},
}

Restore = Callable[[np.ndarray], np.ndarray]


def whole_restorer(weights: Weights | SparseModel) -> Restore:
    """Build the function that restores images with some weights, borders included, on all cores."""
    if isinstance(weights, SparseModel):
        return weights.restore
    from paddle_srcnn.static.backend import choose_device  # importing Paddle takes seconds, which --help does not need
    from paddle_srcnn.static.inference_program import restorer

    return restorer(weights, choose_device("cpu"), padding="replicate")


def valid_restorer(weights: Weights) -> Restore:
    """Build the program that restores images with some weights, except for the borders that they cannot reach."""
    from paddle_srcnn.static.backend import choose_device  # importing Paddle takes seconds, which --help does not need
    from paddle_srcnn.static.inference_program import restorer

    return restorer(weights, choose_device("cpu"))


def dataset_of(name: str) -> Dataset:
    """Find a set: ``Set5``, ``Set14``, ``T91``, ``samples`` (its part for validation) or a folder."""
    return choose_datasets(SAMPLES, name)[1]


def super_resolution_rows(weights: Weights | SparseModel, name: str, scale: int) -> list[dict[str, Any]]:
    """Score weights on a set in the protocol `paper`: a row for each image, then their mean.

    Sparse coding gets the same small images as a network, but upscales them itself. Its columns begin with ``sparse``.

    Raises
    ------
    UserError
        If an image is too small or too flat, or if the set's bicubic mean is not the published one.
    """
    method, space = ("sparse", "y") if isinstance(weights, SparseModel) else ("srcnn", weights.space)
    factor = scale if isinstance(weights, SparseModel) else weights.architecture.factor
    dataset = dataset_of(name)
    rows: list[dict[str, Any]] = []
    inputs = []
    for file, named in zip(dataset.files, image_names(dataset.files), strict=True):
        image = read_image(file)
        hr = paper_channels(image, scale)
        if min(hr.shape[1:]) < 11 + 2 * scale:
            raise UserError(f"{file} is too small to be scored: its SSIM needs {11 + 2 * scale} pixels each way")
        bicubic = upsample(hr, scale)
        psnr, ssim = paper_score(bicubic[0], hr[0], scale)
        if psnr == math.inf:
            raise UserError(f"{file} is too flat to be scored (downscaling does not change it): leave it out")
        rows.append(
            {"set": dataset.name, "picture": named, "scale": scale, "bicubic_psnr_db": psnr, "bicubic_ssim": ssim}
        )
        channels = hr if space == "y" else paper_channels(image, scale, space)
        given = bicubic if (space, factor) == ("y", 1) else network_input(channels, scale, factor)
        inputs.append((given, hr))
    check_bicubic(dataset, scale, mean(row["bicubic_psnr_db"] for row in rows))
    restore = whole_restorer(weights)
    for row, (given, hr) in zip(rows, inputs, strict=True):
        start = perf_counter()
        sr = restore(given)
        seconds = perf_counter() - start
        row[f"{method}_psnr_db"], row[f"{method}_ssim"] = paper_score(paper_luma(sr, space), hr[0], scale)
        row["seconds"] = seconds
    columns = [column for column, value in rows[0].items() if isinstance(value, float)]
    means = {column: mean(row[column] for row in rows) for column in columns}
    return [*rows, {"set": dataset.name, "picture": "(mean)", "scale": scale, **means}]


def check_bicubic(dataset: Dataset, scale: int, bicubic_db: float) -> None:
    """Compare our bicubic's mean with the published one, if the set has one, and print the outcome on stderr."""
    published = PUBLISHED_BICUBIC.get(dataset.name, {}).get(scale)
    if published is None:
        print(f"{dataset.name}, x{scale}: no published figure of bicubic to compare with", file=sys.stderr)
    elif round(bicubic_db, 2) != published:
        raise UserError(
            f"bicubic on {dataset.name} ({dataset.found}), x{scale}: {bicubic_db:.2f} dB, but {published:.2f} dB is "
            "published: these are not that set's images"
        )
    else:
        print(f"{dataset.name}, x{scale}: bicubic {bicubic_db:.2f} dB, as published", file=sys.stderr)


def colour_means(weights: Weights | None, name: str, scale: int) -> dict[str, float]:
    """Score weights on a set of colour images, by channel; see `paddle_srcnn.protocols.paper.colour_psnrs`.

    Parameters
    ----------
    weights : Weights or None
        A network for Y leaves Cb and Cr to bicubic interpolation. None leaves all three to it.
    name : str
    scale : int

    Returns
    -------
    dict of str to float
        Mean PSNR in dB, by channel.
    """
    restore = whole_restorer(weights) if weights else None
    space = weights.space if weights and weights.space != "y" else "ycbcr"
    scores = []
    for file in dataset_of(name).files:
        image = read_image(file)
        hr = paper_channels(image, scale, space)
        sr = upsample(hr, scale)
        if weights and restore:
            network = weights.architecture
            given = network_input(hr[: network.channels], scale, network.factor)
            sr = np.concatenate([restore(given), sr[network.channels :]])
        scores.append(colour_psnrs(sr, image, scale, space))
    return {channel: mean(score[channel] for score in scores) for channel in scores[0]}


def paper_scores(weights: Weights, name: str, *, commit: str) -> dict[str, Any]:
    """Score weights on a set in the protocol `paper`, as the committed results hold it.

    Parameters
    ----------
    weights : Weights
        Their metadata name the scale.
    name : str
    commit : str
        Commit of this code.

    Returns
    -------
    dict
        Set, protocol, scale, commit and versions; ``rows`` without their seconds; on Set5 ``channels`` with the PSNR of
        each channel for bicubic interpolation and for the weights.
    """
    scale = int(weights.metadata["scale"])
    rows = super_resolution_rows(weights, name, scale)
    kept = [
        {key: round(value, 4) if isinstance(value, float) else value for key, value in row.items() if key != "seconds"}
        for row in rows
    ]
    channels = {}
    if name == "Set5":  # Set14 has grey images
        for method, of in (("bicubic", None), ("srcnn", weights)):
            means = colour_means(of, name, scale)
            channels[method] = {channel: round(psnr_db, 4) for channel, psnr_db in means.items()}
    return {
        "set": name,
        "protocol": PAPER.name,
        "scale": scale,
        "commit": commit,
        "versions": package_versions(),
        "rows": kept,
        **({"channels": channels} if channels else {}),
    }


def article_scores(weights: Weights, name: str, *, commit: str) -> dict[str, Any]:
    """Score weights on a set in the protocol `article`, as the committed results hold it.

    Parameters
    ----------
    weights : Weights
    name : str
        ``Set5``, ``Set14``, ``T91``, ``samples`` or a folder.
    commit : str
        Commit of this code.

    Returns
    -------
    dict
        Set, protocol, commit and versions; ``input`` and ``final`` as in a run's summary.
    """
    dataset = dataset_of(name)
    images = load_deblurring(dataset.files, margin=weights.architecture.margin, space=weights.space)
    return {
        "set": dataset.name,
        "protocol": ARTICLE.name,
        "commit": commit,
        "versions": package_versions(),
        "input": Figures.of(images.names, images.input_score()).to_json(),
        "final": Figures.of(images.names, images.score(valid_restorer(weights))).to_json(),
    }


def article_rows(scores: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a table of `article_scores`: each image, then mean and pooled; of Y, then of RGB if scored."""
    rows = []
    for channels in ("Y", "RGB"):
        parts = [scores[part] if channels == "Y" else scores[part].get("rgb") for part in ("input", "final")]
        if None in parts:
            continue
        names = {name: [part["psnr_db"][name] for part in parts] for name in parts[0]["psnr_db"]}
        names |= {f"({pooling})": [part[f"psnr_{pooling}_db"] for part in parts] for pooling in ("mean", "pooled")}
        for name, (given, restored) in names.items():
            rows.append(
                {
                    "set": scores["set"],
                    "picture": name,
                    "channels": channels,
                    "input_psnr_db": given,
                    "srcnn_psnr_db": restored,
                }
            )
    return rows
