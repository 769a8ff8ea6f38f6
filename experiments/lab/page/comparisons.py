"""The report's comparisons, as data: title, note, and the recipes that one figure shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lab.catalogue import EXPERIMENTS
from lab.groups import STALLED_DB
from paddle_srcnn.recipes import RECIPES, Published

__all__ = ["BASELINE", "COMPARISONS", "Comparison"]


@dataclass(frozen=True)
class Comparison:
    """Recipes that one figure compares.

    Parameters
    ----------
    title, note : str
    labels : mapping of str to str
        Labels of the recipes in figure and table, in the order of drawing.
    pattern : str
        Regular expression of further recipes, whose names are their labels.
    published : Published, optional
        The article's number, a line of the figure.
    """

    title: str
    note: str
    labels: Mapping[str, str] = field(default_factory=dict)
    pattern: str = ""
    published: Published | None = None


RATES_NOTE = (
    "Adam with the article's smaller rate for the last layer, against one rate for all. A run counts as collapsed if "
    "it ends with a dead layer, so that the output is the same for every input. It also counts as collapsed if it ends "
    f"below its input and rose by less than {STALLED_DB} dB over the last third of its length; a run that still rises "
    "is slow."
)
BASELINE = Comparison(
    "Baseline",
    "The article's settings: 9-1-5 on luma, Adam with 1e-4, 1e-4 and 1e-5. The two curves are the two ways to pool the "
    "images of a set.",
    {"baseline": "9-1-5"},
    published=RECIPES["baseline"].published,
)
COMPARISONS = (
    BASELINE,
    Comparison(
        "Filter size",
        "Larger filters after the first layer, trained as the baseline.",
        EXPERIMENTS["filter_size"].labels,
        r"filter_.*",
        RECIPES["filter_9-3-5"].published,
    ),
    Comparison(
        "Three channels",
        "Networks that restore red, green and blue, scored on the luma of their output.",
        EXPERIMENTS["rgb_pretrained"].labels,
        published=RECIPES["rgb_pretrained"].published,
    ),
    Comparison("Learning rates", RATES_NOTE, EXPERIMENTS["learning_rates"].panels["y"], r"rates_.*"),
    Comparison(
        "Learning rates, three channels",
        "The same on red, green and blue.",
        EXPERIMENTS["learning_rates"].panels["rgb"],
        r"rgb_rates_.*",
    ),
    Comparison(
        "Optimisers", "Adam against stochastic gradient descent.", EXPERIMENTS["optimizers"].labels, r"(adam|sgd)_.*"
    ),
    Comparison("Further recipes", "Recipes of no experiment above.", pattern=r".*"),
)
