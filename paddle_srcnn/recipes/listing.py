"""The table of recipes as text, with published and obtained results."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from paddle_srcnn.recipes.recipe import Recipe
from paddle_srcnn.reporting.summary import Summary
from paddle_srcnn.reporting.text_tables import text_table

__all__ = ["recipe_table"]

SPACES = {"y": "", "ycbcr": "YCbCr", "rgb": "RGB"}
HEADER = ("recipe", "protocol", "network", "epochs", "optimiser, rates", "published", "obtained", "published in")


def recipe_table(recipes: Iterable[Recipe], results: Path) -> str:
    """Make a table of recipes.

    Parameters
    ----------
    recipes : iterable of Recipe
    results : Path
        Folder of the committed results, a subfolder for each recipe. Recipes without results show a dash.
    """
    rows = [HEADER]
    for recipe in recipes:
        summary, schedule, published = results / recipe.name / "summary.json", recipe.schedule, recipe.published
        final = Summary.read(summary).final if summary.is_file() else None
        rows.append(
            (
                recipe.name,
                f"{recipe.protocol} x{recipe.scale}" if recipe.protocol.upscales else recipe.protocol.name,
                f"{recipe.architecture.name} {SPACES[recipe.space]}".rstrip(),
                str(schedule.epochs),
                f"{schedule.optimizer} {' '.join(f'{rate:g}' for rate in schedule.learning_rates)}",
                f"{published.psnr_db:.2f}" if published else "-",
                f"{final.psnr_mean_db:.2f} / {final.psnr_pooled_db:.2f}" if final else "-",
                published.source if published else "-",
            )
        )
    return text_table(rows)
