"""Batches of photo files: read, upscale and write one after the other. A failure does not stop the others."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from PIL import Image

from paddle_srcnn.apps.choice import Networks
from paddle_srcnn.apps.forecast import expected_time
from paddle_srcnn.apps.memory import figure_bytes
from paddle_srcnn.apps.pixels import eight_bit_rgb
from paddle_srcnn.apps.plan import BatchOptions, Task, check_files, check_options, plan_tasks
from paddle_srcnn.apps.progress import BatchBar
from paddle_srcnn.apps.upscaler import Upscaler
from paddle_srcnn.errors import UserError, one_line
from paddle_srcnn.images.photos import Photo, check_writable, losses, read_photo, write_photo
from paddle_srcnn.reporting.curve_plots import save_figure
from paddle_srcnn.reporting.image_plots import DETAIL, comparison_figure

__all__ = ["Outcome", "Result", "upscale_files", "upscale_photos"]

DEFAULT_QUALITY = 95
MOST_LINES = 10  # results that have a line each

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Result:
    """A photo that was upscaled.

    Parameters
    ----------
    source : Path
    files : tuple of Path
        Files that were written: the result, its figure, or both.
    network : str or None
        Network or weights that upscaled it; None at a factor of 1.
    jpeg_quality : int or None
        Quality of the JPEG that it was, if it was one.
    """

    source: Path
    files: tuple[Path, ...]
    network: str | None = None
    jpeg_quality: int | None = None

    def line(self) -> str:
        """Return the result as one line, with the network and the quality that led to it."""
        jpeg = "" if self.jpeg_quality is None else f", JPEG of quality {self.jpeg_quality}"
        choice = "" if self.network is None else f" ({self.network}{jpeg})"
        return one_line(f"{self.source} -> {' and '.join(map(str, self.files))}{choice}")


@dataclass
class Outcome:
    """Outcome of a batch.

    Parameters
    ----------
    planned : int
        All photos that were to be upscaled.
    results : list of Result
    skipped : int
        Photos whose results existed before.
    failed : int
    ignored : int
        Photos left out of the plan, because they are results of others.
    """

    planned: int = 0
    results: list[Result] = field(default_factory=list)
    skipped: int = 0
    failed: int = 0
    ignored: int = 0

    @property
    def upscaled(self) -> int:
        """Number of results."""
        return len(self.results)

    def lines(self, options: BatchOptions) -> list[str]:
        """Return a line for each of a few results, and the summary."""
        shown = self.results if self.upscaled <= MOST_LINES else []
        return [*(result.line() for result in shown), self.summary(options)]

    def summary(self, options: BatchOptions) -> str:
        """Return the counts as one line."""
        counts = Counter(result.network for result in self.results if result.network is not None)
        names = [f"{network} ({count})" if len(counts) > 1 else network for network, count in counts.most_common()]
        network = f" with {' and '.join(names)}" if names else ""
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
    on_forecast: Callable[[str], object] = lambda line: None,
    on_pixels: Callable[[int], object] = lambda pixels: None,
) -> Outcome:
    """Upscale photo files as the options say.

    Parameters
    ----------
    sources : sequence of (Path, Path)
        Each photo's file, and the folder below `options.out` that its result goes to.
    options : BatchOptions
    progress : bool
        Show a progress bar over all photos on stderr, if that is a terminal.
    on_failure : callable
        Called with the problem of each photo that cannot be upscaled. Default: log it.
    on_forecast : callable
        Called before the work, with the time to expect as a line, if that is more than some seconds.
    on_pixels : callable
        Called now and then with the number of pixels that networks have computed since the last call. A `UserError`
        that it raises stops the photo, of which nothing is written.

    Returns
    -------
    Outcome

    Raises
    ------
    UserError
        If the options are wrong, every result would replace a file unasked, or the network cannot be loaded.
    """
    check_options(options)
    networks = Networks(options)
    tasks = plan_tasks(sources, options)
    kept, refused = check_files(tasks, existing=options.existing)
    if refused and not kept:
        raise refused[0]
    networks.prepare()
    for problem in refused:
        on_failure(problem)
    ahead = [task for task in kept if _wanted(task, options)]
    if line := expected_time(ahead, networks, options.scale):
        on_forecast(line)
    outcome = upscale_files(kept, networks, options, progress=progress, on_failure=on_failure, on_pixels=on_pixels)
    outcome.failed += len(refused)
    return replace(outcome, planned=len(tasks), ignored=len(sources) - len(tasks))


def upscale_files(
    tasks: Sequence[Task],
    networks: Networks,
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
        As `paddle_srcnn.apps.plan.check_files` has kept them. A file that has appeared since then is not replaced
        unless the options say so.
    networks : Networks
    options : BatchOptions
    progress, on_failure, on_pixels
        See `upscale_photos`.

    Returns
    -------
    Outcome
    """
    outcome = Outcome(planned=len(tasks))
    with BatchBar(tasks, options.scale, shown=progress) as bar:

        def count(pixels: int) -> None:
            bar.update(pixels)
            on_pixels(pixels)

        for task in bar:
            try:
                result = _upscale_file(task, networks, options, progress=count)
            except Exception as error:  # whatever it is, the others go on
                outcome.failed += 1
                unknown = UserError(f"{task.source} cannot be enlarged ({type(error).__name__}: {error})")
                on_failure(error if isinstance(error, UserError) else unknown)
            else:
                if result is None:
                    outcome.skipped += 1
                else:
                    outcome.results.append(result)
                    bar.complete()
    return outcome


def _wanted(task: Task, options: BatchOptions) -> tuple[Path, ...]:
    """List the files of a task that are to be written."""
    return tuple(file for file in task.files if options.existing == "replace" or not os.path.lexists(file))


def _upscale_file(
    task: Task, networks: Networks, options: BatchOptions, *, progress: Callable[[int], object]
) -> Result | None:
    """Upscale a photo; None if all its files are there already."""
    wanted = _wanted(task, options)
    if options.existing == "skip" and not wanted:
        return None
    if options.existing == "refuse" and wanted != tuple(task.files):
        appeared = f"{task.target} or its figure has appeared meanwhile"
        raise UserError(f"{task.source}: {appeared}: write elsewhere", about="out")
    photo = read_photo(task.source)
    check_writable(task.target, photo, scale=options.scale)
    network = networks.choose(photo)
    upscaler = networks.upscaler(network)
    _check_memory(task, photo, upscaler, options.max_memory)
    for note in (*photo.notes, *losses(task.target, photo)):
        logger.warning("%s %s", task.source, note)
    upscaled = replace(photo, pixels=upscaler(photo.pixels, progress=progress))
    if task.target in wanted:
        write_photo(task.target, upscaled, quality=options.quality or DEFAULT_QUALITY)
    if task.figure in wanted:
        write_comparison(task.figure, photo, upscaled, options.scale)
    return Result(task.source, wanted, None if options.scale == 1 else network, photo.jpeg_quality)


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
