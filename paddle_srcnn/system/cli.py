"""Commands: a parser with one-line complaints, exit statuses, and warnings on the terminal."""

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

__all__ = ["CommandParser", "option", "positive", "problem_line", "run_command", "whole_number"]


class CommandParser(argparse.ArgumentParser):
    """A parser whose complaints are `UserError`s: one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Raise a `UserError` instead of printing the usage and leaving."""
        raise UserError(f"{message} (see --help)")


def whole_number(text: str) -> int:
    """Parse an option's whole number, 0 or more.

    Raises
    ------
    ArgumentTypeError
        If the text is anything else.
    """
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"invalid whole number value: {text!r}") from None
    if number < 0:
        raise argparse.ArgumentTypeError(f"{number} is below 0")
    return number


def positive(text: str) -> int:
    """Parse an option's whole number above 0.

    Raises
    ------
    ArgumentTypeError
        If the text is anything else.
    """
    if (number := whole_number(text)) == 0:
        raise argparse.ArgumentTypeError(f"{number} is not above 0")
    return number


@contextmanager
def option(name: str) -> Iterator[None]:
    """Name an option in the problems of a block: ``--image: holiday.jpg does not exist``.

    Parameters
    ----------
    name : str
        The option, such as ``"--image"``.

    Raises
    ------
    UserError
        If the block raises one; its text begins with the option.
    """
    try:
        yield
    except UserError as error:
        raise UserError(f"{name}: {error}") from error


def problem_line(error: UserError) -> str:
    """Return a problem as one line, with the option that it is about."""
    parameter = f"--{error.about.replace('_', '-')}: " if error.about else ""
    return f"{parameter}{one_line(error)}"


def run_command(main: Callable[[], None]) -> NoReturn:
    """Run a command's `main` and leave the process with the exit status of its outcome.

    The status is 0 if `main` returns, and 2 after a `UserError`. The function prints the error as one line on stderr.
    The status is 130 after Ctrl-C, 143 after `kill` and 129 if the terminal is closed. The function then prints the
    hint that the `KeyboardInterrupt` carries, if any. Warnings that the library logs are lines on stderr.

    Parameters
    ----------
    main : callable
        Takes no arguments and parses ``sys.argv``.

    Raises
    ------
    SystemExit
        Always, unless `main` raises an exception that is no problem of the user's.
    """
    _prepare_streams()
    received = _interrupted_by_stops()
    try:
        _check_working_folder()
        with _shown_warnings():
            main()
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of the output has left
        _close_output()
        sys.exit(141)
    except UserError as error:
        print(f"{_program()}: error: {problem_line(error)}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt as interrupt:
        print(f"{_program()}: interrupted{''.join(f': {hint}' for hint in interrupt.args)}", file=sys.stderr)
        sys.exit(128 + (received or [signal.SIGINT])[0])
    except OSError as error:
        if error.errno != errno.ENOSPC or error.filename is not None:
            raise
        _close_output()
        print(
            f"{_program()}: error: the output cannot be written ({error.strerror}): send it elsewhere", file=sys.stderr
        )
        sys.exit(2)
    sys.exit(0)


def _program() -> str:
    """Return the command's name in messages; `srcnn` adds its subcommand to it."""
    return Path(sys.argv[0]).name


def _prepare_streams() -> None:
    if sys.stdout is None or sys.stderr is None:  # they were closed before the program began
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names of files may hold any bytes


def _interrupted_by_stops() -> list[int]:
    """Let signals that end a process raise `KeyboardInterrupt`; return the list that collects them."""
    received: list[int] = []

    def stop(number: int, _frame: object) -> None:
        received.append(number)
        raise KeyboardInterrupt

    for number in STOPS:
        if signal.getsignal(number) is signal.SIG_DFL:  # it is ignored under nohup
            signal.signal(number, stop)
    return received


class _Terminal(logging.Handler):
    """Handler that prints a record as one line on stderr."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print a record."""
        print(f"{record.levelname.lower()}: {one_line(record.getMessage())}", file=sys.stderr, flush=True)


@contextmanager
def _shown_warnings() -> Iterator[None]:
    """Show warnings of this project's own loggers, and of no others, while the block runs.

    They do not reach the root logger meanwhile, whose handlers would show them again.
    """
    terminal = _Terminal(logging.WARNING)
    logger = logging.getLogger("paddle_srcnn")
    before = logger.propagate
    logger.addHandler(terminal)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(terminal)
        logger.propagate = before


def _check_working_folder() -> None:
    try:
        Path.cwd()
    except OSError as error:
        raise UserError(f"the working folder is gone ({error.strerror}): change to another one") from None


def _close_output() -> None:
    """Keep Python from writing the rest of stdout at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
