"""Data-parallel training: several workers share every batch and keep bitwise equal parameters.

`supervisor.supervise` or `python -m paddle.distributed.launch` starts them; each calls `join` once.
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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from paddle_srcnn.errors import UserError
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


@dataclass
class Workers:
    """One worker's place among all: `rank` in 0..count-1. Rank 0 alone prints, evaluates and writes."""

    rank: int = 0
    count: int = 1
    store: Any = None
    meetings: int = field(default=0, init=False)

    def share(self, length: int) -> slice:
        """Part of a batch of `length` samples for this worker; empty if there are too few."""
        return slice(length * self.rank // self.count, length * (self.rank + 1) // self.count)

    def agree(self, value: int = 0) -> int:
        """Wait for all workers, however long it takes, and return the `value` (0 or more) of rank 0.

        Gloo gives up after 30 s, which nothing can change. So the others must wait here, not in the next step's sum,
        while rank 0 evaluates. Costs about 0.1 s.
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
        """Wait for all workers, and make sure that this one has the very parameters that rank 0 has.

        Raises
        ------
        RuntimeError
            If they differ in a bit: the workers have gone different ways.
        """
        checksum = zlib.crc32(b"".join(value.tobytes() for value in parameters.values()))
        if self.agree(checksum) != checksum:
            raise RuntimeError(f"worker {self.rank} has other parameters than worker 0")

    def leave(self) -> None:
        """Last call of every worker: rank 0, which serves the meetings, goes last."""
        if self.count > 1:
            with self.company():
                if self.rank == 0:
                    self._await("srcnn/left", self.count - 1)
                else:
                    self.store.add("srcnn/left", 1)

    @contextlib.contextmanager
    def company(self) -> Iterator[None]:
        """Wrap what needs the other workers: losing one becomes a `UserError`, which the supervisor forestalls."""
        try:
            yield
        except (RuntimeError, ValueError) as error:
            # all that Paddle passes on of gloo's exceptions (connection lost, 30 s over), and of the store's
            if self.count == 1 or not (str(error) == "std::exception" or "TCP " in str(error)):
                raise
            if SUPERVISED in os.environ:
                time.sleep(GRACE_SECONDS)  # the supervisor names the culprit and ends this worker meanwhile
            raise UserError(f"worker {self.rank} lost another one, see its log: start again with --resume") from error

    def _await(self, key: str, least: int) -> int:
        while (value := self.store.add(key, 0)) < least:
            time.sleep(POLL_SECONDS)
        return value


ALONE = Workers()


def join(device: paddle.CPUPlace | paddle.CUDAPlace) -> Workers:
    """Meet the other workers: gloo on CPUs, NCCL on GPUs. Alone, there is nobody to meet."""
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
    paddle.disable_static()  # started in static mode, the group knows no way to sum inside a program
    with contextlib.redirect_stderr(io.StringIO()):  # a banner about flags that nobody set
        paddle.distributed.init_parallel_env()
    paddle.enable_static()
    return Workers(rank, count, paddle.base.core.create_or_get_global_tcp_store())


def sum_over_workers(tensors: list[Any]) -> list[Any]:
    """Append one all-reduce to the current static program: each of `tensors`, of fixed shapes, summed over workers."""
    flat = paddle.concat([paddle.reshape(tensor, [-1]) for tensor in tensors])
    _sum_in_place(flat)  # a static program has no other form
    parts = paddle.split(flat, [math.prod(tensor.shape) for tensor in tensors])
    return [paddle.reshape(part, tensor.shape) for part, tensor in zip(parts, tensors, strict=True)]


def _sum_in_place(tensor: Any) -> None:
    if paddle.framework.in_pir_mode() or paddle.distributed.get_backend() != "GLOO":
        paddle.distributed.all_reduce(tensor)
        return
    # Paddle 2.6 would append an operation that knows nothing of the group that `join` made on CPUs; this one does.
    paddle.base.layer_helper.LayerHelper("all_reduce").append_op(
        type="all_reduce", inputs={"x": tensor}, outputs={"out": tensor}, attrs={"ring_id": 0, "reduce_type": 0}
    )


def _end_with_supervisor() -> None:
    os.read(0, 1)  # not `sys.stdin`, whose lock would abort the interpreter's exit
    os._exit(1)


def _await_server() -> None:
    """Give rank 0 a minute to listen; Paddle, which takes over then, would sleep for three seconds at once."""
    env = os.environ
    endpoint = env.get("PADDLE_MASTER") or env["PADDLE_TRAINER_ENDPOINTS"].split(",")[0]  # in Paddle's own order
    host, _, port = endpoint.rpartition(":")
    deadline = time.monotonic() + 60.0
    while time.monotonic() < deadline:
        try:
            return socket.create_connection((host, int(port)), timeout=1.0).close()
        except OSError:
            time.sleep(POLL_SECONDS)
