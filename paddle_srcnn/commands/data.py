"""The command `srcnn data`, and `python -m reader`: list the data sets and their folders, or fetch them."""

from __future__ import annotations

from collections.abc import Sequence

from paddle_srcnn.reader.datasets import (
    KNOWN_SETS,
    SAMPLES,
    SAMPLES_TRAINING,
    SAMPLES_VALIDATION,
    find_dataset,
    incomplete_copies,
    samples_training,
)
from paddle_srcnn.reader.download import SOURCE, checksums, fetch
from paddle_srcnn.system.cli import CommandParser

__all__ = ["main", "reader_command"]


def table(program: str) -> str:
    """Return the table of the data sets: name, number of images, where it is found or how to get it."""
    rows = [("set", "pictures", "found")]
    for name in KNOWN_SETS:
        found = find_dataset(name)
        copies = "".join(f"{copy}; " for copy in incomplete_copies(name))
        where = found.found if found else f"not found: {copies}{program} fetch {name}"
        rows.append((name, str(len(checksums(name))), where))
    training, validation = len(SAMPLES_TRAINING), len(SAMPLES_VALIDATION)
    split = f"{training} for training, {validation} for validation"
    rows.append((SAMPLES, str(training + validation), f"{samples_training().found} ({split})"))
    return "\n".join(f"{name:<8} {images:>8}  {where}" for name, images, where in rows)


def main(arguments: Sequence[str] | None = None, *, base_url: str = SOURCE, program: str = "srcnn data") -> None:
    """Run the command; see ``srcnn data --help``.

    Raises
    ------
    UserError
        If a set cannot be downloaded.
    """
    parser = CommandParser(prog=program, description="List the data sets and where they are found.")
    commands = parser.add_subparsers(dest="command", metavar="fetch")
    fetching = commands.add_parser("fetch", help="download data sets and check them")
    fetching.add_argument("names", nargs="+", choices=KNOWN_SETS, metavar="set", help=", ".join(KNOWN_SETS))
    options = parser.parse_args(arguments)
    if options.command is None:
        print(table(program))
        return
    for name in options.names:
        folder = fetch(name, base_url=base_url)
        print(f"{name}: {len(checksums(name))} images in {folder}")


def reader_command() -> None:
    """Run ``python -m reader``."""
    main(program="python -m reader")
