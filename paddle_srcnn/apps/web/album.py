"""The pictures of a page: their files in one temporary folder, and the queue of those to be enlarged."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from paddle_srcnn.apps.batch import Result
from paddle_srcnn.apps.plan import BatchOptions, plan_tasks
from paddle_srcnn.apps.web.names import stored_suffix
from paddle_srcnn.errors import UserError
from paddle_srcnn.system.cli import problem_line

__all__ = ["MOST_PICTURES", "Album", "Picture", "State"]

MOST_PICTURES = 1000
State = Literal["refused", "ready", "waiting", "working", "done", "failed"]


@dataclass
class Picture:
    """A picture that a client has sent.

    Parameters
    ----------
    number : int
        Its name in addresses. No two pictures of an album have the same.
    name : str
        Name that the client gave; see `paddle_srcnn.apps.web.names.picture_name`.
    folder : Path
        Folder of its own, which goes with it.

    Attributes
    ----------
    size : (int, int)
        Width and height of the upright picture.
    thumbnail : bytes
        A PNG file.
    state : str
        ``"refused"`` for a file that cannot be read, ``"failed"`` for one that could not be enlarged as asked.
    error : str
        One line that tells the reason for either.
    notes : list of str
        Lines that tell what has become of metadata.
    wanted, made : BatchOptions or None
        Options of the enlargement in the queue, and of the one that exists.
    result : Result or None
        The enlargement that exists.
    revision : int
        Number of enlargements that were made.
    done, total : int
        Pixels that networks have computed of the current enlargement, and will have in the end.
    """

    number: int
    name: str
    folder: Path
    size: tuple[int, int] = (0, 0)
    thumbnail: bytes = b""
    state: State = "ready"
    error: str = ""
    notes: list[str] = field(default_factory=list)
    wanted: BatchOptions | None = None
    made: BatchOptions | None = None
    result: Result | None = None
    revision: int = 0
    done: int = 0
    total: int = 0

    @property
    def target(self) -> Path:
        """File of the enlargement that exists."""
        if self.result is None:
            raise FileNotFoundError(f"{self.name} is not enlarged")
        return self.result.files[0]

    @property
    def source(self) -> Path:
        """File of the picture."""
        return self.folder / f"source{stored_suffix(self.name)}"

    def result_name(self, options: BatchOptions) -> str:
        """Return the name that the command gives to the enlargement."""
        (task,) = plan_tasks([(Path(self.name), Path())], replace(options, out=Path("results")))
        return task.target.name

    def told(self, error: UserError, options: BatchOptions | None = None) -> str:
        """Return a problem as the command prints it: with the client's names in place of the server's files."""
        text = str(error)
        if options is not None:
            (task,) = plan_tasks([(self.source, Path())], options)
            text = text.replace(str(task.target), self.result_name(options))
        return problem_line(UserError(text.replace(str(self.source), self.name), about=error.about))


class Album:
    """Pictures, in the order in which they came. Several threads may use it.

    Parameters
    ----------
    folder : Path
        Folder of all files.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._changed = threading.Condition()
        self._pictures: dict[int, Picture] = {}
        self._last = 0
        self._queue: list[int] = []

    def new(self, name: str) -> Picture:
        """Make a picture and its folder. The album does not list it yet; see `add`.

        Raises
        ------
        UserError
            If there are too many pictures already.
        OSError
            If the folder cannot be made.
        """
        with self._changed:
            if len(self._pictures) >= MOST_PICTURES:
                raise UserError(f"{name}: there are {MOST_PICTURES} pictures already: remove some first")
            self._last += 1
            picture = Picture(self._last, name, self._folder / str(self._last))
        picture.folder.mkdir()
        return picture

    def add(self, picture: Picture) -> None:
        """List a picture, whose file is complete."""
        with self._changed:
            self._pictures[picture.number] = picture

    def get(self, number: int) -> Picture | None:
        """Find a picture by its number."""
        with self._changed:
            return self._pictures.get(number)

    def pictures(self) -> list[Picture]:
        """List the pictures."""
        with self._changed:
            return list(self._pictures.values())

    def enqueue(self, numbers: Iterable[int], options: BatchOptions) -> None:
        """Put pictures into the queue, except those that are there, are being enlarged, or cannot be read.

        Parameters
        ----------
        numbers : iterable of int
        options : BatchOptions
            As `paddle_srcnn.apps.plan.check_options` has checked them. Each picture has another folder for `out`.
        """
        with self._changed:
            for number in numbers:
                picture = self._pictures.get(number)
                if picture is not None and picture.state in ("ready", "done", "failed"):
                    out = picture.folder / str(picture.revision + 1)
                    picture.state, picture.error, picture.done, picture.total = "waiting", "", 0, 0
                    picture.wanted = replace(options, out=out)
                    self._queue.append(number)
            self._changed.notify_all()

    def next_waiting(self, seconds: float) -> Picture | None:
        """Take the next picture of the queue, which is being enlarged from now on.

        Parameters
        ----------
        seconds : float
            Time to wait for one.

        Returns
        -------
        Picture or None
        """
        with self._changed:
            if not self._queue:
                self._changed.wait(seconds)
            if not self._queue:
                return None
            picture = self._pictures[self._queue.pop(0)]
            picture.state = "working"
            return picture

    def is_wanted(self, picture: Picture) -> bool:
        """Tell whether the picture's enlargement goes on: nobody has stopped it or removed the picture."""
        with self._changed:
            return picture.wanted is not None

    def finish(self, picture: Picture, *, error: str = "", result: Result | None = None) -> None:
        """Note the outcome of an enlargement.

        Parameters
        ----------
        picture : Picture
        error : str, optional
            The reason for which there is none. Neither error nor result: it was stopped.
        result : Result, optional
        """
        with self._changed:
            options, picture.wanted = picture.wanted, None
            if self._pictures.get(picture.number) is not picture:
                shutil.rmtree(picture.folder, ignore_errors=True)
            elif result is not None and options is not None:
                shutil.rmtree(picture.folder / str(picture.revision), ignore_errors=True)
                picture.revision += 1
                picture.state, picture.made, picture.result = "done", options, result
            else:
                shutil.rmtree(picture.folder / str(picture.revision + 1), ignore_errors=True)
                picture.state, picture.error = "failed" if error else _idle(picture), error

    def stop(self, numbers: Iterable[int]) -> None:
        """Take pictures out of the queue, and stop the enlargement if it is of one of them."""
        with self._changed:
            for picture in filter(None, map(self._pictures.get, numbers)):
                if picture.state in ("waiting", "working"):
                    picture.wanted = None
                if picture.state == "waiting":
                    self._queue.remove(picture.number)
                    picture.state = _idle(picture)

    def remove(self, number: int) -> bool:
        """Remove a picture and its files; false if there is none. An enlargement of it stops."""
        self.stop([number])
        with self._changed:
            picture = self._pictures.pop(number, None)
            if picture is not None and picture.state != "working":  # else `finish` removes the files
                shutil.rmtree(picture.folder, ignore_errors=True)
        return picture is not None


def _idle(picture: Picture) -> State:
    return "ready" if picture.made is None else "done"
