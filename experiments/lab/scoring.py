"""Scores in the protocol `paper`: of pictures, of sets, and of the channels of colour pictures."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from statistics import mean
from time import perf_counter
from typing import Any

import numpy as np

import reader
from paddle_srcnn.errors import UserError
from paddle_srcnn.images.io import read_image
from paddle_srcnn.model.weights import Weights
from paddle_srcnn.protocols import PAPER
from paddle_srcnn.protocols.paper import (
    colour_psnrs,
    paper_luma,
    paper_planes,
    paper_score,
    upsample,
)
from paddle_srcnn.protocols.validation import picture_names
from paddle_srcnn.system.environment import core_count, package_versions

SCALES = (2, 3, 4)
# Mean PSNR of bicubic interpolation, in dB: Dong et al. 2016, and all that compare with them.
PUBLISHED_BICUBIC = {
    "Set5": {2: 33.66, 3: 30.39, 4: 28.42},
    "Set14": {2: 30.23, 3: 27.54, 4: 26.00},
}

Restore = Callable[[np.ndarray], np.ndarray]


def whole_restorer(weights: Weights) -> Restore:
    """The program that restores pictures with some weights, borders included, on all cores."""
    from paddle_srcnn.static.backend import (
        choose_device,  # Paddle takes seconds to import, which --help need not wait for
    )
    from paddle_srcnn.static.inference_program import WholePictures

    return WholePictures(
        weights.architecture,
        choose_device("cpu"),
        weights.parameters,
        value_range=weights.value_range,
        threads=core_count(),
    )


def dataset_of(name: str) -> reader.Dataset:
    """Set of a name: ``Set5``, ``Set14``, ``T91``, ``samples`` (its part for validation) or a folder."""
    return reader.choose_datasets(reader.SAMPLES, name)[1]


def super_resolution_rows(weights: Weights, name: str, scale: int) -> list[dict[str, Any]]:
    """Rows of a table in the protocol `paper`: each picture of a set, then the mean.

    Raises
    ------
    UserError
        If a picture is too small, or too flat, or the set's bicubic mean is not the published one.
    """
    dataset = dataset_of(name)
    rows: list[dict[str, Any]] = []
    inputs = []
    for file, named in zip(dataset.files, picture_names(dataset.files), strict=True):
        picture = read_image(file)
        hr = paper_planes(picture, scale)
        if min(hr.shape[1:]) < 11 + 2 * scale:
            raise UserError(f"{file} is too small to be scored: its SSIM needs {11 + 2 * scale} pixels each way")
        bicubic = upsample(hr, scale)
        psnr, ssim = paper_score(bicubic[0], hr[0], scale)
        if psnr == math.inf:
            raise UserError(f"{file} is too flat to be scored (reduced and enlarged, it is as it was): leave it out")
        rows.append(
            {"set": dataset.name, "picture": named, "scale": scale, "bicubic_psnr_db": psnr, "bicubic_ssim": ssim}
        )
        given = bicubic if weights.space == "y" else upsample(paper_planes(picture, scale, weights.space), scale)
        inputs.append((given, hr))
    check_bicubic(dataset, scale, mean(row["bicubic_psnr_db"] for row in rows))
    restore = whole_restorer(weights)
    for row, (upsampled, hr) in zip(rows, inputs, strict=True):
        start = perf_counter()
        sr = restore(upsampled)
        seconds = perf_counter() - start
        row["srcnn_psnr_db"], row["srcnn_ssim"] = paper_score(paper_luma(sr, weights.space), hr[0], scale)
        row["seconds"] = seconds
    columns = [column for column, value in rows[0].items() if isinstance(value, float)]
    means = {column: mean(row[column] for row in rows) for column in columns}
    return [*rows, {"set": dataset.name, "picture": "(mean)", "scale": scale, **means}]


def check_bicubic(dataset: reader.Dataset, scale: int, bicubic_db: float) -> None:
    """Compare our bicubic's mean with the published one, where there is one for the set, and say so on stderr."""
    published = PUBLISHED_BICUBIC.get(dataset.name, {}).get(scale)
    if published is None:
        print(f"{dataset.name}, x{scale}: no published figure of bicubic to compare with", file=sys.stderr)
    elif round(bicubic_db, 2) != published:
        raise UserError(
            f"bicubic on {dataset.name} ({dataset.found}), x{scale}: {bicubic_db:.2f} dB, but {published:.2f} dB is "
            "published: these are not that set's pictures"
        )
    else:
        print(f"{dataset.name}, x{scale}: bicubic {bicubic_db:.2f} dB, as published", file=sys.stderr)


def colour_means(weights: Weights | None, name: str, scale: int) -> dict[str, float]:
    """Mean PSNRs in dB over a set of colour pictures, by channel; see `paddle_srcnn.protocols.paper.colour_psnrs`.

    Parameters
    ----------
    weights : Weights or None
        Those of a network for Y leave Cb and Cr to bicubic interpolation, None all three.
    name : str
    scale : int
    """
    restore = whole_restorer(weights) if weights else None
    space = weights.space if weights and weights.space != "y" else "ycbcr"
    scores = []
    for file in dataset_of(name).files:
        picture = read_image(file)
        sr = upsample(paper_planes(picture, scale, space), scale)
        if weights and restore:
            channels = weights.architecture.channels
            sr = np.concatenate([restore(sr[:channels]), sr[channels:]])
        scores.append(colour_psnrs(sr, picture, scale, space))
    return {channel: mean(score[channel] for score in scores) for channel in scores[0]}


def published_scores(weights: Weights, name: str, *, commit: str) -> dict[str, Any]:
    """What is kept of weights' scores on a set: its rows without their seconds, and the channels' PSNRs on Set5.

    Parameters
    ----------
    weights : Weights
        Whose metadata say their scale.
    name : str
    commit : str
        Of this code.
    """
    scale = int(weights.metadata["scale"])
    rows = super_resolution_rows(weights, name, scale)
    kept = [
        {key: round(value, 4) if isinstance(value, float) else value for key, value in row.items() if key != "seconds"}
        for row in rows
    ]
    channels = {}
    if name == "Set5":  # Set14 has grey pictures
        for method, of in (("bicubic", None), ("srcnn", weights)):
            means = colour_means(of, name, scale)
            channels[method] = {channel: round(psnr_db, 4) for channel, psnr_db in means.items()}
    return {
        "set": name,
        "protocol": PAPER,
        "scale": scale,
        "commit": commit,
        "versions": package_versions(),
        "rows": kept,
        **({"channels": channels} if channels else {}),
    }
