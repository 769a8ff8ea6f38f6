from dataclasses import replace

import pytest

from paddle_srcnn.recipes import RECIPES


@pytest.mark.parametrize(
    ("recipe", "changes", "words"),
    [
        ("baseline", {"learning_rates": (1e-4,)}, "learning rate for each layer"),
        ("baseline", {"value_range": 2.0}, "value_range"),
        ("baseline", {"patches": 5}, "scale and patches"),
        ("baseline", {"scale": 3}, "scale and patches"),
        ("sr_9-1-5_x3", {"patches": None}, "scale and patches"),
        ("baseline", {"first_channels": (0,)}, "three channels"),
        ("sr_9-1-5_x3", {"ycbcr": True}, "three channels"),
        ("rgb_scratch", {"ycbcr": True}, "YCbCr belongs to the protocol"),
    ],
)
def test_recipes_that_make_no_sense_are_refused(recipe, changes, words):
    with pytest.raises(ValueError, match=rf"{recipe}: .*{words}"):
        replace(RECIPES[recipe], **changes)


def test_recipes_have_the_names_that_they_are_found_by():
    assert {name: recipe.name for name, recipe in RECIPES.items()} == {name: name for name in RECIPES}


def test_space_follows_from_channels():
    assert [RECIPES[name].space for name in ("baseline", "rgb_scratch")] == ["y", "rgb"]
    assert {recipe.space for recipe in RECIPES.values() if recipe.ycbcr} == {"ycbcr"}
