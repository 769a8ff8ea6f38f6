"""Chinese labels of the recipes in the pages' tables; figures and results have the English ones."""

from __future__ import annotations

from lab.text import Text

__all__ = ["label_text"]

CHINESE = {
    "RGB, from the weights for Y": "RGB，以 Y 的权重初始化",
    "RGB, from scratch": "RGB，从零训练",
    "Adam, N(0, 0.001)": "Adam，N(0, 0.001)",
    "Adam, N(0, 0.05)": "Adam，N(0, 0.05)",
    "SGD, N(0, 0.001), Adam's rates on 0..255": "SGD，N(0, 0.001)，Adam 的学习率，像素值 0..255",
    "SGD, N(0, 0.001), the paper's steps": "SGD，N(0, 0.001)，论文的步长",
    "SGD, N(0, 0.05), the paper's steps": "SGD，N(0, 0.05)，论文的步长",
    "SGD, N(0, 0.05), steps three times as large": "SGD，N(0, 0.05)，三倍步长",
    "start": "起点（start）",
    "one size": "单一尺寸",
    "no turns": "不翻转、不旋转",
    "constant rates": "学习率不衰减",
    "rates half": "学习率减半",
    "rates double": "学习率加倍",
    "one rate": "各层同一学习率",
    "batch 16": "批大小 16",
    "batch 64": "批大小 64",
    "batch 8": "批大小 8",
    "batch 16 rates double": "批大小 16，学习率加倍",
    "batch 16 one rate": "批大小 16，各层同一学习率",
    "identity": "恒等初始化",
    "whitening": "白化",
    "identity whitening": "恒等初始化，白化",
    "ours": "最终方案（ours）",
    "relu": "恒等初始化，白化，ReLU",
    "Adam, our first weights": "Adam，本项目的初始权重",
    "SGD as the paper trains": "论文的 SGD 训练",
    "all of T91, 91 pictures": "T91 全部，91 张",
    "half, 46 pictures": "一半，46 张",
    "a quarter, 23 pictures": "四分之一，23 张",
    "bicubic": "双三次插值",
    "Y only": "仅 Y",
    "Y first": "先 Y",
    "CbCr first": "先 CbCr",
    "YCbCr at once": "YCbCr 同时",
}
for _channels in ("Y", "RGB"):
    CHINESE[f"{_channels}, 1e-4, last layer 1e-5"] = f"{_channels}，1e-4，最后一层 1e-5"
    CHINESE |= {f"{_channels}, {_rate} for all": f"{_channels}，各层 {_rate}" for _rate in ("1e-5", "1e-4", "1e-3")}
for _defect, _chinese in (("JPEG", "JPEG"), ("weak noise", "弱噪声"), ("strong noise", "强噪声")):
    for _network in ("9-1-5", "9-5-5"):
        CHINESE |= {f"{_defect}, {_network}, x{_scale}": f"{_chinese}，{_network}，x{_scale}" for _scale in (2, 3, 4)}


def label_text(label: str) -> Text:
    """Return a label in both languages; names of networks are the same in both."""
    return Text(label, CHINESE.get(label, label))
