"""Downloads of the known data sets, file by file; only files with the right checksum stay."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pooch
import requests
from tqdm import tqdm

from paddle_srcnn.errors import UserError
from paddle_srcnn.system.files import expanded, is_file

__all__ = ["SOURCE", "SOURCE_FOLDERS", "DownloadError", "cache_folder", "checksums", "fetch"]

SOURCE = "https://raw.githubusercontent.com/tegg89/SRCNN-Tensorflow/78be1a24697935fc39a3a8cf59a6632264afade7"
SOURCE_FOLDERS = {"T91": "Train", "Set5": "Test/Set5", "Set14": "Test/Set14"}
CHECKSUMS = Path(__file__).parent / "checksums"

TIMEOUT_SECONDS = (4, 10)  # for a connection, and between two pieces of a file
LARGEST_FILE = 10_000_000  # bytes; the sets' images have less than a million
PATIENCE_SECONDS = 8  # for the server's first sign of life


class DownloadError(UserError):
    """A failed download of a file of a known data set.

    Parameters
    ----------
    name : str
        The data set.
    file : str
        Name of the file.
    reason : str
        The problem in a few words; an attribute as well.
    """

    def __init__(self, name: str, file: str, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"{name}/{file} cannot be downloaded ({reason}): run `srcnn data fetch {name}` again later, "
            f"or put the images into ./data/{name}"
        )


class _Bound:
    """A limit in the guise of pooch's progress bar: it ends a download longer than any image of the sets."""

    total = 0

    def __init__(self, name: str, file: str) -> None:
        self._name, self._file, self._taken = name, file, 0

    def update(self, size: int) -> None:
        self._taken += size
        if self._taken > LARGEST_FILE:
            raise DownloadError(self._name, self._file, f"more than {LARGEST_FILE} bytes were sent")

    def reset(self) -> None:
        self._taken = 0

    def close(self) -> None:
        pass


def cache_folder() -> Path:
    """Return the folder of the downloads: `SRCNN_CACHE`, or the user's cache folder of this project."""
    return expanded(os.environ.get("SRCNN_CACHE") or pooch.os_cache("paddle-srcnn"))


def checksums(name: str) -> dict[str, str]:
    """Return the SHA-256, in hexadecimal, of each file of a known data set, by file name and in order of names."""
    lines = (CHECKSUMS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return {file: digest for digest, file in (line.split(maxsplit=1) for line in lines)}


def fetch(name: str, *, base_url: str = SOURCE) -> Path:
    """Download a known data set into the cache, except files that are intact there.

    Parameters
    ----------
    name : str
        ``T91``, ``Set5`` or ``Set14``.
    base_url : str
        Root of the public repository that holds the images.

    Returns
    -------
    Path
        Folder that holds every file of the set, each with the right checksum.

    Raises
    ------
    DownloadError
        At the first file that cannot be downloaded. Files fetched before it stay; damaged ones are removed.
    """
    folder = cache_folder() / name
    wanted = checksums(name)
    url = f"{base_url}/{SOURCE_FOLDERS[name]}"
    missing = [file for file, digest in wanted.items() if not _is_intact(folder / file, digest)]
    if missing:
        _await_server(name, missing[0], url)
    for file in tqdm(missing, desc=name, unit="file", leave=False, disable=None):
        _fetch_file(name, file, url, folder, wanted[file])
    return folder


def _is_intact(path: Path, digest: str) -> bool:
    return is_file(path) and pooch.file_hash(path) == digest


def _await_server(name: str, file: str, url: str) -> None:
    """Fail soon if there is no network.

    The timeout of a request bounds neither the resolution of names, which no library can interrupt, nor the sum over a
    host's addresses. Hence a thread asks. The function leaves it behind if it gets no answer.
    """
    answers: queue.SimpleQueue[requests.RequestException | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            requests.head(f"{url}/{file}", timeout=TIMEOUT_SECONDS, allow_redirects=True)
            answers.put(None)
        except requests.RequestException as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        error = answers.get(timeout=PATIENCE_SECONDS)
    except queue.Empty:
        raise DownloadError(name, file, f"no answer from {_host(url)} within {PATIENCE_SECONDS} s") from None
    if error is not None:
        raise DownloadError(name, file, _reason(error, url)) from error


def _fetch_file(name: str, file: str, url: str, folder: Path, digest: str) -> None:
    """Download one file; pooch moves it into `folder` if its checksum is right, and deletes it otherwise."""
    bound = _Bound(name, file)
    downloader = pooch.HTTPDownloader(timeout=TIMEOUT_SECONDS, chunk_size=1 << 16, progressbar=bound)
    try:
        (folder / file).unlink(missing_ok=True)  # a damaged copy must not pass for the file if this attempt fails
        with _quiet_pooch():
            pooch.retrieve(f"{url}/{file}", f"sha256:{digest}", fname=file, path=folder, downloader=downloader)
    except requests.RequestException as error:
        raise DownloadError(name, file, _reason(error, url)) from error
    except ValueError as error:  # pooch's word for a wrong checksum
        raise DownloadError(name, file, f"the file from {_host(url)} has the wrong checksum") from error
    except OSError as error:
        raise DownloadError(name, file, f"{folder} cannot be written: {error.strerror or error}") from error


@contextmanager
def _quiet_pooch() -> Iterator[None]:
    """Keep pooch from logging the name of each file in the block, then restore its logger's level."""
    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")
    try:
        yield
    finally:
        logger.setLevel(level)


def _host(url: str) -> str:
    return urlsplit(url).netloc


def _reason(error: requests.RequestException, url: str) -> str:
    if error.response is not None:
        return f"{_host(url)} answered {error.response.status_code}"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return f"the transfer from {_host(url)} broke off"
    return f"no connection to {_host(url)}: {type(error).__name__}"
