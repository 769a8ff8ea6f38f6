"""The report's sections of experiments: for each a figure of its curves and a table of their ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from statistics import median
from typing import Any

import filter_size
import learning_rates
import optimizers
import rgb_pretrained
from matplotlib.figure import Figure
from tables import read

from lab.compare_recipes import (
    POOLINGS,
    STALLED_DB,
    group_figure,
    is_collapsed,
    median_series,
    range_series,
)
from lab.page.inline_svg import inline_svg
from paddle_srcnn.protocols import ARTICLE
from paddle_srcnn.recipes import LARGER_FILTERS, RECIPES, Published
from paddle_srcnn.reporting.curve_plots import overlay_figure

FIGURE_WIDTH = 7.5  # inches; less than a figure on its own has, so that a telephone shows larger letters
TITLE_HEIGHT = 0.4


@dataclass(frozen=True)
class Experiment:
    """Recipes that one figure compares.

    Parameters
    ----------
    title, note : str
    labels : mapping of str to str
        What figure and table call the recipes, in the order of drawing.
    pattern : str
        Regular expression of further recipes, which go by their own names.
    published : Published, optional
        The article's number, a line of the figure.
    """

    title: str
    note: str
    labels: Mapping[str, str] = field(default_factory=dict)
    pattern: str = ""
    published: Published | None = None


@dataclass(frozen=True)
class FinishedRun:
    """A committed run: its folder, which has its curve, and what its summary and its score on Set14 say."""

    folder: Path
    summary: dict[str, Any]
    set14: dict[str, Any] | None

    @property
    def scores(self) -> dict[str, dict[str, Any]]:
        """Scores by set, each with those of the input and those at the end."""
        validation = self.summary["data"]["validation"]["name"]
        return {validation: self.summary} | ({"Set14": self.set14} if self.set14 else {})

    @property
    def collapsed(self) -> bool:
        """Whether it collapsed."""
        return is_collapsed(self.folder)


Groups = Mapping[str, Sequence[FinishedRun]]  # the seeds of each recipe, by its label

RATES_NOTE = (
    "Adam with the article's smaller rate for the last layer, against one rate for all. A run counts as collapsed if "
    "it ends with a dead layer, which makes the output the same whatever the input, or below its input after rising by "
    f"less than {STALLED_DB} dB over the last third of its length; one that still rises is slow."
)
BASELINE = Experiment(
    "Baseline",
    "The article's settings: 9-1-5 on luma, Adam with 1e-4, 1e-4 and 1e-5. The two curves are the two ways to pool the "
    "pictures of a set.",
    {"baseline": "9-1-5"},
    published=RECIPES["baseline"].published,
)
EXPERIMENTS = (
    BASELINE,
    Experiment(
        "Filter size",
        "Larger filters after the first layer, trained as the baseline.",
        filter_size.LABELS,
        r"filter_.*",
        LARGER_FILTERS,
    ),
    Experiment(
        "Three channels",
        "Networks that restore red, green and blue, scored on the luma of what they restore.",
        rgb_pretrained.LABELS,
        published=RECIPES["rgb_pretrained"].published,
    ),
    Experiment("Learning rates", RATES_NOTE, learning_rates.PANELS["y"], r"rates_.*"),
    Experiment(
        "Learning rates, three channels",
        "The same on red, green and blue.",
        learning_rates.PANELS["rgb"],
        r"rgb_rates_.*",
    ),
    Experiment("Optimisers", "Adam against stochastic gradient descent.", optimizers.LABELS, r"(adam|sgd)_.*"),
    Experiment("Further recipes", "What belongs to no experiment above.", pattern=r".*"),
)


def experiment_sections(results: Path) -> Iterator[str]:
    """HTML of each experiment that has results in a folder of recipes, others than those of the experiments before."""
    recipes = {folder.name: runs for folder in sorted(results.glob("*")) if (runs := finished_runs(folder))}
    shown: set[str] = set()
    for experiment in EXPERIMENTS:
        labels = dict(experiment.labels)
        for name in recipes:
            if name not in shown and re.fullmatch(experiment.pattern, name):
                labels.setdefault(name, name)
        if (recipes.keys() & labels.keys()) - shown:
            yield section(experiment, {label: recipes[name] for name, label in labels.items() if name in recipes})
        shown |= labels.keys()


def finished_runs(folder: Path) -> list[FinishedRun]:
    """Runs of a recipe in the protocol `article`: its own folder's and, in it, those of further seeds."""
    seeds = sorted(folder.glob("seed*"), key=lambda seed: (len(seed.name), seed.name))
    return [
        FinishedRun(run, summary, read(run / "Set14.json"))
        for run in (folder, *seeds)
        if (run / "curve.csv").is_file() and (summary := read(run / "summary.json")) and summary["protocol"] == ARTICLE
    ]


