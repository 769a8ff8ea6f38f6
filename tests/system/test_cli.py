import logging
import os
import shlex
import signal
import subprocess
import sys
import threading

import pytest
from helpers import ROOT, needs_paddle

from paddle_srcnn.errors import UserError
from paddle_srcnn.system.cli import CommandParser, option, positive, run_command, whole_number
from paddle_srcnn.system.process import held_interrupts


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [("-1", whole_number, "-1 is below 0"), ("0", positive, "0 is not above 0"), ("x", positive, "whole number")],
)
def test_wrong_numbers_are_told_in_one_line(text, kind, words):
    parser = CommandParser()
    parser.add_argument("--count", type=kind)
    with pytest.raises(UserError, match=rf"--count.*{words}.*\(see --help\)"):
        parser.parse_args([f"--count={text}"])
    assert parser.parse_args(["--count=7"]).count == 7


@pytest.fixture
def interruptible():
    """Python's own handler of Ctrl-C, which a shell's background jobs lack."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_other_threads_hold_no_interrupts():
    before, seen = signal.getsignal(signal.SIGINT), []

    def work():
        with held_interrupts():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_outcomes_and_exit_statuses(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["/somewhere/train.py"])

    def outcome(problem):
        def main():
            if problem is not None:
                raise problem

        with pytest.raises(SystemExit) as ended:
            run_command(main)
        return ended.value.code, capsys.readouterr().err

    assert outcome(None) == (0, "")
    assert outcome(UserError("a\nb  c")) == (2, "train.py: error: a b c\n")
    assert outcome(KeyboardInterrupt()) == (130, "train.py: interrupted\n")
    assert outcome(KeyboardInterrupt("go on")) == (130, "train.py: interrupted: go on\n")
    monkeypatch.undo()
    with pytest.raises(ZeroDivisionError):  # a mistake of ours keeps its traceback
        run_command(lambda: 1 / 0)


def test_warnings_of_the_library_are_lines_on_stderr(monkeypatch, capsys):
    """They are not shown a second time by handlers of the root logger, such as Paddle's."""
    logger = logging.getLogger("paddle_srcnn")
    monkeypatch.setattr(logging.getLogger(), "handlers", [logging.StreamHandler(sys.stderr)])

    def main():
        logging.getLogger("paddle_srcnn.reader.selection").warning("no %s", "net\nwork")
        logging.getLogger("paddle_srcnn").info("nobody needs this")
        logging.getLogger("someone.else").warning("of another library")

    with pytest.raises(SystemExit):
        run_command(main)
    assert capsys.readouterr() == ("", "warning: no net work\nof another library\n")
    assert (logger.handlers, logger.propagate) == ([], True)


def test_problems_name_the_option(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["infer.py"])

    def fail(error):
        with option("--image"):
            raise error

    for error, words in (
        (UserError("x.jpg is no image"), "--image: x.jpg is no image"),
        (UserError("must be above 0", about="batch_size"), "--image: must be above 0"),
    ):
        with pytest.raises(SystemExit):
            run_command(lambda error=error: fail(error))
        assert capsys.readouterr().err == f"infer.py: error: {words}\n"
    with pytest.raises(ZeroDivisionError):
        fail(ZeroDivisionError())


def test_parameter_of_the_library_is_shown_as_an_option(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["train.py"])

    def main():
        raise UserError("must be above 0", about="batch_size")

    with pytest.raises(SystemExit):
        run_command(main)
    assert capsys.readouterr().err == "train.py: error: --batch-size: must be above 0\n"


def test_interrupt_waits_for_the_end_of_an_import(interruptible):
    done = []
    with pytest.raises(KeyboardInterrupt), held_interrupts():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("the whole block")
    assert done


def test_hang_up_is_ignored_where_it_was_ignored_before():
    before = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGTERM)}
    try:
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with pytest.raises(SystemExit) as ended:
            run_command(lambda: (signal.raise_signal(signal.SIGHUP), signal.raise_signal(signal.SIGTERM)))
        assert ended.value.code == 143
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@pytest.mark.parametrize(
    ("shell", "status", "stderr"),
    [
        ("{train} --list >&-", 0, ""),  # as some services start programs
        ("{train} --list 2>&-", 0, ""),
        ("{train} --list >/dev/full", 2, "train.py: error: the output cannot be written (No space left on device)"),
        ("{train} --list | head -1", 0, ""),
        ("mkdir gone; cd gone; rmdir ../gone; {train} --list", 2, "train.py: error: the working folder is gone"),
    ],
)
def test_streams_and_folders_of_all_kinds(tmp_path, shell, status, stderr):
    line = shell.format(train=f"{shlex.quote(sys.executable)} {shlex.quote(str(ROOT / 'train.py'))}")
    ended = subprocess.run(["sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr[: len(stderr) or None]) == (status, stderr)
    assert len(ended.stderr.splitlines()) == bool(stderr)


@needs_paddle
def test_paddle_that_cannot_be_loaded_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    program = (
        "from paddle_srcnn.system.cli import run_command\n"
        "run_command(lambda: __import__('paddle_srcnn.static.backend'))\n"
    )
    line = [sys.executable, "-c", program]
    environment = {**os.environ, "HOME": str(tmp_path / "file"), "XDG_CACHE_HOME": str(tmp_path / "file")}
    ended = subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1
    assert "HOME" in ended.stderr
