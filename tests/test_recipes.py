import json

import pytest

from paddle_srcnn.protocols.defects import DEFECTS
from paddle_srcnn.recipes import RECIPES, Grid, Pretrained, RandomPatches, Recipe, by_name, vary


@pytest.mark.parametrize(
    ("recipe", "changes", "words"),
    [
        ("baseline", {"learning_rates": (1e-4,)}, "learning rate for each layer"),
        ("baseline", {"value_range": 2.0}, "value_range"),
        ("baseline", {"patches": RandomPatches(5)}, "scale and random patches"),
        ("baseline", {"scale": 3}, "scale and random patches"),
        ("sr_9-1-5_x3", {"patches": Grid()}, "scale and random patches"),
        ("baseline", {"first_channels": (0,)}, "three channels"),
        ("sr_9-1-5_x3", {"space": "ycbcr"}, "no ycbcr of 1 channels"),
        ("rgb_scratch", {"space": "ycbcr"}, "no ycbcr of 3 channels in `article`"),
        ("rgb_scratch", {"space": "y"}, "no y of 3 channels"),
        ("baseline", {"count": 5}, "has no count"),
        ("sr_9-1-5_x3", {"shuffle": True}, "has no shuffle"),
        ("sr_rgb_9-1-5_x3", {"defect": DEFECTS["jpeg"]}, "defects are for networks of luma"),
    ],
)
def test_recipes_that_make_no_sense_are_refused(recipe, changes, words):
    with pytest.raises(ValueError, match=rf"{recipe}.*{words}"):
        vary(RECIPES[recipe], **changes)


def test_two_recipes_of_one_name_are_an_error():
    with pytest.raises(ValueError, match="two recipes are named twin"):
        by_name([Recipe("twin"), Recipe("other"), Recipe("twin", seed=1)])


def test_a_variation_reaches_every_part():
    varied = vary(RECIPES["sr_9-1-5_x3"], name="mine", epochs=3, count=7, start=Pretrained("baseline"))
    assert (varied.name, varied.schedule.epochs, varied.patches.count, varied.pretrained) == ("mine", 3, 7, "baseline")
    assert varied.schedule.learning_rates == RECIPES["sr_9-1-5_x3"].schedule.learning_rates


def test_settings_have_the_layout_of_summaries_and_checkpoints():
    """The layout that version 0.1.0 wrote, so that its runs can be resumed and compared."""
    settings = json.loads(json.dumps(RECIPES["sr_9-5-5_x3"].settings()))
    assert settings == {
        "name": "sr_9-5-5_x3",
        "architecture": {"filters": [9, 5, 5], "widths": [64, 32], "channels": 1},
        "protocol": "paper",
        "training_set": "T91",
        "validation_set": "Set5",
        "ycbcr": False,
        "first_channels": [],
        "scale": 3,
        "epochs": 15,
        "batch_size": 16,
        "learning_rates": [0.001, 0.001, 0.0001],
        "optimizer": "adam",
        "value_range": 1.0,
        "decay": True,
        "initial_std": None,
        "identity": False,
        "whitening": True,
        "pretrained": "sr_9-1-5_x3",
        "patches": 40000,
        "turns": True,
        "sizes": [1.0, 0.9, 0.8, 0.7, 0.6],
        "shuffle": False,
        "seed": 0,
        "published": {"psnr_db": 32.75, "source": "paper: 9-5-5, x3, ImageNet"},
    }
    assert RECIPES["rgb_pretrained"].settings()["initial_std"] == 0.001  # recorded, although weights replace it
    assert RECIPES["table_y_first"].settings()["ycbcr"] is True


def test_networks_for_photos_start_from_the_clean_ones_and_record_their_defect():
    recipe = RECIPES["sr_jpeg_9-5-5_x3"]
    settings = json.loads(json.dumps(recipe.settings()))
    assert recipe.pretrained == "sr_9-5-5_x3"
    assert settings["defect"] == {"name": "jpeg", "strengths": [30, 40, 50, 60, 70, 80, 90]}
    assert "defect" not in RECIPES["sr_9-5-5_x3"].settings()
