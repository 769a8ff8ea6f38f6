"""Options of `train.py`: the recipe that a command line asks for."""

from __future__ import annotations

import argparse

from paddle_srcnn.errors import UserError
from paddle_srcnn.recipes import RECIPES, RandomPatches, Recipe, vary
from paddle_srcnn.system.cli import CommandParser, positive, whole_number
from paddle_srcnn.system.files import expanded

__all__ = ["chosen_recipe", "parse_arguments"]

MOST_PATCHES = 10_000_000  # an epoch draws their positions at its start, some 50 bytes each


def parse_arguments() -> argparse.Namespace:
    """Parse the command line."""
    parser = CommandParser(description="Train SRCNN on PaddlePaddle by one of the recipes.")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--exp", metavar="NAME", help="recipe to run; --list shows them")
    what.add_argument("--list", action="store_true", help="print the recipes with published and obtained numbers")
    parser.add_argument("--epochs", type=positive, metavar="N", help="passes over the training patches")
    parser.add_argument("--batch-size", type=positive, metavar="N", help="patches per step")
    parser.add_argument("--patches", type=positive, metavar="N", help="patches of an epoch, if they are random")
    parser.add_argument("--seed", type=whole_number, metavar="N", help="seed of weights and orders")
    parser.add_argument("--train-data", metavar="SET", help="folder of pictures, or a data set's name (default T91)")
    parser.add_argument("--val-data", metavar="SET", help="folder of pictures, or a data set's name (default Set5)")
    parser.add_argument("--out", type=expanded, metavar="DIR", help="folder of the results (default runs/NAME)")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in the folder of the results")
    parser.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto", help="device to train on")
    parser.add_argument("--threads", type=positive, metavar="N", help="cores of each worker (default its share of all)")
    parser.add_argument("--workers", type=positive, metavar="N", help="processes that share each batch (default 1)")
    return parser.parse_args()


def chosen_recipe(arguments: argparse.Namespace) -> Recipe:
    """Return the recipe that was named, with the options that change it."""
    if arguments.exp not in RECIPES:
        raise UserError(f"--exp {arguments.exp}: no such recipe; choose one of {', '.join(RECIPES)}")
    recipe = RECIPES[arguments.exp]
    if arguments.patches and not isinstance(recipe.patches, RandomPatches):
        raise UserError(f"--patches: {arguments.exp} takes all patches of a grid: leave it out")
    if (arguments.patches or 0) > MOST_PATCHES:
        raise UserError(f"--patches {arguments.patches}: an epoch has {MOST_PATCHES:,} at most; give more --epochs")
    options = {"epochs": "epochs", "batch_size": "batch_size", "patches": "count", "seed": "seed"}
    given = {field: getattr(arguments, option) for option, field in options.items()}
    return vary(recipe, **{field: value for field, value in given.items() if value is not None})
