"""Curves of PSNR against backprops, and the CSV file that holds one."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from paddle_srcnn.errors import UserError
from paddle_srcnn.protocols.metrics import Score
from paddle_srcnn.system.files import write_text

__all__ = ["COLUMNS", "POOLINGS", "Point", "backprops_to_reach", "psnr_series", "read_curve", "write_curve"]

COLUMNS = ("backprops", "epoch", "loss", "psnr_mean_db", "psnr_pooled_db")
LARGEST_COUNT = 2**53
RGB_COLUMN = "rgb_psnr_mean_db"
POOLINGS = {"mean": "mean of the pictures' PSNR", "pooled": "PSNR of the pictures' mean squared error"}


@dataclass(frozen=True)
class Point:
    """One evaluation of a run.

    Parameters
    ----------
    backprops : int
        Training samples so far.
    epoch : int
        Epochs so far.
    loss : float or None
        Mean training loss of the epoch; None before the first one.
    score : Score
        Score on the validation set.
    """

    backprops: int
    epoch: int
    loss: float | None
    score: Score


def write_curve(path: Path, names: Sequence[str], points: Sequence[Point]) -> None:
    """Write a curve atomically, one row for each evaluation.

    Columns ``psnr_NAME_db`` hold the PSNR of Y of each image. For networks that restore colour, the same columns follow
    for RGB, as ``rgb_psnr_...``. Numbers read back to the last bit.

    Parameters
    ----------
    path : Path
        File to write.
    names : sequence of str
        Names of the validation images.
    points : sequence of Point
        Evaluations, in order.

    Raises
    ------
    UserError
        If the file cannot be written.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    columns = [*COLUMNS, *(f"psnr_{name}_db" for name in names)]
    if any(point.score.rgb for point in points):
        columns += [f"rgb_{name}" for name in columns[len(COLUMNS) - 2 :]]
    writer.writerow(columns)
    for point in points:
        loss = "" if point.loss is None else repr(point.loss)
        scores = [point.score, point.score.rgb] if point.score.rgb else [point.score]
        psnrs = [psnr for score in scores for psnr in (score.psnr_mean_db, score.psnr_pooled_db, *score.psnr_db)]
        writer.writerow([point.backprops, point.epoch, loss, *map(repr, psnrs)])
    write_text(path, text.getvalue())


def read_curve(path: Path) -> list[Point]:
    """Read a curve that `write_curve` wrote.

    Parameters
    ----------
    path : Path
        A CSV file.

    Returns
    -------
    list of Point
        Evaluations, in order.

    Raises
    ------
    UserError
        If the file is missing or is no curve.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file)
        if tuple(header[: len(COLUMNS)]) != COLUMNS:
            raise ValueError(f"its columns are {header[: len(COLUMNS)]}")
        scores = 2 if RGB_COLUMN in header else 1
        return [_point(row, len(header), scores) for row in rows]
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror}): check the path") from None
    except (ValueError, csv.Error) as error:
        raise UserError(f"{path} is no curve ({error}): expected the columns {', '.join(COLUMNS)}, ...") from None


def _point(row: Sequence[str], columns: int, scores: int) -> Point:
    if len(row) != columns:
        raise ValueError(f"a row of {len(row)} fields under a header of {columns}")
    backprops, epoch, loss, *psnrs = row
    if not (0 <= int(backprops) < LARGEST_COUNT and 0 <= int(epoch) < LARGEST_COUNT):
        raise ValueError("a count of backprops or epochs is below 0 or beyond all training")
    length = len(psnrs) // scores
    of_luma, of_rgb = _score(psnrs[:length]), _score(psnrs[length:]) if scores > 1 else None
    return Point(int(backprops), int(epoch), float(loss) if loss else None, replace(of_luma, rgb=of_rgb))


def _score(psnrs: Sequence[str]) -> Score:
    mean, pooled, *images = map(float, psnrs)
    return Score(tuple(images), mean, pooled)


def psnr_series(points: Sequence[Point], pooling: str) -> list[tuple[int, float]]:
    """Return backprops and PSNR in dB of each evaluation.

    Parameters
    ----------
    points : sequence of Point
        Evaluations of a curve.
    pooling : {"mean", "pooled"}
        A key of `POOLINGS`.

    Returns
    -------
    list of (int, float)
    """
    return [(point.backprops, getattr(point.score, f"psnr_{pooling}_db")) for point in points]


def backprops_to_reach(series: Sequence[tuple[int, float]], psnr_db: float) -> int | None:
    """Return the backprops at the first evaluation of at least `psnr_db`, or None if there is none.

    A curve is known at its evaluations only, so this function interpolates nothing between them.

    Parameters
    ----------
    series : sequence of (int, float)
        Backprops and PSNR in dB, see `psnr_series`.
    psnr_db : float
        PSNR to reach.

    Returns
    -------
    int or None

    Examples
    --------
    >>> backprops_to_reach([(0, 20.0), (1000, 30.5), (2000, 31.0)], 30.0)
    1000
    """
    return next((backprops for backprops, reached_db in series if reached_db >= psnr_db), None)
