"""The pages' tables of results in the protocol `article`, and the short table of both protocols."""

from __future__ import annotations

from lab.paths import RESULTS, read_if_there, read_json, read_summary
from lab.tables.markdown import commits
from lab.text import Language, Text
from lab.verdicts import input_text
from paddle_srcnn.protocols import ARTICLE
from paddle_srcnn.recipes import RECIPES, Recipe
from paddle_srcnn.reporting.summary import Figures
from paddle_srcnn.reporting.text_tables import markdown

__all__ = ["deblurring_table", "results_table", "summary_table"]

CAPTION = Text(
    "PSNR of Y in dB, mean / pooled, protocol `article`; trained on T91, seed 0. `baseline` took {minutes:.0f} "
    "minutes.",
    "Y 的 PSNR（dB），平均 / 合并（mean / pooled），协议 `article`；在 T91 上训练，种子 0。"
    "`baseline` 用时 {minutes:.0f} 分钟。",
)
HEADER = Text(
    "| recipe | network | epochs | published, Set5 | Set5 | Set5, input | Set14 | Set14, input | commit |",
    "| 配方 | 网络 | 轮数 | 文章，Set5 | Set5 | Set5 输入 | Set14 | Set14 输入 | 提交 |",
)
# The short table of the main pages: the article's networks, and two of the paper's.
SHORT = (
    "baseline",
    "filter_9-3-1",
    "filter_9-3-5",
    "filter_9-5-5",
    "rgb_pretrained",
    "sr_9-1-5_x3",
    "sr_9-5-5_x3",
)
SHORT_CAPTION = Text(
    "PSNR of Y on Set5 in dB: mean / pooled in the protocol `article`, mean in the protocol `paper`.",
    "Set5 上 Y 的 PSNR（dB）：协议 `article` 为平均 / 合并（mean / pooled），协议 `paper` 为平均。",
)
SHORT_HEADER = Text(
    "| recipe | network | task | protocol | input | published | ours |",
    "| 配方 | 网络 | 任务 | 协议 | 输入 | 公布值 | 本项目 |",
)
DEBLURRING_CAPTION = Text(
    "Mean PSNR of Y in dB, scored as in the protocol `article`: on the part that the network keeps, neither clipped "
    "nor rounded. Pillow's anti-aliased bicubic downscaled the images and upscaled them again.",
    "Y 的平均 PSNR（dB），按协议 `article` 计算：只计网络保留的部分，不截断、不取整。"
    "图片由 Pillow 的抗锯齿双三次插值缩小后再放大。",
)
DEBLURRING_HEADER = Text("| set | input | given | restored | gain |", "| 数据集 | 输入 | 恢复前 | 恢复后 | 增益 |")


def psnrs(figures: Figures) -> str:
    """Return mean and pooled PSNR in dB; also those of RGB if a network restores it."""
    text = f"{figures.psnr_mean_db:.2f} / {figures.psnr_pooled_db:.2f}"
    return f"{text} (RGB: {psnrs(figures.rgb)})" if figures.rgb else text


def results_table(language: Language) -> str:
    """Return the table of the full-length runs: PSNR of Y in dB, mean / pooled."""
    rows = []
    for name, recipe in RECIPES.items():
        full = recipe.protocol == ARTICLE and recipe.schedule.epochs >= RECIPES["baseline"].schedule.epochs
        if not full or not (RESULTS / name / "summary.json").is_file():
            continue
        summary, set14 = read_summary(RESULTS / name), read_if_there(RESULTS / name / "Set14.json")
        further = [psnrs(Figures.from_json(set14[part])) for part in ("final", "input")] if set14 else ["", ""]
        rows.append(
            [
                f"`{name}`",
                f"{recipe.architecture.name}{', RGB' if recipe.architecture.channels == 3 else ''}",
                str(summary.epochs),
                published(recipe),
                f"**{psnrs(summary.final)}**",
                psnrs(summary.input),
                *further,
                commits(summary.commit, language),
            ]
        )
    minutes = read_summary(RESULTS / "baseline").seconds / 60
    return f"{CAPTION[language].format(minutes=minutes)}\n\n{markdown(HEADER[language], rows)}"


def published(recipe: Recipe) -> str:
    """Return the published PSNR that a recipe reproduces; nothing if there is none."""
    return f"{recipe.published.psnr_db:.2f}" if recipe.published else ""


def summary_table(language: Language) -> str:
    """Return the short table of the main pages."""
    rows = []
    for name in SHORT:
        recipe, summary = RECIPES[name], read_summary(RESULTS / name)
        given, ours = (
            " / ".join(f"{figures.psnr(pooling):.2f}" for pooling in recipe.protocol.poolings)
            for figures in (summary.input, summary.final)
        )
        task = Text("remove a blur", "去模糊")
        if recipe.protocol.upscales:
            task = Text(f"upscale by {recipe.scale}", f"放大 {recipe.scale} 倍")
        network = Text(f"{summary.network} on {summary.channels}", f"{summary.network}，{summary.channels}")
        cells = [f"`{name}`", network[language], task[language], f"`{recipe.protocol}`", given, published(recipe)]
        rows.append([*cells, f"**{ours}**"])
    return f"{SHORT_CAPTION[language]}\n\n{markdown(SHORT_HEADER[language], rows)}"


def deblurring_table(language: Language) -> str:
    """Return the table of the baseline's weights on blurred and on downscaled images."""
    rows = [
        [
            row["set"],
            input_text(row["input"])[language],
            f"{row['given_db']:.2f}",
            f"{row['restored_db']:.2f}",
            f"{row['restored_db'] - row['given_db']:+.2f}",
        ]
        for row in read_json(RESULTS / "deblurring" / "table.json")["rows"]
    ]
    return f"{DEBLURRING_CAPTION[language]}\n\n{markdown(DEBLURRING_HEADER[language], rows)}"
