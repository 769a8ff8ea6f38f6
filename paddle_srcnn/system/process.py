"""Processes: the supervisor of the workers on one machine, and the signals that ask a process to end."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import IO, NoReturn

from paddle_srcnn.errors import UserError

__all__ = [
    "END",
    "GRACE_SECONDS",
    "POLL_SECONDS",
    "STOPS",
    "SUPERVISED",
    "exit_on_signal",
    "held_interrupts",
    "launched_count",
    "launcher_number",
    "local_count",
    "supervise",
]

SUPERVISED = "PADDLE_SRCNN_SUPERVISED"
POLL_SECONDS = 0.05
GRACE_SECONDS = 5.0
# The signal that asks a worker to leave; on SIGTERM Paddle, once imported, prints a stack. Windows has no other.
END = getattr(signal, "SIGUSR1", signal.SIGTERM)
# Signals that ask any process to end: Ctrl-C, `kill`, a terminal that is closed. Windows has no hang-up.
STOPS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


def launched_count() -> int:
    """Return the size of the group that `supervise` or `paddle.distributed.launch` started, or 0 if none did."""
    return launcher_number("PADDLE_TRAINERS_NUM") if "PADDLE_TRAINER_ID" in os.environ else 0


def local_count() -> int:
    """Count the workers of the group on this machine, which share its cores; 1 without a group."""
    return launcher_number("PADDLE_LOCAL_SIZE") or max(launched_count(), 1)


def launcher_number(name: str) -> int:
    """Read a whole number that a launcher left in the environment; 0 if it left none.

    Raises
    ------
    UserError
        If the variable holds anything else.
    """
    text = os.environ.get(name) or "0"
    if not re.fullmatch(r"[0-9]+", text):
        raise UserError(f"{name}={text} in the environment is no whole number: unset it, or leave it to a launcher")
    return int(text)


def supervise(count: int) -> int:
    """Run this very command as `count` workers of this machine; none of them outlives the call.

    The terminal belongs to rank 0. If a worker fails, this process ends the others and prints which one and why, as one
    line on stderr.

    Parameters
    ----------
    count : int
        Workers to start; each finds its rank and the others in Paddle's own environment variables.

    Returns
    -------
    int
        Exit status of the whole run: 0, or the status of the worker that failed first (128 + N after signal N).
    """
    endpoints = [f"127.0.0.1:{port}" for port in _free_ports(count + 1)]
    signal.signal(signal.SIGTERM, exit_on_signal)
    workers: list[subprocess.Popen] = []
    logs: list[IO[bytes] | None] = [None]  # stderr of each worker; None is the terminal
    try:
        interrupt = signal.signal(signal.SIGINT, signal.SIG_IGN)  # inherited: Ctrl-C is for the supervisor alone
        for rank in range(count):
            if rank > 0:
                logs.append(tempfile.TemporaryFile())  # noqa: SIM115 - outlives the worker, goes with this process
            workers.append(_start(rank, endpoints, logs[rank]))
        signal.signal(signal.SIGINT, interrupt)
        failed = _first_failure(workers)
        if failed is None:
            return 0
        with contextlib.suppress(subprocess.TimeoutExpired):
            if workers[0].wait(1.0) > 0:
                return workers[0].returncode  # rank 0 has printed the reason itself
        print(f"worker {failed} {_ending(workers[failed], logs[failed])}; the run was stopped", file=sys.stderr)
        status = workers[failed].returncode
        return status if status > 0 else 128 - status
    finally:
        _end(workers)


def _start(rank: int, endpoints: list[str], log: IO[bytes] | None) -> subprocess.Popen:
    master, *own = endpoints
    settings = {
        SUPERVISED: "1",
        "PADDLE_MASTER": master,
        "PADDLE_TRAINER_ID": str(rank),
        "PADDLE_TRAINERS_NUM": str(len(own)),
        "PADDLE_TRAINER_ENDPOINTS": ",".join(own),
        "PADDLE_CURRENT_ENDPOINT": own[rank],
        "FLAGS_selected_gpus": str(rank),
    }
    return subprocess.Popen(
        [sys.executable, *sys.orig_argv[1:]],
        env=os.environ | settings,
        stdin=subprocess.PIPE,  # nobody writes to it; it closes when the supervisor dies, however that happens
        stdout=None if log is None else subprocess.DEVNULL,
        stderr=log,
    )


def _first_failure(workers: list[subprocess.Popen]) -> int | None:
    while True:
        statuses = [worker.poll() for worker in workers]
        failed = [rank for rank, status in enumerate(statuses) if status]
        if failed or None not in statuses:
            return failed[0] if failed else None
        time.sleep(POLL_SECONDS)


def _ending(worker: subprocess.Popen, log: IO[bytes] | None) -> str:
    if worker.returncode < 0:
        return f"was killed by {signal.Signals(-worker.returncode).name}"
    told = ""
    if log is not None:
        log.seek(0)
        told = log.read().decode(errors="replace").strip().rpartition("\n")[2]
    return f"ended with status {worker.returncode} {told and f'({told})'}".rstrip()


def _end(workers: list[subprocess.Popen]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not leave orphans
    for worker in workers:
        worker.send_signal(END)
    deadline = time.monotonic() + GRACE_SECONDS
    for worker in workers:
        try:
            worker.wait(max(deadline - time.monotonic(), 0.0))
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


def exit_on_signal(number: int, _frame: object) -> NoReturn:
    """Leave from a signal handler by unwinding, so that temporary files are removed."""
    sys.exit(128 + number)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


@contextlib.contextmanager
def held_interrupts() -> Iterator[None]:
    """Hold Ctrl-C and its like back until the block has ended: one during an import leaves half a module.

    The function removes signal handlers that the block itself sets: Paddle, when imported, answers `kill` with a stack.
    """
    if threading.current_thread() is not threading.main_thread():  # Python interrupts the main thread alone
        yield
        return
    held: list[int] = []
    before = {number: handler for number in STOPS if (handler := signal.getsignal(number)) is not None}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, lambda number, _: held.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if held:
        signal.raise_signal(held[0])
