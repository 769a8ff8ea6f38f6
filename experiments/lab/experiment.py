"""An experiment and its runs as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.paths import RESULTS
from lab.text import Text

__all__ = ["Experiment", "Run"]


@dataclass(frozen=True)
class Run:
    """A recipe with a seed: one training, one folder of results."""

    recipe: str
    seed: int = 0

    @property
    def name(self) -> str:
        """Name of its folder in ``runs/``."""
        return f"{self.recipe}_seed{self.seed}" if self.seed else self.recipe

    @property
    def results(self) -> Path:
        """Its folder among the committed results."""
        return RESULTS / self.recipe / (f"seed{self.seed}" if self.seed else "")


@dataclass(frozen=True)
class Experiment:
    """Recipes that one script trains, tables and draws together.

    Parameters
    ----------
    script : str
        Name of the script, without ``.py``.
    name : str
        Folder of table and figures below ``experiments/results/``.
    title : str
        First words of the figures' titles.
    about : Text
        Its line in the pages' list of experiments.
    panels : mapping of str to mapping of str to str
        Figures by name: recipes, and their labels in figure and table.
    seeds : int
        Default of ``--seeds``.
    once : tuple of str
        Recipes that are trained with the first seed alone.
    weights : bool
        Publish the first seed's weights with the package.
    """

    script: str
    name: str
    title: str
    about: Text
    panels: Mapping[str, Mapping[str, str]]
    seeds: int = 1
    once: tuple[str, ...] = ()
    weights: bool = False

    @property
    def labels(self) -> dict[str, str]:
        """Label of each recipe."""
        return {recipe: label for panel in self.panels.values() for recipe, label in panel.items()}

    def runs(self, seeds: int) -> list[Run]:
        """Return the runs of the experiment with a number of seeds, in the order in which they are trained."""
        return [
            Run(recipe, seed) for seed in range(seeds) for recipe in self.labels if seed == 0 or recipe not in self.once
        ]
