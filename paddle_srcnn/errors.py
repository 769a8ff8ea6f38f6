"""The one exception meant for users, and how a command turns it into an exit status."""

from __future__ import annotations

import argparse
import contextlib
import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

LONGEST_MESSAGE = 10_000  # a path may take 4,096 characters
# What asks a process to end: Ctrl-C, `kill`, a terminal that is closed. Windows has no hang-up.
STOPS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


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
    """Hold Ctrl-C and its like back until the block has ended: one in the midst of an import leaves half a module.

    What the block itself does about signals is undone: Paddle, when imported, answers `kill` with a stack of its own.
    """
    if threading.current_thread() is not threading.main_thread():  # which alone is interrupted
        yield
        return
    held: list[int] = []
    before = {number: handler for number in STOPS if (handler := signal.getsignal(number)) is not None}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, lambda number, _: held.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if held:
        signal.raise_signal(held[0])


def run_command(main: Callable[[], None]) -> NoReturn:
    """Run a command's `main` and leave the process with the exit status that fits its outcome.

    0 when it returns; 2 after a `UserError`, printed as one line on stderr; 130 after Ctrl-C, 143 after `kill`, 129
    when the terminal is closed, with the hint that the `KeyboardInterrupt` carries, if any.
    """
    command = Path(sys.argv[0]).name
    if sys.stdout is None or sys.stderr is None:  # they were closed before the program began
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    received: list[int] = []

    def stop(number: int, _frame: object) -> None:
        received.append(number)
        raise KeyboardInterrupt

    for number in STOPS:
        if signal.getsignal(number) is signal.SIG_DFL:  # it is ignored under nohup
            signal.signal(number, stop)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names of files may hold any bytes
    try:
        _check_working_folder()
        main()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has left
        _close_output()
        sys.exit(141)
    except UserError as error:
        print(f"{command}: error: {one_line(error)}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt as interrupt:
        print(f"{command}: interrupted{''.join(f': {hint}' for hint in interrupt.args)}", file=sys.stderr)
        sys.exit(128 + (received or [signal.SIGINT])[0])
    except OSError as error:
        if error.errno != errno.ENOSPC or error.filename is not None:
            raise
        _close_output()
        print(f"{command}: error: the output cannot be written ({error.strerror}): send it elsewhere", file=sys.stderr)
        sys.exit(2)
    sys.exit(0)


def _check_working_folder() -> None:
    try:
        Path.cwd()
    except OSError as error:
        raise UserError(f"the folder of work is gone ({error.strerror}): change to another one") from None


def _close_output() -> None:
    """Let Python, when it ends, try no more to write what stdout would not take."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
