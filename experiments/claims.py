"""What the article claims, what we measured, and the verdict: worked out from the committed results."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from places import RESULTS

from paddle_srcnn.recipes import RECIPES

MISSING = "not measured yet"


@dataclass(frozen=True)
class Claim:
    """A claim of the article; `published` and `ours` hold figures in dB of PSNR on Y, protocol ``article``."""

    claim: str
    published: str
    ours: str
    verdict: str


def claims() -> list[Claim]:
    """All claims, in the order of the article."""
    return [
        reached("9-1-5 trained on Y restores Set5", "baseline"),
        reached("Larger filters restore it better still", "filter_9-3-1"),
        reached("The same with 9-3-5, which the article's figure has in place of its text's 9-3-1", "filter_9-3-5"),
        reached("Three channels, started from the weights for Y, do best", "rgb_pretrained"),
        measured(
            "Larger middle filters end higher: 9-1-5, 9-3-5, 9-5-5",
            "35.25, 35.82, -",
            lambda: ordered(["baseline", "filter_9-3-5", "filter_9-5-5"]),
        ),
        measured(
            "The literal 9-3-1 ends above 9-1-5", "35.82 against 35.25", lambda: ordered(["baseline", "filter_9-3-1"])
        ),
        measured("RGB ends above Y", "35.92 against 35.25", lambda: ordered(["baseline", "rgb_pretrained"])),
        measured("With one learning rate for all layers the model often collapses", "-", lambda: collapses("")),
        measured("RGB collapses easily when trained from scratch", "-", lambda: collapses("rgb_")),
        measured("SGD converges far slower than Adam", "-", sgd_against_adam),
        measured("Set14 gives the same conclusions", "-", set14),
        measured(
            "(ours) The article's pipeline undoes a blur; it does not enlarge", "called super-resolution", deblurring
        ),
    ]


def measured(claim: str, published: str, measure: Callable[[], tuple[str, str]]) -> Claim:
    """Claim with what `measure` gives, ours and verdict; without if its results are not there yet."""
    try:
        return Claim(claim, published, *measure())
    except FileNotFoundError:
        return Claim(claim, published, "-", MISSING)


def read(*path: str) -> Any:
    """Content of a JSON file among the results."""
    return json.loads(RESULTS.joinpath(*path).read_text(encoding="utf-8"))


def psnrs(recipe: str, test_set: str = "Set5") -> dict[str, float]:
    """PSNR on Y that a recipe's published run ended with, by pooling."""
    final = read(recipe, "summary.json" if test_set == "Set5" else f"{test_set}.json")["final"]
    return {pooling: final[f"psnr_{pooling}_db"] for pooling in ("mean", "pooled")}


def both(figures: dict[str, float]) -> str:
    """Figures of both poolings."""
    return f"{figures['mean']:.2f} mean, {figures['pooled']:.2f} pooled"


def reached(claim: str, recipe: str) -> Claim:
    """Claim of a figure that a recipe's run should reach."""
    published = RECIPES[recipe].published

    def measure() -> tuple[str, str]:
        ours = psnrs(recipe)
        above = [pooling for pooling, value in ours.items() if value >= published.psnr_db]
        verdict = {2: "confirmed: reached on both readings", 0: "not confirmed: reached on neither reading"}
        return both(ours), verdict.get(len(above), f"partly: reached as {', '.join(above)} only")

    return measured(claim, f"{published.psnr_db:.2f}", measure)


def seeds_of(recipe: str) -> list[dict[str, float]]:
    """Ends of a recipe's published runs, one for each seed."""
    summaries = [RESULTS / recipe / "summary.json", *sorted((RESULTS / recipe).glob("seed*/summary.json"))]
    finals = [json.loads(path.read_text(encoding="utf-8"))["final"] for path in summaries]
    return [{pooling: final[f"psnr_{pooling}_db"] for pooling in ("mean", "pooled")} for final in finals]


