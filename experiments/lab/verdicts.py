"""Measurements behind the claims: each reads committed results, and returns our figures and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from lab.paths import RESULTS, read_json, read_summary
from lab.text import Text, joined, same
from paddle_srcnn.recipes import RECIPES
from paddle_srcnn.reporting.curves import backprops_to_reach, psnr_series, read_curve
from paddle_srcnn.reporting.summary import Figures

Measured = tuple[Text, Text]  # our figures and the verdict

OFTEN = 0.5  # share of runs that "often" and "easily" are taken to mean
FAR_SLOWER = 3.0  # factor of backprops that "far slower" is taken to mean
ORDERS = (  # pairs whose second network ends higher in the article, or in the paper that it follows
    ("baseline", "filter_9-3-1"),
    ("baseline", "filter_9-3-5"),
    ("filter_9-3-5", "filter_9-5-5"),
    ("baseline", "rgb_pretrained"),
)
CONFIRMED = Text("confirmed", "成立")
NOT_CONFIRMED = Text("not confirmed", "不成立")
PARTLY = Text("partly", "部分成立")
COLON = Text(": ", "：")
SEMICOLON = Text("; ", "；")
COMMA = Text(", ", "，")
READINGS = {
    2: Text("confirmed on both readings", "两种口径均成立"),
    0: Text("not confirmed on either reading", "两种口径均不成立"),
}


def ends(recipe: str, test_set: str = "Set5") -> list[dict[str, float]]:
    """Return the PSNR on Y that a recipe's published runs ended with, by pooling, for each seed."""
    name = "summary.json" if test_set == "Set5" else f"{test_set}.json"
    folders = [RESULTS / recipe, *sorted((RESULTS / recipe).glob("seed*"))]
    finals = [Figures.from_json(read_json(folder / name)["final"]) for folder in folders]
    return [{pooling: final.psnr(pooling) for pooling in ("mean", "pooled")} for final in finals]


def series_of(recipe: str, pooling: str = "mean") -> list[tuple[int, float]]:
    """Return backprops and PSNR in dB of each evaluation of a recipe's first run."""
    return psnr_series(read_curve(RESULTS / recipe / "curve.csv"), pooling)


def level_of(recipe: str) -> float:
    """Return the published PSNR in dB that a recipe reproduces.

    Raises
    ------
    ValueError
        If it reproduces none.
    """
    published = RECIPES[recipe].published
    if published is None:
        raise ValueError(f"{recipe} has no published figure to reach")
    return published.psnr_db


def reached(recipe: str) -> Measured:
    """Tell whether a recipe's first run reaches its published figure, and when."""
    level, ours = level_of(recipe), ends(recipe)[0]
    above = [pooling for pooling, value in ours.items() if value >= level]
    paces = {pooling: backprops_to_reach(series_of(recipe, pooling), level) for pooling in ours}
    text = Text(
        f"{ours['mean']:.2f} mean, {ours['pooled']:.2f} pooled; first at {level:.2f}: "
        + ", ".join(f"{pooling} {pace(backprops).en}" for pooling, backprops in paces.items()),
        f"mean {ours['mean']:.2f}，pooled {ours['pooled']:.2f}；首次达到 {level:.2f}："
        + "，".join(f"{pooling} {pace(backprops).zh}" for pooling, backprops in paces.items()),
    )
    some = Text(f"partly: as {', '.join(above)} only", f"部分成立：仅 {'、'.join(above)}")
    return text, READINGS.get(len(above), some)


def pace(backprops: int | None) -> Text:
    """Return the text of the backprops that something took, None if it never came."""
    if backprops is None:
        return Text("never", "从未")
    return Text(f"after {backprops:,} backprops", f"在 {backprops:,} 次反向传播后")


def holds(recipes: Sequence[str], pooling: str, test_set: str = "Set5") -> bool:
    """Tell whether each recipe ends above the one listed before it, in every pair of their seeds."""
    values = [[run[pooling] for run in ends(recipe, test_set)] for recipe in recipes]
    return all(max(below) < min(above) for below, above in pairwise(values))


