"""The article's claims, our measurements and the verdicts, in English and in Chinese, from the committed results."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lab import verdicts
from lab.text import Text, same
from lab.verdicts import Measured

__all__ = ["MISSING", "Claim", "claims"]

MISSING = Text("not measured yet", "尚未测量")
NONE = same("-")


@dataclass(frozen=True)
class Claim:
    """A claim of the article; `published` and `ours` hold figures in dB of PSNR on Y, protocol ``article``."""

    claim: Text
    published: Text
    ours: Text
    verdict: Text


def claims() -> list[Claim]:
    """Return all claims, in the order of the article."""
    return [*figures(), *orders(), *trainings(), *conclusions()]


def figures() -> list[Claim]:
    """Return the claims that a network reaches a PSNR."""
    return [
        reached(Text("9-1-5 on Y, 150 epochs, reaches 35.25", "9-1-5（Y 通道，150 轮）达到 35.25"), "baseline"),
        reached(Text("9-3-1, 150 epochs, reaches 35.82", "9-3-1（150 轮）达到 35.82"), "filter_9-3-1"),
        reached(
            Text(
                "9-3-5 (so in the article's figure; its text says 9-3-1) reaches 35.82",
                "9-3-5（文章正文写 9-3-1，图中为 9-3-5）达到 35.82",
            ),
            "filter_9-3-5",
        ),
        reached(
            Text(
                "RGB from the weights for Y, 200 epochs, reaches 35.92 on Y",
                "RGB（以 Y 的权重初始化，200 轮）在 Y 上达到 35.92",
            ),
            "rgb_pretrained",
        ),
    ]


def orders() -> list[Claim]:
    """Return the claims that one network ends above another."""
    return [
        measured(
            Text(
                "Larger middle filters end higher: 9-1-5, 9-3-5, 9-5-5",
                "中间层滤波器越大，最终 PSNR 越高：9-1-5、9-3-5、9-5-5",
            ),
            Text("35.25, 35.82, -", "35.25、35.82、-"),
            lambda: verdicts.ordered(["baseline", "filter_9-3-5", "filter_9-5-5"]),
        ),
        measured(
            Text("The literal 9-3-1 ends above 9-1-5", "正文所写的 9-3-1 最终高于 9-1-5"),
            Text("35.82 against 35.25", "35.82 对 35.25"),
            lambda: verdicts.ordered(["baseline", "filter_9-3-1"]),
        ),
        measured(
            Text(
                "RGB (150 epochs on Y, then 200) ends above Y (150 epochs)",
                "RGB（先在 Y 上训练 150 轮，再训练 200 轮）最终高于 Y（150 轮）",
            ),
            Text("35.92 against 35.25", "35.92 对 35.25"),
            lambda: verdicts.ordered(["baseline", "rgb_pretrained"]),
        ),
        measured(
            Text(
                "(ours) RGB's gain over Y comes from its input: three rounded channels give a finer Y than one",
                "（本项目）RGB 相对 Y 的增益来自输入：三个取整通道合成的 Y 比单个取整通道更精细",
            ),
            NONE,
            verdicts.gain_of_rgb,
        ),
    ]


def trainings() -> list[Claim]:
    """Return the claims on how networks train."""
    return [
        measured(
            Text(
                "With one learning rate for all layers the model often collapses",
                "所有层使用同一学习率时，模型经常崩溃",
            ),
            NONE,
            verdicts.collapses_of_luma,
        ),
        measured(
            Text("RGB collapses easily when trained from scratch", "RGB 从零训练容易崩溃"),
            NONE,
            verdicts.collapses_of_rgb,
        ),
        measured(Text("SGD converges far slower than Adam", "SGD 的收敛远慢于 Adam"), NONE, verdicts.sgd_against_adam),
    ]


def conclusions() -> list[Claim]:
    """Return the claims on what the numbers mean."""
    return [
        measured(Text("Set14 gives the same conclusions", "在 Set14 上结论相同"), NONE, verdicts.set14),
        measured(
            Text(
                "(ours) The article's pipeline removes a blur; it does not upscale",
                "（本项目）文章的流程是去模糊，不是放大",
            ),
            Text("called super-resolution", "称为超分辨率"),
            verdicts.deblurring,
        ),
    ]


def reached(claim: Text, recipe: str) -> Claim:
    """Judge the claim that a recipe's first run reaches its published figure."""
    return measured(claim, same(f"{verdicts.level_of(recipe):.2f}"), lambda: verdicts.reached(recipe))


def measured(claim: Text, published: Text, measure: Callable[[], Measured]) -> Claim:
    """Judge a claim by a measurement; say so if its results are not there yet."""
    try:
        return Claim(claim, published, *measure())
    except FileNotFoundError:
        return Claim(claim, published, NONE, MISSING)
