"""The catalogue of experiments: recipes with their labels, figures, seeds, and what the pages say of each."""

from __future__ import annotations

from lab.experiment import Experiment, Run
from lab.text import Text
from paddle_srcnn.recipes import RECIPES

__all__ = ["EXPERIMENTS", "Experiment", "Run"]


def learning_rates(prefix: str, channels: str) -> dict[str, str]:
    """Label the recipes that compare learning rates on Y or on RGB."""
    names = [name.removeprefix(f"{prefix}rates_") for name in RECIPES if name.startswith(f"{prefix}rates_")]
    return {
        f"{prefix}rates_{name}": f"{channels}, {'1e-4, last layer 1e-5' if name == 'separate' else f'{name} for all'}"
        for name in names
    }


def super_resolution() -> dict[str, dict[str, str]]:
    """Label the networks for super-resolution, a panel for each scale."""
    panels: dict[str, dict[str, str]] = {}
    for name, recipe in RECIPES.items():
        if name.startswith("sr_") and not recipe.defect:
            network = f"{recipe.architecture.name}{' RGB' if recipe.space == 'rgb' else ''}"
            panels.setdefault(f"x{recipe.scale}", {})[name] = f"{network}, x{recipe.scale}"
    return panels


def ablations(prefix: str, *, without: str | None = None) -> dict[str, str]:
    """Label the recipes of ablations, by the rest of their names."""
    names = [name for name in RECIPES if name.startswith(prefix) and not (without and name.startswith(without))]
    return {name: name.removeprefix(prefix).replace("_", " ") for name in names}


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
