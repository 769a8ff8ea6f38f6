"""Endurance: nothing may grow when training, evaluation, enlarging and export go on for hours in one process.

``python -m benchmarks.soak --minutes 60`` repeats a round on scikit-image's photographs. After each round it records
the memory, the open files and the threads of the process. It writes benchmarks/soak.csv and benchmarks/soak.png, and
prints the growth from the second quarter of the rounds to the last. The first quarter does not count: Paddle runs each
program in threads of its own, and the C library's heaps for them fill slowly.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import numpy as np
from matplotlib.figure import Figure
from skimage import data as photographs
from tqdm import tqdm

from paddle_srcnn import reader
from paddle_srcnn.recipes import RECIPES, vary
from paddle_srcnn.reporting.curve_plots import save_figure
from paddle_srcnn.system.cli import CommandParser, positive, run_command
from paddle_srcnn.system.environment import code_commit
from paddle_srcnn.system.files import csv_text, expanded, write_text

ROOT = Path(__file__).resolve().parent.parent
RECIPE = vary(RECIPES["sr_9-1-5_x2"], epochs=2, count=8_000)
IMAGE = "camera"  # of scikit-image
GROWTH = 0.05  # less than this counts as flat


@dataclass(frozen=True)
class Reading:
    """Memory, files and threads of the process after a round."""

    round: int
    seconds: float
    resident_megabytes: float
    open_files: int
    threads: int


def one_round(folder: Path) -> None:
    """Train a network, score it, upscale photographs with it and export it."""
    # Paddle takes seconds to import, and --help must not wait for it.
    from paddle_srcnn.apps.upscaler import Upscaler
    from paddle_srcnn.deploy.export import export
    from paddle_srcnn.model.weights import load_weights
    from paddle_srcnn.reader.prepare import prepare_data
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.training.trainer import train

    image = str(reader.find_picture(IMAGE))
    rng = np.random.default_rng(0)
    data = prepare_data(RECIPE, image, image, rng)
    train(RECIPE, data, folder / "run", rng=rng, device=choose_device("cpu"))
    path = folder / "run" / "weights.safetensors"
    upscale = Upscaler(str(path), scale=2)
    for photograph in (photographs.astronaut(), photographs.coffee(), photographs.camera()):
        upscale(photograph)
    for to in ("paddle", "onnx"):
        export(load_weights(path), to, folder / "exported")


def reading(number: int, start: float) -> Reading:
    """Read from Linux the memory, the files and the threads of the process."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    kilobytes = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    open_files = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 -- Path.iterdir opens one more
    threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208
    return Reading(number, round(time.monotonic() - start, 1), round(kilobytes / 1024, 1), open_files, threads)


def growth(readings: list[Reading]) -> dict[str, float]:
    """Return the relative growth of each median from the second quarter of the rounds to the last."""
    quarter = max(len(readings) // 4, 1)
    settled, last = readings[quarter : 2 * quarter] or readings, readings[-quarter:]
    grown = {}
    for name in ("resident_megabytes", "open_files", "threads"):
        before, after = (median(getattr(r, name) for r in part) for part in (settled, last))
        grown[name] = after / before - 1
    return grown


def figure(readings: list[Reading], title: str) -> Figure:
    """Draw memory, open files and threads against minutes."""
    drawn = Figure(figsize=(8, 5), layout="constrained")
    above, below = drawn.subplots(2, sharex=True)
    minutes = [r.seconds / 60 for r in readings]
    above.plot(minutes, [r.resident_megabytes for r in readings], color="#0b5394")
    above.set(ylabel="resident memory, MB", ylim=(0, None))
    below.plot(minutes, [r.open_files for r in readings], color="#0b5394", label="open files")
    below.plot(minutes, [r.threads for r in readings], "--", color="#b45f06", label="threads")
    below.set(xlabel="minutes", ylim=(0, None))
    below.legend(frameon=False)
    for axes in (above, below):
        axes.spines[["top", "right"]].set_visible(False)
    above.set_title(title, fontsize=11)
    return drawn


def main() -> None:
    """Run the command."""
    parser = CommandParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=positive, default=60, help="length of the measurement (default %(default)s)")
    parser.add_argument(
        "--out", type=expanded, default=ROOT / "benchmarks", help="folder of table and figure (default benchmarks)"
    )
    arguments = parser.parse_args()
    start = time.monotonic()
    readings: list[Reading] = []
    with tempfile.TemporaryDirectory() as folder, tqdm(unit="round", disable=None) as bar:
        while not readings or time.monotonic() - start < 60 * arguments.minutes:
            one_round(Path(folder))
            readings.append(reading(len(readings) + 1, start))
            write_text(arguments.out / "soak.csv", csv_text([asdict(r) for r in readings]))
            bar.update()
    title = f"{len(readings)} rounds of training, evaluation, enlarging and export\ncommit {code_commit()[:10]}"
    save_figure(figure(readings, title), arguments.out / "soak.png")
    grown = growth(readings)
    print(f"{len(readings)} rounds: " + ", ".join(f"{name} {share:+.1%}" for name, share in grown.items()))
    if max(grown.values()) > GROWTH:
        print("it grows", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    run_command(main)
