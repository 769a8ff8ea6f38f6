"""PaddlePaddle, imported once, and the devices that it finds.

Every module of the upper floors takes `paddle` from here. The import leaves environment variables, warning filters,
signal handlers and the root logger as they were. `paddle_srcnn.static.guest` does the same for everything later.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path

from paddle_srcnn.errors import UserError
from paddle_srcnn.system.environment import has_avx512, processor_description
from paddle_srcnn.system.process import held_interrupts

__all__ = ["choose_device", "paddle"]

# Paddle, OpenMP and MKL read these once. The user's own values have precedence.
ENVIRONMENT = {
    # Paddle's executor announces itself on stderr, which shows our progress bar.
    "GLOG_minloglevel": "2",
    # Paddle warns of any other number; `paddle_srcnn.static.cpu` plans the threads of each program.
    "OMP_NUM_THREADS": "1",
}
if "AuthenticAMD" in processor_description():
    # Paddle's MKL, of 2019, takes a slow path on AMD's processors unless told that they have AVX2 (5) or AVX-512 (7).
    ENVIRONMENT["MKL_DEBUG_CPU_TYPE"] = "7" if has_avx512() else "5"


@contextlib.contextmanager
def _environment() -> Iterator[None]:
    """Set environment variables for the block, except those that the user has set."""
    before = dict(os.environ)
    try:
        for name, value in ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        yield
    finally:
        for name in os.environ.keys() - before.keys():  # ours, and those of Paddle's own import
            del os.environ[name]
        os.environ.update(before)


@contextlib.contextmanager
def _root_logger() -> Iterator[None]:
    """Restore the root logger, to which Paddle adds a handler that shows other libraries' messages."""
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    try:
        yield
    finally:
        root.setLevel(level)
        root.handlers[:] = handlers


def _start_libraries() -> None:
    """Let OpenMP and MKL read the environment, at a first call and a first product; importing Paddle does not."""
    libraries = Path(paddle.__file__).parent / "libs"
    for file in libraries.glob("*iomp5*"):
        ctypes.CDLL(str(file)).omp_get_max_threads()
    for file in libraries.glob("*mklml*"):
        number = (ctypes.c_float * 1)(1.0)
        row_major, plain, one, zero = 101, 111, ctypes.c_float(1.0), ctypes.c_float(0.0)
        product = ctypes.CDLL(str(file)).cblas_sgemm
        product(row_major, plain, plain, 1, 1, 1, one, number, 1, number, 1, zero, (ctypes.c_float * 1)(), 1)


def _check_installation() -> None:
    """Refuse an installation that is missing or damaged; Paddle, of a damaged one, prints wrong advice."""
    install = "run `pip install 'paddle-srcnn[cpu]'`, or `pip install 'paddle-srcnn[gpu]'` for a CUDA machine"
    found = importlib.util.find_spec("paddle")
    if found is None:
        raise UserError(f"PaddlePaddle is not installed: {install}")
    folder = Path(found.origin or "nowhere").parent
    if not all((folder / name).exists() for name in ("cuda_env.py", "version/__init__.py", "base/__init__.py")):
        raise UserError(f"PaddlePaddle is not completely installed: uninstall it, then {install}")


_check_installation()
try:
    with _environment(), _root_logger(), warnings.catch_warnings(), held_interrupts():
        warnings.simplefilter("ignore")  # about compilers that only Paddle's own extensions need
        import paddle

        _start_libraries()
except OSError as error:
    raise UserError(
        f"PaddlePaddle cannot be loaded ({error}): it keeps files in the home folder, so set HOME to one that can be "
        "written to"
    ) from None
except ValueError as error:
    raise UserError(
        f"PaddlePaddle cannot be loaded ({error}): unset PADDLE_TRAINER_ID and whatever else a launcher left behind in "
        "the environment"
    ) from None


def choose_device(device: str) -> paddle.CPUPlace | paddle.CUDAPlace:
    """Choose the device that programs run on.

    Parameters
    ----------
    device : {"auto", "cpu", "gpu"}
        ``auto`` takes the first GPU if Paddle was built for GPUs and finds one.

    Returns
    -------
    CPUPlace or CUDAPlace

    Raises
    ------
    UserError
        If a GPU is asked for and there is none.
    ValueError
        If `device` is none of the three.
    """
    if device not in ("auto", "cpu", "gpu"):
        raise ValueError(f"device is auto, cpu or gpu, not {device!r}")
    gpu_found = paddle.is_compiled_with_cuda() and paddle.device.cuda.device_count() > 0
    if device == "gpu" and not gpu_found:
        raise UserError(f"no GPU can be used: {_missing_for_gpu()}; or choose the CPU", about="device")
    if not gpu_found or device == "cpu":
        return paddle.CPUPlace()
    device_number = os.environ.get("FLAGS_selected_gpus", "0")  # noqa: SIM112 -- set for each worker, in this spelling
    return paddle.CUDAPlace(int(device_number.split(",")[0]))


def _missing_for_gpu() -> str:
    """Describe what a GPU lacks here, and the remedy."""
    version = paddle.version.full_version
    if not paddle.is_compiled_with_cuda():
        return (
            f"PaddlePaddle {version} here is the wheel `paddlepaddle`, for CPUs alone; a CUDA machine needs "
            "`paddlepaddle-gpu` in its place: run `pip uninstall paddlepaddle`, then `pip install 'paddle-srcnn[gpu]'`"
        )
    hidden = "CUDA_VISIBLE_DEVICES" in os.environ
    where = f" among those that CUDA_VISIBLE_DEVICES={os.environ['CUDA_VISIBLE_DEVICES']} leaves" if hidden else ""
    return (
        f"no CUDA device was found{where}; `nvidia-smi` must list one, with a driver for CUDA {paddle.version.cuda()}, "
        f"which PaddlePaddle {version} here is built for"
    )
