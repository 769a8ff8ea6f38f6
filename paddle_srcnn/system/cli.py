"""Commands: a parser with one-line complaints, and exit statuses."""

from __future__ import annotations

import argparse
import errno
import io
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from paddle_srcnn.errors import UserError, one_line
from paddle_srcnn.system.process import STOPS


class CommandParser(argparse.ArgumentParser):
    """A parser whose complaints are `UserError`s: one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage and leaving."""
        raise UserError(f"{message} (see --help)")


def whole_number(text: str) -> int:
    """Parse an option's whole number, 0 or more."""
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"invalid whole number value: {text!r}") from None
    if number < 0:
        raise argparse.ArgumentTypeError(f"{number} is below 0")
    return number


def positive(text: str) -> int:
    """Parse an option's whole number above 0."""
    if (number := whole_number(text)) == 0:
        raise argparse.ArgumentTypeError(f"{number} is not above 0")
    return number


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
        with _shown_warnings():
            main()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read the output has left
        _close_output()
        sys.exit(141)
    except UserError as error:
        option = f"--{error.about.replace('_', '-')}: " if error.about else ""
        print(f"{command}: error: {option}{one_line(error)}", file=sys.stderr)
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


class _Terminal(logging.Handler):
    """Handler that prints a record as one line on stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record."""
        print(f"{record.levelname.lower()}: {one_line(record.getMessage())}", file=sys.stderr, flush=True)


@contextmanager
def _shown_warnings() -> Iterator[None]:
    """Show warnings of this project's own loggers, and of no others, while the block runs."""
    terminal = _Terminal(logging.WARNING)
    loggers = [logging.getLogger(name) for name in ("paddle_srcnn", "reader")]
    for logger in loggers:
        logger.addHandler(terminal)
    try:
        yield
    finally:
        for logger in loggers:
            logger.removeHandler(terminal)


def _check_working_folder() -> None:
    try:
        Path.cwd()
    except OSError as error:
        raise UserError(f"the folder of work is gone ({error.strerror}): change to another one") from None


def _close_output() -> None:
    """Let Python, when it ends, try no more to write what stdout would not take."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
