import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import cv2
import pytest

from paddle_srcnn.errors import UserError
from paddle_srcnn.protocols.metrics import Score
from paddle_srcnn.reporting.curve_plots import overlay_figure, save_figure
from paddle_srcnn.reporting.curves import Point, backprops_to_reach, write_curve

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"
ARTICLE_BASELINE = {"psnr_db": 35.25, "source": "article: 9-1-5"}  # the article's table

# (backprops, mean, pooled); falls back at the end, so that its last value is not its best one.
SMALL = ((0, 6.0, 5.0), (1000, 30.0, 29.0), (2000, 36.5, 34.5), (3000, 36.25, 34.25))


@pytest.fixture
def compare(tmp_path, monkeypatch):
    """The script as a module, looking for published results and runs below an empty folder."""
    import compare

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(compare, "RESULTS", tmp_path / "results")
    return compare


def put_curve(path, rows=SMALL, **summary):
    """Write a curve, and a summary beside it if one is described; returns the curve's path as text."""
    points = [
        Point(backprops, epoch, 1.0 if epoch else None, Score((mean,), mean, pooled))
        for epoch, (backprops, mean, pooled) in enumerate(rows)
    ]
    write_curve(path, ["bird"], points)
    if summary:
        content = {
            "protocol": summary["protocol"],
            "data": {"validation": {"name": summary.get("validation", "Set5")}},
            "input": {"psnr_mean_db": summary.get("input_db", 31.184), "psnr_pooled_db": 29.5},
            "settings": {"published": summary.get("published")},
        }
        path.with_name("summary.json").write_text(json.dumps(content))
    return str(path)