def section(experiment: Experiment, groups: Groups) -> str:
    """HTML of an experiment: title, note, figure, table."""
    title = escape(experiment.title)
    drawn = figure(experiment, groups)
    return f"""<section>
<h3>{title}</h3>
<p>{prose(experiment.note)}</p>
{chart(drawn, experiment.title, "PSNR against backprops")}
<p class="caption">{table_caption(groups)}</p>
<div class="scroll" tabindex="0" role="region" aria-label="{title}, table">
{table(groups)}
</div>
</section>"""


def chart(drawn: Figure, title: str, shows: str) -> str:
    """HTML of a figure of one pair of axes, whose title becomes the caption."""
    (axes,) = drawn.axes
    caption = prose(axes.get_title(loc="left").replace("\n", ": "))
    axes.set_title("", loc="left")  # the page has it as text, which wraps
    drawn.set_size_inches(FIGURE_WIDTH, drawn.get_figheight() - TITLE_HEIGHT)
    return f"""<figure>
<div class="scroll chart" tabindex="0" role="region" aria-label="{escape(title)}, figure">
{inline_svg(drawn, f"{title}: {shows}")}
</div>
<figcaption>{caption}</figcaption>
</figure>"""


def prose(plain: str) -> str:
    """HTML of a text in which `backticks` mark names; numbers such as 9-1-5, 1e-4 or 35.25 dB are not broken."""
    named = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(plain))
    return re.sub(r"\b\d[\w.]*((-\d+)+( dB)?| dB)", r'<span class="whole">\g<0></span>', named)


def figure(experiment: Experiment, groups: Groups) -> Figure:
    """Curves of an experiment: the baseline by both poolings, others by the mean of the pictures' PSNR."""
    folders = {label: [run.folder for run in runs] for label, runs in groups.items()}
    published = {experiment.published.source: experiment.published.psnr_db} if experiment.published else {}
    if experiment is not BASELINE:
        return group_figure(folders, experiment.title, levels=published)
    (runs,) = groups.values()
    (seeds,) = folders.values()
    summary = runs[0].summary
    data = summary["data"]
    title = (
        f"{experiment.title}, trained on {data['train']['name']}\n"
        f"PSNR of Y on {data['validation']['name']}, protocol `{ARTICLE}`"
    )
    given = {f"input, unrestored, {pooling}": summary["input"][f"psnr_{pooling}_db"] for pooling in POOLINGS}
    return overlay_figure(
        {label: median_series(seeds, pooling) for pooling, label in POOLINGS.items()},
        f"{title}; median and range of {len(runs)} seeds" if len(runs) > 1 else title,
        {label: [level] for label, level in {**published, **given}.items()},
        ranges={label: range_series(seeds, pooling) for pooling, label in POOLINGS.items() if len(runs) > 1},
    )


def table(groups: Groups) -> str:
    """HTML table of the runs' ends: PSNR of Y, restored and given, mean and pooled, on each set that was scored."""
    runs = [run for runs in groups.values() for run in runs]
    sets = list(dict.fromkeys(name for run in runs for name in run.scores))
    tell_collapses = len(runs) > len(groups) or any(run.collapsed for run in runs)
    body = "\n".join(row(label, seeds, sets, tell_collapses) for label, seeds in groups.items())
    scored = "".join(
        f'<th colspan="2" scope="colgroup">{escape(name)}{part}</th>' for name in sets for part in ("", ", input")
    )
    before = '<th rowspan="2" scope="col">collapsed</th>' if tell_collapses else ""
    poolings = "".join(f'<th scope="col">{pooling}</th>' for pooling in POOLINGS) * 2 * len(sets)
    return f"""<table class="numbers">
<thead>
<tr><th rowspan="2" scope="col">network</th>{before}{scored}<th rowspan="2" scope="col">epochs</th></tr>
<tr>{poolings}</tr>
</thead>
<tbody>
{body}
</tbody>
</table>"""


def table_caption(groups: Groups) -> str:
    """HTML of what the table holds."""
    several = any(len(runs) > 1 for runs in groups.values())
    spread = "; median (lowest to highest) of the seeds" if several else ""
    return prose(f"PSNR of Y in dB, protocol `{ARTICLE}`{spread}")


def row(label: str, runs: Sequence[FinishedRun], sets: Sequence[str], tell_collapses: bool) -> str:
    """HTML row of a recipe."""
    cells = [f"{sum(run.collapsed for run in runs)} of {len(runs)}"] if tell_collapses else []
    for name in sets:
        scores = [run.scores[name] for run in runs if name in run.scores]
        for part in ("final", "input"):
            cells += [spread([score[part][f"psnr_{pooling}_db"] for score in scores]) for pooling in POOLINGS]
    cells.append(str(runs[0].summary["epochs"]))
    return f'<tr><th scope="row">{escape(label)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def spread(values: Sequence[float]) -> str:
    """HTML of the median, and of the range where there is one."""
    if not values:
        return ""
    lowest, middle, highest = (f"{value:.2f}" for value in (min(values), median(values), max(values)))
    return middle if lowest == highest else f"{middle} <small>{lowest} to {highest}</small>"
