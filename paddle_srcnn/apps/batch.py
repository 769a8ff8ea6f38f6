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

from paddle_srcnn.apps.upscaler import Upscaler, network_pixels
from paddle_srcnn.errors import UserError, one_line
from paddle_srcnn.images.photos import Photo, check_writable, read_photo, write_photo
from paddle_srcnn.reporting.curve_plots import save_figure
from paddle_srcnn.reporting.image_plots import DETAIL, comparison_figure
from paddle_srcnn.system.files import check_folder

COMPARISON_BYTES = 230  # that a figure needs for each pixel of the result


@dataclass(frozen=True)
class Task:
    """A picture to be enlarged, the file that it becomes, and whether a figure of both is to be left beside that."""

    source: Path
    target: Path
    compare: bool = False

    @property
    def figure(self) -> Path:
        """File of the figure."""
        return self.target.with_name(f"{self.target.stem}_comparison.png")

    @property
    def files(self) -> list[Path]:
        """What it leaves."""
        return [self.target, self.figure] if self.compare else [self.target]


@dataclass
class Outcome:
    """What became of pictures: how many were enlarged, passed over because they were there, and could not be."""

    enlarged: int = 0
    skipped: int = 0
    failed: int = 0


def named_tasks(
    sources: Iterable[tuple[Path, Path]], out: Path, *, suffix: str, extension: str | None = None, compare: bool = False
) -> list[Task]:
    """Decide what pictures become; what is the result of another one is no picture to be enlarged.

    Parameters
    ----------
    sources : iterable of (Path, Path)
        Each picture, and the folder below `out` that it goes to.
    out : Path
    suffix : str
        What is added to the names, before their extensions.
    extension : str, optional
        Format of the results, such as ``".png"``; each picture's own, if not given.
    compare : bool
        Leave figures, too.
    """
    tasks = []
    for source, folder in sources:
        target = out / folder / f"{source.stem}{suffix}{extension or source.suffix}"
        tasks.append(Task(source, target, compare))
    made = {os.path.realpath(file): task.source for task in tasks for file in task.files}
    return [task for task in tasks if made.get(os.path.realpath(task.source), task.source) == task.source]


def check_files(tasks: Sequence[Task], *, overwrite: bool, skip_existing: bool) -> None:
    """Make sure, before anything is computed, that nothing is replaced unasked and that files can be written.

    Raises
    ------
    UserError
        If two pictures would become the same file, if a file is there already, or is a source, and neither option says
        what to do about that, or if a folder cannot be written to.
    """
    made: dict[str, Task] = {}
    for task, file in [(one, file) for one in tasks for file in one.files]:
        other = made.setdefault(os.path.realpath(file), task)
        if other is not task:
            raise UserError(f"{other.source} and {task.source} would both become {file}: enlarge them one by one")
        if os.path.lexists(file) and not (overwrite or skip_existing):
            itself = os.path.realpath(file) == os.path.realpath(task.source)
            advice = "--suffix or --overwrite" if itself else "--overwrite or --skip-existing"
            raise UserError(f"{file} is {'the picture itself' if itself else 'there already'}: give {advice}")
    for folder in sorted({file.parent for task in tasks for file in task.files}):
        check_folder(folder)


def enlarge_all(
    tasks: Sequence[Task],
    upscaler: Upscaler,
    *,
    skip_existing: bool,
    overwrite: bool = False,
    quality: int,
    max_memory: int,
) -> Outcome:
    """Enlarge pictures; one that cannot be is named on stderr, and the others go on.

    Parameters
    ----------
    tasks : sequence of Task
    upscaler : Upscaler
    skip_existing : bool
        Pass over what is there already.
    overwrite : bool
        Replace it. With neither, what has appeared since `check_files` looked stays, and its picture counts as failed.
    quality : int
        Of formats that lose some, 1 to 100.
    max_memory : int
        Bytes that one picture may need.
    """
    outcome = Outcome()
    with tqdm(tasks, unit="picture", disable=None) as bar:
        for task in bar:
            lacking = task.files if overwrite else [file for file in task.files if not os.path.lexists(file)]
            if skip_existing and not lacking:
                outcome.skipped += 1
                continue
            try:
                if not skip_existing and lacking != task.files:
                    raise UserError(
                        f"{task.source}: {task.target} or its figure has appeared meanwhile: give another --out"
                    )
                picture = read_photo(task.source)
                result = _enlarged(task, picture, upscaler, max_memory)
                if task.target in lacking:
                    write_photo(task.target, result, quality=quality)
                if task.figure in lacking:
                    write_comparison(task.figure, picture, result, upscaler.scale)
            except Exception as error:  # whatever it is, the others go on
                outcome.failed += 1
                unknown = UserError(f"{task.source} cannot be enlarged ({type(error).__name__}: {error})")
                bar.write(one_line(error if isinstance(error, UserError) else unknown), file=sys.stderr)
            else:
                outcome.enlarged += 1
    return outcome


def _enlarged(task: Task, picture: Photo, upscaler: Upscaler, max_memory: int) -> Photo:
    pixels = picture.pixels
    check_writable(task.target, picture, scale=upscaler.scale)
    needed = upscaler.memory_needed(pixels)
    if task.compare:
        needed += int(COMPARISON_BYTES * pixels.shape[0] * pixels.shape[1] * upscaler.scale**2)
    if needed > max_memory:
        raise UserError(
            f"{task.source} needs about {needed >> 20} MB to be enlarged, more than the {max_memory >> 20} MB of "
            "--max-memory: raise that, or split the picture"
        )
    total = network_pixels(pixels.shape, upscaler.scale)
    with tqdm(total=total, unit="px", unit_scale=True, leave=False, disable=None, desc=task.source.name) as bar:
        result = upscaler(pixels, progress=bar.update)
    return Photo(result, picture.icc_profile, picture.exif)


def write_comparison(path: Path, picture: Photo, result: Photo, scale: float) -> None:
    """Leave a figure of the result beside bicubic interpolation, with a detail of as much as was given."""
    height, width = result.pixels.shape[:2]
    given = Image.fromarray(eight_bit_rgb(picture.pixels))
    pictures = {
        "bicubic": np.asarray(given.resize((width, height), Image.Resampling.BICUBIC)),
        "SRCNN": eight_bit_rgb(result.pixels),
    }
    title = f"Enlarged by {scale:g} to {width}x{height}"
    save_figure(comparison_figure(pictures, title, detail=round(scale * DETAIL)), path)


def eight_bit_rgb(pixels: np.ndarray) -> np.ndarray:
    """Pixels of any picture as (H, W, 3) of uint8, on white where it is transparent."""
    pixels = pixels.astype(np.float64) / np.iinfo(pixels.dtype).max
    pixels = pixels[..., np.newaxis] if pixels.ndim == 2 else pixels
    colours, alpha = (pixels[..., :-1], pixels[..., -1:]) if pixels.shape[2] in (2, 4) else (pixels, 1.0)
    return np.rint(255 * np.broadcast_to(colours * alpha + (1 - alpha), (*pixels.shape[:2], 3))).astype(np.uint8)
