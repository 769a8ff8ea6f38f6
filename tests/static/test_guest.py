"""The library beside a user's own networks, in processes of their own: everything of the user's stays as it was."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from helpers import ROOT, needs_paddle

from paddle_srcnn.system.environment import package_versions

pytestmark = needs_paddle

needs_paddle_3 = pytest.mark.skipif(
    package_versions().get("paddlepaddle", "3").startswith("2."), reason="Paddle 2 ends turns of Python's threads early"
)
SCRIPT = Path(__file__).with_name("guest_script.py")


@cache
def answer(user, *, first="user", engine="openvino", library=True, threads=0):
    options = {"user": user, "first": first, "engine": engine, "library": library, "threads": threads}
    command = [sys.executable, str(SCRIPT), json.dumps(options)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("first", "engine", "threads"),
    [
        ("user", "openvino", 0),
        ("user", "static programs", 2),
        ("library", "openvino", 2),
        ("library", "static programs", 0),
    ],
)
def test_dynamic_network_is_trained_before_between_and_after(first, engine, threads):
    found = answer("dynamic", first=first, engine=engine, threads=threads)
    assert found["changed"] == []
    assert found["trained"] == answer("dynamic", library=False, threads=threads)["trained"]


@pytest.mark.end_to_end
@pytest.mark.parametrize("engine", ["openvino", "static programs"])
def test_static_network_in_the_default_programs_stays(engine):
    found = answer("static", engine=engine)
    assert found["changed"] == []
    assert found["trained"] == answer("static", library=False)["trained"]


@needs_paddle_3
@pytest.mark.parametrize("engine", ["openvino", "static programs"])
def test_dynamic_networks_are_trained_in_other_threads_meanwhile(engine):
    found = answer("threads", engine=engine)
    assert (found["problems"], found["changed"]) == ([], [])
