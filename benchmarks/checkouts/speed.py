"""Speed of two checkouts, measured in turn."""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tqdm import tqdm

from benchmarks.checkouts.library import CLOCK_SCALE, CLOCK_SIZE
from benchmarks.checkouts.side import INPUTS, Command, Side, StepError
from benchmarks.checkouts.steps import LIBRARY

NETWORKS = ("9-1-5", "9-5-5")
EPOCHS = 2  # some 23,000 patches


def training_rate(side: Side, folder: Path) -> float:
    """Return the patches per second of a short run of `baseline` at batch 16, on all cores."""
    out = folder / side.name
    data = ("--train-data", f"{INPUTS}/speed", "--val-data", f"{INPUTS}/validation")
    settings = ("--exp", "baseline", "--epochs", str(EPOCHS), "--batch-size", "16", "--device", "cpu")
    side.run(Command((side.script("train.py"), *settings, *data, "--out", str(out))), folder)
    return json.loads((out / "summary.json").read_text(encoding="utf-8"))["backprops_per_second"]


def upscaling_seconds(sides: Sequence[Side], network: str, calls: int) -> list[list[float]]:
    """Let a process of each side upscale the same image in turn; return the seconds of its calls."""
    seconds: list[list[float]] = [[] for _ in sides]
    with ExitStack() as stack:
        processes, witnesses = [], []
        for side in sides:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            process = side.start((str(LIBRARY), "clock", network), folder, folder / "witness")
            stack.callback(_end, process)
            if _answer(side, process) != "ready":
                raise StepError(side.name, "the process that upscales did not start")
            processes.append(process)
            witnesses.append(folder / "witness")
        for number in tqdm(range(calls), desc=f"speed of {network}", leave=False, disable=None):
            for index in [0, 1] if number % 2 else [1, 0]:
                print(file=processes[index].stdin, flush=True)
                seconds[index].append(float(_answer(sides[index], processes[index])))
        for side, process, witness in zip(sides, processes, witnesses, strict=True):
            process.communicate()  # which ends the input, and with it the process
            side.check_witness(witness)
    return seconds


def _answer(side: Side, process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None  # it is a pipe
    line = process.stdout.readline()
    if not line:
        _, stderr = process.communicate()
        raise side.failure(("the process that upscales",), process.returncode, stderr)
    return line.strip()


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()


def line(name: str, unit: str, rates: Sequence[Sequence[float]]) -> str:
    """Return the line that compares rates of OLD and NEW, taken in pairs."""
    ratios = sorted(new / old for old, new in zip(*rates, strict=True))
    old, new = (statistics.median(values) for values in rates)
    best = max(rates[1]) / max(rates[0])  # which other work on the machine disturbs least
    spread = f"{ratios[len(ratios) // 4]:.3f} to {ratios[-1 - len(ratios) // 4]:.3f}"
    return (
        f"{name:<24} OLD {old:,.2f}, NEW {new:,.2f} {unit} in the median; NEW / OLD {new / old:.3f} "
        f"(of the best {best:.3f}; of {len(ratios)} pairs {statistics.median(ratios):.3f}, half of them {spread})"
    )


def measure(sides: Sequence[Side], rounds: int) -> None:
    """Print the speed of training and of upscaling, OLD and NEW in turn."""
    rates: list[list[float]] = [[] for _ in sides]
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / INPUTS).symlink_to(sides[0].inputs.resolve())
        for number in tqdm(range(rounds), desc="speed of training", leave=False, disable=None):
            for index in [0, 1] if number % 2 else [1, 0]:
                rates[index].append(training_rate(sides[index], Path(name)))
    print(line("training, batch 16", "patches/s", rates), flush=True)
    pixels = CLOCK_SIZE[0] * CLOCK_SIZE[1] * CLOCK_SCALE**2 / 1e6
    for network in NETWORKS:
        seconds = upscaling_seconds(sides, network, 4 * rounds)
        speeds = [[pixels / taken for taken in of_side] for of_side in seconds]
        print(line(f"upscaling, {network} x{CLOCK_SCALE}", "Mpixel/s", speeds), flush=True)
