"""Groups of runs: their medians, ranges and collapses."""

import pytest
from fabricated import put_curve, put_json, summary

from lab import groups
from lab.catalogue import EXPERIMENTS
from lab.paths import RESULTS, read_json


@pytest.mark.parametrize(
    ("curve", "collapse", "expected"),
    [
        ([6, 20, 25, 27, 28, 29, 30], {"below_input": True, "dead_layer": False}, False),  # slow, but rising
        ([6, 11, 11, 11, 11, 11, 11], {"below_input": True, "dead_layer": False}, True),
        ([6, 20, 30, 33, 30, 25, 20], {"below_input": True, "dead_layer": False}, True),
        ([6, 20, 30, 35, 36, 36, 36], {"below_input": False, "dead_layer": False}, False),
        ([6, 8, 10, 12, 14, 16, 18], {"below_input": True, "dead_layer": True}, True),
    ],
)
def test_collapse_is_a_bad_end_not_a_slow_start(tmp_path, curve, collapse, expected):
    put_curve(tmp_path / "curve.csv", [(n, db, db) for n, db in enumerate(curve)])
    put_json(tmp_path / "summary.json", summary(collapse=collapse))
    assert groups.is_collapsed(tmp_path) is expected


def test_medians_and_ranges_are_over_the_seeds_and_end_with_the_shortest(tmp_path):
    ends = [(30, 36, 35), (31, 37), (32, 35, 39)]
    folders = [tmp_path / str(number) for number in range(3)]
    for folder, curve in zip(folders, ends, strict=True):
        put_curve(folder / "curve.csv", [(100 * n, db, db - 1) for n, db in enumerate(curve)])
    assert groups.median_series(folders, "mean") == [(0, 31), (100, 36)]
    assert groups.median_series(folders, "pooled") == [(0, 30), (100, 35)]
    assert groups.range_series(folders, "mean") == [(0, 30, 32), (100, 35, 37)]


@pytest.mark.parametrize(
    "experiment", [e for e in EXPERIMENTS.values() if (RESULTS / e.name / "table.json").is_file() and e.panels]
)
def test_committed_tables_follow_from_the_committed_runs(experiment):
    content = read_json(RESULTS / experiment.name / "table.json")
    assert content["recipes"] == experiment.labels
    for recipe, label in experiment.labels.items():
        folders = [run.results for run in experiment.runs(experiment.seeds) if run.recipe == recipe]
        assert content["rows"][label] == groups.group_row(folders) | groups.published_row(recipe)