def ordered(recipes: Sequence[str]) -> tuple[str, str]:
    """Whether recipes end the higher the later they are listed, by every pair of their seeds."""
    runs = [seeds_of(recipe) for recipe in recipes]
    ours, holds = [], []
    for pooling in ("mean", "pooled"):
        ranges = [(min(run[pooling] for run in of), max(run[pooling] for run in of)) for of in runs]
        shown = [f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}" for low, high in ranges]
        ours.append(f"{', '.join(shown)} {pooling}")
        if all(below[1] < above[0] for below, above in pairwise(ranges)):
            holds.append(pooling)
    counts = ", ".join(str(len(of)) for of in runs)
    verdict = {2: "confirmed on both readings", 0: "not confirmed on either reading"}
    text = verdict.get(len(holds), f"partly: holds for the {', '.join(holds)} PSNR only")
    return "; ".join(ours), f"{text} (seeds: {counts})"


def collapses(prefix: str) -> tuple[str, str]:
    """Collapsed runs by learning rates."""
    table = read("learning_rates", "table.json")
    rows = {recipe: table["rows"][table["recipes"][recipe]] for recipe in table["recipes"]}
    rows = {recipe: row for recipe, row in rows.items() if recipe.startswith(f"{prefix}rates_")}
    ours = ", ".join(
        f"{recipe.removeprefix(f'{prefix}rates_')}: {row['collapsed']} of {row['seeds']} collapsed, "
        f"median {row['mean']['median_db']:.2f}"
        for recipe, row in rows.items()
    )
    separate = rows.pop(f"{prefix}rates_separate")
    single = sum(row["collapsed"] for row in rows.values())
    if prefix:
        return ours, "confirmed" if separate["collapsed"] or single else "not confirmed: no run collapsed"
    if separate["collapsed"]:
        return ours, "not confirmed: separate rates collapse as well"
    return ours, f"confirmed: {single} runs collapsed" if single else "not confirmed: no run collapsed"


def sgd_against_adam() -> tuple[str, str]:
    """Adam and SGD from the article's first weights, and from larger ones."""
    names = ("baseline", "sgd_paper", "adam_std0.05", "sgd_std0.05_x3")
    ours = {name: psnrs(name)["mean"] for name in names}
    text = (
        f"mean PSNR from N(0, 0.001): Adam {ours['baseline']:.2f}, SGD {ours['sgd_paper']:.2f}; "
        f"from N(0, 0.05): Adam {ours['adam_std0.05']:.2f}, SGD {ours['sgd_std0.05_x3']:.2f}"
    )
    if ours["sgd_paper"] >= ours["baseline"]:
        return text, "refuted"
    if ours["sgd_std0.05_x3"] >= ours["adam_std0.05"]:
        return text, "partly: from the article's first weights; from larger ones SGD ends no lower"
    return text, "confirmed from either start"


def set14() -> tuple[str, str]:
    """Order of the article's networks on both sets."""
    names = ("baseline", "filter_9-3-1", "filter_9-3-5", "filter_9-5-5", "rgb_pretrained")
    orders = [sorted(names, key=lambda name: psnrs(name, test_set)["mean"]) for test_set in ("Set5", "Set14")]
    ours = ", ".join(f"{name} {psnrs(name, 'Set14')['mean']:.2f}" for name in orders[1])
    same = (
        "confirmed: the same order"
        if orders[0] == orders[1]
        else f"partly: on Set5 the order is {', '.join(orders[0])}"
    )
    return f"mean PSNR on Set14: {ours}", same


def deblurring() -> tuple[str, str]:
    """Gains of the baseline's weights over blurred and over reduced inputs."""
    rows = [row for row in read("deblurring", "table.json")["rows"] if row["set"] == "Set5"]
    gains = {row["input"]: row["restored_db"] - row["given_db"] for row in rows}
    blurred, *reduced = gains.values()
    ours = ", ".join(f"{kind}: {gain:+.2f}" for kind, gain in gains.items())
    return f"gain on Set5: {ours}", "confirmed" if blurred > 3 and max(reduced) < blurred / 2 else "not confirmed"
