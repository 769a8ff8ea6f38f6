"""Train a network by its recipe: `python train.py --exp baseline`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from paddle_srcnn.errors import UserError
from paddle_srcnn.protocols import PAPER
from paddle_srcnn.recipes import RECIPES, Recipe
from paddle_srcnn.system.cli import CommandParser, positive, run_command, whole_number
from paddle_srcnn.system.environment import core_count
from paddle_srcnn.system.files import expanded, is_file
from paddle_srcnn.system.process import launched_count, local_count, supervise
from paddle_srcnn.training.checkpoints import CHECKPOINT, PREVIOUS
from paddle_srcnn.training.summary import describe
from reader.prepare import prepare_data

NETWORK_COLOURS = {"y": "", "ycbcr": "YCbCr", "rgb": "RGB"}
MOST_PATCHES = 10_000_000  # whose places are drawn at the start of an epoch, some 50 bytes each
RESULTS = Path(__file__).parent / "experiments" / "results"


def parse_arguments() -> argparse.Namespace:
    """Options of the command line."""
    parser = CommandParser(description="Train SRCNN on PaddlePaddle by one of the recipes.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--exp", metavar="NAME", help="recipe to run; --list shows them")
    what.add_argument("--list", action="store_true", help="print the recipes with published and obtained numbers")
    parser.add_argument("--epochs", type=positive, metavar="N", help="passes over the training patches")
    parser.add_argument("--batch-size", type=positive, metavar="N", help="patches per step")
    parser.add_argument("--patches", type=positive, metavar="N", help="patches of an epoch, where they are random")
    parser.add_argument("--seed", type=whole_number, metavar="N", help="seed of weights and orders")
    parser.add_argument("--train-data", metavar="SET", help="folder of pictures, or a data set's name (default T91)")
    parser.add_argument("--val-data", metavar="SET", help="folder of pictures, or a data set's name (default Set5)")
    parser.add_argument("--out", type=expanded, metavar="DIR", help="folder of the results (default runs/NAME)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in the folder of the results")
    parser.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto", help="where to train")
    parser.add_argument("--threads", type=positive, metavar="N", help="cores of each worker (default its share of all)")
    parser.add_argument("--workers", type=positive, metavar="N", help="processes that share each batch (default 1)")
    return parser.parse_args()


def chosen_recipe(arguments: argparse.Namespace) -> Recipe:
    """The recipe that was named, with the options that change it."""
    if arguments.exp not in RECIPES:
        raise UserError(f"--exp {arguments.exp}: no such recipe; choose one of {', '.join(RECIPES)}")
    if arguments.patches and RECIPES[arguments.exp].protocol != PAPER:
        raise UserError(f"--patches: those of {arguments.exp} lie on a grid, and all are taken: leave it out")
    if (arguments.patches or 0) > MOST_PATCHES:
        raise UserError(f"--patches {arguments.patches}: an epoch has {MOST_PATCHES:,} at most; give more --epochs")
    changes = {name: getattr(arguments, name) for name in ("epochs", "batch_size", "patches", "seed")}
    return replace(RECIPES[arguments.exp], **{name: value for name, value in changes.items() if value is not None})


def print_recipes() -> None:
    """Print the table of recipes; obtained numbers are those of the committed results."""
    rows = [("recipe", "protocol", "network", "epochs", "optimiser, rates", "published", "obtained", "published in")]
    for recipe in RECIPES.values():
        summary = RESULTS / recipe.name / "summary.json"
        final = json.loads(summary.read_text(encoding="utf-8"))["final"] if summary.is_file() else None
        rows.append(
            (
                recipe.name,
                f"{recipe.protocol} x{recipe.scale}" if recipe.protocol == PAPER else recipe.protocol,
                f"{recipe.architecture.name} {NETWORK_COLOURS[recipe.space]}".rstrip(),
                str(recipe.epochs),
                f"{recipe.optimizer} {' '.join(f'{rate:g}' for rate in recipe.learning_rates)}",
                f"{recipe.published.psnr_db:.2f}" if recipe.published else "-",
                f"{final['psnr_mean_db']:.2f} / {final['psnr_pooled_db']:.2f}" if final else "-",
                recipe.published.source if recipe.published else "-",
            )
        )
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    print("published and obtained (mean / pooled): PSNR of Y on Set5 in dB, each in its row's protocol")


def main() -> None:
    """Run the command."""
    arguments = parse_arguments()
    if arguments.list:
        print_recipes()
        return
    recipe = chosen_recipe(arguments)
    if (arguments.workers or 1) > recipe.batch_size:
        raise UserError(f"--workers {arguments.workers}: a batch has {recipe.batch_size} patches to share")
    out = arguments.out or Path("runs") / recipe.name
    for option, data in (("--train-data", arguments.train_data), ("--val-data", arguments.val_data)):
        if data and is_within(out, expanded(data)):
            raise UserError(
                f"results would be in {out}, within {option} {data}, and their figure a picture of the next run: "
                "give an --out elsewhere"
            )
    begun = 0.0 if arguments.resume else time.time()
    try:
        if (arguments.workers or 1) > 1 and not launched_count():
            status = supervise(arguments.workers)
            for hint in resume_hints(out, begun) if status not in (0, 2) else []:  # 2: what to do was said
                print(hint, file=sys.stderr)
            sys.exit(status)
        run(arguments, recipe, out)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(*resume_hints(out, begun)) from None


def is_within(path: Path, folder: Path) -> bool:
    """Whether a path is that of a folder, or leads into it."""
    try:
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
    except ValueError:  # one of them holds a zero, and can be no path: that is said where it is used
        return False


def resume_hints(out: Path, begun: float) -> list[str]:
    """What to say of a run that ended early: where it can go on from, if a checkpoint was saved since `begun`."""
    checkpoints = (out / CHECKPOINT, out / PREVIOUS)
    kept = any(is_file(path) and path.stat().st_mtime >= begun for path in checkpoints)
    return [f"what was trained up to the last evaluation is in {out}; --resume goes on"] if kept else []


def run(arguments: argparse.Namespace, recipe: Recipe, out: Path) -> None:
    """Train, alone or as one of several workers."""
    from paddle_srcnn.static import (
        distributed as workers,  # Paddle takes seconds to import, which --help need not wait for
    )
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.training.trainer import train

    device = choose_device(arguments.device)
    group = workers.join(device)
    if arguments.workers not in (None, group.count):
        raise UserError(f"--workers {arguments.workers}: {group.count} were launched; leave the option to the launcher")
    rng = np.random.default_rng(recipe.seed)
    if group.rank > 0:
        group.agree()  # rank 0 goes first, and downloads what is missing
    data = prepare_data(recipe, arguments.train_data, arguments.val_data, rng)
    if group.rank == 0:
        group.agree()
    patches_checksum = int(data.description["train"]["sha256"][:8], 16)
    if group.agree(patches_checksum) != patches_checksum:
        raise UserError(
            f"worker {group.rank} has other training data than worker 0: give all of them the same pictures"
        )
    threads = arguments.threads or max(core_count() // local_count(), 1)
    summary = train(recipe, data, out, rng=rng, device=device, threads=threads, workers=group, resume=arguments.resume)
    if summary is not None:
        print(describe(summary))
        print(f"results are in {out}")
    group.leave()


if __name__ == "__main__":
    run_command(main)
