"""Verdicts on fabricated results: each can go every way."""

import json
import re

import pytest
from fabricated import figures, put_curve, put_json, summary

from lab import claims, paths, verdicts
from paddle_srcnn.errors import UserError


@pytest.fixture
def results(tmp_path, monkeypatch):
    """Put fabricated ends of runs among the results: mean and pooled PSNR by seed."""
    monkeypatch.setattr(verdicts, "RESULTS", tmp_path)

    def put(recipe, *seeds, curve=None, file="summary.json"):
        for number, (mean, pooled) in enumerate(seeds):
            folder = tmp_path / recipe / (f"seed{number}" if number else "")
            if file == "summary.json":
                put_json(folder / file, summary(recipe, given=(31.18, 29.5), final=(mean, pooled), seed=number))
                put_curve(folder / "curve.csv", [(100 * n, db, db) for n, db in enumerate(curve or (20, 30))])
            else:
                put_json(folder / file, {"final": figures(mean, pooled)})

    return put


def claim(start):
    (found,) = (claim for claim in claims.claims() if claim.claim.en.startswith(start))
    return found


def verdict(start):
    return claim(start).verdict.en


def test_without_results_nothing_is_claimed(results):
    assert {claim.verdict for claim in claims.claims()} == {claims.MISSING}


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ((35.9, 35.9), "confirmed on both readings"),
        ((35.9, 35.0), "partly: as mean only"),
        ((35.0, 35.0), "not confirmed on either reading"),
    ],
)
def test_figure_is_reached_on_both_readings_or_one(results, end, expected):
    results("filter_9-3-5", end)
    assert verdict("9-3-5 (so") == expected


def test_it_is_told_when_a_figure_was_first_reached(results):
    results("filter_9-3-5", (36.5, 35.0), curve=(6, 35.9, 35.0, 36.5))
    assert claim("9-3-5 (so").ours.en == (
        "36.50 mean, 35.00 pooled; first at 35.82: mean after 100 backprops, pooled after 100 backprops"
    )
    results("filter_9-3-1", (35.0, 35.0))
    assert claim("9-3-1").ours.en.endswith("first at 35.82: mean never, pooled never")
    results("rgb_pretrained", (38.0, 37.0), curve=(37, 38))
    assert "mean after 0 backprops" in claim("RGB from the weights").ours.en


@pytest.mark.parametrize(
    ("below", "above", "expected"),
    [
        ([(36, 35)], [(37, 36)], "confirmed on both readings (seeds: 1, 1)"),
        ([(36, 35), (36.9, 35)], [(37, 36), (36.8, 36)], "partly: for the pooled PSNR only (seeds: 2, 2)"),
        ([(37, 36)], [(36, 35)], "not confirmed on either reading (seeds: 1, 1)"),
    ],
)
def test_order_holds_for_every_pair_of_seeds(results, below, above, expected):
    results("baseline", *below)
    results("filter_9-3-1", *above)
    assert verdict("The literal 9-3-1") == expected


def put_rates(folder, *, luma=(0, 0, 0, 0), rgb=(0, 0, 0, 0), below_input=0):
    labels, rows = {}, {}
    for prefix, collapsed in (("", luma), ("rgb_", rgb)):
        for name, count in zip(("separate", "1e-5", "1e-4", "1e-3"), collapsed, strict=True):
            labels[f"{prefix}rates_{name}"] = label = f"{prefix}{name}"
            rows[label] = {
                "collapsed": count,
                "below_input": below_input,
                "seeds": 5,
                "mean": {"median_db": 30.0},
            }
    (folder / "learning_rates").mkdir()
    (folder / "learning_rates" / "table.json").write_text(json.dumps({"recipes": labels, "rows": rows}))


@pytest.mark.parametrize(
    ("collapsed", "expected"),
    [
        ((0, 5, 4, 5), "confirmed: 14 of 15"),
        ((0, 0, 0, 1), "partly: 1 of 15"),
        ((0, 0, 0, 0), "not confirmed: 0 of 15"),
        ((5, 5, 5, 5), "not confirmed: 15 of 15"),
        ((1, 5, 5, 5), "confirmed: 15 of 15 with one rate, 1 of 5 with separate ones"),
    ],
)
def test_collapses_with_one_rate_are_compared_with_those_of_separate_ones(results, tmp_path, collapsed, expected):
    put_rates(tmp_path, luma=collapsed)
    assert verdict("With one learning rate").startswith(expected)


