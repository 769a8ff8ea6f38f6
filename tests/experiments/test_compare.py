"""`experiments/compare.py`: curves by name, their table and their figure."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import cv2
import fabricated
import pytest
from helpers import ROOT

from lab import overlay
from paddle_srcnn.errors import UserError

ARTICLE_BASELINE = {"psnr_db": 35.25, "source": "article: 9-1-5"}  # the article's table

# (backprops, mean, pooled); falls back at the end, so that its last value is not its best one.
SMALL = ((0, 6.0, 5.0), (1000, 30.0, 29.0), (2000, 36.5, 34.5), (3000, 36.25, 34.25))


@pytest.fixture(autouse=True)
def empty_folder(tmp_path, monkeypatch):
    """Look for published results and runs below an empty folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(overlay, "RESULTS", tmp_path / "results")


def put_curve(path, rows=SMALL, *, protocol=None, published=None, **changes):
    """Write a curve, and a summary beside it if a protocol is given; returns the curve's path as text."""
    path = Path(path)
    fabricated.put_curve(path, rows)
    if protocol:
        content = fabricated.summary(protocol=protocol, settings={"published": published}, **changes)
        fabricated.put_json(path.with_name("summary.json"), content)
    return str(path)


def run_script(folder, *arguments):
    command = [sys.executable, str(ROOT / "experiments" / "compare.py"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_table_has_length_final_best_and_first_backprops_of_each_level():
    curves = {"small": [(0, 6.0), (1000, 30.0), (2000, 36.5), (3000, 36.25)], "a longer name": [(0, 5.0), (500, 36.0)]}
    assert overlay.table(curves, [36, 36.4]).splitlines() == [
        "curve          backprops  final dB  best dB  to 36 dB  to 36.4 dB",
        "small              3,000     36.25    36.50     2,000       2,000",
        "a longer name        500     36.00    36.00       500           -",
    ]


def test_default_levels_are_the_highest_whole_decibels_reached():
    curves = [overlay.Curve("low", [(0, 36.9)]), overlay.Curve("high", [(0, 6.0), (1, 37.4), (2, 30.0)])]
    assert overlay.default_reach(curves) == [35, 36, 37]


def test_pooling_chooses_the_column():
    path = put_curve(Path("runs/one/curve.csv"), protocol="article")
    (mean,), (pooled,) = (overlay.load_curves([path], pooling) for pooling in ("mean", "pooled"))
    assert (mean.series[-1], mean.input_db) == ((3000, 36.25), 31.184)
    assert (pooled.series[-1], pooled.input_db) == ((3000, 34.25), 29.5)


def test_a_name_is_a_published_result_then_a_run_then_a_folder(tmp_path):
    put_curve(tmp_path / "baseline" / "curve.csv")
    assert overlay.find_curve("baseline") == Path("baseline/curve.csv")
    put_curve(tmp_path / "runs" / "baseline" / "curve.csv")
    assert overlay.find_curve("baseline") == Path("runs/baseline/curve.csv")
    put_curve(tmp_path / "results" / "baseline" / "curve.csv")
    assert overlay.find_curve("baseline") == tmp_path / "results/baseline/curve.csv"
    assert overlay.find_curve("./baseline/") == Path("baseline/curve.csv")
    assert overlay.find_curve("runs/baseline") == Path("runs/baseline/curve.csv")
    other = put_curve(tmp_path / "other.csv")
    assert overlay.find_curve(other) == Path(other)


def test_labels_are_as_short_as_is_unique():
    paths = ["results/baseline/curve.csv", "runs/baseline/curve.csv", "runs/wide/curve.csv", "runs/wide/first.csv"]
    labels = overlay.unique_labels([Path(path) for path in paths])
    assert labels == ["results/baseline", "runs/baseline", "wide", "first.csv"]


def test_a_curve_given_twice_is_refused():
    put_curve(Path("runs/one/curve.csv"))
    with pytest.raises(UserError, match=r"runs/one/curve\.csv is given twice"):
        overlay.load_curves(["one", "runs/one/curve.csv"], "mean")


def test_a_missing_curve_is_named_with_those_that_are_there():
    with pytest.raises(
        UserError, match=r"^nothing: no curve\.csv in .*results/nothing or runs/nothing or nothing; none"
    ):
        overlay.find_curve("nothing")
    put_curve(Path("runs/two/curve.csv"))
    put_curve(Path("results/one/curve.csv"))
    with pytest.raises(UserError, match=r"^nothing: .*; available: one, two$"):
        overlay.find_curve("nothing")
    with pytest.raises(UserError, match=r"^gone\.csv is not there; available: one, two$"):
        overlay.find_curve("gone.csv")


def test_curves_of_different_protocols_are_refused():
    put_curve(Path("runs/one/curve.csv"), protocol="article")
    put_curve(Path("runs/two/curve.csv"))
    put_curve(Path("runs/three/curve.csv"), protocol="paper")
    with pytest.raises(UserError, match="one is of protocol article, three of paper"):
        overlay.load_curves(["one", "two", "three"], "mean")


def test_a_curve_without_summary_says_so():
    (curve,) = overlay.load_curves([put_curve(Path("lonely.csv"))], "mean")
    assert curve.label == "lonely.csv (protocol unknown)"
    assert overlay.described([curve]) == "protocol and validation set unknown"


def test_an_unfinished_run_of_a_recipe_has_the_published_value_of_the_table():
    put_curve(Path("runs/baseline/curve.csv"))
    (curve,) = overlay.load_curves(["baseline"], "mean")
    assert curve.published[1] == 35.25  # the article's table


def test_validation_sets_that_differ_are_named_with_the_curves():
    put_curve(Path("runs/one/curve.csv"), protocol="article")
    put_curve(Path("runs/two/curve.csv"), protocol="article", validation="samples")
    curves = overlay.load_curves(["one", "two"], "mean")
    assert list(overlay.shown_series(curves)) == ["one (Set5)", "two (samples)"]
    assert overlay.described(curves) == "protocol `article`, scored on Set5 and samples"
    assert list(overlay.shown_series(curves[:1])) == ["one"]


def test_levels_are_published_values_and_inputs():
    put_curve(Path("runs/one/curve.csv"), protocol="article", published=ARTICLE_BASELINE)
    put_curve(Path("runs/two/curve.csv"), protocol="article", published=ARTICLE_BASELINE, given=(31.2, 29.5))
    assert overlay.levels(overlay.load_curves(["one", "two"], "mean")) == {
        "published, Set5 (article: 9-1-5)": [35.25],
        "input, unrestored, Set5": [31.18, 31.2],
    }


def with_input(psnr_mean_db):
    """A summary whose mean PSNR of the input may be anything."""
    return json.dumps(fabricated.summary(input={**fabricated.figures(31.18, 29.5), "psnr_mean_db": psnr_mean_db}))


NO_SUMMARY = r"summary\.json is no summary of a run"


@pytest.mark.parametrize(
    ("rows", "summary", "message"),
    [
        ((), None, "no row"),
        (((0, float("nan"), 6.0),), None, "not within 1000 dB"),
        (((0, float("inf"), 6.0),), None, "not within 1000 dB"),
        (((5, 1e308, 6.0), (8, -1e308, 6.0)), None, "not within 1000 dB"),  # no axis reaches so far
        (((10**400, 6.0, 6.0),), None, "beyond all training"),
        (((-5, 6.0, 6.0),), None, "below 0"),
        (SMALL, "{}", rf"{NO_SUMMARY} \(KeyError"),
        (SMALL, "[]", rf"{NO_SUMMARY} \("),
        (SMALL, "[" * 100_000, rf"{NO_SUMMARY} \(RecursionError"),
        (SMALL, with_input("high"), rf"{NO_SUMMARY} \(ValueError"),
        (SMALL, with_input([1]), rf"{NO_SUMMARY} \(TypeError"),
        (SMALL, with_input(10**400), rf"{NO_SUMMARY} \(OverflowError"),
        (SMALL, with_input(float("inf")), "not within 1000 dB"),
        (SMALL, "nonsense", r"summary\.json cannot be read"),
    ],
)
def test_what_cannot_be_used_is_named(rows, summary, message):
    path = Path("runs/one/curve.csv")
    put_curve(path, rows)
    if summary:
        path.with_name("summary.json").write_text(summary)
    with pytest.raises(UserError, match=f"runs/one/.*{message}"):
        overlay.load_curves(["one"], "mean")


def test_the_command_prints_the_table_and_writes_a_picture(tmp_path):
    put_curve(tmp_path / "runs/one_run/curve.csv", protocol="article", published=ARTICLE_BASELINE)
    lonely = put_curve(tmp_path / "lonely.csv")
    done = run_script(tmp_path, "one_run", lonely, "--reach", "36", "40")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "mean of the pictures' PSNR, protocol `article`, scored on Set5",
        "curve                          backprops  final dB  best dB  to 36 dB  to 40 dB",
        "one_run                            3,000     36.25    36.50     2,000         -",
        "lonely.csv (protocol unknown)      3,000     36.25    36.50     2,000         -",
        "figure in runs/compare.png",
    ]
    assert cv2.imread(str(tmp_path / "runs/compare.png")).shape[1] == 1350


def test_the_command_writes_a_drawing_with_a_logarithmic_axis(tmp_path):
    folder = tmp_path / "one_run"
    put_curve(folder / "curve.csv", protocol="article", published=ARTICLE_BASELINE)
    done = run_script(tmp_path, "one_run", "--log", "--pooling", "pooled", "--out", "figures/one.svg")
    assert (done.returncode, done.stderr) == (0, "")
    drawing = (tmp_path / "figures/one.svg").read_text()
    comments = re.findall("<!-- (.*?) -->", drawing, flags=re.DOTALL)  # matplotlib repeats each text there
    assert "PSNR of the pictures' mean squared error, protocol `article`, scored on Set5" in comments
    assert "34.25 dB   one_run" in comments
    assert "35.25 dB" in drawing
    assert "29.50 dB" in drawing


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["one_run", "--out", "figure.jpeg"], "--out figure.jpeg: give the file a suffix .png, .svg or .pdf"),
        (["one_run", "--reach", "nan"], "argument --reach: nan is not finite (see --help)"),
        (["one_run", "--reach", "high"], "argument --reach: invalid number of dB value: 'high' (see --help)"),
        (
            ["start", "--log"],
            "--log: start (protocol unknown) has no evaluation after 0 backprops; leave the option out",
        ),
        ([], "the following arguments are required: CURVE (see --help)"),
    ],
)
def test_the_command_ends_with_one_line_on_bad_input(tmp_path, arguments, message):
    put_curve(tmp_path / "one_run/curve.csv")
    put_curve(tmp_path / "start/curve.csv", SMALL[:1])
    done = run_script(tmp_path, *arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"compare.py: error: {message}\n")
    assert not (tmp_path / "runs").exists()


def test_folders_of_any_name_are_drawn(tmp_path):
    names = ["曲线", os.fsdecode(b"\xff"), "$x"]
    for name in names:
        put_curve(tmp_path / name / "curve.csv")
    done = run_script(tmp_path, *names)
    assert (done.returncode, done.stderr) == (0, "")
    assert "\\udcff" in done.stdout
