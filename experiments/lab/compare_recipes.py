"""Experiments that compare recipes: train them, print their table, draw their figures, publish if asked to."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import Any

from lab.catalogue import Experiment, Run
from lab.groups import (
    group_figure,
    group_row,
    published_levels,
    published_row,
    trained_on,
)
from lab.publish import publish
from lab.runs import experiment_arguments, is_finished, recipe_of, results_folder, train_all
from paddle_srcnn.errors import UserError
from paddle_srcnn.recipes import RECIPES
from paddle_srcnn.reporting.curve_plots import save_figure
from paddle_srcnn.reporting.curves import POOLINGS
from paddle_srcnn.reporting.text_tables import text_table
from paddle_srcnn.system.files import write_json

__all__ = ["compare_recipes"]

REFERENCE = "baseline"  # recipe that other experiments compare with, and that `baseline.py` publishes


def compare_recipes(experiment: Experiment, description: str | None) -> tuple[dict[str, list[Path]], Path]:
    """Run an experiment as a command: train what is not finished, print the table, draw the figures.

    Parameters
    ----------
    experiment : Experiment
    description : str
        Text of ``--help``.

    Returns
    -------
    groups : dict of str to list of Path
        Folders of the runs, by label, in the order of their seeds.
    out : Path
        Folder of table and figures.
    """
    arguments = experiment_arguments(description, seeds=experiment.seeds)
    folders = run_folders(experiment, arguments)
    runs = experiment.runs(arguments.seeds)
    groups = {
        label: [folders[run] for run in runs if run.recipe == recipe] for recipe, label in experiment.labels.items()
    }
    out = results_folder(experiment.name, arguments)
    write_results(experiment, groups, out)
    print(f"table and figures are in {out}")
    return groups, out


def run_folders(experiment: Experiment, arguments: argparse.Namespace) -> dict[Run, Path]:
    """Train the runs of an experiment that are not finished, and publish them if asked to.

    The function does not train a published run again to publish others.

    Raises
    ------
    UserError
        If the reference is to be published first, by its own script.
    """
    runs = experiment.runs(arguments.seeds)
    published = [run for run in runs if arguments.publish and is_finished(run.results, recipe_of(run))]
    for run in runs:
        if arguments.publish and run.recipe == REFERENCE and run not in published:
            raise UserError(f"{run.name} is not published yet: run baseline.py --publish --seeds {arguments.seeds}")
    trained = [run for run in runs if run not in published]
    folders = dict(zip(trained, train_all(trained, quick=arguments.quick), strict=True))
    if arguments.publish:
        publish(folders, weights=experiment.weights)
    return folders | {run: run.results for run in published}


def write_results(experiment: Experiment, groups: Mapping[str, list[Path]], out: Path) -> None:
    """Print an experiment's table; write it and the figures into a folder."""
    labels = experiment.labels
    rows = {label: group_row(groups[label]) | published_row(recipe) for recipe, label in labels.items()}
    print(table(rows))
    first = RECIPES[next(iter(labels))]
    about = {"protocol": first.protocol.name, "scale": first.scale, "trained_on": trained_on(groups)}
    write_json(out / "table.json", {**about, "recipes": labels, "rows": rows})
    for panel, pooling in product(experiment.panels, first.protocol.poolings):
        recipes = experiment.panels[panel]
        shown = {label: groups[label] for label in recipes.values()}
        figure = group_figure(shown, experiment.title, pooling=pooling, levels=published_levels(recipes))
        save_figure(figure, out / f"{panel}_{pooling}.png")


def table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a text table of groups at their end: PSNR of Y as median (lowest to highest), and collapses."""
    lines: list[tuple[str, ...]] = [("", "seeds", "backprops", "published dB", "mean dB", "pooled dB", "collapsed")]
    for label, row in rows.items():
        psnrs = [
            f"{row[pooling]['median_db']:.2f}"
            + (f" ({row[pooling]['lowest_db']:.2f} to {row[pooling]['highest_db']:.2f})" if row["seeds"] > 1 else "")
            for pooling in POOLINGS
        ]
        published = f"{row['published_db']:.2f}" if "published_db" in row else "-"
        lines.append((label, str(row["seeds"]), f"{row['backprops']:,}", published, *psnrs, f"{row['collapsed']}"))
    return text_table(lines)
