"""Plan of a batch: the options of upscaling, checked, and the files that photos become."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from paddle_srcnn.apps.memory import FIXED_BYTES, NETWORK_BYTES
from paddle_srcnn.apps.networks import stages_of
from paddle_srcnn.errors import UserError, about
from paddle_srcnn.images.kinds import IMAGE_SUFFIXES, WRITTEN_SUFFIXES, result_suffix
from paddle_srcnn.images.photos import LOSSLESS_SUFFIXES
from paddle_srcnn.system.files import check_folder
from paddle_srcnn.system.windows import name_problem

__all__ = [
    "OUTPUT_FORMATS",
    "BatchOptions",
    "ExistingFile",
    "Task",
    "check_files",
    "check_options",
    "is_photo_name",
    "plan_tasks",
]

OUTPUT_FORMATS = ("png", "jpg", "tif", "webp", "bmp")
CHOICES = ("model", "jpeg", "noise", "fast")  # options that choose among the packaged weights
SMALL_PHOTO_BYTES = 30 << 20
LEAST_MEMORY_MB = FIXED_BYTES + NETWORK_BYTES + SMALL_PHOTO_BYTES >> 20


@dataclass(frozen=True)
class BatchOptions:
    """Options of upscaling a batch of photos.

    Parameters
    ----------
    scale : float
        From 1 to 8.
    out : Path
        Folder of the results, or the file of a single one.
    weights : str, optional
        A packaged name or a weights file. Default: the best packaged network of `model`.
    model : {"y", "rgb"}, optional
        Network for luma, the default, or for RGB.
    jpeg : {"auto", "on", "off"}, optional
        Photos that the network for JPEG upscales, which removes blocks: JPEGs of lower quality, the default, all or
        none.
    noise : {"off", "low", "high"}, optional
        Noise that the network removes while it upscales. The default is none.
    fast : bool
        Take 9-1-5, the fastest network, instead of the best one.
    device : {"auto", "cpu", "gpu"}
    format : str, optional
        One of `OUTPUT_FORMATS`. Default: the format of each photo; PNG for formats that are not written.
    quality : int, optional
        Quality of JPEG and WebP, from 1 to 100. Default: 95.
    suffix : str, optional
        Text added to the names. Default: ``_x2`` at scale 2.
    compare : bool
        Write a figure beside each result.
    existing : {"refuse", "skip", "replace"}
        Treatment of files that are there already.
    max_memory : int
        MB that a photo may need.
    """

    scale: float
    out: Path
    weights: str | None = None
    model: Literal["y", "rgb"] | None = None
    jpeg: Literal["auto", "on", "off"] | None = None
    noise: Literal["off", "low", "high"] | None = None
    fast: bool = False
    device: str = "auto"
    format: str | None = None
    quality: int | None = None
    suffix: str | None = None
    compare: bool = False
    existing: Literal["refuse", "skip", "replace"] = "refuse"
    max_memory: int = 4096


@dataclass(frozen=True)
class Task:
    """A photo to be upscaled.

    Parameters
    ----------
    source : Path
        The photo's file.
    target : Path
        The file of the result.
    compare : bool
        Write a figure beside the result.
    """

    source: Path
    target: Path
    compare: bool = False

    @property
    def figure(self) -> Path:
        """File of the figure."""
        return self.target.with_name(f"{self.target.stem}_comparison.png")

    @property
    def files(self) -> list[Path]:
        """All files that the task writes."""
        return [self.target, self.figure] if self.compare else [self.target]


class ExistingFile(UserError):
    """An existing file of a task in a batch that replaces no files.

    Parameters
    ----------
    path : Path
    is_source : bool
        True if the file is the photo itself.
    """

    def __init__(self, path: Path, *, is_source: bool) -> None:
        super().__init__(f"{path} is {'the picture itself' if is_source else 'there already'}")
        self.is_source = is_source


def check_options(options: BatchOptions) -> None:
    """Check options by themselves, before the search for photos.

    Parameters
    ----------
    options : BatchOptions

    Raises
    ------
    UserError
        If an option is out of range, or would have no effect.
    """
    _check_choice(options)
    if options.quality is not None and not 1 <= options.quality <= 100:
        raise UserError(f"{options.quality} is not from 1 to 100", about="quality")
    if options.max_memory < LEAST_MEMORY_MB:
        least = f"nothing can be done with less than {LEAST_MEMORY_MB} MB"
        raise UserError(f"{options.max_memory} MB is too little: {least}", about="max_memory")
    if options.suffix is not None and set(options.suffix) & set("/\\"):
        raise UserError(f"{options.suffix} names a folder: leave folders out", about="suffix")
    with about("upscale"):  # the option's name for the scale
        stages = stages_of(options.scale)
    if not stages:
        for name in ("weights", *CHOICES):
            if getattr(options, name):
                raise UserError(f"nothing is computed at a factor of {options.scale:g}: leave it out", about=name)


def _check_choice(options: BatchOptions) -> None:
    """Check the options that choose a network."""
    for name in CHOICES:
        if getattr(options, name) and options.weights is not None:
            raise UserError("it chooses among the packaged weights: leave it out, or name no weights", about=name)
        if getattr(options, name) and options.model == "rgb" and name != "model":
            raise UserError("it chooses among the networks for luma: leave it out, or leave out rgb", about=name)
    if options.jpeg == "on" and options.noise in ("low", "high"):
        raise UserError("no network removes both noise and the blocks of JPEG: leave one of them out", about="noise")


def is_photo_name(path: Path) -> bool:
    """Tell whether a path names a photo instead of a folder.

    Parameters
    ----------
    path : Path
        If it is no folder on the disk, its suffix decides: one of `IMAGE_SUFFIXES`, or of the system's image types.

    Returns
    -------
    bool
    """
    if os.path.isdir(path):  # noqa: PTH112 -- Path.is_dir raises where looking is not permitted
        return False
    return path.suffix.lower() in IMAGE_SUFFIXES or (mimetypes.guess_type(path)[0] or "").startswith("image/")


def plan_tasks(sources: Sequence[tuple[Path, Path]], options: BatchOptions) -> list[Task]:
    """Decide which files photos become.

    The plan leaves out a photo that is the result of another one of the batch.

    Parameters
    ----------
    sources : sequence of (Path, Path)
        Each photo's file, and the folder below `options.out` that its result goes to.
    options : BatchOptions

    Returns
    -------
    list of Task

    Raises
    ------
    UserError
        If the options do not fit the photos.
    """
    if is_photo_name(options.out):
        _check_single_file(len(sources), options)
        tasks = [Task(sources[0][0], options.out, options.compare)]
    else:
        tasks = _named_tasks(sources, options)
    suffixes = {task.target.suffix.lower() for task in tasks}
    if options.quality is not None and suffixes <= LOSSLESS_SUFFIXES:
        lossless = " and ".join(sorted(suffixes))
        raise UserError(f"{lossless} lose nothing: leave it out, or choose another format", about="quality")
    return tasks


def _check_single_file(count: int, options: BatchOptions) -> None:
    out = options.out
    if count > 1:
        raise UserError(f"{out} names a file, and there are {count} pictures: name a folder", about="out")
    if options.format is not None or options.suffix is not None:
        raise UserError(f"{out} names a file: leave out the format and the suffix", about="out")
    if out.suffix.lower() not in WRITTEN_SUFFIXES:
        raise UserError(f"{out} is of a format that is not written: choose {', '.join(OUTPUT_FORMATS)}", about="out")


def _named_tasks(sources: Iterable[tuple[Path, Path]], options: BatchOptions) -> list[Task]:
    suffix = f"_x{options.scale:g}" if options.suffix is None else options.suffix
    tasks = []
    for source, folder in sources:
        extension = f".{options.format}" if options.format else result_suffix(source.suffix)
        tasks.append(Task(source, options.out / folder / f"{source.stem}{suffix}{extension}", options.compare))
    made = {os.path.realpath(file): task.source for task in tasks for file in task.files}
    return [task for task in tasks if made.get(os.path.realpath(task.source), task.source) == task.source]


def check_files(
    tasks: Sequence[Task], *, existing: Literal["refuse", "skip", "replace"]
) -> tuple[list[Task], list[UserError]]:
    """Sort out, before any computation, the photos whose results would replace files unasked.

    If two photos would become the same file, the first one does.

    Parameters
    ----------
    tasks : sequence of Task
    existing : {"refuse", "skip", "replace"}
        Treatment of files that are there already.

    Returns
    -------
    kept : list of Task
    refused : list of UserError
        The problem of each other task: an `ExistingFile` if `existing` is ``"refuse"`` and a file is there already.

    Raises
    ------
    UserError
        If a folder of the results cannot be written to.
    """
    made: dict[str, Task] = {}
    kept, refused = [], []
    for task in tasks:
        problem = _clash(task, made, existing)
        if problem is None:
            kept.append(task)
            made |= {_identity(file): task for file in task.files}
        else:
            refused.append(problem)
    for folder in sorted({file.parent for task in kept for file in task.files}):
        check_folder(folder)
    return kept, refused


def _clash(task: Task, made: Mapping[str, Task], existing: str) -> UserError | None:
    """Return the problem of a task whose files others become, or that are there already."""
    for file in task.files:
        if problem := name_problem(file):
            return problem
        if other := made.get(_identity(file)):
            both = f"{task.source} and {other.source} would both become {file}"
            return UserError(f"{both}: enlarge the first of them to another folder")
        if existing == "refuse" and os.path.lexists(file):
            return ExistingFile(file, is_source=_identity(file) == _identity(task.source))
    return None


def _identity(file: Path) -> str:
    """Return the same text for all paths of a file; Windows does not tell capitals from small letters."""
    return os.path.normcase(os.path.realpath(file))
