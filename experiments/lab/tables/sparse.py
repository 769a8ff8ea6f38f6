"""The table of sparse coding beside bicubic interpolation and SRCNN 9-1-5, from `srcnn evaluate --format json`."""

from __future__ import annotations

import json
from typing import Any

from lab.paths import RESULTS, read_json
from lab.text import Language, Text
from paddle_srcnn.reporting.text_tables import markdown

__all__ = ["sparse_coding_table"]

SETS = ("Set5", "Set14")
METHODS = ("l1", "anchored")
# Mean PSNR in dB at x3 on both sets: Yang's method as Dong et al. measure it, and A+ as Timofte et al. do.
PUBLISHED = {"l1": "31.42, 28.31 (Yang)", "anchored": "32.59, 29.13 (A+)", "network": "32.39, 29.00"}
HEADER = Text(
    "| x3, trained on T91 | Set5 | Set14 | published, Set5 and Set14 | seconds, Set5 |",
    "| x3，训练集 T91 | Set5 | Set14 | 发表的 Set5、Set14 | 每张秒数，Set5 |",
)
LABELS = {
    "bicubic": Text("bicubic interpolation", "双三次插值"),
    "l1": Text("sparse coding, l1", "稀疏编码，l1"),
    "anchored": Text("sparse coding, anchored", "稀疏编码，锚定回归"),
    "network": Text("SRCNN 9-1-5", "SRCNN 9-1-5"),
}
CAPTION = Text(
    "Mean PSNR in dB and SSIM of Y, protocol `paper`. Seconds: one thread, beside other work.",
    "Y 的平均 PSNR（dB）与 SSIM，协议 `paper`。秒数：单线程，机器上同时有其他任务。",
)


def sparse_coding_table(language: Language) -> str:
    """Return the table of the methods that came before SRCNN, with a row for each that has results."""
    network = {name: read_json(RESULTS / "sr_9-1-5_x3" / f"{name}.json")["rows"][-1] for name in SETS}
    rows = [_row("bicubic", network, "bicubic", language)]
    for method in METHODS:
        path = RESULTS / "sparse_coding" / f"{method}_x3.json"
        if path.is_file():
            means = [row for row in json.loads(path.read_text(encoding="utf-8")) if row["picture"] == "(mean)"]
            rows.append(_row(method, {row["set"]: row for row in means}, "sparse", language))
    rows.append(_row("network", network, "srcnn", language))
    return f"{CAPTION[language]}\n\n{markdown(HEADER[language], rows)}"


def _row(method: str, means: dict[str, dict[str, Any]], prefix: str, language: Language) -> list[str]:
    scores = [f"{means[name][f'{prefix}_psnr_db']:.2f} / {means[name][f'{prefix}_ssim']:.4f}" for name in SETS]
    seconds = f"{means['Set5']['seconds']:.2f}" if prefix == "sparse" else ""
    return [LABELS[method][language], *scores, PUBLISHED.get(method, ""), seconds]