def ordered(recipes: Sequence[str]) -> Measured:
    """Tell whether recipes end in the listed order, the highest last."""
    runs = [ends(recipe) for recipe in recipes]
    ours = []
    for pooling in ("mean", "pooled"):
        ranges = [(min(run[pooling] for run in of), max(run[pooling] for run in of)) for of in runs]
        shown = [
            same(f"{low:.2f}") if low == high else Text(f"{low:.2f} to {high:.2f}", f"{low:.2f} 至 {high:.2f}")
            for low, high in ranges
        ]
        values = joined(shown, Text(", ", "、"))
        ours.append(Text(f"{values.en} {pooling}", f"{pooling}：{values.zh}"))
    true = [pooling for pooling in ("mean", "pooled") if holds(recipes, pooling)]
    some = Text(f"partly: for the {', '.join(true)} PSNR only", f"部分成立：仅 {'、'.join(true)} PSNR")
    counts = [str(len(of)) for of in runs]
    seeds = Text(f" (seeds: {', '.join(counts)})", f"（种子数：{'、'.join(counts)}）")
    return joined(ours, SEMICOLON), READINGS.get(len(true), some) + seeds


def gain_of_rgb() -> Measured:
    """Compare Y of the baseline's weights on Y, spread over RGB before any training on it, and after."""
    of_luma, trained = (ends(name)[0]["mean"] for name in ("baseline", "rgb_pretrained"))
    _, spread = series_of("rgb_pretrained")[0]
    ours = Text(
        f"Y: {of_luma:.2f}; the same weights spread over RGB: {spread:.2f}, and trained on: {trained:.2f}",
        f"Y：{of_luma:.2f}；同一权重扩展到 RGB：{spread:.2f}，继续训练后：{trained:.2f}",
    )
    share = (spread - of_luma) / (trained - of_luma)
    told = Text(f": {share:.0%} of the gain comes before training on RGB", f"：{share:.0%} 的增益在继续训练之前已有")
    return ours, (CONFIRMED if share > 0.5 else NOT_CONFIRMED) + told


def rates(prefix: str) -> tuple[dict[str, Any], dict[str, Any], Text]:
    """Read the learning rates' table: the separate rates' row, the others' rows, and a text of all."""
    table = read_json(RESULTS / "learning_rates" / "table.json")
    named = {recipe.removeprefix(f"{prefix}rates_"): recipe for recipe in table["recipes"]}
    rows = {
        name: table["rows"][table["recipes"][recipe]]
        for name, recipe in named.items()
        if recipe.startswith(f"{prefix}rates_")
    }
    epochs = RECIPES[f"{prefix}rates_separate"].schedule.epochs
    ours = Text(f"after {epochs} epochs: ", f"{epochs} 轮后，")
    ours += joined([rate_text(name, row) for name, row in rows.items()], SEMICOLON)
    return rows.pop("separate"), rows, ours


def rate_text(name: str, row: dict[str, Any]) -> Text:
    """Return the text of the runs with one choice of learning rates."""
    below = row["below_input"]
    parts = [
        Text(f"{row['collapsed']} of {row['seeds']} collapsed", f"{row['seeds']} 次中 {row['collapsed']} 次崩溃"),
        *([Text(f"{below} below the input", f"{below} 次低于输入")] if below else []),
        Text(f"median {row['mean']['median_db']:.2f}", f"中位数 {row['mean']['median_db']:.2f}"),
    ]
    return (Text(name, "逐层学习率") if name == "separate" else same(name)) + COLON + joined(parts, COMMA)


def collapses_of_luma() -> Measured:
    """Count the collapsed runs on Y by learning rates."""
    separate, single, ours = rates("")
    count, runs = (sum(row[key] for row in single.values()) for key in ("collapsed", "seeds"))
    told = Text(
        f": {count} of {runs} with one rate, {separate['collapsed']} of {separate['seeds']} with separate ones",
        f"：同一学习率 {runs} 次中 {count} 次，逐层学习率 {separate['seeds']} 次中 {separate['collapsed']} 次",
    )
    if count == 0 or count / runs <= separate["collapsed"] / separate["seeds"]:
        return ours, NOT_CONFIRMED + told
    return ours, (CONFIRMED if count / runs >= OFTEN else PARTLY) + told


def collapses_of_rgb() -> Measured:
    """Count the collapsed runs on RGB, with the article's rates and with others."""
    separate, single, ours = rates("rgb_")
    epochs, end = RECIPES["rgb_scratch"].schedule.epochs, ends("rgb_scratch")[0]["mean"]
    ours += Text(f"; separate, after {epochs} epochs: {end:.2f}", f"；逐层学习率，{epochs} 轮后：{end:.2f}")
    share = separate["collapsed"] / separate["seeds"]
    others, runs = (sum(row[key] for row in single.values()) for key in ("collapsed", "seeds"))
    told = Text(
        f": {separate['collapsed']} of {separate['seeds']} with the article's rates, {others} of {runs} with one rate",
        f"：文章的学习率 {separate['seeds']} 次中 {separate['collapsed']} 次，同一学习率 {runs} 次中 {others} 次",
    )
    if share >= OFTEN:
        return ours, CONFIRMED + told
    return ours, (PARTLY if share or others else NOT_CONFIRMED) + told


