import os
import signal
import sys
import threading

import pytest

from paddle_srcnn.errors import CommandParser, UserError, held_interrupts, positive, run_command, whole_number


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


def test_interrupt_waits_for_the_end_of_an_import():
    done = []
    with pytest.raises(KeyboardInterrupt), held_interrupts():
        os.kill(os.getpid(), signal.SIGINT)
        done.append("the whole block")
    assert done
