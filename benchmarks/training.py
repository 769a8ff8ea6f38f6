"""Training speed: this project's graphs and PyTorch, side by side on the same networks, batches and data.

``python -m benchmarks.training`` starts every configuration of a network as its own process. They run in turn, one at
a time, round after round, so that drifts of the machine's speed meet all alike. It takes medians of the rounds and
writes benchmarks/training.md and benchmarks/training.csv.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from tqdm import tqdm

from benchmarks.training_worker import PATCH
from paddle_srcnn.errors import UserError
from paddle_srcnn.model.architecture import Architecture
from paddle_srcnn.system.cli import CommandParser, positive, run_command
from paddle_srcnn.system.environment import code_commit, core_count, package_versions, processor_description
from paddle_srcnn.system.files import csv_text, expanded, write_text

ROOT = Path(__file__).resolve().parent.parent
WIDTHS = (64, 32)
ARCHITECTURES = (
    Architecture((9, 1, 5), WIDTHS),
    Architecture((9, 3, 5), WIDTHS),
    Architecture((9, 5, 5), WIDTHS),
    Architecture((9, 1, 5), WIDTHS, channels=3),
)
BATCH_SIZES = (16, 128)
GRACE_SECONDS = 5.0
ROWS = ("plain graph", "fast graph, one core", "fast graph, all cores", "fast graph, two workers", "PyTorch, best")


@dataclass
class Runner:
    """Process of one configuration.

    Parameters
    ----------
    row : str
        Its row of the table.
    requests : file
        Pipe to the process: each line asks for a run; the process leaves when the pipe closes.
    process : Popen
    rates : list of float
        Its answers so far, in backprops per second.
    """

    row: str
    requests: IO[str]
    process: subprocess.Popen[str]
    rates: list[float]

    @classmethod
    def start(cls, row: str, configuration: dict[str, Any], pipe: Path) -> Runner:
        """Start the process, in a session of its own: Ctrl-C is for this command alone."""
        os.mkfifo(pipe)
        command = [sys.executable, "-m", "benchmarks.training_worker", json.dumps(configuration), str(pipe)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True)
        requests = os.fdopen(os.open(pipe, os.O_RDWR), "w")  # opened for writing alone, it would wait for a reader
        return cls(row, requests, process, [])

    def run(self, seconds: float) -> None:
        """Let the process run for about some seconds, and note its answer.

        Raises
        ------
        UserError
            If it has stopped.
        """
        self.requests.write(f"{seconds}\n")
        self.requests.flush()
        assert self.process.stdout is not None  # a pipe
        answer = self.process.stdout.readline()
        if not answer:
            raise UserError(f"{self.row} stopped with exit status {self.process.wait()}: see what it printed above")
        self.rates.append(float(answer))

    def end(self, deadline: float) -> None:
        """Wait until the process has left after its pipe closed; kill it at the deadline."""
        try:
            self.process.wait(max(deadline - time.monotonic(), 0.0))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def configurations() -> list[tuple[str, dict[str, Any]]]:
    """List the configurations with their rows; PyTorch's row takes the best of several."""
    cores = core_count()
    shared = max(cores // 2, 1)
    paddle: list[tuple[str, dict[str, Any]]] = [
        (ROWS[0], {"graph": "plain"}),
        (ROWS[1], {"graph": "fast", "threads": 1}),
        (ROWS[2], {"graph": "fast", "threads": cores}),
        (ROWS[3], {"graph": "fast", "threads": shared, "workers": 2}),
    ]
    torch = [
        (ROWS[4], {"threads": threads, "memory_format": memory_format})
        for threads in sorted({1, shared, cores})
        for memory_format in ("contiguous_format", "channels_last")
    ]
    return [(row, {"library": "paddle", **settings}) for row, settings in paddle] + [
        (row, {"library": "torch", **settings}) for row, settings in torch
    ]


@contextlib.contextmanager
def started(architecture: Architecture, batch_size: int) -> Iterator[list[Runner]]:
    """Start every configuration and warm it up; end all of them after the block."""
    network = {"filters": architecture.filters, "widths": architecture.widths, "channels": architecture.channels}
    runners: list[Runner] = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            for number, (row, settings) in enumerate(configurations()):
                configuration = {**network, "batch_size": batch_size, **settings}
                runners.append(Runner.start(row, configuration, Path(folder) / str(number)))
                runners[-1].run(0.1)  # one after the other: warm-ups would slow each other down
            yield runners
        finally:
            for runner in runners:
                runner.requests.close()
            deadline = time.monotonic() + GRACE_SECONDS
            for runner in runners:
                runner.end(deadline)


def measure(architecture: Architecture, batch_size: int, *, rounds: int, seconds: float) -> dict[str, list[float]]:
    """Measure each row's backprops per second in every round; each configuration runs once a round."""
    with started(architecture, batch_size) as runners:
        for runner in runners:
            runner.rates.clear()
        for _ in range(rounds):
            for runner in runners:
                runner.run(seconds)
        measured = [(runner.row, runner.rates) for runner in runners]
    return {row: max((rates for name, rates in measured if name == row), key=statistics.median) for row in ROWS}


def multiply_adds(architecture: Architecture) -> int:
    """Count the multiply-adds of a backprop: forward, weight gradients, and input gradients of later layers."""
    total, side = 0, PATCH
    for number, (out, depth, size, _) in enumerate(architecture.weight_shapes):
        side -= size - 1
        total += out * depth * size * size * side * side * (3 if number else 2)
    return total


def product_rate(size: int = 2048, repetitions: int = 9) -> float:
    """Measure multiply-adds per second of a float32 matrix product on all cores: the best of NumPy and PyTorch."""
    import torch

    torch.set_num_threads(core_count())
    matrices = np.random.default_rng(0).random((2, size, size), dtype=np.float32)
    best = 0.0
    for left, right in (matrices, torch.from_numpy(matrices)):
        for _ in range(repetitions):
            start = time.perf_counter()
            left @ right
            best = max(best, size**3 / (time.perf_counter() - start))
    return best


def run(rounds: int, seconds: float) -> list[dict[str, Any]]:
    """Measure everything; return a record for each network, batch size and row."""
    records = []
    cases = [(architecture, batch_size) for architecture in ARCHITECTURES for batch_size in BATCH_SIZES]
    floor_rate = product_rate()
    for architecture, batch_size in tqdm(cases, unit="case", disable=None):
        floor = floor_rate / multiply_adds(architecture)
        measured = measure(architecture, batch_size, rounds=rounds, seconds=seconds)
        medians = {row: statistics.median(rates) for row, rates in measured.items()}
        for row, rate in medians.items():
            records.append(
                {
                    "network": architecture.name + (" RGB" if architecture.channels == 3 else ""),
                    "batch_size": batch_size,
                    "row": row,
                    "backprops_per_second": round(rate),
                    "lowest": round(min(measured[row])),
                    "highest": round(max(measured[row])),
                    "ratio_to_pytorch": round(rate / medians[ROWS[-1]], 2),
                    "share_of_floor": round(rate / floor, 2),
                    "floor_backprops_per_second": round(floor),
                }
            )
    return records


def markdown(records: list[dict[str, Any]], rounds: int, seconds: float) -> str:
    """Return the page with the table and the machine."""
    versions = ", ".join(f"{name} {version}" for name, version in package_versions().items())
    spread = statistics.median(
        (record["highest"] - record["lowest"]) / record["backprops_per_second"] for record in records
    )
    lines = [
        "# Training speed",
        "",
        "The table shows backprops per second: patches of 33x33 pixels, forward, backward and update. Parentheses hold",
        "the ratio to PyTorch, and the share of the floor.",
        "",
        "- PyTorch has its best number of threads and its best memory format.",
        "- The floor is the rate of a float32 matrix product on all cores, over the multiply-adds of a backprop.",
        "  NumPy or PyTorch computes the product in the same run, whichever is faster.",
        "",
        f"Figures are medians of {rounds} rounds of {seconds:g} s. All configurations of a line ran in turn.",
        f"In half of the cells, the lowest and the highest round differ by at most {spread:.0%} of the median.",
        "The CSV file has the span of every cell. `python -m benchmarks.training` writes this page.",
        "",
        f"- Machine: {processor_description()}, {core_count()} cores",
        f"- Commit: {code_commit()}",
        f"- Versions: {versions}",
        "",
        f"| network | batch | {' | '.join(ROWS)} | floor |",
        f"|---|---|{'---|' * (len(ROWS) + 1)}",
    ]
    for start in range(0, len(records), len(ROWS)):
        group = records[start : start + len(ROWS)]
        cells = [
            f"{record['backprops_per_second']:,} ({record['ratio_to_pytorch']:.2f}x, {record['share_of_floor']:.0%})"
            for record in group
        ]
        first = group[0]
        lines.append(
            f"| {first['network']} | {first['batch_size']} | {' | '.join(cells)} "
            f"| {first['floor_backprops_per_second']:,} |"
        )
    return "\n".join(lines) + "\n"


def duration(text: str) -> float:
    """Parse a number of seconds, above 0 and finite."""
    if not 0 < (number := float(text)) < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and finite")
    return number


duration.__name__ = "number of seconds"  # argparse names the type so in its messages


def main() -> None:
    """Run the command."""
    parser = CommandParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=positive, default=7, help="rounds of each configuration (default %(default)s)")
    parser.add_argument("--seconds", type=duration, default=1.0, help="length of each run (default %(default)s)")
    parser.add_argument(
        "--out", type=expanded, default=ROOT / "benchmarks", help="folder of the tables (default benchmarks)"
    )
    arguments = parser.parse_args()
    if importlib.util.find_spec("torch") is None:
        raise UserError("PyTorch, which this benchmark compares with, is not installed: run `pip install '.[bench]'`")
    records = run(arguments.rounds, arguments.seconds)
    page = markdown(records, arguments.rounds, arguments.seconds)
    print(page)  # first: a folder that cannot be written to loses nothing then
    write_text(arguments.out / "training.csv", csv_text(records))
    write_text(arguments.out / "training.md", page)


if __name__ == "__main__":
    run_command(main)
