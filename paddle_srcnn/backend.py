"""PaddlePaddle, imported once, with the environment it needs and a clear word when it is missing.

Every module of the upper layer takes `paddle` from here. Importing this module switches Paddle to static graphs.
"""

from __future__ import annotations

import os
import warnings

from paddle_srcnn.errors import UserError

# Each is set only where the user has not set it, and has to be set before Paddle is imported.
ENVIRONMENT = {
    "GLOG_minloglevel": "2",  # Paddle's executor announces itself on stderr, where our progress bar is
}
for _name, _value in ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about compilers that only Paddle's own extensions need
        import paddle
except ModuleNotFoundError as error:
    if error.name != "paddle":
        raise
    raise UserError(
        "PaddlePaddle is not installed: run `pip install '.[cpu]'`, or `pip install '.[gpu]'` for a CUDA machine"
    ) from None

# Raised by Paddle's own `append_backward` in static mode, whatever the program.
warnings.filterwarnings("ignore", message="Tensor do not have 'place' interface")
paddle.enable_static()

__all__ = ["choose_place", "paddle"]


def choose_place(device: str) -> paddle.CPUPlace | paddle.CUDAPlace:
    """Where programs run.

    Parameters
    ----------
    device : {"auto", "cpu", "gpu"}
        ``auto`` takes the first GPU where Paddle was built for one and finds it.

    Raises
    ------
    UserError
        If a GPU is asked for and there is none.
    """
    gpu_found = paddle.is_compiled_with_cuda() and paddle.device.cuda.device_count() > 0
    if device == "gpu" and not gpu_found:
        reason = "no CUDA device was found" if paddle.is_compiled_with_cuda() else "this Paddle is built for CPUs alone"
        raise UserError(f"--device gpu: {reason}: install '.[gpu]' on a CUDA machine, or use --device cpu")
    return paddle.CUDAPlace(0) if gpu_found and device != "cpu" else paddle.CPUPlace()
