"""The pages' tables of the networks for photos with JPEG's blocks or noise."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lab.paths import RESULTS, read_json, read_summary
from lab.photo_networks import NETWORKS
from lab.tables.markdown import commits
from lab.text import Language, Text
from paddle_srcnn.commands.scoring import SCALES
from paddle_srcnn.recipes import RECIPES
from paddle_srcnn.reporting.text_tables import markdown

__all__ = ["photo_networks_table", "photo_weights_table"]

SETS = ("Set5", "Set14")
CAPTION = Text(
    "Mean PSNR in dB of the Y of enlarged pictures, scored as in the protocol `paper`. The small image is rounded to 8 "
    "bits and then damaged. "
    "{defect}. All networks trained on T91 alone, seed 0. The best of each network's columns is bold.",
    "放大后图片的 Y 的平均 PSNR（dB），按协议 `paper` 评测。小图先取整为 8 位，再加入失真。"
    "{defect}。"
    "所有网络只在 T91 上训练，种子 0。每个网络的最佳值以粗体标出。",
)
DEFECTS = {
    "jpeg": Text("libjpeg compresses with Pillow's default subsampling", "用 libjpeg 压缩，色度采样为 Pillow 的默认值"),
    "noise": Text(
        "Gaussian noise is added to each channel; two figures are those of the networks for weak and for strong noise",
        "每个通道加入高斯噪声；两个数值依次为弱噪声网络和强噪声网络",
    ),
}
PLAIN = Text("plain {}", "普通 {}")
OWN = {"jpeg": Text("JPEG {}", "JPEG {}"), "noise": Text("noise {}", "噪声 {}")}
SCALE, INPUT, BICUBIC = Text("scale", "倍数"), Text("input", "输入"), Text("bicubic", "双三次")
CLEAN = Text("clean", "无失真")
STRENGTH = {"jpeg": Text("quality {:g}", "质量 {:g}"), "noise": Text("sigma {:g}", "σ = {:g}")}
WEIGHTS_HEADER = Text(
    "| weights | starts from | backprops | minutes on one core | commit |",
    "| 权重 | 初始权重 | 反向传播次数 | 单核分钟数 | 提交 |",
)


def photo_networks_table(language: Language) -> str:
    """Return the tables of scores, one for each defect."""
    rows = read_json(RESULTS / "photo_networks" / "scores.json")["rows"]
    parts = []
    for defect, about in DEFECTS.items():
        caption = CAPTION[language].format(defect=about[language])
        parts.append(f"{caption}\n\n{_table(defect, [row for row in rows if row['defect'] == defect], language)}")
    return "\n\n".join(parts)


def _table(defect: str, rows: Sequence[dict[str, Any]], language: Language) -> str:
    header = [SCALE[language], INPUT[language]]
    for name in SETS:
        header.append(f"{name}: {BICUBIC[language]}")
        header += [kind[language].format(network) for network in NETWORKS for kind in (PLAIN, OWN[defect])]
    scores = {(row["scale"], row["strength"], row["set"], row["network"]): row["psnr_db"] for row in rows}
    lines = []
    for scale in SCALES:
        for strength in dict.fromkeys(row["strength"] for row in rows):
            words = CLEAN[language] if strength is None else STRENGTH[defect][language].format(strength)
            line = [f"x{scale}", words]
            for name in SETS:
                line.append(f"{scores[scale, strength, name, NETWORKS[0]]['bicubic']:.2f}")
                for network in NETWORKS:
                    line += _cells(scores[scale, strength, name, network])
            lines.append(line)
    return markdown(f"| {' | '.join(header)} |", lines)


def _cells(psnr_db: dict[str, float]) -> list[str]:
    """Return the cells of the plain network and of those for the defect."""
    best = max(psnr_db.values())
    text = {method: f"**{value:.2f}**" if value == best else f"{value:.2f}" for method, value in psnr_db.items()}
    own = [cell for method, cell in text.items() if method not in ("bicubic", "plain")]
    return [text["plain"], " / ".join(own)]


def photo_weights_table(language: Language) -> str:
    """Return the table of the trainings of the networks for photos."""
    rows = []
    for name, recipe in RECIPES.items():
        if recipe.defect:
            summary = read_summary(RESULTS / name)
            minutes = f"{summary.seconds * summary.threads / 60:.0f}"
            cells = [f"`{name}`", f"`{recipe.pretrained}`", f"{summary.backprops:,}", minutes]
            rows.append([*cells, commits(summary.commit, language)])
    return markdown(WEIGHTS_HEADER[language], rows)
