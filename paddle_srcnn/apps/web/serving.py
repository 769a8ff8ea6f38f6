"""The server of the page: a port of 127.0.0.1, a thread that answers, and a temporary folder that goes with it."""

from __future__ import annotations

import logging
import secrets
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from paddle_srcnn.apps.plan import BatchOptions, check_options
from paddle_srcnn.apps.upscaler import Upscaler
from paddle_srcnn.apps.web.album import Album
from paddle_srcnn.apps.web.enlarging import Enlarging
from paddle_srcnn.apps.web.guard import Guard
from paddle_srcnn.apps.web.server import Page
from paddle_srcnn.errors import UserError
from paddle_srcnn.system.process import held_interrupts

__all__ = ["Served", "served_page"]

HOST = "127.0.0.1"  # and no other: the page is for this machine
GRACE_SECONDS = 1  # that answers get to end
TOKEN_BYTES = 24


@dataclass(frozen=True)
class Served:
    """A page that is being served.

    Parameters
    ----------
    address : str
        Its address. Who knows it sees the pictures.
    opening : str
        An address that leads to it once.
    folder : Path
        Folder of all files, which is removed at the end.
    enlarging : Enlarging
        Its `run` enlarges the pictures.
    """

    address: str
    opening: str
    folder: Path
    enlarging: Enlarging


@contextmanager
def served_page(*, port: int = 0, device: str = "auto", max_memory: int = BatchOptions.max_memory) -> Iterator[Served]:
    """Serve the page for the length of the block, and leave nothing of it behind.

    Parameters
    ----------
    port : int
        Port of 127.0.0.1; 0 for a free one.
    device : {"auto", "cpu", "gpu"}
    max_memory : int
        MB that a picture may need.

    Yields
    ------
    Served

    Raises
    ------
    UserError
        If the port is taken, or networks cannot be computed here.
    """
    check_options(BatchOptions(scale=2, out=Path(), device=device, max_memory=max_memory))
    with _listening(port) as listener, _workspace() as folder:
        Upscaler(device=device)  # refuses what would fail at the first picture
        album = Album(folder)
        enlarging = Enlarging(album, device=device, max_memory=max_memory)
        tokens = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(TOKEN_BYTES)
        bound = listener.getsockname()[1]
        page = Page(album, enlarging).application(*tokens)
        address, opening = (f"http://{HOST}:{bound}/{token}" for token in tokens)
        with _answering(Guard(page, port=bound, tokens=tokens), listener):
            yield Served(f"{address}/", opening, folder, enlarging)


@contextmanager
def _listening(port: int) -> Iterator[socket.socket]:
    try:
        listener = socket.create_server((HOST, port))
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{port} cannot be used ({reason}): choose another, or leave it out", about="port") from None
    with listener:
        yield listener


@contextmanager
def _workspace() -> Iterator[Path]:
    """Make a temporary folder that goes with the block, even if Ctrl-C is pressed twice."""
    temporary = tempfile.TemporaryDirectory(prefix="srcnn-web-", ignore_cleanup_errors=True)
    try:
        yield Path(temporary.name)
    finally:
        with held_interrupts():
            temporary.cleanup()


@contextmanager
def _answering(application: Guard, listener: socket.socket) -> Iterator[None]:
    """Answer requests in a thread of its own. The main thread is left to the networks, and to Ctrl-C."""
    logging.getLogger("uvicorn").setLevel(
        logging.CRITICAL
    )  # it reports every broken request; `Page` logs its own failures
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            http="h11",
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="page", daemon=True)
    thread.start()
    try:
        yield
    finally:
        with held_interrupts():
            server.should_exit = True
            thread.join()
