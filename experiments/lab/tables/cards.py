"""The tables of the model cards, from the metadata of the packaged weights and from the committed results."""

from __future__ import annotations

from typing import Any

from lab.paths import RESULTS, read_json
from lab.tables.markdown import commits, markdown
from lab.text import Language, Text
from paddle_srcnn.model.weights import Weights, load_weights, packaged_weights

__all__ = ["article_weights_table", "super_resolution_weights_table"]

CAPTION = Text(
    "PSNR of Y in dB, protocol `{protocol}`: {figures}. Values are the network's input and output.",
    "Y 的 PSNR（dB），协议 `{protocol}`：{figures}。数值范围指网络的输入和输出。",
)
HEADER = Text(
    "| weights | network | parameters | channels | values | trained on | backprops | Set5 | Set14 | commit |",
    "| 权重 | 网络 | 参数 | 通道 | 数值范围 | 训练集 | 反向传播次数 | Set5 | Set14 | 提交 |",
)


def article_weights_table(language: Language) -> str:
    """Return the table of the article's networks: mean and pooled PSNR on Set5 and Set14."""
    rows = []
    for name, weights in weights_of("article"):
        set14 = read_json(RESULTS / name / "Set14.json")["final"]
        scores = [
            f"{figures['psnr_mean_db']:.2f} / {figures['psnr_pooled_db']:.2f}" for figures in (floats(weights), set14)
        ]
        rows.append([*first_cells(name, weights), *scores, commits(summary_of(name)["commit"], language)])
    caption = CAPTION[language].format(protocol="article", figures="mean / pooled")
    return f"{caption}\n\n{markdown(HEADER[language], rows)}"


def super_resolution_weights_table(language: Language) -> str:
    """Return the table of the networks for super-resolution: mean PSNR and SSIM on Set5 and Set14."""
    rows = []
    for name, weights in weights_of("paper"):
        means = [read_json(RESULTS / name / f"{test_set}.json")["rows"][-1] for test_set in ("Set5", "Set14")]
        scores = [f"{mean['srcnn_psnr_db']:.2f} / {mean['srcnn_ssim']:.4f}" for mean in means]
        rows.append([*first_cells(name, weights), *scores, commits(summary_of(name)["commit"], language)])
    caption = CAPTION[language].format(protocol="paper", figures="mean PSNR / SSIM")
    return f"{caption}\n\n{markdown(HEADER[language], rows)}"


def weights_of(protocol: str) -> list[tuple[str, Weights]]:
    """Load the packaged weights of a protocol, by name."""
    loaded = ((name, load_weights(name)) for name in packaged_weights())
    return [(name, weights) for name, weights in loaded if weights.metadata["protocol"] == protocol]


def first_cells(name: str, weights: Weights) -> list[str]:
    """Return the cells that both tables share: network, size, channels, data and length of the training."""
    network, metadata = weights.architecture, weights.metadata
    return [
        f"`{name}`",
        network.name,
        f"{network.weight_count + network.bias_count:,}",
        metadata["colour"],
        metadata["value_range"],
        metadata["trained_on"],
        backprops(name),
    ]


def backprops(name: str) -> str:
    """Return the samples that a network was trained on; those of its first weights come first."""
    summary = summary_of(name)
    first = summary.get("pretrained", "").split(",")[0]
    before = f"{summary_of(first)['backprops']:,} + " if first else ""
    return f"{before}{summary['backprops']:,}"


def floats(weights: Weights) -> dict[str, float]:
    """Return the scores that a weights file carries."""
    return {key: float(value) for key, value in weights.metadata.items() if key.startswith("psnr_")}


def summary_of(name: str) -> dict[str, Any]:
    """Read the summary of the run that made packaged weights."""
    return read_json(RESULTS / name / "summary.json")
