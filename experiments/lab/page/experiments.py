"""The report's sections of experiments: each has a figure of curves and a table of their ends."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from statistics import median

from matplotlib.figure import Figure

from lab.groups import group_figure, is_collapsed, median_series, range_series
from lab.page.comparisons import BASELINE, COMPARISONS, Comparison
from lab.page.inline_svg import inline_svg
from lab.paths import read_if_there, read_summary
from paddle_srcnn.protocols import ARTICLE
from paddle_srcnn.reporting.curves import POOLINGS
from paddle_srcnn.reporting.overlay_plots import overlay_figure
from paddle_srcnn.reporting.summary import Figures, Summary

FIGURE_WIDTH = 7.5  # inches; less than a figure on its own has, so that a telephone shows larger letters
TITLE_HEIGHT = 0.4


@dataclass(frozen=True)
class FinishedRun:
    """A committed run: the folder of its curve, its summary, and its scores by set (of its input, at its end)."""

    folder: Path
    summary: Summary
    scores: Mapping[str, tuple[Figures, Figures]]

    @classmethod
    def read(cls, folder: Path) -> FinishedRun:
        """Read a run's folder."""
        summary = read_summary(folder)
        scores = {summary.validation_set: (summary.input, summary.final)}
        if set14 := read_if_there(folder / "Set14.json"):
            scores["Set14"] = (Figures.from_json(set14["input"]), Figures.from_json(set14["final"]))
        return cls(folder, summary, scores)

    @property
    def collapsed(self) -> bool:
        """True if the run collapsed."""
        return is_collapsed(self.folder)


Groups = Mapping[str, Sequence[FinishedRun]]  # the seeds of each recipe, by its label


def experiment_sections(results: Path) -> Iterator[str]:
    """Write each comparison with results in a folder of recipes, unless earlier comparisons have shown all of them."""
    recipes = {folder.name: runs for folder in sorted(results.glob("*")) if (runs := finished_runs(folder))}
    shown: set[str] = set()
    for comparison in COMPARISONS:
        labels = dict(comparison.labels)
        for name in recipes:
            if name not in shown and re.fullmatch(comparison.pattern, name):
                labels.setdefault(name, name)
        if (recipes.keys() & labels.keys()) - shown:
            yield section(comparison, {label: recipes[name] for name, label in labels.items() if name in recipes})
        shown |= labels.keys()


def finished_runs(folder: Path) -> list[FinishedRun]:
    """Read the runs of a recipe in the protocol `article`: in its own folder and, within it, those of further seeds."""
    seeds = sorted(folder.glob("seed*"), key=lambda seed: (len(seed.name), seed.name))
    finished = [
        run for run in (folder, *seeds) if all((run / file).is_file() for file in ("curve.csv", "summary.json"))
    ]
    return [FinishedRun.read(run) for run in finished if read_summary(run).protocol == ARTICLE.name]


def section(comparison: Comparison, groups: Groups) -> str:
    """Write an experiment: title, note, figure, table."""
    title = escape(comparison.title)
    drawn = figure(comparison, groups)
    return f"""<section>
<h3>{title}</h3>
<p>{prose(comparison.note)}</p>
{chart(drawn, comparison.title, "PSNR against backprops")}
<p class="caption">{table_caption(groups)}</p>
<div class="scroll" tabindex="0" role="region" aria-label="{title}, table">
{table(groups)}
</div>
</section>"""


def chart(drawn: Figure, title: str, shows: str) -> str:
    """Write a figure of one pair of axes, whose title becomes the caption."""
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
    """Write a text with names in `backticks`; numbers such as 9-1-5, 1e-4 or 35.25 dB stay on one line."""
    named = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(plain))
    return re.sub(r"\b\d[\w.]*((-\d+)+( dB)?| dB)", r'<span class="whole">\g<0></span>', named)


def figure(comparison: Comparison, groups: Groups) -> Figure:
    """Draw the curves of an experiment: the baseline's by both poolings, others by the mean of the images' PSNR."""
    folders = {label: [run.folder for run in runs] for label, runs in groups.items()}
    published = {comparison.published.source: comparison.published.psnr_db} if comparison.published else {}
    if comparison is not BASELINE:
        return group_figure(folders, comparison.title, levels=published)
    (runs,) = groups.values()
    (seeds,) = folders.values()
    summary = runs[0].summary
    title = f"{comparison.title}, trained on {summary.train_set}\n"
    title += f"PSNR of Y on {summary.validation_set}, protocol `{ARTICLE}`"
    given = {f"input, unrestored, {pooling}": summary.input.psnr(pooling) for pooling in POOLINGS}
    return overlay_figure(
        {label: median_series(seeds, pooling) for pooling, label in POOLINGS.items()},
        f"{title}; median and range of {len(runs)} seeds" if len(runs) > 1 else title,
        {label: [level] for label, level in {**published, **given}.items()},
        ranges={label: range_series(seeds, pooling) for pooling, label in POOLINGS.items() if len(runs) > 1},
    )


def table(groups: Groups) -> str:
    """Write the table of the runs' ends: PSNR of Y, restored and given, mean and pooled, on each scored set."""
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
    """Write the caption of the table."""
    several = any(len(runs) > 1 for runs in groups.values())
    spread = "; median (lowest to highest) of the seeds" if several else ""
    return prose(f"PSNR of Y in dB, protocol `{ARTICLE}`{spread}")


def row(label: str, runs: Sequence[FinishedRun], sets: Sequence[str], tell_collapses: bool) -> str:
    """Write the row of a recipe."""
    cells = [f"{sum(run.collapsed for run in runs)} of {len(runs)}"] if tell_collapses else []
    for name in sets:
        scores = [run.scores[name] for run in runs if name in run.scores]
        for figures in ([final for _, final in scores], [given for given, _ in scores]):
            cells += [spread([each.psnr(pooling) for each in figures]) for pooling in POOLINGS]
    cells.append(str(runs[0].summary.epochs))
    return f'<tr><th scope="row">{escape(label)}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def spread(values: Sequence[float]) -> str:
    """Write the median, and the range if there is one."""
    if not values:
        return ""
    lowest, middle, highest = (f"{value:.2f}" for value in (min(values), median(values), max(values)))
    return middle if lowest == highest else f"{middle} <small>{lowest} to {highest}</small>"
