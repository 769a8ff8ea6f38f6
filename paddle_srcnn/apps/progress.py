"""One progress bar over all photos of a batch, with the time left."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from types import TracebackType

from tqdm import tqdm

from paddle_srcnn.apps.plan import Task
from paddle_srcnn.apps.upscaler import network_pixels
from paddle_srcnn.errors import one_line
from paddle_srcnn.images.decoding import image_size

__all__ = ["BatchBar"]

LONGEST_NAME = 30  # of a photo, beside the bar


class BatchBar:
    """Bar on stderr that counts the pixels that networks compute; iterating gives the tasks.

    The program reads the sizes from the headers of the files. A photo of unknown size counts as the mean of the others.
    Photos that fail or are passed over leave the sum, so that the time left stays true.

    Parameters
    ----------
    tasks : sequence of Task
    scale : float
    shown : bool
        Show the bar, if stderr is a terminal.
    """

    def __init__(self, tasks: Sequence[Task], scale: float, *, shown: bool) -> None:
        self._tasks = tasks
        shown = shown and sys.stderr is not None and sys.stderr.isatty()
        self._expected = _expected_pixels(tasks, scale) if shown else [0] * len(tasks)
        # The mean rate of the whole batch: times of single tiles and of reading and writing differ too much.
        settings = {"unit": "px", "unit_scale": True, "smoothing": 0}
        self._bar = tqdm(total=sum(self._expected), disable=not shown, **settings)
        self._current = self._done = 0

    def __enter__(self) -> BatchBar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def __iter__(self) -> Iterator[Task]:
        for number, task in enumerate(self._tasks):
            name = one_line(task.source.name)
            name = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 3]}..."
            self._bar.set_description(f"{number + 1}/{len(self._tasks)} {name}")
            self._current, self._done = self._expected[number], 0
            yield task
            self._bar.total += self._done - self._current
            self._bar.refresh()
        self._bar.set_description("")

    def update(self, pixels: int) -> None:
        """Count pixels of the current photo."""
        self._done += pixels
        self._bar.update(pixels)

    def complete(self) -> None:
        """Count the current photo as upscaled."""
        self.update(max(self._current - self._done, 0))


def _expected_pixels(tasks: Sequence[Task], scale: float) -> list[int]:
    sizes = [image_size(task.source) for task in tasks]
    pixels = [network_pixels(size, scale) or size[0] * size[1] for size in sizes if size]
    mean = sum(pixels) // len(pixels) if pixels else 1
    known = iter(pixels)
    return [next(known) if size else mean for size in sizes]
