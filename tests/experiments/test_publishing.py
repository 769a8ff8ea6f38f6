"""Taking finished runs into the committed results, in a repository of the test's own."""

import argparse
import json
import shutil
from dataclasses import asdict

import pytest
from helpers import ROOT, contents, needs_paddle

from lab import compare_recipes as groups
from lab import publish as publishing
from lab import runs
from paddle_srcnn.errors import UserError

pytestmark = needs_paddle


@pytest.fixture
def published(tmp_path, monkeypatch, dataset_folder):
    """Empty folders in place of the committed results and weights."""
    dataset_folder("Set14")
    monkeypatch.setattr(runs, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(publishing, "PRETRAINED", tmp_path / "pretrained")
    return tmp_path


@pytest.fixture
def finished_run(published):
    """Put a finished run that looks like the article's, as a function of its name and changes to its summary."""

    def put(name, **changes):
        out = published / "runs" / name
        out.mkdir(parents=True)
        committed = ROOT / "experiments" / "results" / "baseline"
        shutil.copy(committed / "curve.csv", out)
        shutil.copy(ROOT / "paddle_srcnn" / "pretrained" / "baseline.safetensors", out / "weights.safetensors")
        summary = json.loads((committed / "summary.json").read_text(encoding="utf-8"))
        (out / "summary.json").write_text(json.dumps({**summary, **changes}))
        return out

    return put


def test_run_is_published_with_its_score_on_set14(published, finished_run):
    out = finished_run("a")
    publishing.publish({runs.Run("baseline"): out, runs.Run("baseline", 2): out}, weights=True)
    files = {"curve.csv", "curve.png", "summary.json", "Set14.json"}
    expected = {f"baseline/{name}" for name in (*files, "filters.png")} | {f"baseline/seed2/{name}" for name in files}
    assert contents(published / "results").keys() == expected
    assert contents(published / "pretrained").keys() == {"baseline.safetensors"}
    for name in ("curve.csv", "summary.json"):
        assert (published / "results" / "baseline" / name).read_bytes() == (out / name).read_bytes()
    score = json.loads((published / "results" / "baseline" / "Set14.json").read_text())
    assert len(score["final"]["psnr_db"]) == 14
    assert score["final"]["psnr_mean_db"] > score["input"]["psnr_mean_db"] + 3


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"commit": "abc-changed"}, "uncommitted code"),
        ({"commit": "unknown"}, "uncommitted code"),
        ({"data": {"train": {"name": "T91", "pictures": 1}, "validation": {"name": "Set5", "pictures": 5}}}, "T91"),
        ({"data": {"train": {"name": "T91", "pictures": 91}, "validation": {"name": "mine", "pictures": 5}}}, "Set5"),
    ],
)
def test_one_run_that_cannot_be_published_keeps_all_from_it(published, finished_run, changes, named):
    good, bad = finished_run("good"), finished_run("bad", **changes)
    with pytest.raises(UserError, match=named) as caught:
        publishing.publish({runs.Run("baseline"): good, runs.Run("baseline", 1): bad})
    assert str(bad) in str(caught.value)
    assert not (published / "results").exists()


def test_damaged_summary_is_named(finished_run):
    out = finished_run("a")
    (out / "summary.json").write_text("{")
    with pytest.raises(UserError, match=r"a/summary\.json cannot be read"):
        publishing.publish({runs.Run("baseline"): out})


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
    from paddle_srcnn.protocols.metrics import Score
    from paddle_srcnn.reporting.curves import Point, write_curve

    points = [Point(n, n, None, Score((value,), value, value)) for n, value in enumerate(curve)]
    write_curve(tmp_path / "curve.csv", ["a"], points)
    (tmp_path / "summary.json").write_text(json.dumps({"collapse": collapse}))
    assert groups.is_collapsed(tmp_path) is expected


def test_published_run_is_known_as_finished(published, finished_run):
    run = runs.Run("baseline")
    publishing.publish({run: finished_run("a")})
    assert runs.is_finished(run.results, runs.recipe_of(run))
    assert not runs.is_finished(run.results, runs.recipe_of(runs.Run("baseline", 1)))
    assert not runs.is_finished(run.results, runs.recipe_of(run, quick=True), quick=True)
    assert not runs.is_finished(runs.Run("filter_9-3-1").results, runs.recipe_of(runs.Run("filter_9-3-1")))


def test_interrupted_publishing_is_not_taken_for_done(published, finished_run, monkeypatch):
    run, out = runs.Run("baseline"), finished_run("a")

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(publishing, "draw", stop)
        publishing.publish({run: out}, weights=True)
    assert not runs.is_finished(run.results, runs.recipe_of(run))
    publishing.publish({run: out}, weights=True)
    assert runs.is_finished(run.results, runs.recipe_of(run))


@pytest.mark.parametrize("summary", [{"settings": []}, {"data": {"train": 1}}])
def test_summary_of_no_run_is_named(tmp_path, summary):
    recipe = runs.recipe_of(runs.Run("baseline"))
    (tmp_path / "summary.json").write_text(json.dumps({"settings": asdict(recipe), **summary}))
    with pytest.raises(UserError, match=r"summary\.json is no summary of a run"):
        runs.is_finished(tmp_path, recipe)


@needs_paddle
def test_runs_of_a_group_are_in_the_order_of_their_seeds(published, finished_run, monkeypatch):
    """Also where the first seed was published before, and the others are trained now."""
    first = runs.Run("baseline")
    publishing.publish({first: finished_run("a")})
    monkeypatch.setattr(groups, "REFERENCE", "another")
    chosen = argparse.Namespace(publish=True, quick=False, seeds=2)
    monkeypatch.setattr(groups, "experiment_arguments", lambda *_, **__: chosen)
    monkeypatch.setattr(groups, "results_folder", lambda *_: published / "table")
    monkeypatch.setattr(groups, "train_all", lambda waiting, *, quick: [finished_run("b", seed=1) for _ in waiting])
    found, _ = groups.compare_recipes("table", {"all": {"baseline": "9-1-5"}}, "title", "text", seeds=2)
    assert found == {"9-1-5": [first.results, published / "runs" / "b"]}
