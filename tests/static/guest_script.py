"""A user's process, run by `test_guest`: networks of its own beside this library's, and what it has set up.

``guest_script.py JSON``: the answer is a JSON object on stdout, with the parameters that training ends at, and the
settings that have changed. Without the library the networks are trained alone.
"""

import ctypes
import hashlib
import json
import logging
import os
import sys
import threading
import warnings
from pathlib import Path

import cv2  # noqa: F401 -- sets environment variables when it is imported
import numpy as np
import scipy.special  # noqa: F401 -- adds a filter of warnings when it is imported
from PIL import Image
from skimage import data

CROP = np.ascontiguousarray(data.astronaut()[:90, :110])


def settings():
    """Everything of the process, and of this thread, that a guest must not change."""
    root, pillow = logging.getLogger(), logging.getLogger("PIL")
    found = {
        "environment": dict(os.environ),
        "warnings": list(warnings.filters),
        "root logger": (root.level, list(root.handlers), root.disabled),
        "PIL's logger": (pillow.level, list(pillow.handlers), pillow.propagate),
        "largest image": Image.MAX_IMAGE_PIXELS,
        "limit of tracebacks": getattr(sys, "tracebacklimit", None),
        "streams": (sys.stdout, sys.stderr, sys.argv[:]),
    }
    return found if "paddle" not in sys.modules else found | settings_of_paddle()


def settings_of_paddle():
    import paddle

    libraries = Path(paddle.__file__).parent / "libs"
    openmp, mkl = (ctypes.CDLL(str(libraries / f"lib{name}.so")) for name in ("iomp5", "mklml_intel"))
    flags = ("FLAGS_eager_delete_tensor_gb", "FLAGS_enable_pir_api", "FLAGS_enable_pir_in_executor")
    names = paddle.base.unique_name
    return {
        "mode": paddle.in_dynamic_mode(),
        "threads": (openmp.omp_get_max_threads(), mkl.MKL_Get_Max_Threads()),
        "flags": paddle.get_flags([flag for flag in flags if flag in paddle.base.core.globals()]),
        "names": (names.generator, names.dygraph_parameter_name_checker),
        "programs": (paddle.static.default_main_program(), paddle.static.default_startup_program()),
        "operations": [str(op) for op in paddle.static.default_main_program().global_block().ops],
        "types": (paddle.float32, paddle.static.Program, paddle.static.program_guard),
        "scope": paddle.static.global_scope(),
        "randomness": [state.current_seed() for state in paddle.get_rng_state("cpu")],
    }


def differences(before, after):
    """Names of the settings that have changed; Paddle's are not there before it is imported."""
    changed = [name for name in before if name != "environment" and before[name] != after[name]]
    names = before["environment"].keys() | after["environment"].keys()
    return changed + [
        name
        for name in sorted(names - {"CUSTOM_DEVICE_ROOT"})  # which importing Paddle sets
        if before["environment"].get(name) != after["environment"].get(name)
    ]


class DynamicUser:
    """A dynamic network that is trained now and then."""

    def __init__(self):
        import paddle

        self.inputs = np.random.default_rng(0).random((8, 1, 12, 12), np.float32)
        self.network = paddle.nn.Sequential(
            paddle.nn.Conv2D(1, 4, 3), paddle.nn.ReLU(), paddle.nn.Flatten(), paddle.nn.Linear(400, 1)
        )
        rng = np.random.default_rng(1)
        for parameter in self.network.parameters():
            parameter.set_value(rng.normal(0, 0.1, parameter.shape).astype(np.float32))
        self.adam = paddle.optimizer.Adam(1e-3, parameters=self.network.parameters())

    def train(self, steps=5):
        import paddle

        for _ in range(steps):
            loss = paddle.mean(paddle.square(self.network(paddle.to_tensor(self.inputs)) - 1))
            loss.backward()
            self.adam.step()
            self.adam.clear_grad()

    def parameters(self):
        return [parameter.numpy() for parameter in self.network.parameters()]


class StaticUser:
    """A network in Paddle's default programs, in static mode."""

    def __init__(self):
        import paddle

        paddle.enable_static()
        x = paddle.static.data("x", [8, 6], "float32")
        weight = paddle.ParamAttr(initializer=paddle.nn.initializer.Constant(0.1))
        self.loss = paddle.mean(paddle.square(paddle.nn.Linear(6, 3, weight_attr=weight)(x) - 1))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            paddle.optimizer.Adam(1e-3).minimize(self.loss)
        self.executor = paddle.static.Executor(paddle.CPUPlace())
        self.executor.run(paddle.static.default_startup_program())
        self.losses = []

    def train(self, steps=5):
        inputs = np.random.default_rng(0).random((8, 6), np.float32)
        for _ in range(steps):
            self.losses += self.executor.run(feed={"x": inputs}, fetch_list=[self.loss])

    def parameters(self):
        return self.losses


def use_library(uses):
    """Build and call what the library has; `uses` is for what happens in between."""
    from paddle_srcnn import Upscaler

    for network, scale in (("9-1-5", 2), ("9-5-5", 3)):
        upscaler = Upscaler(network, scale, device="cpu", threads=2)
        uses()
        assert upscaler(CROP).shape == (90 * scale, 110 * scale, 3)
        uses()
    from paddle_srcnn.model.architecture import Architecture
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.static.cpu import choose_plan
    from paddle_srcnn.static.training_program import TrainingProgram

    network = Architecture((9, 5, 5), (16, 16))
    plan = choose_plan(network, choose_device("cpu"), threads=2, batch_size=4)
    program = TrainingProgram(network, (1e-3, 1e-3, 1e-4), plan)
    uses()
    for _ in range(3):
        program.step([(np.ones((1, 33, 33)), np.ones((1, 17, 17)))] * 4)
        uses()
    program.state()


def train_beside(work):
    """Train a dynamic network in a thread of its own, and begin another one in a new thread, again and again."""
    done, problems, trained = threading.Event(), [], []

    def train():
        try:
            user = DynamicUser()
            while not done.is_set():
                user.train(1)
            trained.append(len(user.parameters()))
        except Exception as error:
            problems.append(repr(error))

    def begin():
        while not done.is_set():
            thread = threading.Thread(target=lambda: trained.append(DynamicUser().train(1)))
            thread.start()
            thread.join()

    threads = [threading.Thread(target=train), threading.Thread(target=begin)]
    threading.excepthook = lambda problem: problems.append(repr(problem.exc_value))
    for thread in threads:
        thread.start()
    try:
        work()
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert len(trained) > 2
    return problems


def main():
    options = json.loads(sys.argv[1])
    if options["first"] == "user":
        import paddle
    if options["engine"] == "static programs":
        from paddle_srcnn.deploy import openvino

        openvino.available = lambda: False
    before = settings()
    if options["first"] == "library":
        pass
    changed = differences(before, settings())
    user = StaticUser() if options["user"] == "static" else DynamicUser()
    if options["threads"]:
        import paddle

        paddle.base.core.set_num_threads(options["threads"])
    user.train()
    before, problems = settings(), []
    if options["library"]:
        if options["user"] == "threads":
            problems = train_beside(lambda: use_library(lambda: None))
        else:
            use_library(user.train)
        user.train()
    else:
        user.train(5 * 9)
    changed += differences(before, settings())
    digest = hashlib.sha256(b"".join(value.tobytes() for value in user.parameters())).hexdigest()
    print(json.dumps({"changed": changed, "problems": problems, "trained": digest}))


if __name__ == "__main__":
    main()
