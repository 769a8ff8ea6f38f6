"""Blocks that set Paddle up for this library's programs, and leave it as they found it.

The library is a guest in its process. A user's own networks, dynamic or static, go on as if it were not there.

Each block restores, when it ends:

- for its own thread: static or dynamic mode, the format of programs, and OpenMP's number of threads;
- for the process: MKL's number of threads, Paddle's main program, generator of names and scope,
  ``FLAGS_eager_delete_tensor_gb``, ``sys.tracebacklimit`` and the interval at which Python's threads take turns.

Paddle cannot undo the following, which stays until the process ends:

- Operations that the library uses stay registered.
- After the first predictor, Paddle's C++ log shows errors only. It does so from the beginning if the library is the
  first to import Paddle, unless ``GLOG_minloglevel`` is set.
- MKL and OpenMP read their environment variables once. `paddle_srcnn.static.backend` sets these for that moment.
- `paddle_srcnn.deploy.openvino` keeps what OpenVINO compiled.
- Paddle starts in the thread that imports it first, and leaves all other threads in static mode. A process with
  networks of its own imports Paddle in its main thread, before another thread makes an `Upscaler`.

Paddle has one main program for all threads. While the library builds a static program, another thread must not build
one of its own, as in Paddle itself. Other threads may build, train and run dynamic networks. The library builds a
program in one turn of Python's threads, of some hundredths of a second. Paddle 2 ends the turn early, so that there
dynamic networks must wait as well. OpenVINO's networks need no turn, see `paddle_srcnn.deploy.older_graph`.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from paddle_srcnn.static.backend import paddle

__all__ = ["compiling", "older_programs", "running", "static_graphs", "under_construction"]

framework = paddle.base.framework

_CONSTRUCTION = threading.RLock()  # programs are built and compiled one at a time
BUFFERS = "FLAGS_eager_delete_tensor_gb"  # GB of unused buffers that programs keep; below 0 for all
PAUSE_SECONDS = 0.5  # of other threads, at most; building a program takes some hundredths


@contextlib.contextmanager
def static_graphs() -> Iterator[None]:
    """Switch this thread to static graphs. Other threads keep their mode, even if they begin meanwhile."""
    tracer = framework.global_var._dygraph_tracer_
    if tracer is None:
        yield
        return
    _set_tracer(None)
    try:
        yield
    finally:
        _set_tracer(tracer)


def _set_tracer(tracer: Any) -> None:
    """Set this thread's tracer; None stands for static mode.

    Assigning the attribute itself, as `paddle.enable_static` does, would also decide how later threads begin.
    """
    vars(framework.global_var)["_dygraph_tracer_"] = tracer
    paddle.base.core._switch_tracer(tracer)


@contextlib.contextmanager
def older_programs() -> Iterator[None]:
    """Build programs in the format of Paddle 2 in this thread; `paddle.pir_utils.OldIrGuard` does so in all threads."""
    before = framework.global_var._use_pir_api_
    framework.global_var._use_pir_api_ = False
    try:
        yield
    finally:
        framework.global_var._use_pir_api_ = before


@contextlib.contextmanager
def under_construction(program: paddle.static.Program, startup: paddle.static.Program) -> Iterator[None]:
    """Build a program in the block, with names of its own.

    For each operation Paddle 3 keeps the call stack that led to it, 0.6 kB, until the process ends. A
    ``sys.tracebacklimit`` of 0 leaves it nothing to keep.
    """
    guard, names = paddle.static.program_guard(program, startup), paddle.utils.unique_name.guard()
    with _undisturbed(), static_graphs(), guard, names, _without_tracebacks():
        yield


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep all other threads from running Python in the block.

    Paddle has one main program and one generator of names for all threads. A step of a dynamic network's optimiser
    looks both up, and switches the main program. Steps must not fall into a block that has switched them.
    """
    with _CONSTRUCTION:
        before = sys.getswitchinterval()
        if threading.active_count() == 1 or before >= PAUSE_SECONDS:
            yield
            return
        sys.setswitchinterval(PAUSE_SECONDS)
        try:
            time.sleep(4 * before)  # threads that wait for their turn already wait for the old interval
            yield
        finally:
            sys.setswitchinterval(before)


@contextlib.contextmanager
def _without_tracebacks() -> Iterator[None]:
    before = getattr(sys, "tracebacklimit", None)
    sys.tracebacklimit = 0
    try:
        yield
    finally:
        del sys.tracebacklimit
        if before is not None:
            sys.tracebacklimit = before


@contextlib.contextmanager
def compiling() -> Iterator[None]:
    """Let the executor compile a program in the block, which is the program's first run."""
    with _undisturbed(), _without_tracebacks():
        yield


class _Running:
    """Settings of Paddle while programs run.

    Programs keep their buffers from run to run. Buffers that are freed after every run go back to the system, which
    clears them page by page when they are asked for again: a fifth of the time.

    The number of threads of one operation is the process's for MKL, and the calling thread's for OpenMP.
    """

    def __init__(self) -> None:
        self._openmp, self._mkl = _library("*iomp5*"), _library("*mklml*")
        self._flags = paddle.base.core.globals()
        self._lock, self._blocks = threading.Lock(), 0
        self._before = (0.0, 1)

    @contextlib.contextmanager
    def __call__(self, threads: int | None) -> Iterator[None]:
        """Run a program in the block, with a number of threads. None leaves the number to the block."""
        own = self._openmp.omp_get_max_threads() if self._openmp else 1
        with self._lock:
            if not self._blocks:
                self._before = (self._flags[BUFFERS], self._mkl.MKL_Get_Max_Threads() if self._mkl else 1)
            if BUFFERS not in os.environ:  # where the user decides
                self._flags[BUFFERS] = -1.0
            self._blocks += 1
        try:
            if threads is not None:
                paddle.base.core.set_num_threads(threads)
            yield
        finally:
            with self._lock:
                self._blocks -= 1
                if not self._blocks:
                    self._restore()
            if self._openmp:
                self._openmp.omp_set_num_threads(own)

    def _restore(self) -> None:
        """Restore the process's settings after the last of several blocks."""
        self._flags[BUFFERS], threads = self._before
        if self._mkl:
            self._mkl.MKL_Set_Num_Threads(threads)
        else:  # no function tells the number that was set before: Paddle begins with this one
            paddle.base.core.set_num_threads(threads)


def _library(pattern: str) -> ctypes.CDLL | None:
    """Open one of Paddle's own libraries; None if there is none."""
    found = sorted(Path(paddle.__file__).parent.glob(f"libs/{pattern}"))
    return ctypes.CDLL(str(found[0])) if found else None


running = _Running()