@pytest.mark.parametrize(
    ("collapsed", "expected"), [((4, 0, 0, 0), "confirmed"), ((0, 0, 0, 1), "partly"), ((0, 0, 0, 0), "not confirmed")]
)
def test_collapses_on_rgb_are_those_with_the_articles_rates(results, tmp_path, collapsed, expected):
    put_rates(tmp_path, rgb=collapsed)
    results("rgb_scratch", (38, 37))
    assert verdict("RGB collapses easily").startswith(expected)


def test_runs_below_their_input_are_told_beside_collapsed_ones(results, tmp_path):
    put_rates(tmp_path, below_input=2)
    results("rgb_scratch", (38, 37))
    ours = claim("RGB collapses easily").ours.en
    assert ours.startswith("after 15 epochs: separate: 0 of 5 collapsed, 2 below the input, median 30.00; 1e-5: ")
    assert ours.endswith("; separate, after 200 epochs: 38.00")


FAST, SLOW, STUCK = [6, 30, 32, 37], [6, 10, 15, 20, 25, 30, 31, 35], [6, 11, 11, 11]


@pytest.mark.parametrize(
    ("small_start", "large_start", "expected"),
    [
        (STUCK, SLOW, "confirmed"),
        (STUCK, FAST, "partly: from the article's first weights only"),
        (FAST, FAST, "not confirmed"),
        (SLOW, FAST, "partly: from the article's first weights only"),
    ],
)
def test_sgd_is_judged_by_when_it_passes_its_input(results, small_start, large_start, expected):
    for adam in ("baseline", "adam_std0.05"):
        results(adam, (37, 36), curve=FAST)
    results("sgd_paper", (30, 30), curve=small_start)
    for sgd in ("sgd_std0.05", "sgd_std0.05_x3"):
        results(sgd, (30, 30), curve=large_start)
    assert verdict("SGD converges") == expected


@pytest.mark.parametrize(
    ("rgb", "expected"), [((39, 39), "confirmed"), ((30, 30), "partly: 9-1-5 is below RGB 9-1-5 on Set5 alone; ")]
)
def test_set14_must_give_the_same_orders(results, rgb, expected):
    ascending = {"baseline": 36, "filter_9-3-1": 37, "filter_9-3-5": 37, "filter_9-5-5": 38, "rgb_pretrained": 39}
    for name, value in ascending.items():
        results(name, (value, value))
        results(name, (value - 3, value - 3), file="Set14.json")
    results("rgb_pretrained", rgb, file="Set14.json")
    assert verdict("Set14").startswith(expected)


def test_damaged_results_are_named(tmp_path):
    for content in ("{", "[]", "\xff"):
        (tmp_path / "table.json").write_text(content, encoding="latin-1")
        with pytest.raises(UserError, match=r"table\.json"):
            paths.read_json(tmp_path / "table.json")


@pytest.mark.parametrize(("spread", "expected"), [(37.9, "confirmed: 90%"), (37.2, "not confirmed: 20%")])
def test_gain_of_rgb_is_that_of_its_input_or_of_training(results, spread, expected):
    results("baseline", (37.0, 36.0))
    results("rgb_pretrained", (38.0, 37.0), curve=[spread, 36, 38])
    assert verdict("(ours) RGB's gain").startswith(expected)


NUMBERS = re.compile(r"[+-]?\d[\d.,]*\d|\d")
WORDS = {"confirmed": "成立", "not confirmed": "不成立", "partly": "部分成立", "not measured yet": "尚未测量"}


def test_chinese_claims_have_the_same_numbers_and_verdicts():
    """In the committed results: the Chinese text has every number of the English one, and the same word judges."""
    for each in claims.claims():
        for text in (each.published, each.ours, each.verdict):
            assert sorted(NUMBERS.findall(text.en)) == sorted(NUMBERS.findall(text.zh)), text
        word = next(word for word in WORDS if each.verdict.en.startswith(word))
        assert WORDS[word] in each.verdict.zh
        assert ("不" in each.verdict.zh.split("：")[0]) == (word == "not confirmed")
