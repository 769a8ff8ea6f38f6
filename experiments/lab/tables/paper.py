"""The pages' tables of results in the protocol `paper`."""

from __future__ import annotations

from typing import Any

from lab.colour import CHANNELS
from lab.paths import RESULTS, read_json, read_summary
from lab.tables.labels import label_text
from lab.tables.markdown import commits
from lab.text import Language, Text
from paddle_srcnn.errors import UserError
from paddle_srcnn.recipes import RECIPES
from paddle_srcnn.reporting.text_tables import markdown

__all__ = ["channels_table", "super_resolution_table"]

# Dong et al. 2016, tables 2 and 3: 9-5-5 trained on ImageNet, mean PSNR on Set14 in dB, by scale.
PUBLISHED_SET14 = {2: 32.45, 3: 29.30, 4: 27.50}

CAPTION = Text(
    "Mean PSNR of Y in dB / SSIM, protocol `paper`. Ours trained on T91 alone with seed 0. We chose the training on a "
    "held-out part of T91. The papers' 9-1-5 and ESPCN trained on T91, the others on ImageNet.",
    "Y 的平均 PSNR（dB）/ SSIM，协议 `paper`；本项目的网络只在 T91 上训练，种子 0，训练方法按 T91 中留出的部分选定。"
    "论文的 9-1-5 和 ESPCN 在 T91 上训练，其余在 ImageNet 上训练。",
)
HEADER = Text(
    "| weights | scale | Set5: bicubic | paper | ours | Set14: bicubic | paper | ours | backprops | commit |",
    "| 权重 | 倍数 | Set5：双三次 | 论文 | 本项目 | Set14：双三次 | 论文 | 本项目 | 反向传播次数 | 提交 |",
)
CHANNELS_CAPTION = Text(
    "Mean PSNR on Set5 in dB, protocol `paper`, x3, trained on T91 with {backprops:,} backprops. Cells hold the median "
    "of the seeds and, in brackets, the paper's figure. YCbCr scores the three channels stacked. The paper's column "
    '"RGB" seems to do so too. RGB scores true RGB.',
    "Set5 上的平均 PSNR（dB），协议 `paper`，x3，在 T91 上训练 {backprops:,} 次反向传播：各种子的中位数，"
    "括号内为论文的数值。YCbCr 为三个通道合并计算，论文的“RGB”一列看来也是如此；RGB 为真正的 RGB。",
)
CHANNELS_HEADER = Text("network | seeds", "网络 | 种子数")


def super_resolution_table(language: Language) -> str:
    """Return the table of `sr_*` and `espcn_*`: mean PSNR and SSIM of two sets, beside bicubic's and the papers'."""
    rows = []
    for name, recipe in RECIPES.items():
        if not name.startswith(("sr_", "espcn_")) or recipe.defect or not (RESULTS / name / "Set5.json").is_file():
            continue
        published, best = recipe.published, recipe.architecture.filters == (9, 5, 5)
        set14 = PUBLISHED_SET14.get(recipe.scale) if best else None
        rows.append([f"`{name}`", f"x{recipe.scale}"])
        for test_set, answer in (("Set5", published and published.psnr_db), ("Set14", set14)):
            mean = read_json(RESULTS / name / f"{test_set}.json")["rows"][-1]
            rows[-1] += [_score(mean, "bicubic"), f"{answer:.2f}" if answer else "", f"**{_score(mean, 'srcnn')}**"]
        summary = read_summary(RESULTS / name)
        before = [read_summary(RESULTS / recipe.pretrained)] if recipe.pretrained else []
        backprops = " + ".join(f"{run.backprops:,}" for run in (*before, summary))
        rows[-1] += [backprops, commits(summary.commit, language)]
    if not rows:
        raise UserError("a page wants the table super_resolution, which has no results: publish them")
    return f"{CAPTION[language]}\n\n{markdown(HEADER[language], rows)}"


def _score(row: dict[str, Any], method: str) -> str:
    return f"{row[f'{method}_psnr_db']:.2f} / {row[f'{method}_ssim']:.4f}"


def channels_table(language: Language) -> str:
    """Return the table of networks by colours: mean PSNR of each channel on Set5, ours and the paper's."""
    rows = []
    for row in read_json(RESULTS / "paper_colour" / "channels.json")["rows"]:
        cells = [f"{row[name]:.2f} ({row[f'{name}_published']:.2f})" for name in CHANNELS[:-1]]
        rows.append([label_text(row["network"])[language], row["seeds"], *cells, f"{row['RGB']:.2f}"])
    backprops = read_summary(RESULTS / "table_rgb").backprops
    table = markdown(f"| {CHANNELS_HEADER[language]} | {' | '.join(CHANNELS)} |", rows)
    return f"{CHANNELS_CAPTION[language].format(backprops=backprops)}\n\n{table}"
