"""Experiments that compare recipes, each with some seeds: medians, ranges, collapses, and their figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from statistics import median
from typing import Any

from matplotlib.figure import Figure

from lab.publish import publish
from lab.runs import (
    Run,
    experiment_arguments,
    is_finished,
    read_summary,
    recipe_of,
    results_folder,
    train_all,
)
from paddle_srcnn.errors import UserError
from paddle_srcnn.protocols import ARTICLE
from paddle_srcnn.recipes import RECIPES
from paddle_srcnn.reporting.curve_plots import overlay_figure, save_figure
from paddle_srcnn.reporting.curves import POOLINGS, psnr_series, read_curve
from paddle_srcnn.system.files import write_json

REFERENCE = "baseline"  # which other experiments compare with
STALLED_DB = 0.1


def median_series(folders: Sequence[Path], pooling: str) -> list[tuple[int, float]]:
    """Median over runs of the PSNR of Y, in dB, at each evaluation that all of them have."""
    return [(backprops, median(values)) for backprops, values in _columns(folders, pooling)]


def range_series(folders: Sequence[Path], pooling: str) -> list[tuple[int, float, float]]:
    """Lowest and highest PSNR of Y over runs, in dB, at each evaluation that all of them have."""
    return [(backprops, min(values), max(values)) for backprops, values in _columns(folders, pooling)]


def _columns(folders: Sequence[Path], pooling: str) -> list[tuple[int, tuple[float, ...]]]:
    series = [psnr_series(read_curve(folder / "curve.csv"), pooling) for folder in folders]
    return [
        (points[0][0], tuple(value for _, value in points))
        for points in zip(*series, strict=False)  # a run that was stopped early bounds the others
    ]


def group_figure(
    groups: Mapping[str, Sequence[Path]],
    title: str,
    *,
    pooling: str = "mean",
    levels: Mapping[str, float] | None = None,
) -> Figure:
    """Medians against backprops, with the range of the seeds behind them.

    Parameters
    ----------
    groups : mapping of str to sequence of Path
        Folders of the runs, by label.
    title : str
        Its second line says what is shown, with the protocol and the sets.
    pooling : {"mean", "pooled"}
    levels : mapping of str to float, optional
        Lines to compare with: label and PSNR in dB; the input's is added.
    """
    summary = read_summary(next(iter(groups.values()))[0])
    data, seeds = summary["data"], sorted({len(folders) for folders in groups.values()})
    protocol = protocol_text(summary["protocol"], summary.get("settings", {}).get("scale", 1))
    shown = f"{POOLINGS[pooling]} of Y on {data['validation']['name']}, {protocol}"
    if seeds[-1] > 1:
        shown += f"; median and range of {' or '.join(map(str, seeds))} seeds"
    given = {f"input, unrestored, {data['validation']['name']}": summary["input"][f"psnr_{pooling}_db"]}
    return overlay_figure(
        {label: median_series(folders, pooling) for label, folders in groups.items()},
        f"{title}, trained on {' or '.join(trained_on(groups))}\n{shown}",
        {label: [level] for label, level in {**(levels or {}), **given}.items()},
        ranges={label: range_series(folders, pooling) for label, folders in groups.items() if len(folders) > 1},
    )


def protocol_text(protocol: str, scale: int) -> str:
    """Protocol as titles name it, with its scale where it has one."""
    return f"protocol `{protocol}`" + (f", x{scale}" if scale > 1 else "")


def trained_on(groups: Mapping[str, Sequence[Path]]) -> list[str]:
    """Names of the sets that runs were trained on."""
    names = (read_summary(folder)["data"]["train"]["name"] for folders in groups.values() for folder in folders)
    return list(dict.fromkeys(names))


def published_levels(recipes: Iterable[str]) -> dict[str, float]:
    """Published PSNRs in dB that recipes answer to, by their sources."""
    answers = [RECIPES[name].published for name in recipes]
    return {published.source: published.psnr_db for published in answers if published}


def poolings_of(protocol: str) -> tuple[str, ...]:
    """Poolings that results are shown by: the article leaves open which one it means, the paper does not."""
    return ("mean", "pooled") if protocol == ARTICLE else ("mean",)


def published_row(recipe: str) -> dict[str, float]:
    """What a row says of the published PSNR, in dB, that a recipe answers to; nothing where there is none."""
    published = RECIPES[recipe].published
    return {"published_db": published.psnr_db} if published else {}


def group_row(folders: Sequence[Path]) -> dict[str, Any]:
    """Figures of a group at the end of its runs: medians and ranges in dB, and how many of them collapsed."""
    summaries = [read_summary(folder) for folder in folders]
    row: dict[str, Any] = {"seeds": len(summaries), "backprops": summaries[0]["backprops"]}
    for pooling in POOLINGS:
        values = [summary["final"][f"psnr_{pooling}_db"] for summary in summaries]
        row[pooling] = {"median_db": median(values), "lowest_db": min(values), "highest_db": max(values)}
    for kind in ("below_input", "dead_layer"):
        row[kind] = sum(collapse(summary)[kind] for summary in summaries)
    row["collapsed"] = sum(map(is_collapsed, folders))
    return row


def is_collapsed(folder: Path) -> bool:
    """Whether a run came to a bad end, other than by being short.

    It did if a layer is dead, or if it ends below its unrestored input and has stopped rising: by less than 0.1 dB of
    mean PSNR over the last third of its evaluations. One that is below its input but rises is slow, not collapsed.
    """
    end = collapse(read_summary(folder))
    values = [psnr_db for _, psnr_db in psnr_series(read_curve(folder / "curve.csv"), "mean")]
    rise_db = values[-1] - values[-1 - len(values) // 3]
    return end["dead_layer"] or (end["below_input"] and rise_db < STALLED_DB)


def collapse(summary: Mapping[str, Any]) -> dict[str, bool]:
    """What a summary says of the run's end; the first published ones say nothing, and ended above their inputs."""
    return summary.get("collapse", {"below_input": False, "dead_layer": False})


