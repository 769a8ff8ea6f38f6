"""The one exception meant for users, and how a command turns it into an exit status."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

LONGEST_MESSAGE = 10_000  # a path may take 4,096 characters


class UserError(Exception):
    """A problem that the user can mend.

    The message is one line that names the file or option and says what to do about it.
    """


def one_line(error: Exception) -> str:
    """Text of an error as one line for a terminal.

    Names and contents of files come into it, so what is not printable is escaped, and what is too long is shortened.
    """
    text = " ".join(str(error).split())
    text = "".join(
        sign if sign.isprintable() else sign.encode("unicode_escape", "surrogatepass").decode() for sign in text
    )
    return (
        text if len(text) <= LONGEST_MESSAGE else f"{text[: LONGEST_MESSAGE // 2]} ... {text[-LONGEST_MESSAGE // 2 :]}"
    )


class CommandParser(argparse.ArgumentParser):
    """A parser whose complaints are `UserError`s: one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage and leaving."""
        raise UserError(f"{message} (see --help)")


def whole_number(text: str) -> int:
    """Parse an option's whole number, 0 or more."""
    if (number := int(text)) < 0:
        raise argparse.ArgumentTypeError(f"{number} is below 0")
    return number


def positive(text: str) -> int:
    """Parse an option's whole number above 0."""
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError(f"{number} is not above 0")
    return number


whole_number.__name__ = positive.__name__ = "whole number"  # how argparse names the type in its messages


@contextlib.contextmanager
def held_interrupts() -> Iterator[None]:
    """Hold Ctrl-C back until the block has ended: one in the midst of an import leaves half a module."""
    if threading.current_thread() is not threading.main_thread():  # which alone is interrupted
        yield
        return
    held: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        signal.raise_signal(signal.SIGINT)


def run_command(main: Callable[[], None]) -> NoReturn:
    """Run a command's `main` and leave the process with the exit status that fits its outcome.

    0 when it returns; 2 after a `UserError`, printed as one line on stderr; 130 after Ctrl-C, with the
    hint that the `KeyboardInterrupt` carries, if any.
    """
    command = Path(sys.argv[0]).name
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names of files may hold any bytes
    try:
        main()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has left
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)
    except UserError as error:
        print(f"{command}: error: {one_line(error)}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt as interrupt:
        print(f"{command}: interrupted{''.join(f': {hint}' for hint in interrupt.args)}", file=sys.stderr)
        sys.exit(130)
    sys.exit(0)
