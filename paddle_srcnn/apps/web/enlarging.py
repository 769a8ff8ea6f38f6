"""Enlargement of the pictures of an album, one at a time, by the code of the command."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from paddle_srcnn.apps.batch import upscale_files
from paddle_srcnn.apps.choice import Networks
from paddle_srcnn.apps.plan import BatchOptions, check_options, plan_tasks
from paddle_srcnn.apps.upscaler import network_pixels
from paddle_srcnn.apps.web.album import Album, Picture
from paddle_srcnn.errors import UserError, one_line
from paddle_srcnn.system.process import POLL_SECONDS

__all__ = ["Enlarging"]

# Options that the page offers beside the factor, and their values. The first one is the command's default.
CHOICES: dict[str, tuple[Any, ...]] = {
    "jpeg": ("auto", "on", "off"),
    "noise": ("off", "low", "high"),
    "fast": (False, True),
}
ASIDE = Path("results")  # each picture has a folder of its own instead


class Enlarging:
    """The work on an album's queue.

    Parameters
    ----------
    album : Album
    device : {"auto", "cpu", "gpu"}
    max_memory : int
        MB that a picture may need.

    Attributes
    ----------
    ended : threading.Event
        Set by a client that ends the program.
    """

    def __init__(self, album: Album, *, device: str, max_memory: int) -> None:
        self._album = album
        self._shared: dict[str, Any] = {"device": device, "max_memory": max_memory}
        self._paces: dict[tuple[Any, ...], tuple[int, float]] = {}  # pixels and seconds, by choices
        self.ended = threading.Event()

    def options(self, order: Mapping[str, Any]) -> BatchOptions:
        """Return the options of an enlargement that a client orders.

        Parameters
        ----------
        order : mapping
            Values of any type, as JSON has them.

        Returns
        -------
        BatchOptions

        Raises
        ------
        UserError
            If a value is none that the option takes, or there is no network for all of them.
        """
        scale = order.get("scale")
        if isinstance(scale, bool) or not isinstance(scale, int | float):
            raise UserError("the factor is no number: enlarge by 1 to 8", about="scale")
        chosen: dict[str, Any] = {}
        for name, (usual, *others) in CHOICES.items():
            value = order.get(name, usual)
            if value not in (usual, *others):
                raise UserError(f"{str(value)[:20]} is none of {', '.join(map(str, CHOICES[name]))}", about=name)
            if value != usual:
                chosen[name] = value
        options = BatchOptions(scale=scale, out=ASIDE, **chosen, **self._shared)
        check_options(options)
        Networks(options)
        return options

    @staticmethod
    def choices(options: BatchOptions) -> dict[str, Any]:
        """Return those options that the page offers."""
        others = {name: getattr(options, name) or usual for name, (usual, *_) in CHOICES.items()}
        return {"scale": options.scale, **others}

    def seconds_left(self, pictures: Sequence[Picture]) -> float | None:
        """Estimate the time until the queue is empty.

        Parameters
        ----------
        pictures : sequence of Picture

        Returns
        -------
        float or None
            None before anything was computed with the same options.
        """
        seconds = 0.0
        for picture in pictures:
            if picture.state in ("waiting", "working") and (options := picture.wanted) is not None:
                pixels, taken = self._paces.get(_key(options), (0, 0.0))
                if not pixels:
                    return None
                left = network_pixels((picture.size[1], picture.size[0]), options.scale) - picture.done
                seconds += max(left, 0) * taken / pixels
        return seconds

    def run(self) -> None:
        """Enlarge waiting pictures until a client ends the program. Ctrl-C stops at once, in the main thread."""
        while not self.ended.is_set():
            picture = self._album.next_waiting(POLL_SECONDS)
            if picture is not None:
                self._enlarge(picture)

    def _enlarge(self, picture: Picture) -> None:
        options = picture.wanted
        if options is None:  # stopped since it was taken out of the queue
            self._album.finish(picture)
            return
        picture.total = network_pixels((picture.size[1], picture.size[0]), options.scale)
        problems: list[UserError] = []
        (task,) = plan_tasks([(picture.source, Path())], options)
        counter = self._counter(picture, options)
        with _notes(picture, options):
            outcome = upscale_files([task], Networks(options), options, on_failure=problems.append, on_pixels=counter)
        stopped = not self._album.is_wanted(picture)
        error = picture.told(problems[0], options) if problems and not stopped else ""
        self._album.finish(picture, error=error, result=None if problems else outcome.results[0])

    def _counter(self, picture: Picture, options: BatchOptions) -> Callable[[int], None]:
        """Make a function that counts pixels and measures the pace."""
        last = time.monotonic()

        def count(pixels: int) -> None:
            nonlocal last
            if self.ended.is_set() or not self._album.is_wanted(picture):
                raise UserError("stopped")
            now = time.monotonic()
            before, seconds = self._paces.get(_key(options), (0, 0.0))
            self._paces[_key(options)] = (before + pixels, seconds + now - last)
            picture.done += pixels
            last = now

        return count


def _key(options: BatchOptions) -> tuple[Any, ...]:
    return tuple(Enlarging.choices(options).values())


class _Notes(logging.Handler):
    """Handler that gives warnings to the picture instead of the terminal."""

    def __init__(self, picture: Picture, options: BatchOptions) -> None:
        super().__init__(logging.WARNING)
        self._picture, self._options = picture, options

    def emit(self, record: logging.LogRecord) -> None:
        """Add a warning to the picture's notes."""
        self._picture.notes.append(self._picture.told(UserError(one_line(record.getMessage())), self._options))


@contextmanager
def _notes(picture: Picture, options: BatchOptions) -> Iterator[None]:
    """Collect the warnings of a block in the picture's notes."""
    logger, handler = logging.getLogger("paddle_srcnn.apps"), _Notes(picture, options)
    picture.notes, before = [], logger.propagate
    logger.addHandler(handler)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = before