def compare_recipes(
    name: str,
    panels: Mapping[str, Mapping[str, str]],
    title: str,
    description: str | None,
    *,
    seeds: int = 1,
    once: Sequence[str] = (),
    weights: bool = False,
) -> tuple[dict[str, list[Path]], Path]:
    """Run an experiment: train recipes with some seeds each, print their table, draw their figure, publish if asked to.

    Parameters
    ----------
    name : str
        Of the experiment's folder.
    panels : mapping of str to mapping of str to str
        Figures by name: recipes, and what figures and table call them.
    title : str
    description : str
        Text of ``--help``.
    seeds : int
        Default of ``--seeds``.
    once : sequence of str
        Recipes that are run with the first seed alone.
    weights : bool
        Publish the first seed's weights with the package.

    Returns
    -------
    groups : dict of str to list of Path
        Folders of the runs, by label, in the order of their seeds.
    out : Path
        Folder of table and figures.
    """
    arguments = experiment_arguments(description, seeds=seeds)
    labels = {recipe: label for panel in panels.values() for recipe, label in panel.items()}
    runs = [
        Run(recipe, seed) for seed in range(arguments.seeds) for recipe in labels if seed == 0 or recipe not in once
    ]
    # What is published is not trained again for this; the reference is another experiment's to publish.
    published = [run for run in runs if arguments.publish and is_finished(run.results, recipe_of(run))]
    for run in runs:
        if arguments.publish and run.recipe == REFERENCE and run not in published:
            raise UserError(f"{run.name} is not published yet: run baseline.py --publish --seeds {arguments.seeds}")
    trained = [run for run in runs if run not in published]
    folders = dict(zip(trained, train_all(trained, quick=arguments.quick), strict=True))
    if arguments.publish:
        publish(folders, weights=weights)
    folders |= {run: run.results for run in published}
    groups = {label: [folders[run] for run in runs if run.recipe == recipe] for recipe, label in labels.items()}
    out = results_folder(name, arguments)
    rows = {labels[recipe]: group_row(groups[labels[recipe]]) | published_row(recipe) for recipe in labels}
    print(table(rows))
    first = RECIPES[next(iter(labels))]
    about = {"protocol": first.protocol, "scale": first.scale, "trained_on": trained_on(groups)}
    write_json(out / "table.json", {**about, "recipes": labels, "rows": rows})
    for panel, pooling in product(panels, poolings_of(first.protocol)):
        shown = {label: groups[label] for label in panels[panel].values()}
        figure = group_figure(shown, title, pooling=pooling, levels=published_levels(panels[panel]))
        save_figure(figure, out / f"{panel}_{pooling}.png")
    print(f"table and figures are in {out}")
    return groups, out


def table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """Text table of groups at their end: PSNR of Y as median (lowest to highest), and collapses."""
    lines: list[tuple[str, ...]] = [("", "seeds", "backprops", "published dB", "mean dB", "pooled dB", "collapsed")]
    for label, row in rows.items():
        psnrs = [
            f"{row[pooling]['median_db']:.2f}"
            + (f" ({row[pooling]['lowest_db']:.2f} to {row[pooling]['highest_db']:.2f})" if row["seeds"] > 1 else "")
            for pooling in POOLINGS
        ]
        published = f"{row['published_db']:.2f}" if "published_db" in row else "-"
        lines.append((label, str(row["seeds"]), f"{row['backprops']:,}", published, *psnrs, f"{row['collapsed']}"))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
