"""What the article claims, what we measured, and the verdict: worked out from the committed results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lab.paths import RESULTS, read_json
from paddle_srcnn.recipes import RECIPES
from paddle_srcnn.reporting.curves import backprops_to_reach, psnr_series, read_curve

MISSING = "not measured yet"
OFTEN = 0.5  # share of runs that "often" and "easily" are taken to mean
FAR_SLOWER = 3.0  # times the backprops that "far slower" is taken to mean
ORDERS = (  # pairs of which the article, or the paper that it follows, has the second one higher
    ("baseline", "filter_9-3-1"),
    ("baseline", "filter_9-3-5"),
    ("filter_9-3-5", "filter_9-5-5"),
    ("baseline", "rgb_pretrained"),
)


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
        reached("9-1-5 on Y, 150 epochs, reaches 35.25", "baseline"),
        reached("9-3-1, 150 epochs, reaches 35.82", "filter_9-3-1"),
        reached("9-3-5, which the article's figure has for its text's 9-3-1, reaches 35.82", "filter_9-3-5"),
        reached("RGB from the weights for Y, 200 epochs, reaches 35.92 on Y", "rgb_pretrained"),
        measured(
            "Larger middle filters end higher: 9-1-5, 9-3-5, 9-5-5",
            "35.25, 35.82, -",
            lambda: ordered(["baseline", "filter_9-3-5", "filter_9-5-5"]),
        ),
        measured(
            "The literal 9-3-1 ends above 9-1-5", "35.82 against 35.25", lambda: ordered(["baseline", "filter_9-3-1"])
        ),
        measured(
            "RGB (150 epochs on Y, then 200) ends above Y (150 epochs)",
            "35.92 against 35.25",
            lambda: ordered(["baseline", "rgb_pretrained"]),
        ),
        measured(
            "(ours) RGB's gain over Y is in its input: three rounded channels give a finer Y than one",
            "-",
            gain_of_rgb,
        ),
        measured("With one learning rate for all layers the model often collapses", "-", collapses_of_luma),
        measured("RGB collapses easily when trained from scratch", "-", collapses_of_rgb),
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


def ends(recipe: str, test_set: str = "Set5") -> list[dict[str, float]]:
    """PSNR on Y that a recipe's published runs ended with, by pooling, for each seed."""
    name = "summary.json" if test_set == "Set5" else f"{test_set}.json"
    folders = [RESULTS / recipe, *sorted((RESULTS / recipe).glob("seed*"))]
    finals = [read_json(folder / name)["final"] for folder in folders]
    return [{pooling: final[f"psnr_{pooling}_db"] for pooling in ("mean", "pooled")} for final in finals]


def reached(claim: str, recipe: str) -> Claim:
    """Claim of a figure that a recipe's first run should reach."""
    published = RECIPES[recipe].published
    if published is None:
        raise ValueError(f"{recipe} has no published figure to reach")
    level = published.psnr_db

    def measure() -> tuple[str, str]:
        ours = ends(recipe)[0]
        above = [pooling for pooling, value in ours.items() if value >= level]
        verdict = {2: "confirmed on both readings", 0: "not confirmed on either reading"}
        points = read_curve(RESULTS / recipe / "curve.csv")
        paces = [pace(backprops_to_reach(psnr_series(points, pooling), level)) for pooling in ours]
        text = f"{ours['mean']:.2f} mean, {ours['pooled']:.2f} pooled; first at {level:.2f}: mean {paces[0]}, "
        text += f"pooled {paces[1]}"
        return text, verdict.get(len(above), f"partly: as {', '.join(above)} only")

    return measured(claim, f"{level:.2f}", measure)


def pace(backprops: int | None) -> str:
    """Text of the backprops that something took, None if it never came."""
    return "never" if backprops is None else f"after {backprops:,} backprops"


def holds(recipes: Sequence[str], pooling: str, test_set: str = "Set5") -> bool:
    """Whether recipes end the higher the later they are listed, in every pair of their seeds."""
    values = [[run[pooling] for run in ends(recipe, test_set)] for recipe in recipes]
    return all(max(below) < min(above) for below, above in pairwise(values))


def ordered(recipes: Sequence[str]) -> tuple[str, str]:
    """Ends of recipes, and whether they are in the order in which they are listed."""
    runs = [ends(recipe) for recipe in recipes]
    ours = []
    for pooling in ("mean", "pooled"):
        ranges = [(min(run[pooling] for run in of), max(run[pooling] for run in of)) for of in runs]
        shown = [f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}" for low, high in ranges]
        ours.append(f"{', '.join(shown)} {pooling}")
    true = [pooling for pooling in ("mean", "pooled") if holds(recipes, pooling)]
    verdict = {2: "confirmed on both readings", 0: "not confirmed on either reading"}
    text = verdict.get(len(true), f"partly: for the {', '.join(true)} PSNR only")
    return "; ".join(ours), f"{text} (seeds: {', '.join(str(len(of)) for of in runs)})"


def gain_of_rgb() -> tuple[str, str]:
    """Y of the baseline's weights on Y, spread over RGB before any training on it, and after."""
    of_luma, trained = (ends(name)[0]["mean"] for name in ("baseline", "rgb_pretrained"))
    _, spread = psnr_series(read_curve(RESULTS / "rgb_pretrained" / "curve.csv"), "mean")[0]
    ours = f"Y: {of_luma:.2f}; the same weights spread over RGB: {spread:.2f}, and trained on: {trained:.2f}"
    share = (spread - of_luma) / (trained - of_luma)
    return ours, f"{'confirmed' if share > 0.5 else 'not confirmed'}: {share:.0%} of the gain is there untrained"


