"""Devices, on which networks compute the same."""

import os
import subprocess
import sys
import traceback

import numpy as np
import pytest
from helpers import ROOT, assert_one_line

from paddle_srcnn.errors import UserError
from paddle_srcnn.model.architecture import Architecture

pytest.importorskip("paddle")

from paddle_srcnn.model.parameters import initial_parameters
from paddle_srcnn.static.backend import ENVIRONMENT, choose_device, paddle
from paddle_srcnn.static.cpu import choose_plan
from paddle_srcnn.static.guest import under_construction
from paddle_srcnn.static.inference_program import InferenceProgram
from paddle_srcnn.static.training_program import TrainingProgram

NETWORKS = [Architecture((9, 1, 5), (64, 32)), Architecture((9, 3, 5), (32, 16), 3)]


@pytest.fixture
def gpu():
    try:
        return choose_device("gpu")
    except UserError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize("built", [False, True], ids=["for CPUs", "for GPUs"])
def test_missing_gpu_is_said_with_the_way_to_one(monkeypatch, built):
    monkeypatch.setattr(paddle, "is_compiled_with_cuda", lambda: built)
    monkeypatch.setattr(paddle.device.cuda, "device_count", lambda: 0)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    with pytest.raises(UserError, match=r"^no GPU can be used: .* or choose the CPU$") as said:
        choose_device("gpu")
    assert said.value.about == "device"
    needed = (
        ["nvidia-smi", "driver", "CUDA_VISIBLE_DEVICES=7"] if built else ["paddlepaddle-gpu", "'paddle-srcnn[gpu]'"]
    )
    assert all(word in str(said.value) for word in needed), said.value
    assert str(choose_device("auto")) == str(choose_device("cpu")) == str(paddle.CPUPlace())


@pytest.mark.gpu
@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_gpu_restores_as_the_cpu_does(gpu, network):
    rng = np.random.default_rng(0)
    parameters = initial_parameters(network, std=None, rng=rng)
    image = rng.uniform(0, 255, (network.channels, 90, 101)).astype(np.float32)
    for padding in ("valid", "replicate"):
        expected, found = (
            InferenceProgram(network, device, parameters, padding=padding)(image)
            for device in (choose_device("cpu"), gpu)
        )
        assert_close(found, expected)


@pytest.mark.gpu
@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_gpu_learns_as_the_cpu_does(gpu, network):
    rng = np.random.default_rng(0)
    parameters = initial_parameters(network, std=None, rng=rng)
    inside = 33 - 2 * network.margin
    shapes = ((network.channels, 33, 33), (network.channels, inside, inside))
    batch = [tuple(rng.uniform(0, 255, shape).astype(np.float32) for shape in shapes) for _ in range(4)]
    losses, updates = [], []
    for device in (choose_device("cpu"), gpu):
        # The update is then the gradient, where Adam's would be little more than its sign.
        program = TrainingProgram(network, [1.0] * 3, choose_plan(network, device), optimizer="sgd", value_range=1.0)
        program.set_state(parameters)
        losses.append(program.step(batch))
        updates.append({name: value - parameters[name] for name, value in program.parameters().items()})
    assert losses[1] == pytest.approx(losses[0], rel=1e-3)
    for name, expected in updates[0].items():
        assert_close(updates[1][name], expected)


def assert_close(found, expected):
    """Up to what is lost where a GPU multiplies with 10 bits of mantissa (TF32)."""
    np.testing.assert_allclose(found, expected, rtol=0, atol=5e-3 * np.abs(expected).max())


@pytest.mark.parametrize("before", [None, 3])
def test_programs_keep_no_call_stacks_and_the_limit_is_put_back(monkeypatch, before):
    if before is None:
        monkeypatch.delattr(sys, "tracebacklimit", raising=False)
    else:
        monkeypatch.setattr(sys, "tracebacklimit", before, raising=False)
    found = []
    with pytest.raises(ZeroDivisionError), under_construction(paddle.static.Program(), paddle.static.Program()):
        found.extend(traceback.extract_stack())
        _ = 1 / 0
    assert found == []
    assert getattr(sys, "tracebacklimit", None) == before


@pytest.mark.parametrize("files", [[], ["__init__.py"], ["__init__.py", "cuda_env.py", "base/__init__.py"]])
def test_damaged_installation_is_one_line(tmp_path, files):
    """What an interrupted pip leaves; Paddle itself would advise not to import it from its sources."""
    for name in ["libs/libpaddle.so", *files]:
        (tmp_path / "paddle" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "paddle" / name).touch()
    code = (
        f"import sys; sys.path[:] = [{str(ROOT)!r}, *sys.path]; sys.argv = ['train.py']\n"
        f"sys.path = [path for path in sys.path if not path.endswith('-packages')] + [{str(tmp_path)!r}]\n"
        "from paddle_srcnn.system.cli import run_command\n"
        "run_command(lambda: __import__('paddle_srcnn.static.backend'))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert_one_line(
        (done.returncode, done.stdout, done.stderr), "train", "not completely installed", "'paddle-srcnn[cpu]'"
    )


def test_libraries_of_paddle_read_an_environment_that_is_restored():
    """Without it, OpenMP would have a thread for each core in every thread of Paddle's executor."""
    code = (
        "import ctypes, os, pathlib\n"
        "from paddle_srcnn.static.backend import ENVIRONMENT, paddle\n"
        "(openmp,) = (pathlib.Path(paddle.__file__).parent / 'libs').glob('*iomp5*')\n"
        "print(ctypes.CDLL(str(openmp)).omp_get_max_threads(), *(os.environ.get(name) for name in ENVIRONMENT))\n"
    )
    environment = {name: value for name, value in os.environ.items() if name not in ENVIRONMENT}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", *["None"] * len(ENVIRONMENT)]
