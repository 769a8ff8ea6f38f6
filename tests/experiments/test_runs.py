"""What counts as a finished run."""

import json

import pytest
from fabricated import put_json, summary

from lab import runs
from lab.catalogue import Run
from lab.paths import RESULTS
from paddle_srcnn.errors import UserError
from paddle_srcnn.recipes import RECIPES, RandomPatches


def test_run_is_finished_with_its_own_settings_and_data_alone(tmp_path):
    recipe = runs.recipe_of(Run("baseline"))
    assert not runs.is_finished(tmp_path, recipe)
    put_json(tmp_path / "summary.json", summary())
    assert runs.is_finished(tmp_path, recipe)
    assert not runs.is_finished(tmp_path, runs.recipe_of(Run("baseline", 1)))
    assert not runs.is_finished(tmp_path, runs.recipe_of(Run("filter_9-3-1")))
    put_json(tmp_path / "summary.json", summary(validation="mine"))
    assert not runs.is_finished(tmp_path, recipe)
    assert runs.is_finished(tmp_path, recipe, quick=True)


@pytest.mark.parametrize("name", [name for name in RECIPES if (RESULTS / name / "summary.json").is_file()])
def test_committed_runs_are_those_of_their_recipes(name):
    """Early summaries lack settings of today. A publishing would train anew what does not count as finished."""
    run = Run(name)
    assert runs.is_finished(run.results, runs.recipe_of(run))


def test_rehearsals_are_short():
    for name, recipe in RECIPES.items():
        rehearsal = runs.recipe_of(Run(name), quick=True)
        assert rehearsal.schedule.epochs <= 3
        if isinstance(recipe.patches, RandomPatches):
            assert rehearsal.patches.count <= 400
            assert rehearsal.patches.sizes == recipe.patches.sizes


@pytest.mark.parametrize(
    "content",
    [{}, summary(settings={}) | {"settings": []}, summary() | {"data": {"train": 1}}, [], "{", summary() | {"new": 1}],
)
def test_summary_of_no_run_is_named(tmp_path, content):
    (tmp_path / "summary.json").write_text(content if isinstance(content, str) else json.dumps(content))
    with pytest.raises(UserError, match=r"summary\.json (is no summary of a run|cannot be read)"):
        runs.is_finished(tmp_path, runs.recipe_of(Run("baseline")))
