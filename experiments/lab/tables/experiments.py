"""The pages' list of experiments, and the table of each."""

from __future__ import annotations

from lab.catalogue import EXPERIMENTS, Experiment
from lab.claims import claims
from lab.paths import RESULTS, read_json, read_summary
from lab.tables.labels import label_text
from lab.text import Language, Text, joined, same
from paddle_srcnn.protocols import PROTOCOLS
from paddle_srcnn.recipes import RECIPES
from paddle_srcnn.reporting.text_tables import markdown

__all__ = ["claims_table", "experiment_table", "scripts_table"]

CORES = 2  # of the machine that the times are told for
SCRIPTS_HEADER = Text(
    "| script | experiment | protocol | runs | time on two cores |",
    "| 脚本 | 实验 | 协议 | 训练次数 | 双核用时 |",
)
CLAIMS_HEADER = Text(
    "| claim | article, dB | ours, dB | verdict |", "| 文章的结论 | 文章（dB） | 本项目（dB） | 判定 |"
)
NETWORK, SEEDS, BACKPROPS = Text("network", "网络"), Text("seeds", "种子数"), Text("backprops", "反向传播次数")
PUBLISHED, COLLAPSED = Text("published", "公布值"), Text("collapsed", "崩溃")


def scripts_table(language: Language) -> str:
    """Return the list of the scripts that run experiments, with the time that each takes."""
    rows = []
    for name, experiment in EXPERIMENTS.items():
        runs = experiment.runs(experiment.seeds)
        protocol = RECIPES[runs[0].recipe if runs else "baseline"].protocol
        link = f"[`{name}.py`]({name}.py)"
        rows.append(
            [link, experiment.about[language], f"`{protocol}`", str(len(runs)), time_text(experiment)[language]]
        )
    return markdown(SCRIPTS_HEADER[language], rows)


def time_text(experiment: Experiment) -> Text:
    """Return the time that an experiment takes if nothing is trained yet, by the committed summaries of its runs."""
    folders = [run.results for run in experiment.runs(experiment.seeds)]
    if not all((folder / "summary.json").is_file() for folder in folders):
        return same("")
    minutes = sum(summary.seconds * summary.threads for summary in map(read_summary, folders)) / CORES / 60
    if minutes >= 100:
        return Text(f"{minutes / 60:.1f} h", f"{minutes / 60:.1f} 小时")
    return Text(f"{max(minutes, 1):.0f} min", f"{max(minutes, 1):.0f} 分钟")


def claims_table(language: Language) -> str:
    """Return the table of the article's claims, with our verdicts."""
    rows = [[cell[language] for cell in (each.claim, each.published, each.ours, each.verdict)] for each in claims()]
    return markdown(CLAIMS_HEADER[language], rows)


def experiment_table(name: str, language: Language) -> str:
    """Return the table of an experiment's groups at their end: median (lowest to highest) of the seeds, and collapses.

    Parameters
    ----------
    name : str
        Folder of the experiment among the results.
    language : {"en", "zh"}
    """
    content = read_json(RESULTS / name / "table.json")
    poolings = PROTOCOLS[content["protocol"]].poolings
    rows = []
    for label, row in content["rows"].items():
        published = f"{row['published_db']:.2f}" if "published_db" in row else ""
        cells = [label_text(label)[language], str(row["seeds"]), f"{row['backprops']:,}", published]
        for pooling in poolings:
            low, middle, high = (row[pooling][f"{which}_db"] for which in ("lowest", "median", "highest"))
            spread = Text(f" ({low:.2f} to {high:.2f})", f"（{low:.2f} 至 {high:.2f}）")[language]
            cells.append(f"{middle:.2f}{spread if row['seeds'] > 1 else ''}")
        counts = row["collapsed"], row["seeds"]
        rows.append([*cells, Text("{} of {}", "{} / {}")[language].format(*counts)])
    columns = [NETWORK, SEEDS, BACKPROPS, PUBLISHED, *map(same, poolings), COLLAPSED]
    header = f"| {' | '.join(column[language] for column in columns)} |"
    (scored_on,) = {RECIPES[recipe].validation_set for recipe in content["recipes"]}
    return f"{caption(content, scored_on)[language]}\n\n{markdown(header, rows)}"


def caption(content: dict, scored_on: str) -> Text:
    """Return the sentence above an experiment's table."""
    protocol, scale = content["protocol"], f", x{content['scale']}" if content["scale"] > 1 else ""
    sets = joined(map(same, content["trained_on"]), Text(" or ", "、"))
    return Text(
        f"PSNR of Y on {scored_on} in dB, protocol `{protocol}`{scale}; trained on {sets.en}.",
        f"{scored_on} 上 Y 的 PSNR（dB），协议 `{protocol}`{scale.replace(', ', '，')}；在 {sets.zh} 上训练。",
    )
