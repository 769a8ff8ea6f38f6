"""Data-parallel training: several workers share every batch and keep bitwise equal parameters.

`paddle_srcnn.system.process.supervise` or `python -m paddle.distributed.launch` starts the workers. Each of them calls
`join` once.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import signal
import socket
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from paddle_srcnn.errors import RunStopped
from paddle_srcnn.static.backend import paddle
from paddle_srcnn.system.process import (
    END,
    GRACE_SECONDS,
    POLL_SECONDS,
    SUPERVISED,
    exit_on_signal,
    launched_count,
    launcher_number,
)

__all__ = ["ALONE", "Workers", "join", "sum_over_workers"]


@dataclass
class Workers:
    """A group of workers, as one of them sees it: `rank` in 0..count-1. Rank 0 alone prints, evaluates and writes."""

    rank: int = 0
    count: int = 1
    store: Any = None
    meetings: int = field(default=0, init=False)

    def share(self, length: int) -> slice:
        """Choose this worker's samples of a batch of `length`; there are none if the batch is too short."""
        return slice(length * self.rank // self.count, length * (self.rank + 1) // self.count)

    def agree(self, value: int = 0) -> int:
        """Wait for all workers, however long it takes, and return the `value` (0 or more) of rank 0.

        Gloo's limit of 30 s cannot be changed. So the others wait here, not in the next step's sum, while rank 0
        evaluates. A meeting takes about 0.1 s.
        """
        if self.count == 1:
            return value
        self.meetings += 1
        arrived, decided = f"srcnn/arrived/{self.meetings}", f"srcnn/decided/{self.meetings}"
        with self.company():
            if self.rank == 0:
                self._await(arrived, self.count - 1)
                self.store.add(decided, 1 + value)
                return value
            self.store.add(arrived, 1)
            return self._await(decided, 1) - 1

    def check_agreement(self, parameters: Mapping[str, np.ndarray]) -> None:
        """Wait for all workers, and compare this worker's parameters with those of rank 0.

        Raises
        ------
        RuntimeError
            If they differ in a bit.
        """
        checksum = zlib.crc32(b"".join(value.tobytes() for value in parameters.values()))
        if self.agree(checksum) != checksum:
            raise RuntimeError(f"worker {self.rank} has other parameters than worker 0")

    def leave(self) -> None:
        """Leave the group, as every worker's last call: rank 0, which serves the meetings, goes last."""
        if self.count > 1:
            with self.company():
                if self.rank == 0:
                    self._await("srcnn/left", self.count - 1)
                else:
                    self.store.add("srcnn/left", 1)

    @contextlib.contextmanager
    def company(self) -> Iterator[None]:
        """Raise `RunStopped` if another worker is lost in the block, unless the supervisor ends this one before."""
        try:
            yield
        except (RuntimeError, ValueError) as error:
            if self.count == 1 or not _means_lost_worker(error):
                raise
            if SUPERVISED in os.environ:
                time.sleep(GRACE_SECONDS)  # the supervisor names the worker that failed, and ends this one
            raise RunStopped(f"worker {self.rank} lost another worker, see its log") from error

    def _await(self, key: str, least: int) -> int:
        while (value := self.store.add(key, 0)) < least:
            time.sleep(POLL_SECONDS)
        return value


ALONE = Workers()


def _means_lost_worker(error: Exception) -> bool:
    """Recognise a lost connection, or a wait of 30 s, by the error's text.

    Paddle 2.6 to 3.3 raises gloo's errors and those of its own store as plain RuntimeError and ValueError. The text
    alone tells them from others, until Paddle has a type for them.
    """
    return str(error) == "std::exception" or "TCP " in str(error)


def join(device: paddle.CPUPlace | paddle.CUDAPlace) -> Workers:
    """Meet the other workers, by gloo on CPUs and NCCL on GPUs.

    Parameters
    ----------
    device : CPUPlace or CUDAPlace

    Returns
    -------
    Workers
        `ALONE` for a process that no launcher started.
    """
    count, rank = launched_count(), launcher_number("PADDLE_TRAINER_ID")
    if count < 2:
        return ALONE
    if SUPERVISED in os.environ:
        threading.Thread(target=_end_with_supervisor, daemon=True).start()
    os.environ["PADDLE_DISTRI_BACKEND"] = "gloo" if isinstance(device, paddle.CPUPlace) else "nccl"
    for number in (END, signal.SIGTERM):  # from `supervise`, from Paddle's launch
        signal.signal(number, exit_on_signal)
    if rank > 0:
        _await_server()
    with _dynamic_mode(), contextlib.redirect_stderr(io.StringIO()):  # a banner about flags that nobody set
        paddle.distributed.init_parallel_env()
    return Workers(rank, count, paddle.base.core.create_or_get_global_tcp_store())


@contextlib.contextmanager
def _dynamic_mode() -> Iterator[None]:
    """Switch to dynamic mode: a group that begins in static mode cannot sum inside a program."""
    static = not paddle.in_dynamic_mode()
    if static:
        paddle.disable_static()
    try:
        yield
    finally:
        if static:
            paddle.enable_static()


def sum_over_workers(tensors: Sequence[paddle.Tensor]) -> list[paddle.Tensor]:
    """Add sums over all workers to the program under construction: one all-reduce for all variables.

    Parameters
    ----------
    tensors : sequence of variables
        Variables of fixed shapes.

    Returns
    -------
    list of variables
        Their sums, of the same shapes.
    """
    flat = paddle.concat([paddle.reshape(tensor, [-1]) for tensor in tensors])
    _sum_in_place(flat)  # a static program has no other form
    pieces = paddle.split(flat, [math.prod(tensor.shape) for tensor in tensors])
    return [paddle.reshape(piece, tensor.shape) for piece, tensor in zip(pieces, tensors, strict=True)]


def _sum_in_place(tensor: paddle.Tensor) -> None:
    if paddle.framework.use_pir_api() or paddle.distributed.get_backend() != "GLOO":
        paddle.distributed.all_reduce(tensor)
        return
    # Paddle 2.6 would append an operation that does not find the group that `join` made on CPUs; this one does.
    paddle.base.layer_helper.LayerHelper("all_reduce").append_op(
        type="all_reduce", inputs={"x": tensor}, outputs={"out": tensor}, attrs={"ring_id": 0, "reduce_type": 0}
    )


def _end_with_supervisor() -> None:
    os.read(0, 1)  # not `sys.stdin`, whose lock would abort the interpreter's exit
    os._exit(1)


def _await_server() -> None:
    """Wait up to a minute until rank 0 listens. Paddle, which connects then, would sleep for three seconds at once."""
    env = os.environ
    endpoint = env.get("PADDLE_MASTER") or env["PADDLE_TRAINER_ENDPOINTS"].split(",")[0]  # in Paddle's own order
    host, _, port = endpoint.rpartition(":")
    deadline = time.monotonic() + 60.0
    while time.monotonic() < deadline:
        try:
            return socket.create_connection((host, int(port)), timeout=1.0).close()
        except OSError:
            time.sleep(POLL_SECONDS)
