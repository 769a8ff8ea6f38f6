"""One configuration of the training benchmark, as a process that runs on request.

The command is ``python -m benchmarks.training_worker CONFIGURATION FIFO``. The configuration is a JSON object. Each
line ``SECONDS`` in the named pipe asks for a run of about that length. A line on stdout answers with backprops per
second.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.system.cli import run_command
from paddle_srcnn.system.process import launched_count, supervise

PATCH = 33
RATES = (1e-4, 1e-4, 1e-5)
WARM_UP_STEPS = 5

Step = Callable[[], Any]


def paddle_step(architecture: Architecture, configuration: dict[str, Any]) -> tuple[Step, Any]:
    """Build a step of this project's training program, and the workers that share it."""
    from paddle_srcnn.model.parameters import initial_parameters
    from paddle_srcnn.static import distributed
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.static.cpu import Plan, choose_plan
    from paddle_srcnn.static.training_program import TrainingProgram

    device = choose_device("cpu")
    group = distributed.join(device)
    plan = Plan(device)  # Paddle as it comes
    if configuration["graph"] == "fast":
        share = configuration["batch_size"] // group.count
        plan = choose_plan(architecture, device, threads=configuration["threads"], batch_size=share)
    program = TrainingProgram(architecture, RATES, plan, workers=group)
    rng = np.random.default_rng(0)
    program.set_state(initial_parameters(architecture, std=0.001, rng=rng))
    inputs, labels = random_batch(architecture, configuration["batch_size"])
    batch = list(zip(inputs, labels, strict=True))
    return lambda: program.step(batch), group


def torch_step(architecture: Architecture, configuration: dict[str, Any]) -> Step:
    """Build a step of the same network, batch and optimiser in PyTorch."""
    import torch

    torch.set_num_threads(configuration["threads"])
    memory_format = getattr(torch, configuration["memory_format"])
    layers: list[torch.nn.Module] = []
    for out, depth, size, _ in architecture.weight_shapes:
        layers += [torch.nn.Conv2d(depth, out, size), torch.nn.ReLU(inplace=True)]
    network = torch.nn.Sequential(*layers[:-1]).to(memory_format=memory_format)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.normal_(0, 0.001)
    groups = [{"params": layers[2 * i].parameters(), "lr": rate} for i, rate in enumerate(RATES)]
    optimizer = torch.optim.Adam(groups, fused=True)
    batch = random_batch(architecture, configuration["batch_size"])

    def step() -> float:
        # Bytes to floats at every step, as a reader's batches come, here and in the project's program.
        inputs, labels = (torch.from_numpy(part).float().contiguous(memory_format=memory_format) for part in batch)
        optimizer.zero_grad(set_to_none=True)
        loss = torch.nn.functional.mse_loss(network(inputs), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def random_batch(architecture: Architecture, batch_size: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw a batch of noise: inputs and labels of uint8, 0..255."""
    shape = (batch_size, architecture.channels, PATCH, PATCH)
    inputs = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    kept = slice(architecture.margin, PATCH - architecture.margin)
    return inputs, inputs[..., kept, kept]


def main() -> None:
    """Warm up, then run on each request of the pipe until it closes."""
    configuration = json.loads(sys.argv[1])
    if configuration.get("workers", 1) > 1 and not launched_count():
        sys.exit(supervise(configuration["workers"]))
    architecture = Architecture(
        tuple(configuration["filters"]), tuple(configuration["widths"]), configuration["channels"]
    )
    if configuration["library"] == "torch":
        step, group = torch_step(architecture, configuration), None
    else:
        step, group = paddle_step(architecture, configuration)
    step_seconds = timed(step, WARM_UP_STEPS) / WARM_UP_STEPS
    requests = None if group and group.rank else Path(sys.argv[2]).open(encoding="utf-8")  # noqa: SIM115 -- to the end
    while True:
        line = requests.readline() if requests else ""
        steps = max(round(float(line) / step_seconds), 3) if line else 0
        if group:
            steps = group.agree(steps)
        if not steps:
            break
        step_seconds = timed(step, steps) / steps
        if requests:
            print(configuration["batch_size"] / step_seconds, flush=True)
    if group:
        group.leave()


def timed(step: Step, steps: int) -> float:
    """Measure the seconds of some steps."""
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return time.perf_counter() - start


if __name__ == "__main__":
    run_command(main)
