"""The catalogue of experiments: recipes with their labels, figures, seeds, and what the pages say of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.panels import ablations, learning_rates, photo_networks, super_resolution
from lab.paths import RESULTS
from lab.text import Text

__all__ = ["EXPERIMENTS", "Experiment", "Run"]


@dataclass(frozen=True)
class Run:
    """A recipe with a seed: one training, one folder of results."""

    recipe: str
    seed: int = 0

    @property
    def name(self) -> str:
        """Name of its folder in ``runs/``."""
        return f"{self.recipe}_seed{self.seed}" if self.seed else self.recipe

    @property
    def results(self) -> Path:
        """Its folder among the committed results."""
        return RESULTS / self.recipe / (f"seed{self.seed}" if self.seed else "")


@dataclass(frozen=True)
class Experiment:
    """Recipes that one script trains, tables and draws together.

    Parameters
    ----------
    script : str
        Name of the script, without ``.py``.
    name : str
        Folder of table and figures below ``experiments/results/``.
    title : str
        First words of the figures' titles.
    about : Text
        Its line in the pages' list of experiments.
    panels : mapping of str to mapping of str to str
        Figures by name: recipes, and their labels in figure and table.
    seeds : int
        Default of ``--seeds``.
    once : tuple of str
        Recipes that are trained with the first seed alone.
    weights : bool
        Publish the first seed's weights with the package.
    """

    script: str
    name: str
    title: str
    about: Text
    panels: Mapping[str, Mapping[str, str]]
    seeds: int = 1
    once: tuple[str, ...] = ()
    weights: bool = False

    @property
    def labels(self) -> dict[str, str]:
        """Label of each recipe."""
        return {recipe: label for panel in self.panels.values() for recipe, label in panel.items()}

    def runs(self, seeds: int) -> list[Run]:
        """Return the runs of the experiment with a number of seeds, in the order in which they are trained."""
        return [
            Run(recipe, seed) for seed in range(seeds) for recipe in self.labels if seed == 0 or recipe not in self.once
        ]


ARTICLE_START, OTHER_START = "N(0, 0.001)", "N(0, 0.05)"

EXPERIMENTS = {
    experiment.script: experiment
    for experiment in (
        Experiment(
            "baseline",
            "baseline",
            "SRCNN 9-1-5",
            Text("the baseline: 9-1-5 on Y, Adam, 150 epochs", "基线：9-1-5，Y 通道，Adam，150 轮"),
            {"baseline": {"baseline": "9-1-5"}},
            weights=True,
        ),
        Experiment(
            "filter_size",
            "filter_size",
            "SRCNN by filter sizes",
            Text(
                "larger filters: 9-3-1, 9-3-5 and 9-5-5 beside 9-1-5", "更大的滤波器：9-3-1、9-3-5、9-5-5 与 9-1-5 对比"
            ),
            {
                "filters": {
                    "filter_9-5-5": "9-5-5",
                    "filter_9-3-5": "9-3-5",
                    "filter_9-3-1": "9-3-1",
                    "baseline": "9-1-5",
                }
            },
            seeds=3,
            once=("filter_9-5-5",),
            weights=True,
        ),
        Experiment(
            "rgb_pretrained",
            "rgb",
            "SRCNN 9-1-5 on RGB",
            Text(
                "RGB, from the weights for Y and from scratch, 200 epochs",
                "RGB：从 Y 的权重出发与从零训练，200 轮",
            ),
            {"rgb": {"rgb_pretrained": "RGB, from the weights for Y", "rgb_scratch": "RGB, from scratch"}},
            weights=True,
        ),
        Experiment(
            "learning_rates",
            "learning_rates",
            "SRCNN 9-1-5 by learning rates of Adam",
            Text(
                "one learning rate for all layers against a smaller one for the last layer, on Y and on RGB, 15 epochs",
                "所有层同一学习率，与最后一层较小的学习率对比；Y 与 RGB，15 轮",
            ),
            {"y": learning_rates("", "Y"), "rgb": learning_rates("rgb_", "RGB")},
            seeds=5,
        ),
        Experiment(
            "optimizers",
            "optimizers",
            "SRCNN 9-1-5 by optimiser and first weights",
            Text(
                "Adam against SGD with momentum, from the article's first weights and from larger ones",
                "Adam 与带动量的 SGD 对比；文章的初始权重与更大的初始权重",
            ),
            {
                "optimizers": {
                    "baseline": f"Adam, {ARTICLE_START}",
                    "adam_std0.05": f"Adam, {OTHER_START}",
                    "sgd_article": f"SGD, {ARTICLE_START}, Adam's rates on 0..255",
                    "sgd_paper": f"SGD, {ARTICLE_START}, the paper's steps",
                    "sgd_std0.05": f"SGD, {OTHER_START}, the paper's steps",
                    "sgd_std0.05_x3": f"SGD, {OTHER_START}, steps three times as large",
                }
            },
        ),
        Experiment(
            "deblurring",
            "deblurring",
            "Gain over the input",
            Text(
                "the baseline's weights on blurred and on downscaled images; trains nothing",
                "基线权重用于模糊图片和缩小图片；不训练",
            ),
            {},
        ),
        Experiment(
            "choices",
            "choices",
            "SRCNN 9-1-5, changes of its training",
            Text(
                "ablations of the training of `sr_9-1-5_x3`, scored on a held-out part of T91",
                "`sr_9-1-5_x3` 训练方法的消融，在 T91 留出的部分上评测",
            ),
            {"choices": ablations("choice_", without="choice_espcn_")},
        ),
        Experiment(
            "super_resolution",
            "super_resolution",
            "SRCNN, super-resolution",
            Text(
                "9-1-5, 9-3-5, 9-5-5 and 9-1-5 on RGB, each at x2, x3 and x4",
                "9-1-5、9-3-5、9-5-5 以及 RGB 的 9-1-5，各 x2、x3、x4",
            ),
            super_resolution(),
            weights=True,
        ),
        Experiment(
            "espcn_choices",
            "espcn_choices",
            "ESPCN, changes of its training",
            Text(
                "ablations of the training of `espcn_x3`, scored on a held-out part of T91",
                "`espcn_x3` 训练方法的消融，在 T91 留出的部分上评测",
            ),
            {"choices": ablations("choice_espcn_")},
        ),
        Experiment(
            "espcn",
            "espcn",
            "ESPCN, super-resolution",
            Text("ESPCN at x2, x3 and x4", "ESPCN，x2、x3、x4"),
            {f"x{scale}": {f"espcn_x{scale}": f"ESPCN, x{scale}"} for scale in (2, 3, 4)},
            weights=True,
        ),
        Experiment(
            "photo_networks",
            "photo_networks",
            "SRCNN for photos",
            Text(
                "networks for photos with JPEG's blocks or noise: 9-1-5 and 9-5-5, each at x2, x3 and x4",
                "针对 JPEG 块效应和噪声的网络：9-1-5、9-5-5，各 x2、x3、x4",
            ),
            photo_networks(),
            weights=True,
        ),
        Experiment(
            "paper_slope",
            "paper_slope",
            "SRCNN 9-1-5, training",
            Text(
                "the paper's own training by SGD, 1,200,000 of its 800,000,000 backprops",
                "论文自己的 SGD 训练，800,000,000 次反向传播中的前 1,200,000 次",
            ),
            {"slope": {"sr_9-1-5_x3": "Adam, our first weights", "paper_9-1-5_x3": "SGD as the paper trains"}},
        ),
        Experiment(
            "paper_filter_sizes",
            "paper_filter_sizes",
            "SRCNN by filter sizes",
            Text("filter sizes: 9-1-5, 9-3-5, 9-5-5 and 11-1-7", "滤波器大小：9-1-5、9-3-5、9-5-5、11-1-7"),
            {
                "filter_sizes": {
                    "sr_9-5-5_x3": "9-5-5",
                    "sr_9-3-5_x3": "9-3-5",
                    "table_11-1-7": "11-1-7",
                    "table_9-1-5_further": "9-1-5",
                }
            },
        ),
        Experiment(
            "paper_widths",
            "paper_widths",
            "SRCNN 9-1-5 by widths",
            Text("widths: 32-16, 64-32 and 128-64 filters", "滤波器个数：32-16、64-32、128-64"),
            {"widths": {"table_128-64": "128-64", "table_9-1-5": "64-32", "table_32-16": "32-16"}},
        ),
        Experiment(
            "paper_depth",
            "paper_depth",
            "SRCNN by depth",
            Text("depth: four layers beside three", "深度：四层与三层对比"),
            {
                "depth": {
                    "table_9-3-5": "9-3-5",
                    "table_9-3-3-5": "9-3-3-5",
                    "table_9-3-1-5": "9-3-1-5",
                    "table_9-1-5": "9-1-5",
                    "table_9-1-1-5": "9-1-1-5",
                }
            },
        ),
        Experiment(
            "paper_training_set",
            "paper_training_set",
            "SRCNN 9-1-5 by training set",
            Text("training sets: a quarter of T91, half of it, all of it", "训练集：T91 的四分之一、一半、全部"),
            {
                "training_set": {
                    "table_9-1-5": "all of T91, 91 pictures",
                    "table_half": "half, 46 pictures",
                    "table_quarter": "a quarter, 23 pictures",
                }
            },
        ),
        Experiment(
            "paper_colour",
            "paper_colour",
            "SRCNN 9-1-5 by colours",
            Text(
                "colour: Y alone, RGB, YCbCr at once or after a part of its channels; scored by channel",
                "颜色：仅 Y、RGB、YCbCr 同时训练或先训练部分通道；按通道评测",
            ),
            {
                "colour": {
                    "table_9-1-5": "Y only",
                    "table_rgb": "RGB",
                    "table_y_first": "Y first",
                    "table_cbcr_first": "CbCr first",
                    "table_ycbcr": "YCbCr at once",
                }
            },
            seeds=3,
        ),
    )
}