def rates(prefix: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Rows of the learning rates' table: the separate rates', the others', and a text of all."""
    table = read_json(RESULTS / "learning_rates" / "table.json")
    named = {recipe.removeprefix(f"{prefix}rates_"): recipe for recipe in table["recipes"]}
    rows = {
        name: table["rows"][table["recipes"][recipe]]
        for name, recipe in named.items()
        if recipe.startswith(f"{prefix}rates_")
    }
    ours = "; ".join(
        f"{name}: {row['collapsed']} of {row['seeds']} collapsed, "
        + (f"{row['below_input']} below the input, " if row["below_input"] else "")
        + f"median {row['mean']['median_db']:.2f}"
        for name, row in rows.items()
    )
    return rows.pop("separate"), rows, f"after {RECIPES[f'{prefix}rates_separate'].epochs} epochs: {ours}"


def collapses_of_luma() -> tuple[str, str]:
    """Collapsed runs on Y by learning rates."""
    separate, single, ours = rates("")
    count, runs = (sum(row[key] for row in single.values()) for key in ("collapsed", "seeds"))
    told = f"{count} of {runs} with one rate, {separate['collapsed']} of {separate['seeds']} with separate ones"
    if count == 0 or count / runs <= separate["collapsed"] / separate["seeds"]:
        return ours, f"not confirmed: {told}"
    return ours, f"{'confirmed' if count / runs >= OFTEN else 'partly'}: {told}"


def collapses_of_rgb() -> tuple[str, str]:
    """Collapsed runs on RGB, with the article's rates and with others."""
    separate, single, ours = rates("rgb_")
    ours += f"; separate, after {RECIPES['rgb_scratch'].epochs} epochs: {ends('rgb_scratch')[0]['mean']:.2f}"
    share = separate["collapsed"] / separate["seeds"]
    others, runs = (sum(row[key] for row in single.values()) for key in ("collapsed", "seeds"))
    told = f"{separate['collapsed']} of {separate['seeds']} with the article's rates, {others} of {runs} with one rate"
    if share >= OFTEN:
        return ours, f"confirmed: {told}"
    return ours, f"{'partly' if share or others else 'not confirmed'}: {told}"


def sgd_against_adam() -> tuple[str, str]:
    """Backprops until the output is better than the input, for Adam and for SGD, and where both end."""
    told, slower = [], []
    for start, adam, sgd in (
        ("N(0, 0.001)", "baseline", "sgd_paper"),
        ("N(0, 0.05)", "adam_std0.05", "sgd_std0.05"),
        ("N(0, 0.05), SGD with three times the steps", "adam_std0.05", "sgd_std0.05_x3"),
    ):
        given, _ = (read_json(RESULTS / name / "summary.json")["input"]["psnr_mean_db"] for name in (adam, sgd))
        series = [psnr_series(read_curve(RESULTS / name / "curve.csv"), "mean") for name in (adam, sgd)]
        adams, sgds = (backprops_to_reach(curve, given) for curve in series)
        final = [curve[-1][1] for curve in series]
        told.append(f"from {start}: Adam passes its input {pace(adams)} and ends at {final[0]:.2f}, ")
        told[-1] += f"SGD {pace(sgds)}, and ends at {final[1]:.2f}"
        slower.append(adams is not None and (sgds is None or sgds >= FAR_SLOWER * adams) and final[1] < final[0])
    if all(slower):
        return "; ".join(told), "confirmed"
    return "; ".join(told), "partly: from the article's first weights only" if slower[0] else "not confirmed"


def set14() -> tuple[str, str]:
    """Whether the orders of networks that hold on Set5 hold on Set14, and the others do not."""
    names = {name: called(name) for pair in ORDERS for name in pair}
    ours = ", ".join(f"{label} {ends(name, 'Set14')[0]['mean']:.2f}" for name, label in names.items())
    differing = []
    for pair in ORDERS:
        on_set5, on_set14 = (holds(pair, "mean", test_set) for test_set in ("Set5", "Set14"))
        if on_set5 != on_set14:
            below, above = (names[name] for name in pair)
            differing.append(f"{below} is below {above} on {'Set5' if on_set5 else 'Set14'} alone")
    told = f"mean PSNR on Set14: {ours}"
    if not differing:
        return told, f"confirmed: the same verdict on {len(ORDERS)} orders of two networks"
    return told, f"partly: {', '.join(differing)}; the same verdict on the other orders"


def called(recipe: str) -> str:
    """What a recipe's network is called."""
    architecture = RECIPES[recipe].architecture
    return architecture.name if architecture.channels == 1 else f"RGB {architecture.name}"


def deblurring() -> tuple[str, str]:
    """Gains of the baseline's weights over blurred and over reduced inputs."""
    rows = [row for row in read_json(RESULTS / "deblurring" / "table.json")["rows"] if row["set"] == "Set5"]
    gains = {row["input"]: row["restored_db"] - row["given_db"] for row in rows}
    blurred, *reduced = gains.values()
    ours = ", ".join(f"{kind}: {gain:+.2f}" for kind, gain in gains.items())
    return f"gain on Set5: {ours}", "confirmed" if blurred > 3 and max(reduced) < 1 else "not confirmed"
