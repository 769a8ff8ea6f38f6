import hashlib
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pooch
import pytest

from paddle_srcnn.commands.data import main
from paddle_srcnn.errors import UserError
from paddle_srcnn.reader import choose_datasets, download, fetch, find_dataset
from paddle_srcnn.reader.download import SOURCE_FOLDERS, checksums

ROOT = Path(__file__).parents[2]


class Handler(BaseHTTPRequestHandler):
    """Serves `server.contents`; a `truncated` file breaks off half-way, a `stalled` one waits there."""

    def do_HEAD(self):
        self.answer(with_body=False)

    def do_GET(self):
        self.server.fetched.append(self.path)
        self.answer(with_body=True)

    def answer(self, with_body):
        content = self.server.contents.get(self.path)
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        if content is None or not with_body:
            return
        if self.path in self.server.truncated | self.server.stalled:
            self.wfile.write(content[: len(content) // 2])
            self.wfile.flush()
            if self.path in self.server.stalled:
                self.server.released.wait(20)
        else:
            self.wfile.write(content)

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tiny_sets):
    """Local server of the tiny sets, laid out like the public repository."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.url = f"http://127.0.0.1:{server.server_port}"
        server.contents = {
            f"/{SOURCE_FOLDERS[name]}/{file}": content
            for name, files in tiny_sets.items()
            for file, content in files.items()
        }
        server.fetched, server.truncated, server.stalled = [], set(), set()
        server.released = threading.Event()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.released.set()
        server.shutdown()
        thread.join()


def cached(empty_disk, name="T91"):
    return sorted(path.name for path in (empty_disk / "cache" / name).iterdir())


def test_right_files_are_kept_and_not_fetched_again(server, empty_disk, tiny_sets, capfd):
    level = pooch.get_logger().level
    folder = fetch("T91", base_url=server.url)
    assert folder == empty_disk / "cache" / "T91"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == tiny_sets["T91"]
    assert server.fetched == ["/Train/t1.bmp", "/Train/t2.bmp", "/Train/t3.bmp"]
    fetch("T91", base_url=server.url)
    assert len(server.fetched) == 3
    assert find_dataset("T91").found == str(folder)
    assert capfd.readouterr() == ("", "")
    assert pooch.get_logger().level == level  # a user's own setting


def test_damaged_file_is_fetched_again(server, tiny_sets):
    folder = fetch("T91", base_url=server.url)
    (folder / "t2.bmp").write_bytes(b"damaged")
    fetch("T91", base_url=server.url)
    assert server.fetched[3:] == ["/Train/t2.bmp"]
    assert (folder / "t2.bmp").read_bytes() == tiny_sets["T91"]["t2.bmp"]


def test_wrong_checksum_leaves_nothing_wrong(server, empty_disk):
    server.contents["/Train/t2.bmp"] = b"something else"
    with pytest.raises(UserError, match=r"T91/t2\.bmp cannot be downloaded .*wrong checksum"):
        fetch("T91", base_url=server.url)
    assert cached(empty_disk) == ["t1.bmp"]
    assert find_dataset("T91") is None


def test_damaged_copy_does_not_outlive_a_failed_repair(server, empty_disk):
    (fetch("T91", base_url=server.url) / "t2.bmp").write_bytes(b"damaged")
    server.contents["/Train/t2.bmp"] = b"something else"
    with pytest.raises(UserError, match=r"t2\.bmp"):
        fetch("T91", base_url=server.url)
    assert cached(empty_disk) == ["t1.bmp", "t3.bmp"]


def test_truncated_body_leaves_nothing_wrong_and_resumes(server, empty_disk, tiny_sets):
    server.truncated = {"/Train/t3.bmp"}
    with pytest.raises(UserError, match=r"T91/t3\.bmp cannot be downloaded"):
        fetch("T91", base_url=server.url)
    assert cached(empty_disk) == ["t1.bmp", "t2.bmp"]
    server.truncated = set()
    fetch("T91", base_url=server.url)
    assert server.fetched[3:] == ["/Train/t3.bmp"]
    assert cached(empty_disk) == sorted(tiny_sets["T91"])


def test_missing_file_is_named(server):
    del server.contents["/Test/Set5/bird_GT.bmp"]
    with pytest.raises(UserError, match=r"Set5/bird_GT\.bmp cannot be downloaded .*answered 404"):
        fetch("Set5", base_url=server.url)


def test_interrupted_download_goes_on_where_it_stopped(server, empty_disk, tiny_sets):
    server.stalled = {"/Train/t2.bmp"}
    program = (
        "import pathlib\n"
        "from paddle_srcnn.reader import download\n"
        "from paddle_srcnn.commands.data import main\n"
        "from paddle_srcnn.system.cli import run_command\n"
        f"download.CHECKSUMS = pathlib.Path({str(download.CHECKSUMS)!r})\n"
        f"run_command(lambda: main(['fetch', 'T91'], base_url={server.url!r}))\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 20
        while "/Train/t2.bmp" not in server.fetched and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "Traceback" not in error
    assert cached(empty_disk) == ["t1.bmp"]
    server.stalled = set()
    fetch("T91", base_url=server.url)
    assert server.fetched[2:] == ["/Train/t2.bmp", "/Train/t3.bmp"]
    assert cached(empty_disk) == sorted(tiny_sets["T91"])


def test_refused_connection_fails_at_once(tiny_sets, empty_disk):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        start = time.monotonic()
        with pytest.raises(UserError, match=r"T91/t1\.bmp cannot be downloaded \(no connection to 127\.0\.0\.1"):
            fetch("T91", base_url=f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert time.monotonic() - start < 3
    assert not (empty_disk / "cache").exists()


def test_silent_server_fails_within_the_patience(tiny_sets, monkeypatch):
    monkeypatch.setattr(download, "PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr(download, "TIMEOUT_SECONDS", (1, 1))
    with socket.create_server(("127.0.0.1", 0)) as silent:  # accepts connections and never answers
        start = time.monotonic()
        with pytest.raises(UserError, match=r"no answer from 127\.0\.0\.1:\d+ within 0\.2 s"):
            fetch("T91", base_url=f"http://127.0.0.1:{silent.getsockname()[1]}")
        assert time.monotonic() - start < 1


def test_slow_resolution_of_names_fails_within_the_patience(tiny_sets, monkeypatch):
    """As without a network; no timeout of a request bounds it."""
    resolved = threading.Event()

    def resolve(*_, **__):
        resolved.wait(20)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(download, "PATIENCE_SECONDS", 0.2)
    start = time.monotonic()
    with pytest.raises(UserError, match=r"no answer from nowhere\.invalid within 0\.2 s"):
        fetch("T91", base_url="http://nowhere.invalid")
    assert time.monotonic() - start < 1
    resolved.set()


def test_cache_that_cannot_be_written_is_named(server, empty_disk):
    (empty_disk / "cache").write_text("a file where the folder should be")
    with pytest.raises(UserError, match=re.escape(f"{empty_disk / 'cache' / 'T91'} cannot be written")):
        fetch("T91", base_url=server.url)


def test_default_sets_are_downloaded_when_missing(server, empty_disk, capsys):
    training, validation = choose_datasets(None, None, base_url=server.url)
    assert (training.name, validation.name) == ("T91", "Set5")
    assert [file.name for file in validation.files] == ["baby_GT.bmp", "bird_GT.bmp"]
    assert training.found == str(empty_disk / "cache" / "T91")
    assert capsys.readouterr().err == ""


def test_fetch_command_prints_where_the_images_are(server, empty_disk, capsys):
    main(["fetch", "T91", "Set14"], base_url=server.url)
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"T91: 3 images in {empty_disk / 'cache' / 'T91'}",
        f"Set14: 1 images in {empty_disk / 'cache' / 'Set14'}",
    ]


@pytest.mark.parametrize("arguments", [["fetch"], ["fetch", "T92"], ["fetch", "samples"], ["list"]])
def test_wrong_arguments_end_with_status_2(arguments):
    command = [sys.executable, "-m", "reader", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "python -m reader" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["T91", "Set5", "Set14"])
def test_checksums_are_those_of_the_sets_on_disk(dataset_folder, name):
    folder = dataset_folder(name)
    for file, digest in checksums(name).items():
        assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == digest


def test_download_without_end_is_ended(server, empty_disk, monkeypatch):
    monkeypatch.setattr(download, "LARGEST_FILE", 1 << 20)
    server.contents["/Train/t2.bmp"] = bytes(3 << 20)
    with pytest.raises(UserError, match=r"T91/t2\.bmp cannot be downloaded \(more than 1048576 bytes were sent"):
        fetch("T91", base_url=server.url)
    assert cached(empty_disk) == ["t1.bmp"]


def test_name_that_a_server_gives_is_not_taken(server, empty_disk, monkeypatch):
    def end_headers(handler):
        handler.send_header("Content-Disposition", 'attachment; filename="../../../escaped.bmp"')
        BaseHTTPRequestHandler.end_headers(handler)

    monkeypatch.setattr(Handler, "end_headers", end_headers)
    fetch("T91", base_url=server.url)
    assert cached(empty_disk) == ["t1.bmp", "t2.bmp", "t3.bmp"]
    assert list(empty_disk.rglob("escaped*")) == []


@pytest.mark.parametrize("name", SOURCE_FOLDERS)
def test_listed_names_stay_in_their_folder(name):
    for file in checksums(name):
        assert re.fullmatch(r"[\w()-][\w. ()-]*\.bmp", file)
