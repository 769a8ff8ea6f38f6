"""The command `srcnn`, and the start of every command: signals first, heavy imports after them.

This module imports nothing but a few modules of Python's own, so that help and Ctrl-C take no time.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import NoReturn

from paddle_srcnn import __version__

__all__ = ["COMMANDS", "leaving_at_once", "main", "run"]

# Function of each command, and its line in the help. The functions parse `sys.argv`.
COMMANDS = {
    "upscale": ("upscale:main", "enlarge pictures and folders of pictures"),
    "web": ("web:main", "enlarge pictures on a page in the browser"),
    "infer": ("infer:main", "show the article's restoration of one picture"),
    "train": ("train:main", "train a network by its recipe"),
    "dictionaries": ("dictionaries:main", "train sparse coding, which came before SRCNN"),
    "evaluate": ("evaluate:main", "score weights on sets of pictures"),
    "data": ("data:main", "list the data sets, or fetch them"),
    "export": ("weights:export_command", "write a network for use without this package"),
    "convert": ("weights:convert_command", "convert the authors' weights from a MATLAB file"),
}
STOPS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def main() -> NoReturn:
    """Run `srcnn COMMAND ...`."""
    with leaving_at_once():
        from paddle_srcnn.system.cli import run_command
    run_command(_dispatch)


def _dispatch() -> None:
    """Parse the name of the command, and run the command on the other arguments."""
    import argparse

    from paddle_srcnn.system.cli import CommandParser

    listed = "\n".join(f"  {name:<14}{text}" for name, (_, text) in COMMANDS.items())
    parser = CommandParser(
        prog="srcnn",
        usage="srcnn COMMAND ...",
        description="SRCNN on PaddlePaddle: enlarge pictures, train networks, measure them.",
        epilog=f"commands:\n{listed}\n\n`srcnn COMMAND --help` explains a command.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"srcnn {__version__}")
    parser.add_argument("command", choices=tuple(COMMANDS), metavar="COMMAND", help="one of those below")
    name = parser.parse_args(sys.argv[1:2]).command
    sys.argv = [f"srcnn {name}", *sys.argv[2:]]
    _call(COMMANDS[name][0])


def run(target: str, program: str | None = None) -> NoReturn:
    """Run a command under the name of its script, and leave the process; see `run_command`.

    Parameters
    ----------
    target : str
        Module of this package and function in it, such as ``train:main``.
    program : str, optional
        Name in messages. Default: the script's own.
    """
    sys.argv[0] = program or sys.argv[0]
    with leaving_at_once():
        from paddle_srcnn.system.cli import run_command
    run_command(lambda: _call(target))


def _call(target: str) -> None:
    module, function = target.split(":")
    with leaving_at_once():
        command = getattr(import_module(f"paddle_srcnn.commands.{module}"), function)
    command()


@contextmanager
def leaving_at_once() -> Iterator[None]:
    """Let Ctrl-C and its like end the process with one line while a block imports modules.

    An exception would leave half a module, or a traceback. An import changes nothing that must be cleaned up.
    """
    program = os.path.basename(sys.argv[0])  # noqa: PTH119 -- pathlib takes a while to import

    def leave(number: int, _frame: object) -> NoReturn:
        with suppress(OSError):  # stderr is closed
            os.write(2, f"{program}: interrupted\n".encode())
        os._exit(128 + number)

    handlers = {number: signal.getsignal(number) for number in STOPS}
    before = {number: handler for number, handler in handlers.items() if handler not in (signal.SIG_IGN, None)}
    for number in before:  # nohup ignores one
        signal.signal(number, leave)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
