"""PaddlePaddle, imported once, with the environment it needs and a clear word when it is missing.

Every module of the upper layer takes `paddle` from here. Importing this module switches Paddle to static graphs.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import warnings
from collections.abc import Iterator

from paddle_srcnn.errors import UserError
from paddle_srcnn.system.environment import has_avx512, processor_description
from paddle_srcnn.system.process import held_interrupts

# Paddle and MKL read these once, when they are loaded. Each is set only where the user has not set it.
ENVIRONMENT = {
    # Paddle's executor announces itself on stderr, where our progress bar is.
    "GLOG_minloglevel": "2",
    # Paddle complains of any other number; `paddle_srcnn.static.cpu.share_cores` decides when programs are built.
    "OMP_NUM_THREADS": "1",
    # Buffers are kept from step to step. Freed at every step they go back to the system, which clears them page by
    # page when they are asked for again: a fifth of the time.
    "FLAGS_eager_delete_tensor_gb": "-1",
}
if "AuthenticAMD" in processor_description():
    # Paddle's MKL, of 2019, takes a slow path on AMD's processors unless told that they have AVX2 (5) or AVX-512 (7).
    ENVIRONMENT["MKL_DEBUG_CPU_TYPE"] = "7" if has_avx512() else "5"
for _name, _value in ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)

try:
    with warnings.catch_warnings(), held_interrupts():
        warnings.simplefilter("ignore")  # about compilers that only Paddle's own extensions need
        import paddle
except ModuleNotFoundError as error:
    if error.name != "paddle":
        raise
    raise UserError(
        "PaddlePaddle is not installed: run `pip install '.[cpu]'`, or `pip install '.[gpu]'` for a CUDA machine"
    ) from None
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

# Raised by Paddle's own `append_backward` in static mode, whatever the program.
warnings.filterwarnings("ignore", message="Tensor do not have 'place' interface")
paddle.enable_static()

__all__ = ["choose_device", "paddle", "under_construction"]

_CONSTRUCTION = threading.RLock()  # one program at a time, since limits and names are the process's


@contextlib.contextmanager
def under_construction(program: paddle.static.Program, startup: paddle.static.Program) -> Iterator[None]:
    """Build a program in the block, with names of its own.

    Of every operation Paddle 3 notes the call stack that led to it, and never gives that back: 0.6 kB each. Here it
    finds none.
    """
    with _CONSTRUCTION, paddle.static.program_guard(program, startup), paddle.utils.unique_name.guard():
        before = getattr(sys, "tracebacklimit", None)
        sys.tracebacklimit = 0
        try:
            yield
        finally:
            del sys.tracebacklimit
            if before is not None:
                sys.tracebacklimit = before


def choose_device(device: str) -> paddle.CPUPlace | paddle.CUDAPlace:
    """Where programs run.

    Parameters
    ----------
    device : {"auto", "cpu", "gpu"}
        ``auto`` takes the first GPU where Paddle was built for one and finds it.

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
        raise UserError(f"--device gpu: {_what_is_missing()}; or use --device cpu")
    if not gpu_found or device == "cpu":
        return paddle.CPUPlace()
    device_number = os.environ.get("FLAGS_selected_gpus", "0")  # noqa: SIM112 -- set for each worker, in this spelling
    return paddle.CUDAPlace(int(device_number.split(",")[0]))


def _what_is_missing() -> str:
    """Why no GPU can be used, and what to do about that."""
    version = paddle.version.full_version
    if not paddle.is_compiled_with_cuda():
        return (
            f"PaddlePaddle {version} here is the wheel `paddlepaddle`, for CPUs alone; a CUDA machine needs "
            "`paddlepaddle-gpu` in its place: run `pip uninstall paddlepaddle`, then `pip install '.[gpu]'`"
        )
    hidden = "CUDA_VISIBLE_DEVICES" in os.environ
    where = f" among those that CUDA_VISIBLE_DEVICES={os.environ['CUDA_VISIBLE_DEVICES']} leaves" if hidden else ""
    return (
        f"no CUDA device was found{where}; `nvidia-smi` must list one, with a driver for CUDA {paddle.version.cuda()}, "
        f"which PaddlePaddle {version} here is built for"
    )
