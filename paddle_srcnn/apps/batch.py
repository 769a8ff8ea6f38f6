"""Batches of photo files: read, upscale and write one after the other. A failure does not stop the others."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from tqdm import tqdm

from paddle_srcnn.apps.memory import figure_bytes
from paddle_srcnn.apps.pixels import eight_bit_rgb
from paddle_srcnn.apps.plan import BatchOptions, Task, best_network, check_files, check_options, plan_tasks
from paddle_srcnn.apps.upscaler import Upscaler, network_pixels, stages_of
from paddle_srcnn.errors import UserError, about, one_line
from paddle_srcnn.images.photos import Photo, check_writable, losses, read_photo, write_photo
from paddle_srcnn.reporting.curve_plots import save_figure
from paddle_srcnn.reporting.image_plots import DETAIL, comparison_figure

__all__ = ["Outcome", "upscale_files", "upscale_photos"]

DEFAULT_QUALITY = 95

logger = logging.getLogger(__name__)


@dataclass
class Outcome:
    """Counts of a batch's photos.

    Parameters
    ----------
    network : str or None
        Network or weights that upscaled; None at a factor of 1.
    planned : int
        All photos that were to be upscaled.
    upscaled : int
    skipped : int
        Photos whose results existed before.
    failed : int
    ignored : int
        Photos left out of the plan, because they are results of others.
    """

    network: str | None = None
    planned: int = 0
    upscaled: int = 0
    skipped: int = 0
    failed: int = 0
    ignored: int = 0

    def summary(self, options: BatchOptions) -> str:
        """Return the counts as one line."""
        network = f" with {self.network}" if self.network else ""
        done = f"{self.upscaled} of {self.planned} enlarged by {options.scale:g}{network}, in {options.out}"
        others = {"skipped (already there)": self.skipped, "failed": self.failed}
        others["ignored (earlier results)"] = self.ignored
        rest = ", ".join(f"{count} {outcome}" for outcome, count in others.items() if count)
        return f"{done}; {rest}" if rest else done


def log_failure(error: UserError) -> None:
    """Log a photo's failure."""
    logger.warning("%s", one_line(error))


def upscale_photos(
    sources: Sequence[tuple[Path, Path]],
    options: BatchOptions,
    *,
    progress: bool = False,
    on_failure: Callable[[UserError], object] = log_failure,
    on_pixels: Callable[[int], object] = lambda pixels: None,
) -> Outcome:
    """Upscale photo files as the options say.

    Parameters
    ----------
    sources : sequence of (Path, Path)
        Each photo's file, and the folder below `options.out` that its result goes to.
    options : BatchOptions
    progress : bool
        Show progress bars on stderr, if that is a terminal.
    on_failure : callable
        Called with the problem of each photo that cannot be upscaled. Default: log it.
    on_pixels : callable
        Called now and then with the number of pixels that networks have computed since the last call. A `UserError`
        that it raises stops the photo, of which nothing is written.

    Returns
    -------
    Outcome

    Raises
    ------
    UserError
        If the options are wrong, files would be replaced unasked, or the network cannot be loaded.
    """
    check_options(options)
    stages = stages_of(options.scale)
    network = options.weights if options.weights is not None else best_network(options.model or "y", stages)
    tasks = plan_tasks(sources, options)
    check_files(tasks, existing=options.existing)
    with about("weights"):
        upscaler = Upscaler(network, options.scale, device=options.device)
    outcome = upscale_files(
        tasks, upscaler, options, progress=progress, on_failure=on_failure, on_pixels=on_pixels
    )
    return replace(outcome, network=network if stages else None, ignored=len(sources) - len(tasks))


def upscale_files(
    tasks: Sequence[Task],
    upscaler: Upscaler,
    options: BatchOptions,
    *,
    progress: bool = False,
    on_failure: Callable[[UserError], object] = log_failure,
    on_pixels: Callable[[int], object] = lambda pixels: None,
) -> Outcome:
    """Upscale the photos of planned tasks.

    Parameters
    ----------
    tasks : sequence of Task
        As `paddle_srcnn.apps.plan.check_files` has checked them. A file that has appeared since then is not replaced
        unless the options say so.
    upscaler : Upscaler
    options : BatchOptions
    progress, on_failure, on_pixels
        See `upscale_photos`.

    Returns
    -------
    Outcome
    """
    outcome = Outcome(planned=len(tasks))
    with _bar(progress, tasks, unit="picture") as bar:
        for task in bar:
            try:
                done = _upscale_file(task, upscaler, options, progress=progress, on_pixels=on_pixels)
            except Exception as error:  # whatever it is, the others go on
                outcome.failed += 1
                unknown = UserError(f"{task.source} cannot be enlarged ({type(error).__name__}: {error})")
                on_failure(error if isinstance(error, UserError) else unknown)
            else:
                outcome.upscaled += done
                outcome.skipped += not done
    return outcome


def _upscale_file(
    task: Task, upscaler: Upscaler, options: BatchOptions, *, progress: bool, on_pixels: Callable[[int], object]
) -> bool:
    """Upscale a photo, and return true; false if all its files are there already."""
    wanted = [file for file in task.files if options.existing == "replace" or not os.path.lexists(file)]
    if options.existing == "skip" and not wanted:
        return False
    if options.existing == "refuse" and wanted != task.files:
        appeared = f"{task.target} or its figure has appeared meanwhile"
        raise UserError(f"{task.source}: {appeared}: write elsewhere", about="out")
    photo = read_photo(task.source)
    check_writable(task.target, photo, scale=upscaler.scale)
    _check_memory(task, photo, upscaler, options.max_memory)
    for note in (*photo.notes, *losses(task.target, photo)):
        logger.warning("%s %s", task.source, note)
    total = network_pixels(photo.pixels.shape, upscaler.scale)
    with _bar(progress, total=total, unit="px", unit_scale=True, leave=False, desc=task.source.name) as bar:
        result = replace(photo, pixels=upscaler(photo.pixels, progress=lambda done: (bar.update(done), on_pixels(done))))
    if task.target in wanted:
        write_photo(task.target, result, quality=options.quality or DEFAULT_QUALITY)
    if task.figure in wanted:
        write_comparison(task.figure, photo, result, upscaler.scale)
    return True


def _check_memory(task: Task, photo: Photo, upscaler: Upscaler, limit: int) -> None:
    needed = upscaler.memory_needed(photo.pixels)
    if task.compare:
        needed += figure_bytes(photo.pixels, upscaler.scale)
    if needed > limit << 20:
        raise UserError(
            f"{task.source} needs about {needed >> 20} MB to be enlarged, more than {limit} MB: allow more, or split "
            "the picture",
            about="max_memory",
        )


def _bar(shown: bool, items: Iterable[Any] | None = None, **settings: Any) -> tqdm:
    """Make a progress bar, shown on terminals only."""
    return tqdm(items, disable=None if shown else True, **settings)


def write_comparison(path: Path, photo: Photo, result: Photo, scale: float) -> None:
    """Write a figure of a result beside bicubic interpolation, with a detail of as much as the photo has.

    Parameters
    ----------
    path : Path
    photo, result : Photo
        Before and after.
    scale : float
    """
    height, width = result.pixels.shape[:2]
    given = Image.fromarray(eight_bit_rgb(photo.pixels))
    images = {
        "bicubic": np.asarray(given.resize((width, height), Image.Resampling.BICUBIC)),
        "SRCNN": eight_bit_rgb(result.pixels),
    }
    title = f"Enlarged by {scale:g} to {width}x{height}"
    save_figure(comparison_figure(images, title, detail=round(scale * DETAIL)), path)
