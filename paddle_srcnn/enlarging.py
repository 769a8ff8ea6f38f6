"""Files of pictures enlarged, one after the other: what is read, what it becomes, and what is said of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm import tqdm

from paddle_srcnn.errors import UserError
from paddle_srcnn.files import is_file
from paddle_srcnn.picture_plots import comparison_figure
from paddle_srcnn.pictures import Picture, check_writable, read_picture, write_picture
from paddle_srcnn.plots import save_figure
from paddle_srcnn.upscaler import Upscaler, memory_needed, network_pixels


@dataclass(frozen=True)
class Task:
    """A picture to be enlarged, and the file that it becomes."""

    source: Path
    target: Path


@dataclass
class Outcome:
    """What became of pictures: how many were enlarged, passed over because they were there, and could not be."""

    enlarged: int = 0
    skipped: int = 0
    failed: int = 0


def named_tasks(
    sources: Iterable[tuple[Path, Path]], out: Path, *, suffix: str, extension: str | None = None
) -> list[Task]:
    """Decide what pictures become.

    Parameters
    ----------
    sources : iterable of (Path, Path)
        Each picture, and the folder below `out` that it goes to.
    out : Path
    suffix : str
        What is added to the names, before their extensions.
    extension : str, optional
        Format of the results, such as ``".png"``; each picture's own, if not given.

    Raises
    ------
    UserError
        If two pictures would become the same file.
    """
    tasks: dict[Path, Task] = {}
    for source, folder in sources:
        target = out / folder / f"{source.stem}{suffix}{extension or source.suffix}"
        taken = tasks.setdefault(target, Task(source, target))
        if taken.source != source:
            raise UserError(f"{taken.source} and {source} would both become {target}: enlarge them one by one")
    return list(tasks.values())


def check_targets(tasks: Sequence[Task], *, overwrite: bool, skip_existing: bool) -> None:
    """Make sure that nothing is replaced unasked, before anything is computed.

    Raises
    ------
    UserError
        If a file is there already, or is one of the sources, and neither option says what to do about that.
    """
    sources = {os.path.realpath(task.source): task.source for task in tasks}
    for task in tasks:
        replaced = sources.get(os.path.realpath(task.target))
        if replaced and not overwrite:
            raise UserError(f"{replaced} would be replaced by what {task.source} becomes: give --suffix or --overwrite")
        if is_file(task.target) and not (overwrite or skip_existing):
            raise UserError(f"{task.target} is there already: give --overwrite or --skip-existing")


def enlarge_all(
    tasks: Sequence[Task],
    upscaler: Upscaler,
    *,
    skip_existing: bool,
    quality: int,
    max_memory: int,
    compare: bool = False,
) -> Outcome:
    """Enlarge pictures; one that cannot be is named on stderr, and the others go on.

    Parameters
    ----------
    tasks : sequence of Task
    upscaler : Upscaler
    skip_existing : bool
        Pass over what is there already.
    quality : int
        Of formats that lose some, 1 to 100.
    max_memory : int
        Bytes that one picture may need.
    compare : bool
        Leave a figure beside each result.
    """
    outcome = Outcome()
    with tqdm(tasks, unit="picture", disable=None) as bar:
        for task in bar:
            if skip_existing and is_file(task.target):
                outcome.skipped += 1
                continue
            try:
                picture = read_picture(task.source)
                result = _enlarged(task, picture, upscaler, max_memory)
                write_picture(task.target, result, quality=quality)
                if compare:
                    write_comparison(task, picture, result)
            except UserError as error:
                outcome.failed += 1
                bar.write(" ".join(str(error).split()), file=sys.stderr)
            else:
                outcome.enlarged += 1
    return outcome


def _enlarged(task: Task, picture: Picture, upscaler: Upscaler, max_memory: int) -> Picture:
    pixels = picture.pixels
    check_writable(task.target, picture, scale=upscaler.scale)
    if (needed := memory_needed(pixels.shape, pixels.dtype, upscaler.scale)) > max_memory:
        raise UserError(
            f"{task.source} needs about {needed >> 20} MB to be enlarged, more than the {max_memory >> 20} MB of "
            "--max-memory: raise that, or split the picture"
        )
    total = network_pixels(pixels.shape, upscaler.scale)
    with tqdm(total=total, unit="px", unit_scale=True, leave=False, disable=None, desc=task.source.name) as bar:
        result = upscaler(pixels, progress=bar.update)
    return Picture(result, picture.icc_profile, picture.exif)


def write_comparison(task: Task, picture: Picture, result: Picture) -> None:
    """Leave a figure of the result beside bicubic interpolation."""
    size = result.pixels.shape[1::-1]
    pictures = {
        "bicubic": np.asarray(Image.fromarray(eight_bit_rgb(picture.pixels)).resize(size, Image.Resampling.BICUBIC)),
        "SRCNN": eight_bit_rgb(result.pixels),
    }
    figure = comparison_figure(pictures, f"{task.source.name}, enlarged to {size[0]}x{size[1]}")
    save_figure(figure, task.target.with_name(f"{task.target.stem}_comparison.png"))


def eight_bit_rgb(pixels: np.ndarray) -> np.ndarray:
    """Pixels of any picture as (H, W, 3) of uint8, on white where it is transparent."""
    pixels = pixels.astype(np.float64) / np.iinfo(pixels.dtype).max
    pixels = pixels[..., np.newaxis] if pixels.ndim == 2 else pixels
    colours, alpha = (pixels[..., :-1], pixels[..., -1:]) if pixels.shape[2] in (2, 4) else (pixels, 1.0)
    return np.rint(255 * np.broadcast_to(colours * alpha + (1 - alpha), (*pixels.shape[:2], 3))).astype(np.uint8)