def passed(optimizer: str, backprops: int | None, final_db: float) -> Text:
    """Return the text of the backprops after which an optimiser's output is better than its input, and of its end."""
    when = "never passes its input" if backprops is None else f"passes its input {pace(backprops).en}"
    return Text(
        f"{optimizer} {when} and ends at {final_db:.2f}",
        f"{optimizer} {pace(backprops).zh}超过输入，最终 {final_db:.2f}",
    )


def sgd_against_adam() -> Measured:
    """Compare the backprops until the output is better than the input, for Adam and for SGD, and where both end."""
    told, slower = [], []
    for start, adam, sgd in (
        (same("N(0, 0.001)"), "baseline", "sgd_paper"),
        (same("N(0, 0.05)"), "adam_std0.05", "sgd_std0.05"),
        (
            Text("N(0, 0.05), SGD with three times the steps", "N(0, 0.05)，SGD 步长为三倍"),
            "adam_std0.05",
            "sgd_std0.05_x3",
        ),
    ):
        given, _ = (read_summary(RESULTS / name).input.psnr_mean_db for name in (adam, sgd))
        series = [series_of(name) for name in (adam, sgd)]
        adams, sgds = (backprops_to_reach(curve, given) for curve in series)
        final = [curve[-1][1] for curve in series]
        first, second = passed("Adam", adams, final[0]), passed("SGD", sgds, final[1])
        told.append(Text(f"From {start.en}: {first.en}. {second.en}", f"初始权重 {start.zh}：{first.zh}；{second.zh}"))
        slower.append(adams is not None and (sgds is None or sgds >= FAR_SLOWER * adams) and final[1] < final[0])
    ours = joined(told, Text(". ", "。"))
    if all(slower):
        return ours, CONFIRMED
    only = PARTLY + Text(": from the article's first weights only", "：仅在文章的初始权重下")
    return ours, only if slower[0] else NOT_CONFIRMED


def set14() -> Measured:
    """Tell whether the orders of networks that hold on Set5 hold on Set14, and the others do not."""
    names = {name: called(name) for pair in ORDERS for name in pair}
    values = [same(f"{label} {ends(name, 'Set14')[0]['mean']:.2f}") for name, label in names.items()]
    differing = []
    for pair in ORDERS:
        on_set5, on_set14 = (holds(pair, "mean", test_set) for test_set in ("Set5", "Set14"))
        if on_set5 != on_set14:
            below, above = (names[name] for name in pair)
            alone = "Set5" if on_set5 else "Set14"
            differing.append(
                Text(f"{below} is below {above} on {alone} alone", f"只在 {alone} 上 {below} 低于 {above}")
            )
    told = Text("mean PSNR on Set14: ", "Set14 上的平均 PSNR：") + joined(values, Text(", ", "、"))
    if not differing:
        count = len(ORDERS)
        agreed = Text(f": the same verdict on {count} orders of two networks", f"：{count} 组两两次序的判定均相同")
        return told, CONFIRMED + agreed
    rest = Text("the same verdict on the other orders", "其余次序的判定相同")
    return told, PARTLY + COLON + joined(differing, COMMA) + SEMICOLON + rest


def called(recipe: str) -> str:
    """Return the name of a recipe's network."""
    architecture = RECIPES[recipe].architecture
    return architecture.name if architecture.channels == 1 else f"RGB {architecture.name}"


def input_text(kind: str) -> Text:
    """Return the text of a kind of inputs, as the results of `deblurring.py` name it."""
    if kind.startswith("reduced by "):
        return Text(kind, f"缩小 {kind.removeprefix('reduced by ')} 倍")
    return Text(kind, "模糊（与训练相同）")


def deblurring() -> Measured:
    """Compare the gains of the baseline's weights over blurred and over downscaled inputs."""
    rows = [row for row in read_json(RESULTS / "deblurring" / "table.json")["rows"] if row["set"] == "Set5"]
    gains = {row["input"]: row["restored_db"] - row["given_db"] for row in rows}
    blurred, *reduced = gains.values()
    told = joined([input_text(kind) + COLON + same(f"{gain:+.2f}") for kind, gain in gains.items()], Text(", ", "，"))
    ours = Text("gain on Set5: ", "Set5 上的增益，") + told
    return ours, CONFIRMED if blurred > 3 and max(reduced) < 1 else NOT_CONFIRMED