def run_script(folder, *arguments):
    command = [sys.executable, str(EXPERIMENTS / "compare.py"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_table_has_length_final_best_and_first_backprops_of_each_level(compare):
    curves = {"small": [(0, 6.0), (1000, 30.0), (2000, 36.5), (3000, 36.25)], "a longer name": [(0, 5.0), (500, 36.0)]}
    assert compare.table(curves, [36, 36.4]).splitlines() == [
        "curve          backprops  final dB  best dB  to 36 dB  to 36.4 dB",
        "small              3,000     36.25    36.50     2,000       2,000",
        "a longer name        500     36.00    36.00       500           -",
    ]


def test_a_level_is_reached_at_the_first_evaluation_that_has_it():
    series = [(0, 6.0), (10, 30.0), (20, 29.0), (30, 31.0)]
    assert [backprops_to_reach(series, level) for level in (5, 30, 30.5, 31.1)] == [0, 10, 30, None]


def test_default_levels_are_the_highest_whole_decibels_reached(compare):
    curves = [compare.Curve("low", [(0, 36.9)]), compare.Curve("high", [(0, 6.0), (1, 37.4), (2, 30.0)])]
    assert compare.default_reach(curves) == [35, 36, 37]


def test_pooling_chooses_the_column(compare):
    path = put_curve(Path("runs/one/curve.csv"), protocol="article")
    (mean,), (pooled,) = (compare.load_curves([path], pooling) for pooling in ("mean", "pooled"))
    assert (mean.series[-1], mean.input_db) == ((3000, 36.25), 31.184)
    assert (pooled.series[-1], pooled.input_db) == ((3000, 34.25), 29.5)


def test_a_name_is_a_published_result_then_a_run_then_a_folder(compare, tmp_path):
    put_curve(tmp_path / "baseline" / "curve.csv")
    assert compare.find_curve("baseline") == Path("baseline/curve.csv")
    put_curve(tmp_path / "runs" / "baseline" / "curve.csv")
    assert compare.find_curve("baseline") == Path("runs/baseline/curve.csv")
    put_curve(tmp_path / "results" / "baseline" / "curve.csv")
    assert compare.find_curve("baseline") == tmp_path / "results/baseline/curve.csv"
    assert compare.find_curve("./baseline/") == Path("baseline/curve.csv")
    assert compare.find_curve("runs/baseline") == Path("runs/baseline/curve.csv")
    other = put_curve(tmp_path / "other.csv")
    assert compare.find_curve(other) == Path(other)


def test_labels_are_as_short_as_is_unique(compare):
    paths = ["results/baseline/curve.csv", "runs/baseline/curve.csv", "runs/wide/curve.csv", "runs/wide/first.csv"]
    labels = compare.unique_labels([Path(path) for path in paths])
    assert labels == ["results/baseline", "runs/baseline", "wide", "first.csv"]


def test_a_curve_given_twice_is_refused(compare):
    put_curve(Path("runs/one/curve.csv"))
    with pytest.raises(UserError, match=r"runs/one/curve\.csv is given twice"):
        compare.load_curves(["one", "runs/one/curve.csv"], "mean")


def test_a_missing_curve_is_named_with_those_that_are_there(compare):
    with pytest.raises(
        UserError, match=r"^nothing: no curve\.csv in .*results/nothing or runs/nothing or nothing; none"
    ):
        compare.find_curve("nothing")
    put_curve(Path("runs/two/curve.csv"))
    put_curve(Path("results/one/curve.csv"))
    with pytest.raises(UserError, match=r"^nothing: .*; available: one, two$"):
        compare.find_curve("nothing")
    with pytest.raises(UserError, match=r"^gone\.csv is not there; available: one, two$"):
        compare.find_curve("gone.csv")


def test_curves_of_different_protocols_are_refused(compare):
    put_curve(Path("runs/one/curve.csv"), protocol="article")
    put_curve(Path("runs/two/curve.csv"))
    put_curve(Path("runs/three/curve.csv"), protocol="paper")
    with pytest.raises(UserError, match="one is of protocol article, three of paper"):
        compare.load_curves(["one", "two", "three"], "mean")


def test_a_curve_without_summary_says_so(compare):
    (curve,) = compare.load_curves([put_curve(Path("lonely.csv"))], "mean")
    assert curve.label == "lonely.csv (protocol unknown)"
    assert compare.described([curve]) == "protocol and validation set unknown"


def test_an_unfinished_run_of_a_recipe_has_the_published_value_of_the_table(compare):
    put_curve(Path("runs/baseline/curve.csv"))
    (curve,) = compare.load_curves(["baseline"], "mean")
    assert curve.published[1] == 35.25  # the article's table


def test_validation_sets_that_differ_are_named_with_the_curves(compare):
    put_curve(Path("runs/one/curve.csv"), protocol="article")
    put_curve(Path("runs/two/curve.csv"), protocol="article", validation="samples")
    curves = compare.load_curves(["one", "two"], "mean")
    assert list(compare.shown_series(curves)) == ["one (Set5)", "two (samples)"]
    assert compare.described(curves) == "protocol `article`, scored on Set5 and samples"
    assert list(compare.shown_series(curves[:1])) == ["one"]


def test_levels_are_published_values_and_inputs(compare):
    put_curve(Path("runs/one/curve.csv"), protocol="article", published=ARTICLE_BASELINE)
    put_curve(Path("runs/two/curve.csv"), protocol="article", published=ARTICLE_BASELINE, input_db=31.2)
    assert compare.levels(compare.load_curves(["one", "two"], "mean")) == {
        "published, Set5 (article: 9-1-5)": [35.25],
        "input, unrestored, Set5": [31.18, 31.2],
    }


def described(scores):
    """A summary whose scores of the input may be anything."""
    rest = {"protocol": "article", "data": {"validation": {"name": "Set5"}}, "settings": {"published": None}}
    return json.dumps({**rest, "input": scores})


@pytest.mark.parametrize(
    ("rows", "summary", "message"),
    [
        ((), None, "no row"),
        (((0, float("nan"), 6.0),), None, "not within 1000 dB"),
        (((0, float("inf"), 6.0),), None, "not within 1000 dB"),
        (((5, 1e308, 6.0), (8, -1e308, 6.0)), None, "not within 1000 dB"),  # no axis reaches so far
        (((10**400, 6.0, 6.0),), None, "beyond all training"),
        (((-5, 6.0, 6.0),), None, "below 0"),
        (SMALL, "{}", r"summary\.json is no summary of a run \(KeyError\('settings'\)\)"),
        (SMALL, "[" * 100_000, r"summary\.json is no summary of a run \(RecursionError"),
        (SMALL, described({"psnr_mean_db": "high"}), r"summary\.json is no summary of a run \(ValueError"),
        (SMALL, described({"psnr_mean_db": [1]}), r"summary\.json is no summary of a run \(TypeError"),
        (SMALL, described({"psnr_mean_db": 10**400}), r"summary\.json is no summary of a run \(OverflowError"),
        (SMALL, described({"psnr_mean_db": float("inf")}), "not within 1000 dB"),
        (SMALL, "nonsense", r"summary\.json is no summary of a run \(JSONDecodeError"),
    ],
)
def test_what_cannot_be_used_is_named(compare, rows, summary, message):
    path = Path("runs/one/curve.csv")
    put_curve(path, rows)
    if summary:
        path.with_name("summary.json").write_text(summary)
    with pytest.raises(UserError, match=f"runs/one/.*{message}"):
        compare.load_curves(["one"], "mean")


def realistic(final, epochs=150):
    """A curve shaped like a run: 6 dB untrained, 24 after an epoch of T91's 21,910 patches, then towards `final`."""
    return [(0, 6.0)] + [(21910 * epoch, final - (final - 24) / epoch) for epoch in range(1, epochs + 1)]


def test_early_and_collapsed_values_do_not_stretch_the_axis():
    collapsed = [*realistic(37, 100), (21910 * 101, 6.3)]
    figure = overlay_figure({"good": realistic(37.5), "bad": collapsed}, "title", {"input": [31.18]})
    bottom, top = figure.axes[0].get_ylim()
    assert 30.5 < bottom < 31.18
    assert 37.5 < top < 38
    texts = [text.get_text() for text in figure.legends[0].get_texts()]
    assert texts == ["37.41 dB   good", "6.30 dB (below this axis)   bad"]


def test_the_logarithmic_axis_leaves_out_what_came_before_training():
    curves = {"run": realistic(37)}
    drawn = [overlay_figure(curves, "title", {}, log=log).axes[0].lines[0].get_xdata() for log in (False, True)]
    assert (drawn[0][0], drawn[1][0]) == (0, 21910)


def test_nine_curves_differ_without_colour():
    figure = overlay_figure({str(number): realistic(37 + number / 10) for number in range(9)}, "title", {})
    lines = [line for line in figure.axes[0].lines if line.get_marker() != "None"]
    assert len({line.get_marker() for line in lines}) == 9


@pytest.mark.parametrize("lowest", [31, 35, 37.9])
def test_labels_of_near_levels_stay_apart_and_beside_the_axes(lowest):
    near = {f"a published value with a long source, number {number}": [lowest + number / 20] for number in range(4)}
    figure = overlay_figure({"run": realistic(37)}, "title", {**near, "input": [31.18, 31.2]})
    figure.draw_without_rendering()
    boxes = sorted((text.get_window_extent() for text in figure.axes[0].texts), key=lambda box: box.y0)
    assert len(boxes) == 5
    assert all(lower.y1 <= upper.y0 for lower, upper in pairwise(boxes))
    assert boxes[0].y0 >= figure.axes[0].bbox.y0
    assert boxes[-1].y1 <= figure.axes[0].bbox.y1
    assert "31.18 to 31.20 dB\ninput" in [text.get_text() for text in figure.axes[0].texts]


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_the_same_figure_is_the_same_file(tmp_path, suffix):
    files = [tmp_path / f"{name}{suffix}" for name in "ab"]
    for file in files:
        save_figure(overlay_figure({"run": realistic(37, 5)}, "title", {"input": [31.18]}), file)
    assert files[0].read_bytes() == files[1].read_bytes()


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
