import shutil
import subprocess
import sys

import pytest
from helpers import ROOT, assert_one_line

from paddle_srcnn.errors import UserError, run_command


@pytest.mark.parametrize(
    ("program", "arguments"),
    [("train", ["--exp", "baseline"]), ("infer", ["--image", "astronaut", "--weights", "basic.safetensors"])],
)
def test_without_paddle_one_line_says_what_to_install(random_weights, tmp_path, program, arguments):
    code = f"""
import runpy, sys
sys.modules["paddle"] = None
sys.path.insert(0, {str(ROOT)!r})
sys.argv[0] = "{program}.py"
runpy.run_path({str(ROOT / program)!r} + ".py", run_name="__main__")
"""
    shutil.copy(random_weights / "basic.safetensors", tmp_path)
    line = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert_one_line((done.returncode, done.stdout, done.stderr), program, "PaddlePaddle is not installed", "'.[cpu]'")


def test_real_command_ends_with_one_line_and_status_2():
    line = [sys.executable, "train.py", "--exp", "nope"]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=False)
    assert_one_line((done.returncode, done.stdout, done.stderr), "train", "nope", "baseline")


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
