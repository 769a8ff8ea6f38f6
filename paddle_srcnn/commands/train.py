"""The command `srcnn train`, and `python train.py`: train a network by its recipe."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

from paddle_srcnn.errors import RunStopped, UserError
from paddle_srcnn.reader.prepare import prepare_data
from paddle_srcnn.recipes import RECIPES, Recipe
from paddle_srcnn.recipes.listing import published_results, recipe_table
from paddle_srcnn.system.environment import core_count
from paddle_srcnn.system.files import expanded, is_within
from paddle_srcnn.system.process import launched_count, local_count, supervise
from paddle_srcnn.training.checkpoints import check_resumable, saved_since
from paddle_srcnn.training.options import chosen_recipe, parse_arguments

__all__ = ["main"]


def main() -> None:
    """Run the command."""
    arguments = parse_arguments()
    if arguments.list:
        print(recipe_table(RECIPES.values(), published_results()))
        print("published and obtained (mean / pooled): PSNR of Y on Set5 in dB, each in its row's protocol")
        return
    recipe = chosen_recipe(arguments)
    if (arguments.workers or 1) > recipe.schedule.batch_size:
        raise UserError(f"--workers {arguments.workers}: a batch has {recipe.schedule.batch_size} patches to share")
    out = arguments.out or Path("runs") / recipe.name
    for option, data in (("--train-data", arguments.train_data), ("--val-data", arguments.val_data)):
        if data and is_within(out, expanded(data)):
            raise UserError(
                f"--out {out} lies within {option} {data}, whose next run would read it: give another --out"
            )
    if arguments.resume:
        check_resumable(out)  # before the data, which take seconds
    begun = 0.0 if arguments.resume else time.time()
    hint = f"the state after the last evaluation is in {out}; --resume goes on"
    try:
        if (arguments.workers or 1) > 1 and not launched_count():
            status = supervise(arguments.workers)
            if status not in (0, 2) and saved_since(out, begun):  # a worker has told the reason of 2
                print(hint, file=sys.stderr)
            sys.exit(status)
        run(arguments, recipe, out)
    except RunStopped as error:
        raise UserError(f"{error}; --resume goes on from the last checkpoint") from error
    except KeyboardInterrupt:
        raise KeyboardInterrupt(*[hint] if saved_since(out, begun) else []) from None


def run(arguments: argparse.Namespace, recipe: Recipe, out: Path) -> None:
    """Train, alone or as one of several workers."""
    from paddle_srcnn.static import distributed  # Paddle takes seconds to import, and --help need not wait for it
    from paddle_srcnn.static.backend import choose_device
    from paddle_srcnn.training.trainer import train

    device = choose_device(arguments.device)
    workers = distributed.join(device)
    if arguments.workers not in (None, workers.count):
        raise UserError(f"--workers {arguments.workers}: the launcher started {workers.count}: leave the option to it")
    rng = np.random.default_rng(recipe.seed)
    if workers.rank > 0:
        workers.agree()  # worker 0 goes first, and downloads missing sets
    data = prepare_data(recipe, arguments.train_data, arguments.val_data, rng)
    print(*data.lines, sep="\n", flush=True)
    if workers.rank == 0:
        workers.agree()
    patches_checksum = int(data.description["train"]["sha256"][:8], 16)
    if workers.agree(patches_checksum) != patches_checksum:
        raise UserError(f"worker {workers.rank} has other training data than worker 0: give all the same pictures")
    threads = arguments.threads or max(core_count() // local_count(), 1)
    summary = train(
        recipe, data, out, rng=rng, device=device, threads=threads, workers=workers, resume=arguments.resume
    )
    if summary is not None:
        print(summary.describe())
        print(f"results are in {out}")
    workers.leave()
