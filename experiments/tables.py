"""Write the tables in the Markdown pages anew, from the committed results.

Each stands between the marks `<!-- NAME -->` and `<!-- end of NAME -->` of a page.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lab.claims import claims
from lab.compare_recipes import poolings_of, protocol_text
from lab.paths import RESULTS, ROOT, read_json
from lab.tables.markdown import THEN, commits, markdown
from lab.tables.paper import CAPTION_ZH as CAPTION_SR_ZH
from lab.tables.paper import HEADER_ZH as HEADER_SR_ZH
from lab.tables.paper import channels_table, super_resolution_table
from paddle_srcnn.errors import UserError
from paddle_srcnn.protocols import ARTICLE
from paddle_srcnn.recipes import RECIPES
from paddle_srcnn.system.cli import CommandParser, run_command
from paddle_srcnn.system.files import write_text

PAGES = (ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "experiments" / "README.md")
MARKS = re.compile(r"<!-- (?P<name>[a-z_]+) -->\n.*?<!-- end of (?P=name) -->", re.DOTALL)


def read(path: Path) -> Any:
    """Content of a JSON file among the results, None where there is none."""
    return read_json(path) if path.is_file() else None


def psnrs(figures: dict[str, Any]) -> str:
    """Mean and pooled PSNR in dB; those of RGB as well where a network restores it."""
    text = f"{figures['psnr_mean_db']:.2f} / {figures['psnr_pooled_db']:.2f}"
    return f"{text} (RGB: {psnrs(figures['rgb'])})" if "rgb" in figures else text


CAPTION = (
    "PSNR of Y in dB, mean / pooled, protocol `article`; trained on T91, seed 0. `baseline` took {minutes:.0f} minutes."
)
HEADER = "| recipe | network | epochs | published, Set5 | Set5 | Set5, input | Set14 | Set14, input | commit |"
CAPTION_ZH = (
    "Y 的 PSNR（dB），mean / pooled，协议 `article`；在 T91 上训练，种子 0。`baseline` 用时 {minutes:.0f} 分钟。"
)
HEADER_ZH = "| 配方 | 网络 | 轮数 | 文章，Set5 | Set5 | Set5 输入 | Set14 | Set14 输入 | 提交 |"


THEN_ZH = "，后为 "


def results_table(caption: str, header: str, then: str = THEN) -> str:
    """Table of the full-length runs: PSNR of Y in dB, mean / pooled; `then` is between the commits of a resumed run."""
    rows = []
    for name, recipe in RECIPES.items():
        summary, set14 = read(RESULTS / name / "summary.json"), read(RESULTS / name / "Set14.json")
        if summary is None or recipe.protocol != ARTICLE or recipe.epochs < RECIPES["baseline"].epochs:
            continue
        rows.append(
            [
                f"`{name}`",
                f"{recipe.architecture.name}{', RGB' if recipe.architecture.channels == 3 else ''}",
                str(summary["epochs"]),
                f"{recipe.published.psnr_db:.2f}" if recipe.published else "",
                f"**{psnrs(summary['final'])}**",
                psnrs(summary["input"]),
                psnrs(set14["final"]) if set14 else "",
                psnrs(set14["input"]) if set14 else "",
                commits(summary, then),
            ]
        )
    minutes = read(RESULTS / "baseline" / "summary.json")["seconds"] / 60
    return f"{caption.format(minutes=minutes)}\n\n{markdown(header, rows)}"


def experiment_table(name: str) -> str:
    """Table of an experiment's groups at their end: median (lowest to highest) of the seeds, and collapses."""
    content = read(RESULTS / name / "table.json")
    poolings = poolings_of(content["protocol"])
    rows = []
    for label, row in content["rows"].items():
        published = f"{row['published_db']:.2f}" if "published_db" in row else ""
        cells = [label, str(row["seeds"]), f"{row['backprops']:,}", published]
        for pooling in poolings:
            figures = row[pooling]
            spread = f" ({figures['lowest_db']:.2f} to {figures['highest_db']:.2f})" if row["seeds"] > 1 else ""
            cells.append(f"{figures['median_db']:.2f}{spread}")
        rows.append([*cells, f"{row['collapsed']} of {row['seeds']}"])
    table = markdown(f"| network | seeds | backprops | published | {' | '.join(poolings)} | collapsed |", rows)
    protocol = protocol_text(content["protocol"], content["scale"])
    (scored_on,) = {RECIPES[recipe].validation_set for recipe in content["recipes"]}
    trained_on = " or ".join(content["trained_on"])
    return f"PSNR of Y on {scored_on} in dB, {protocol}; trained on {trained_on}.\n\n{table}"


def claims_table() -> str:
    """Table of the article's claims, with our verdicts; PSNR of Y on Set5 where nothing else is said."""
    rows = [[claim.claim, claim.published, claim.ours, claim.verdict] for claim in claims()]
    return markdown("| claim | article, dB | ours, dB | verdict |", rows)


def deblurring_table() -> str:
    """Table of what the baseline's weights make of blurred and of reduced pictures."""
    rows = [
        [
            row["set"],
            row["input"],
            f"{row['given_db']:.2f}",
            f"{row['restored_db']:.2f}",
            f"{row['restored_db'] - row['given_db']:+.2f}",
        ]
        for row in read(RESULTS / "deblurring" / "table.json")["rows"]
    ]
    table = markdown("| set | input | given | restored | gain |", rows)
    return (
        "Mean PSNR of Y in dB, scored as in the protocol `article`: on the part that the network keeps, neither "
        f"clipped nor rounded. Reduced and enlarged by Pillow's bicubic, which is anti-aliased.\n\n{table}"
    )


def section(name: str) -> str:
    """Table of a name."""
    if name == "results":
        return results_table(CAPTION, HEADER)
    if name == "results_zh":
        return results_table(CAPTION_ZH, HEADER_ZH, THEN_ZH)
    if name == "claims":
        return claims_table()
    if name == "deblurring":
        return deblurring_table()
    if name == "super_resolution":
        return super_resolution_table()
    if name == "super_resolution_zh":
        return super_resolution_table(CAPTION_SR_ZH, HEADER_SR_ZH, THEN_ZH)
    if name == "paper_colour_channels":
        return channels_table()
    if not (RESULTS / name / "table.json").is_file():
        raise UserError(f"a page wants the table {name}, which has no results: publish them or take its marks out")
    return experiment_table(name)


def updated(page: Path) -> str:
    """Text of a page with its tables as the results have them now."""
    text = page.read_text(encoding="utf-8")
    marks = len(re.findall("<!-- ", text))
    if 2 * len(MARKS.findall(text)) != marks:
        raise UserError(f"{page} has a mark without its fellow: write <!-- NAME --> and <!-- end of NAME -->")
    return MARKS.sub(
        lambda found: f"<!-- {found['name']} -->\n{section(found['name'])}\n<!-- end of {found['name']} -->", text
    )


def main() -> None:
    """Run the command."""
    CommandParser(description=__doc__).parse_args()
    for page in PAGES:
        write_text(page, updated(page))


if __name__ == "__main__":
    run_command(main)
