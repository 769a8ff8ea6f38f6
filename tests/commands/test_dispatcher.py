"""The command `srcnn`: its help, its names in messages, and Ctrl-C from the first moment on."""

import os
import signal
import subprocess
import sys
import time

import pytest
from helpers import ROOT

import paddle_srcnn
from paddle_srcnn.commands.dispatcher import COMMANDS

PROGRAM = "import sys; sys.argv[0] = 'srcnn'\nfrom paddle_srcnn.commands.dispatcher import main; main()"
HEAVY = ("cv2", "paddle", "numpy", "PIL", "matplotlib", "skimage", "scipy", "pooch", "requests", "safetensors")


def srcnn(*arguments, program=PROGRAM, **settings):
    line = [sys.executable, "-c", program, *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(line, env=environment, capture_output=True, text=True, check=False, **settings)


def loaded_by(*arguments):
    """Output of a command, and the modules that it has imported at its end."""
    program = "import atexit, sys\natexit.register(lambda: print('\\n', *sys.modules, file=sys.stderr))\n" + PROGRAM
    done = srcnn(*arguments, program=program)
    assert done.returncode == 0, done.stderr
    return done.stdout, set(done.stderr.split())


def test_help_and_version_load_nothing_heavy():
    text, loaded = loaded_by("--help")
    assert all(f"\n  {name} " in text for name in COMMANDS)
    assert not loaded & {*HEAVY}
    text, loaded = loaded_by("--version")
    assert text == f"srcnn {paddle_srcnn.__version__}\n"
    assert not loaded & {*HEAVY}


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command_needs_no_paddle(name):
    text, loaded = loaded_by(name, "--help")
    assert text.startswith(f"usage: srcnn {name} ")
    assert "paddle" not in loaded


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "srcnn: error: the following arguments are required: COMMAND (see --help)\n"),
        (("enlarge",), "srcnn: error: argument COMMAND: invalid choice: 'enlarge' (choose from "),
        (("upscale",), "srcnn upscale: error: the following arguments are required: PATH (see --help)\n"),
        (("upscale", "nowhere.jpg"), "srcnn upscale: error: nowhere.jpg does not exist"),
        (("upscale", "astronaut", "--scale", "9"), "srcnn upscale: error: --scale: "),
        (("infer", "--image", "x", "y"), "srcnn infer: error: x y: one picture at a time is shown"),
        (("train", "--exp", "nope"), "srcnn train: error: --exp nope: no such recipe"),
        (("data", "fetch", "T92"), "srcnn data: error: "),
    ],
)
def test_problem_is_one_line_of_the_command(empty_disk, arguments, line):
    done = srcnn(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1), done.stderr
    assert done.stderr.startswith(line)


def test_recipes_and_sets_are_listed_as_the_scripts_list_them(empty_disk):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for arguments, script in ((["train", "--list"], [ROOT / "train.py", "--list"]), (["data"], ["-m", "reader"])):
        line = [sys.executable, *map(str, script)]
        there = subprocess.run(line, env=environment, capture_output=True, text=True, check=True).stdout
        assert srcnn(*arguments).stdout == there.replace("python -m reader fetch", "srcnn data fetch")


# A heavy module that tells when its import begins, and then takes its time.
SLOW = """
import sys, time
class Slow:
    def find_spec(self, name, path, target=None):
        if name == "numpy":
            print("importing", flush=True)
            time.sleep(60)
sys.meta_path.insert(0, Slow())
"""


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("srcnn upscale", signal.SIGINT),
        ("srcnn upscale", signal.SIGTERM),
        ("train.py", signal.SIGINT),
        ("-m reader", signal.SIGINT),
        ("-m paddle_srcnn", signal.SIGINT),
    ],
)
def test_stop_during_an_import_is_one_line(name, number):
    if name.startswith("srcnn"):
        program = SLOW + PROGRAM
        arguments = ["upscale", "astronaut"]
    elif name.startswith("-m"):
        module = name.split()[1]
        program = SLOW + f"import runpy; runpy.run_module({module!r}, run_name='__main__')"
        arguments, name = [], f"python {name}"
    else:
        program = SLOW + f"import runpy; sys.argv[0] = {name!r}; runpy.run_path({name!r}, run_name='__main__')"
        arguments = ["--list"]
    line = [sys.executable, "-c", program, *arguments]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "importing\n"
        start = time.monotonic()
        process.send_signal(number)
        _, error = process.communicate(timeout=30)
        assert time.monotonic() - start < 20
    assert (process.returncode, error) == (128 + number, f"{name}: interrupted\n")
