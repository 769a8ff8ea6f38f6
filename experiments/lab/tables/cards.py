"""The tables of the model cards, from the metadata of the packaged weights and from the committed results."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lab.paths import RESULTS, read_json, read_summary
from lab.tables.markdown import commits
from lab.text import Language, Text
from paddle_srcnn.model.weights import Weights, load_weights, packaged_weights
from paddle_srcnn.reporting.summary import Figures
from paddle_srcnn.reporting.text_tables import markdown

__all__ = ["article_weights_table", "super_resolution_weights_table"]

CAPTION = Text(
    "PSNR of Y in dB, protocol `{protocol}`: {figures}. Trained on {trained_on}; white is {white} in the network.",
    "Y 的 PSNR（dB），协议 `{protocol}`：{figures}。训练集 {trained_on}；网络中白色为 {white}。",
)
HEADER = Text(
    "| weights | network | parameters | channels | backprops | Set5 | Set14 | commit |",
    "| 权重 | 网络 | 参数 | 通道 | 反向传播次数 | Set5 | Set14 | 提交 |",
)


def article_weights_table(language: Language) -> str:
    """Return the table of the article's networks: mean and pooled PSNR on Set5 and Set14."""

    def scores(name: str) -> list[str]:
        set14 = Figures.from_json(read_json(RESULTS / name / "Set14.json")["final"])
        figures = (read_summary(RESULTS / name).final, set14)
        return [f"{each.psnr_mean_db:.2f} / {each.psnr_pooled_db:.2f}" for each in figures]

    return weights_table("article", "mean / pooled", scores, language)


def super_resolution_weights_table(language: Language) -> str:
    """Return the table of the networks for super-resolution: mean PSNR and SSIM on Set5 and Set14."""

    def scores(name: str) -> list[str]:
        means = (read_json(RESULTS / name / f"{test_set}.json")["rows"][-1] for test_set in ("Set5", "Set14"))
        return [f"{mean['srcnn_psnr_db']:.2f} / {mean['srcnn_ssim']:.4f}" for mean in means]

    return weights_table("paper", "mean PSNR / SSIM", scores, language)


def weights_table(protocol: str, figures: str, scores: Callable[[str], Sequence[str]], language: Language) -> str:
    """Return the table of the packaged weights of a protocol, with two scores of each."""
    loaded = {name: load_weights(name) for name in packaged_weights()}
    family = {
        name: weights
        for name, weights in loaded.items()
        if weights.metadata["protocol"] == protocol and "defect" not in weights.metadata  # these have their own page
    }
    rows = [
        [*cells(name, weights), *scores(name), commits(read_summary(RESULTS / name).commit, language)]
        for name, weights in family.items()
    ]
    caption = CAPTION[language].format(
        protocol=protocol,
        figures=figures,
        trained_on=", ".join(sorted({weights.metadata["trained_on"] for weights in family.values()})),
        white=", ".join(sorted({f"{weights.value_range:g}" for weights in family.values()})),
    )
    return f"{caption}\n\n{markdown(HEADER[language], rows)}"


def cells(name: str, weights: Weights) -> list[str]:
    """Return the first cells of a row: name, network, parameters, channels and backprops."""
    network = weights.architecture
    colour = weights.metadata["colour"].split(",")[0]  # the rest is the definition of luma, which the page explains
    return [
        f"`{name}`",
        network.name,
        f"{network.weight_count + network.bias_count:,}",
        colour,
        backprops(name),
    ]


def backprops(name: str) -> str:
    """Return the backprops of a network's training, after those of its first weights."""
    summary = read_summary(RESULTS / name)
    first = (summary.pretrained or "").split(",")[0]
    before = f"{read_summary(RESULTS / first).backprops:,} + " if first else ""
    return f"{before}{summary.backprops:,}"
