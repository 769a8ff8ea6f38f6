"""`srcnn web`: its options, its end, and a page that leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import requests
from helpers import ROOT, needs_paddle
from PIL import Image
from served_pages import SECONDS

pytest.importorskip("starlette", reason="needs the extra `web`")
LINE = [sys.executable, "-c", "from paddle_srcnn.commands.dispatcher import main; main()", "web"]


@contextmanager
def started(*options, folder, **environment):
    """Run the command; yield its process and the page's address."""
    variables = {**os.environ, "TMPDIR": str(folder), **environment}
    pipe = subprocess.PIPE
    with subprocess.Popen([*LINE, *options], cwd=ROOT, env=variables, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def ask(method, address, path="", **settings):
    origin = address.split("/", 3)
    with requests.Session() as session:
        session.trust_env = False
        return session.request(method, address + path, headers={"Origin": "/".join(origin[:3])}, timeout=30, **settings)


def run(*options):
    done = subprocess.run([*LINE, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


@needs_paddle
@pytest.mark.parametrize(("number", "status"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_ends_it_in_the_midst_of_work_and_leaves_nothing(tmp_path, number, status):
    picture = tmp_path / "photo.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (900, 900, 3), dtype=np.uint8)).save(picture)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with started("--no-browser", "--device", "cpu", folder=temporary) as (process, address):
        ask("POST", address, "pictures?name=photo.png", data=picture.read_bytes())
        ask("POST", address, "enlarge", json={"pictures": [1], "scale": 4})
        end = time.monotonic() + SECONDS
        while ask("GET", address, "state").json()["pictures"][0]["state"] != "working":
            assert time.monotonic() < end
            time.sleep(0.02)
        assert list(temporary.iterdir())
        process.send_signal(getattr(signal, number))
        assert process.wait(SECONDS) == status
        assert process.stderr.read().splitlines()[-1].endswith("interrupted")
    assert not list(temporary.iterdir())


@needs_paddle
def test_the_page_ends_it(tmp_path):
    with started("--no-browser", folder=tmp_path) as (process, address):
        assert ask("POST", address, "end").status_code == 204
        assert process.wait(SECONDS) == 0
        assert process.stderr.read() == ""
    assert not list(tmp_path.iterdir())


@needs_paddle
def test_it_opens_the_page_in_the_browser(tmp_path):
    """The browser's command line, which others on the machine may see, does not hold the secret."""
    (tmp_path / "temporary").mkdir()
    opened = tmp_path / "opened"
    script = tmp_path / "browser"
    script.write_text(f'#!/bin/sh\necho "$1" > {opened}.new && mv {opened}.new {opened}\n')
    script.chmod(0o755)
    with started(folder=tmp_path / "temporary", BROWSER=f"{script} %s") as (_, address):
        end = time.monotonic() + SECONDS
        while not opened.exists():
            assert time.monotonic() < end
            time.sleep(0.02)
        opening = opened.read_text().strip()
        assert Path(opening).name not in address
        found = requests.get(opening, timeout=30)
        assert (found.status_code, found.url) == (200, address)


@needs_paddle
def test_a_port_that_is_taken_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        status, stderr = run("--no-browser", "--port", port)
    assert status == 2
    assert stderr.count("\n") == 1
    assert f"--port: {port} cannot be used" in stderr


@pytest.mark.parametrize("options", [("--port", "70000"), ("--port", "0"), ("--port", "x"), ("--max-memory", "1")])
def test_wrong_options_are_refused(options):
    status, stderr = run("--no-browser", *options)
    assert (status, stderr.count("\n")) == (2, 1)
    assert options[0] in stderr


def test_without_its_extra_it_says_so():
    code = "import sys; sys.modules['starlette'] = sys.modules['uvicorn'] = None; " + LINE[2]
    done = subprocess.run([sys.executable, "-c", code, "web"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "pip install 'paddle-srcnn[web]'" in done.stderr
