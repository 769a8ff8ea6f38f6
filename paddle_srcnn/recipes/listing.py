"""The table of recipes as text, with published and obtained results."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path

from paddle_srcnn.recipes.recipe import Recipe
from paddle_srcnn.reporting.text_tables import text_table

__all__ = ["RESULTS", "published_results", "recipe_table"]

# Results of the recipes; `experiments/tables.py` writes them here, so that the wheel has them.
RESULTS = Path(__file__).parent / "results.csv"

SPACES = {"y": "", "ycbcr": "YCbCr", "rgb": "RGB"}
HEADER = ("recipe", "protocol", "network", "epochs", "optimiser, rates", "published", "obtained", "published in")


def published_results() -> dict[str, tuple[float, float]]:
    """Read the PSNR of Y in dB that each published recipe obtained, mean and pooled, by the recipe's name."""
    with RESULTS.open(encoding="utf-8", newline="") as file:
        return {
            row["recipe"]: (float(row["psnr_mean_db"]), float(row["psnr_pooled_db"])) for row in csv.DictReader(file)
        }


def recipe_table(recipes: Iterable[Recipe], results: Mapping[str, tuple[float, float]]) -> str:
    """Make a table of recipes.

    Parameters
    ----------
    recipes : iterable of Recipe
    results : mapping of str to (float, float)
        Obtained PSNR in dB, see `published_results`. Recipes without results show a dash.
    """
    rows = [HEADER]
    for recipe in recipes:
        schedule, published, obtained = recipe.schedule, recipe.published, results.get(recipe.name)
        rows.append(
            (
                recipe.name,
                f"{recipe.protocol} x{recipe.scale}" if recipe.protocol.upscales else recipe.protocol.name,
                f"{recipe.architecture.name} {SPACES[recipe.space]}".rstrip(),
                str(schedule.epochs),
                f"{schedule.optimizer} {' '.join(f'{rate:g}' for rate in schedule.learning_rates)}",
                f"{published.psnr_db:.2f}" if published else "-",
                " / ".join(f"{psnr_db:.2f}" for psnr_db in obtained) if obtained else "-",
                published.source if published else "-",
            )
        )
    return text_table(rows)
