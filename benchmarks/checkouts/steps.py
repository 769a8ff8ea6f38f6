"""Steps of the comparison of two checkouts: the commands that each of them runs, and the files that these leave."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from safetensors import SafetensorError, safe_open
from tqdm import tqdm

from benchmarks.checkouts.side import INPUTS, Command, Side

LIBRARY = Path(__file__).resolve().parent / "library.py"
CHECKPOINT = "checkpoint.safetensors"
POLL_SECONDS = 0.005

FOUR = ("baseline", "filter_9-3-5", "rgb_scratch", "sr_9-1-5_x3")
# Runs by folder: the four recipes, further starts and optimisers, and further ways to share the work.
RUNS: dict[str, tuple[str, ...]] = {
    **{name: ("--exp", name, "--threads", "1") for name in FOUR},
    "baseline_two_threads": ("--exp", "baseline", "--threads", "2"),
    "baseline_two_workers": ("--exp", "baseline", "--threads", "1", "--workers", "2"),
    **{
        name: ("--exp", name, "--threads", "1")
        for name in ("baseline_shuffled", "rgb_pretrained", "sgd_std0.05", "sr_9-3-5_x3", "table_cbcr_first")
    },
}
PATCHES = ("--patches", "2000")
RANDOM_PATCHES = ("sr_", "table_")  # how the recipes begin that take --patches
DEMONSTRATED = (
    ("baseline", "astronaut"),
    ("baseline", "camera"),
    ("filter_9-5-5", "astronaut"),
    ("rgb_pretrained", "astronaut"),
)
FACTORS: tuple[tuple[str, ...], ...] = (("2.5",), ("6",), ("2.5", "--model", "rgb"), ("3", "--model", "rgb"), ("1",))
DECIBELS = r"-?\d+\.\d+ dB"
DIFFERENCE = r"\d\.\de[-+]\d+"


def training_command(side: Side, name: str, *options: str) -> Command:
    """Return the command that trains one of the runs, for two epochs."""
    data = ("--train-data", f"{INPUTS}/training", "--val-data", f"{INPUTS}/validation")
    patches = PATCHES if name.startswith(RANDOM_PATCHES) else ()
    settings = (*RUNS[name], "--epochs", "2", "--device", "cpu", "--out", name)
    return Command((side.script("train.py"), *settings, *data, *patches, *options))


def train(side: Side, folder: Path) -> None:
    """Train every run from its start to its end."""
    side.run_all([training_command(side, name) for name in RUNS], folder)


def train_and_stop(side: Side, folder: Path) -> None:
    """Train the four recipes, and stop each one after its first epoch."""
    for name in tqdm(FOUR, desc=f"{side.name} stopped", leave=False, disable=None):
        _stopped(side, training_command(side, name).arguments, folder, folder / name / CHECKPOINT)


def _stopped(side: Side, arguments: Sequence[str], folder: Path, checkpoint: Path) -> None:
    with tempfile.TemporaryDirectory() as beside:
        process = side.start(arguments, folder, Path(beside) / "witness")
        try:
            while finished_epochs(checkpoint) < 1 and process.poll() is None:
                time.sleep(POLL_SECONDS)
        finally:
            process.terminate()
            _, stderr = process.communicate()
    if finished_epochs(checkpoint) != 1 or not process.returncode:
        raise side.failure(arguments, process.returncode, f"{stderr} (it was to be stopped in epoch 2)")


def finished_epochs(checkpoint: Path) -> int:
    """Return the epochs that a checkpoint has behind it, -1 for no readable file."""
    try:
        with safe_open(checkpoint, framework="numpy") as file:
            return json.loads(file.metadata()["checkpoint"])["curve"][-1]["epoch"]
    except (OSError, SafetensorError):
        return -1


def resume(side: Side, folder: Path, *, stopped: Path) -> None:
    """Take over runs that were stopped, and train them to their end."""
    shutil.copytree(stopped, folder, dirs_exist_ok=True)
    side.run_all([training_command(side, name, "--resume") for name in FOUR], folder)


def upscale(side: Side, folder: Path) -> None:
    """Upscale all photographs by every packaged network at its scale, and by further factors."""
    networks = [name for name in side.packaged() if name.startswith("sr_")]
    cases: list[tuple[str, tuple[str, ...]]] = [(name, (name[-1], "--weights", name)) for name in networks]
    cases += [("_".join(options).replace("--", ""), options) for options in FACTORS]
    command = (side.script("infer.py"), "--image", f"{INPUTS}/photos", "--device", "cpu")
    side.run_all([Command((*command, "--out", out, "--upscale", *options)) for out, options in cases], folder)


def demonstrate(side: Side, folder: Path) -> None:
    """Run the article's demonstration: figures, images and the PSNR that the command prints."""
    commands = []
    for weights, name in DEMONSTRATED:
        image = ("--image", f"{INPUTS}/photos/{name}.png", "--weights", weights, "--out", f"{weights}_{name}")
        output = f"{weights}_{name}.txt"
        commands.append(Command((side.script("infer.py"), *image, "--device", "cpu"), output, DECIBELS))
    side.run_all(commands, folder)


def export(side: Side, folder: Path) -> None:
    """Export all packaged weights to both formats, and convert the authors' weights."""
    module = ("-m", "paddle_srcnn")
    commands = [
        Command((*module, "export", name, "--to", to, "--out", "."), f"{name}_{to}.txt", DIFFERENCE)
        for name in side.packaged()
        for to in ("onnx", "paddle")
    ]
    convert = (*module, "convert", f"{INPUTS}/authors.mat")
    commands += [
        Command((*convert, "converted.safetensors")),
        Command((*convert, "converted_x3.safetensors", "--scale", "3")),
    ]
    side.run_all(commands, folder)


def evaluate(side: Side, folder: Path) -> None:
    """Score all packaged weights on Set5 and Set14."""
    script = side.script("experiments/evaluate.py")
    options = ("--set", "Set5,Set14", "--format", "json", "--out")
    # The largest networks first, so that no core waits for them at the end.
    names = sorted(side.packaged(), key=lambda name: "9-5-5" not in name)
    side.run_all([Command((script, "--weights", name, *options, f"{name}_scores.json")) for name in names], folder)


def list_all(side: Side, folder: Path) -> None:
    """Print the recipes and the data sets."""
    commands = [
        Command((side.script("train.py"), "--list"), "recipes.txt"),
        Command(("-m", "reader"), "datasets.txt"),
    ]
    side.run_all(commands, folder)


def use_library(side: Side, folder: Path) -> None:
    """Call `Upscaler` and the readers from a process of their own."""
    side.run_all([Command((str(LIBRARY), "arrays", INPUTS))], folder)
