"""Table of all experiments: each row shows what it varies and the published number that it answers to. No Paddle."""

from __future__ import annotations

from collections.abc import Iterable

from paddle_srcnn.recipes import article, later, paper
from paddle_srcnn.recipes.recipe import (
    BASIC,
    RGB,
    Gaussian,
    Grid,
    He,
    Pretrained,
    Published,
    RandomPatches,
    Recipe,
    Schedule,
    vary,
)

__all__ = [
    "BASIC",
    "RECIPES",
    "RGB",
    "Gaussian",
    "Grid",
    "He",
    "Pretrained",
    "Published",
    "RandomPatches",
    "Recipe",
    "Schedule",
    "by_name",
    "vary",
]


def by_name(rows: Iterable[Recipe]) -> dict[str, Recipe]:
    """Index recipes by their names.

    Raises
    ------
    ValueError
        If two recipes have one name: the runs of one would count as the other's.
    """
    table: dict[str, Recipe] = {}
    for recipe in rows:
        if recipe.name in table:
            raise ValueError(f"two recipes are named {recipe.name}")
        table[recipe.name] = recipe
    return table


RECIPES = by_name((*article.ROWS, *paper.ROWS, *later.ROWS))
