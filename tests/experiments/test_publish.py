"""Taking finished runs into the committed results, in a repository of the test's own."""

import argparse
import json
import shutil
from dataclasses import replace

import pytest
from helpers import ROOT, contents, needs_paddle

from lab import catalogue, publish, runs
from lab.catalogue import Run
from lab.text import Text
from paddle_srcnn.errors import UserError
from paddle_srcnn.recipes import RECIPES

pytestmark = needs_paddle


@pytest.fixture
def published(tmp_path, monkeypatch, dataset_folder):
    """Empty folders in place of the committed results and weights."""
    dataset_folder("Set14")
    monkeypatch.setattr(catalogue, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(publish, "PRETRAINED", tmp_path / "pretrained")
    return tmp_path


@pytest.fixture
def finished_run(published):
    """Put a finished run that looks like the article's, as a function of folder, recipe and changes to its summary."""

    def put(name, recipe="baseline", **changes):
        out = published / "runs" / name
        out.mkdir(parents=True)
        committed = ROOT / "experiments" / "results" / "baseline"
        shutil.copy(committed / "curve.csv", out)
        shutil.copy(ROOT / "paddle_srcnn" / "pretrained" / "baseline.safetensors", out / "weights.safetensors")
        summary = json.loads((committed / "summary.json").read_text(encoding="utf-8"))
        settings = replace(RECIPES[recipe], seed=changes.get("seed", 0)).settings()
        (out / "summary.json").write_text(json.dumps({**summary, "recipe": recipe, "settings": settings, **changes}))
        return out

    return put


def test_run_is_published_with_its_score_on_set14(published, finished_run):
    out = finished_run("a")
    publish.publish({Run("baseline"): out, Run("baseline", 2): out}, weights=True)
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
        publish.publish({Run("baseline"): good, Run("baseline", 1): bad})
    assert str(bad) in str(caught.value)
    assert not (published / "results").exists()


def test_damaged_summary_is_named(finished_run):
    out = finished_run("a")
    (out / "summary.json").write_text("{")
    with pytest.raises(UserError, match=r"a/summary\.json cannot be read"):
        publish.publish({Run("baseline"): out})


def test_published_run_is_known_as_finished(published, finished_run):
    run = Run("baseline")
    publish.publish({run: finished_run("a")})
    assert runs.is_finished(run.results, runs.recipe_of(run))
    assert not runs.is_finished(run.results, runs.recipe_of(Run("baseline", 1)))
    assert not runs.is_finished(run.results, runs.recipe_of(run, quick=True), quick=True)
    assert not runs.is_finished(Run("filter_9-3-1").results, runs.recipe_of(Run("filter_9-3-1")))


def test_interrupted_publishing_is_not_taken_for_done(published, finished_run, monkeypatch):
    run, out = Run("baseline"), finished_run("a")

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(publish, "draw", stop)
        publish.publish({run: out}, weights=True)
    assert not runs.is_finished(run.results, runs.recipe_of(run))
    publish.publish({run: out}, weights=True)
    assert runs.is_finished(run.results, runs.recipe_of(run))


def test_published_runs_are_not_trained_again(published, finished_run, monkeypatch):
    """The first seed was published before; the command trains and publishes the second one, and keeps their order."""
    from lab import compare_recipes

    first, second = Run("filter_9-3-1"), Run("filter_9-3-1", 1)
    publish.publish({first: finished_run("a", "filter_9-3-1")})
    before = contents(first.results)
    trained = []

    def train(waiting, *, quick):
        trained.extend(waiting)
        return [finished_run("b", "filter_9-3-1", seed=run.seed) for run in waiting]

    experiment = catalogue.Experiment("x", "x", "title", Text("", ""), {"all": {"filter_9-3-1": "9-3-1"}})
    monkeypatch.setattr(compare_recipes, "train_all", train)
    chosen = argparse.Namespace(publish=True, quick=False, seeds=2)
    folders = compare_recipes.run_folders(experiment, chosen)
    assert trained == [second]
    assert folders == {first: first.results, second: published / "runs" / "b"}
    assert (second.results / "summary.json").is_file()
    assert {name: content for name, content in contents(first.results).items() if name in before} == before


def test_reference_must_be_published_by_its_own_script(published, monkeypatch):
    from lab import compare_recipes

    experiment = catalogue.EXPERIMENTS["filter_size"]
    chosen = argparse.Namespace(publish=True, quick=False, seeds=1)
    with pytest.raises(UserError, match=r"baseline is not published yet: run baseline\.py --publish --seeds 1"):
        compare_recipes.run_folders(experiment, chosen)
